"""One value of broken JSON, walked token by token; what to change in its text comes out.

The walk is iterative, looks at every character once, and repairs what Azure's services are known to
break. Anything else is an error: what may be wrong is never guessed. What the walk accepts is still
parsed strictly afterwards, with the changes applied.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from core.records.loose_text import UnfinishedError, read_string
from core.records.repairs import (
    BLOB_PLACEHOLDER,
    BOM,
    CONTROL_CHARACTER,
    DUPLICATE_KEYS,
    NAN,
    NUMBER,
    TRAILING_COMMA,
)

_BLANK: Final = re.compile(r"[ \t\r\n]*+")
_ODD_BLANK: Final = re.compile(r"[\x00-\x20\ufeff]*+")
_BARE: Final = re.compile(r"""[^\s\x00-\x20,:\[\]{}"'\ufeff]++""")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_LIKE_A_NUMBER: Final = re.compile(r"[+-]?(?:0[xX][0-9A-Fa-f]++|\.?[0-9][0-9eE_.+-]*+)")
_WHOLE: Final = re.compile(r"-?[0-9]++")
_BLOB: Final = re.compile(r"\[ {0,8}[0-9]{1,20}(?:\.[0-9]{1,9})? ?[KMGT]?i?B blob data {0,8}\]")
_NOT_FINITE: Final = frozenset({"NaN", "-NaN", "Infinity", "-Infinity", "+Infinity"})
_LITERALS: Final = frozenset({"true", "false", "null"})
_LONGEST_WHOLE: Final = 4300
"""Digits that the strict parser takes in a whole number."""

MAX_WALKED: Final = 10_000
"""Levels that a value may nest; the parser follows fewer than 1,000."""

_KEY, _KEY_OR_END, _VALUE, _VALUE_OR_END, _NEXT = range(5)
_MAY_END: Final = frozenset({_KEY_OR_END, _VALUE_OR_END, _NEXT})


class BrokenError(ValueError):
    """The text is beyond repair here.

    Attributes:
        at: where.
        ended: the text ended too early.
        too_deep: it nests deeper than ``MAX_WALKED``.
        closers: what would end the objects and arrays that are open there, outermost first.
    """

    def __init__(self, at: int, *, ended: bool = False, too_deep: bool = False) -> None:
        super().__init__(at)
        self.at = at
        self.ended = ended
        self.too_deep = too_deep
        self.closers = ""


class Edit(NamedTuple):
    """A part of the text, and what must stand there."""

    start: int
    end: int
    text: str


class Notes:
    """What a walk found to change in one stretch of the text.

    Attributes:
        edits: ascending, without overlap.
        names: the repairs and flags, each once, in the order of their first place.
    """

    __slots__ = ("edits", "names")

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.names: dict[str, None] = {}


def skip_blank(text: str, at: int, notes: Notes) -> int:
    """Where the next token begins. Control characters and marks between tokens are blanks, too."""
    end = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
    if end < len(text) and (text[end] < " " or text[end] == "\ufeff"):
        after = _ODD_BLANK.match(text, end).end()  # type: ignore[union-attr]
        stretch = text[end:after]
        if "\ufeff" in stretch:
            notes.names[BOM] = None
        if stretch.strip(" \t\r\n\ufeff"):
            notes.names[CONTROL_CHARACTER] = None
        notes.edits.append(Edit(end, after, " "))
        return after
    return end


def read_key(text: str, at: int, notes: Notes) -> tuple[str, int]:
    """The JSON text of the name whose quote is at ``at``, and where its value begins.

    Raises BrokenError.
    """
    if at >= len(text) or text[at] not in "\"'":
        raise BrokenError(at, ended=at >= len(text))
    end = _string(text, at, notes)
    key = notes.edits[-1].text if notes.edits and notes.edits[-1].start == at else text[at:end]
    colon = skip_blank(text, end, notes)
    if text[colon : colon + 1] != ":":
        raise BrokenError(colon, ended=colon >= len(text))
    return key, skip_blank(text, colon + 1, notes)


def read_value(text: str, at: int, notes: Notes) -> tuple[int, int]:
    """Walk the value that begins at ``at``; returns where it ends and how deep it nests.

    A text or number has depth 0. Raises BrokenError.
    """
    first = text[at : at + 1]
    if not opens(text, at):
        return _scalar(text, at, first, notes), 0
    walk = _Walk(notes)
    try:
        return walk.run(text, at), walk.deepest
    except BrokenError as error:
        error.closers = "".join(walk.closers)
        raise


def opens(text: str, at: int) -> bool:
    """Whether an object or array begins at ``at``; the placeholder of a blob does not."""
    character = text[at : at + 1]
    return character == "{" or (character == "[" and not _BLOB.match(text, at))


class _Walk:
    """The walk through one object or array, its open ones on a stack.

    Attributes:
        closers: what ends each open object or array, outermost first.
        deepest: how many were open at once.
    """

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.closers: list[str] = []
        self.deepest = 0
        self._names: list[set[str]] = []

    def run(self, text: str, at: int) -> int:
        """Where the value that begins at ``at`` ends. Raises BrokenError."""
        notes, closers = self.notes, self.closers
        at, state = self._open(text, at)
        while True:
            character = text[at : at + 1]
            if state == _NEXT and character == ",":
                at, state = _after_comma(text, at, closers[-1], notes)
                continue
            if character == closers[-1] and state in _MAY_END:
                closers.pop()
                self._names.pop()
                at += 1
                if not closers:
                    return at
            elif state == _NEXT:
                raise BrokenError(at, ended=not character)
            elif state in (_KEY, _KEY_OR_END):
                name, at = read_key(text, at, notes)
                if name in self._names[-1]:
                    notes.names[DUPLICATE_KEYS] = None
                self._names[-1].add(name)
                state = _VALUE
                continue
            elif opens(text, at):
                at, state = self._open(text, at)
                continue
            else:
                at = _scalar(text, at, character, notes)
            at, state = skip_blank(text, at, notes), _NEXT

    def _open(self, text: str, at: int) -> tuple[int, int]:
        """Enter the object or array at ``at``: where its first token is, and what it may be."""
        is_object = text[at] == "{"
        self.closers.append("}" if is_object else "]")
        self._names.append(set())
        depth = len(self.closers)
        if depth > self.deepest:
            self.deepest = depth
            if depth > MAX_WALKED:
                raise BrokenError(at, too_deep=True)
        at = skip_blank(text, at + 1, self.notes)
        return at, _KEY_OR_END if is_object else _VALUE_OR_END


def edited(text: str, start: int, end: int, edits: list[Edit], first: int) -> tuple[str, int]:
    """``text[start:end]`` with the changes that lie in it, the first of which is ``edits[first]``
    or a later one; and the place of the first change behind it.
    """
    parts: list[str] = []
    while first < len(edits) and edits[first].start < end:
        edit = edits[first]
        first += 1
        if edit.start >= start:
            parts += (text[start : edit.start], edit.text)
            start = edit.end
    parts.append(text[start:end])
    return "".join(parts), first


def _after_comma(text: str, at: int, closer: str, notes: Notes) -> tuple[int, int]:
    """What comes after the comma at ``at``: the next token, and what it may be."""
    after = skip_blank(text, at + 1, notes)
    if text[after : after + 1] == closer:
        notes.names[TRAILING_COMMA] = None
        _insert(notes, Edit(at, at + 1, " "))
        return after, _NEXT
    return after, _KEY if closer == "}" else _VALUE


def _insert(notes: Notes, edit: Edit) -> None:
    """Add an edit that may lie before the last one: the blank behind a comma is read first."""
    edits = notes.edits
    if edits and edits[-1].start > edit.start:
        edits.insert(len(edits) - 1, edit)
    else:
        edits.append(edit)


def _string(text: str, at: int, notes: Notes) -> int:
    try:
        end, written = read_string(text, at, notes.names)
    except UnfinishedError:
        raise BrokenError(at, ended=True) from None
    if written is not None:
        notes.edits.append(Edit(at, end, written))
    return end


def _scalar(text: str, at: int, first: str, notes: Notes) -> int:
    """Where the text, number, literal or placeholder at ``at`` ends. Raises BrokenError."""
    if not first:
        raise BrokenError(at, ended=True)
    if first in "\"'":
        return _string(text, at, notes)
    blob = _BLOB.match(text, at)
    if blob is not None:
        notes.names[BLOB_PLACEHOLDER] = None
        notes.edits.append(Edit(at, blob.end(), f'"{blob[0]}"'))
        return blob.end()
    bare = _BARE.match(text, at)
    if bare is None:
        raise BrokenError(at)
    word, end = bare[0], bare.end()
    if word in _LITERALS:
        return end
    if _NUMBER.fullmatch(word):
        if len(word) <= _LONGEST_WHOLE or not _WHOLE.fullmatch(word):
            return end
    elif word in _NOT_FINITE:
        notes.names[NAN] = None
        notes.edits.append(Edit(at, end, f'"{word}"'))
        return end
    elif not _LIKE_A_NUMBER.fullmatch(word):
        raise BrokenError(at, ended=end >= len(text))
    elif end >= len(text):  # "-1." may have been going on
        raise BrokenError(at, ended=True)
    notes.names[NUMBER] = None
    notes.edits.append(Edit(at, end, f'"{word}"'))
    return end
