"""The records of a message that strict parsing refuses: all that can be had, each on its own.

A record whose own text is valid is parsed as ever. One that a repair can make valid is repaired,
and says so. One that is beyond repair stands in ``broken``, and the others are not harmed by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from core.records.loose_value import (
    BrokenError,
    Notes,
    edited,
    opens,
    read_key,
    read_value,
    skip_blank,
)
from core.records.repairs import (
    CONCATENATED,
    DEEP_NESTING,
    DUPLICATE_KEYS,
    PREFIX,
    TRAILING_COMMA,
    TRUNCATED,
    Repair,
)
from core.records.resume import Resume

RECORDS: Final = "records"
"""The name that Azure Monitor gives to the array of records."""

ENVELOPE_FIELDS: Final = "envelope_fields"
"""Flag: the envelope held more than its records."""

RECORDS_NOT_AN_ARRAY: Final = "records_not_an_array"
"""Flag: ``records`` is a text or an object; the whole message is taken for one record."""

RECORD_NOT_AN_OBJECT: Final = "record_not_an_object"
"""Why a record cannot be had that is JSON all the same."""

MAX_DEPTH: Final = 64
"""Levels below a field of a repaired record that are read; a deeper field is kept as its text."""

_read_name = msgspec.json.Decoder(str).decode


class Salvage(NamedTuple):
    """What could be had of a message.

    Attributes:
        items: the records; None where one could not be had.
        repaired: by index, what was done to it.
        broken: by index, why it could not be had: a cause of docs/record.md.
        flags: what all the records get.
    """

    items: list[dict[str, Any] | None]
    repaired: dict[int, Repair]
    broken: dict[int, str]
    flags: tuple[str, ...]


class _Field(NamedTuple):
    """A field of a record: its name, where its value stands, and how deep that nests."""

    name: str
    start: int
    end: int
    depth: int


class _Item(NamedTuple):
    """What stands in a record's place; with a cause there is nothing more."""

    start: int
    end: int
    fields: list[_Field]
    notes: Notes
    outer: Notes
    cause: str


def salvage(text: str, names: tuple[str, ...], decode: Callable[[bytes], Any]) -> Salvage:
    """Take the records out of ``text``.

    ``text`` may hold bytes that are not UTF-8, as surrogateescape has them. ``names`` are repairs
    that the text as a whole has behind it; ``decode`` is the strict parser.
    """
    walk = _Message(text)
    walk.documents()
    names = (*names, *walk.names, *([CONCATENATED] if walk.count > 1 else []))
    items: list[dict[str, Any] | None] = []
    repaired: dict[int, Repair] = {}
    broken: dict[int, str] = {}
    for index, item in enumerate(walk.items):
        cause = item.cause
        record = None
        if not cause:
            around = dict.fromkeys((*names, *_repairs(item.outer.names)))
            try:
                record, repair = _finish(text, item, around, decode)
            except (ValueError, RecursionError):
                cause = "not_json"
            else:
                if repair is not None:
                    repaired[index] = repair
        if cause:
            broken[index] = cause
        items.append(record)
    return Salvage(items, repaired, broken, tuple(walk.flags))


class _Message:
    """The walk through a message: documents, envelopes, and the places of records.

    Attributes:
        items: what was found, in order.
        count: documents that stand one behind the other.
        flags: what all the records get.
        names: repairs of what stands between documents.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._resume = Resume(text)
        self.items: list[_Item] = []
        self.count = 0
        self.flags: dict[str, None] = {}
        self.names: tuple[str, ...] = ()

    def documents(self) -> None:
        """Walk through all of it."""
        text = self._text
        between = Notes()
        at = skip_blank(text, 0, between)
        while at < len(text):
            at = skip_blank(text, self._document(at, Notes()), between)
        self.names = _repairs(between.names)

    def _document(self, at: int, notes: Notes) -> int:
        """Where the next document begins, or the text ends."""
        text, first = self._text, len(self.items)
        self._enveloped = self._swallowed = False
        try:
            if text[at] == "{":
                end, fields = self._members(at, notes, levels=0)
                if self._enveloped:
                    if fields:
                        self.flags[ENVELOPE_FIELDS] = None
                else:
                    if any(field.name == RECORDS for field in fields):
                        self.flags[RECORDS_NOT_AN_ARRAY] = None
                    self.items.append(_Item(at, end, fields, notes, Notes(), ""))
            elif self._is_array(at):
                self._enveloped = True
                end = self._array(at, notes, levels=1)
            else:
                raise BrokenError(at)
        except BrokenError as error:
            return self._unfinished(at, error, notes, first)
        self.count += 1
        return end

    def _unfinished(self, at: int, error: BrokenError, notes: Notes, first: int) -> int:
        """A document that does not end as it should: where the walk goes on."""
        if error.ended and self._enveloped and len(self.items) > first:
            self.count += 1
            notes.names[TRUNCATED] = None
            return len(self._text)
        cause = _cause(error)
        if error.too_deep or self._enveloped:
            self._lost(error.at, cause)
            return len(self._text)
        self._lost(at, cause)
        following = self._resume.after(at, error.at, error.closers, 0)
        return len(self._text) if following is None else following

    def _lost(self, at: int, cause: str) -> None:
        self.items.append(_Item(at, at, [], Notes(), Notes(), cause))

    def _array(self, at: int, notes: Notes, levels: int) -> int:
        """The records of the array at ``at``, which ``levels`` counts; where it ends.

        Raises BrokenError for what stands between them.
        """
        text = self._text
        at = skip_blank(text, at + 1, notes)
        while True:
            character = text[at : at + 1]
            if character == "]":
                return at + 1
            at, resumed = self._item(at, notes, levels)
            if self._swallowed:
                return at
            if resumed:
                continue
            at = skip_blank(text, at, notes)
            character = text[at : at + 1]
            if character == ",":
                at = skip_blank(text, at + 1, notes)
                if text[at : at + 1] == "]":
                    notes.names[TRAILING_COMMA] = None
            elif character == "{":
                notes.names[CONCATENATED] = None
            elif character != "]":
                following = self._resume.after(at, at, "", levels) if character else None
                if following is None:
                    raise BrokenError(at, ended=not character)
                self._lost(at, "not_json")
                at = following

    def _item(self, at: int, outer: Notes, levels: int) -> tuple[int, bool]:
        """Take in the item at ``at``; where it ends, or, behind a broken one, the next begins.

        The bool tells which. If neither can be told, all the rest is swallowed. Raises BrokenError
        at the text's end.
        """
        notes = Notes()
        try:
            if self._text[at : at + 1] == "{":
                end, fields = self._members(at, notes, levels)
                self.items.append(_Item(at, end, fields, notes, outer, ""))
                return end, False
            end, _ = read_value(self._text, at, notes)
        except BrokenError as error:
            if at >= len(self._text):
                raise
            following = None
            if not error.too_deep:
                following = self._resume.after(at, error.at, error.closers, levels)
            if following is None:
                self._swallowed = True
                self._lost(at, _cause(error))
                return len(self._text), False
            self._lost(at, "not_json")
            return following, True
        self._lost(at, RECORD_NOT_AN_OBJECT)
        return end, False

    def _members(self, at: int, notes: Notes, levels: int) -> tuple[int, list[_Field]]:
        """Where the object at ``at`` ends, and its fields.

        On level 0 an array named ``records`` holds the records and is no field. Raises BrokenError.
        """
        text = self._text
        fields: list[_Field] = []
        names: set[str] = set()
        at = skip_blank(text, at + 1, notes)
        try:
            while text[at : at + 1] != "}":
                key, at = read_key(text, at, notes)
                name = _name(key)
                if not levels and name == RECORDS and self._is_array(at):
                    self._enveloped = True
                    end = self._array(at, notes, levels=2)
                    if self._swallowed:
                        return end, fields
                else:
                    if name in names:
                        notes.names[DUPLICATE_KEYS] = None
                    names.add(name)
                    end, depth = read_value(text, at, notes)
                    fields.append(_Field(name, at, end, depth))
                at = skip_blank(text, end, notes)
                if text[at : at + 1] == ",":
                    at = skip_blank(text, at + 1, notes)
                    if text[at : at + 1] == "}":
                        notes.names[TRAILING_COMMA] = None
                elif text[at : at + 1] != "}":
                    raise BrokenError(at, ended=at >= len(text))
        except BrokenError as error:
            error.closers = "}" + error.closers
            raise
        return at + 1, fields

    def _is_array(self, at: int) -> bool:
        return self._text.startswith("[", at) and opens(self._text, at)


def _finish(
    text: str, item: _Item, around: dict[str, None], decode: Callable[[bytes], Any]
) -> tuple[dict[str, Any], Repair | None]:
    """The record, and what was done to it. Raises ValueError, RecursionError."""
    own = item.notes.names
    raw = text[item.start : item.end]
    touched = bool(_repairs(own))
    record: dict[str, Any] | None = None
    if not touched:
        try:
            record = decode(raw.encode())
        except RecursionError:
            own[DEEP_NESTING] = None
    if record is None:
        record = _record(text, item, decode)
    elif not around:
        return record, None
    flags = dict.fromkeys((*around, *own))
    source = raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return record, Repair(_repairs(flags), tuple(flags), source)


def _record(text: str, item: _Item, decode: Callable[[bytes], Any]) -> dict[str, Any]:
    """The record by its fields, with the changes made."""
    record: dict[str, Any] = {}
    edit = 0
    for field in item.fields:
        source, edit = edited(text, field.start, field.end, item.notes.edits, edit)
        value: Any = msgspec.Raw(source.encode())
        if field.depth <= MAX_DEPTH:
            value = decode(value)
        else:
            item.notes.names[DEEP_NESTING] = None
        record[field.name] = value
    return record


def _repairs(names: dict[str, None]) -> tuple[str, ...]:
    """Those that are repairs, and no mere flags."""
    return tuple(name for name in names if name.startswith(PREFIX))


def _name(key: str) -> str:
    """The name that a key's JSON text stands for."""
    if "\\" not in key:
        return key[1:-1]
    return _read_name(key.encode())


def _cause(error: BrokenError) -> str:
    if error.too_deep:
        return "too_deep"
    return "truncated" if error.ended else "not_json"
