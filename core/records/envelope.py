"""What Azure wraps around its records in one message, taken off.

Azure Monitor writes ``{"records": [...]}``; other producers write a bare object or a bare array
(Azure: "Stream monitoring data to an event hub", Defender for Cloud: "Continuous export").

A message that strict parsing refuses is given to :mod:`core.records.salvage`, which repairs what
Azure's services are known to break.

Whole numbers become ``int`` of any size; every other number stays ``msgspec.Raw``, which holds its
source text, so that nothing is rounded. ``msgspec.json.encode`` writes both back as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from core.records.body import MAX_TEXT_BYTES, BodyError, plain
from core.records.repairs import Repair
from core.records.salvage import (
    ENVELOPE_FIELDS,
    RECORD_NOT_AN_OBJECT,
    RECORDS,
    RECORDS_NOT_AN_ARRAY,
    Salvage,
    salvage,
)

__all__ = [
    "CAUSES",
    "ENVELOPE_FIELDS",
    "RECORDS_NOT_AN_ARRAY",
    "RECORD_NOT_AN_OBJECT",
    "Envelope",
    "MalformedMessageError",
    "split",
]

CAUSES: Final = (
    "empty",
    "invalid_utf8",
    "not_json",
    "truncated",
    "too_deep",
    "gzip_damaged",
    "gzip_too_large",
    "not_an_object",
    "records_not_an_array",
)
"""Why a message cannot be split; explained in docs/record.md."""

_ABSENT: Final = object()
_NOTHING: Final[Mapping[int, Any]] = MappingProxyType({})
_WITH_FIELDS: Final = (ENVELOPE_FIELDS,)
_NOT_AN_ARRAY: Final = (RECORDS_NOT_AN_ARRAY,)
_BLANK: Final = b" \t\r\n"
_ODD_BLANK: Final = "".join(map(chr, range(0x21))) + "\ufeff"


class MalformedMessageError(ValueError):
    """A message without records that could be taken out of it.

    Attributes:
        cause: one of ``CAUSES``.
        detail: a short text that repeats nothing of the message; may be empty.
    """

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail


class Envelope(NamedTuple):
    """The records of one message.

    Attributes:
        items: what stood in the array, in order; an item need not be an object.
        flags: flags that each of the records gets.
        repaired: by index, what was done to a record.
        broken: by index, the cause of an item that is beyond repair; it is None in ``items``.
    """

    items: list[Any]
    flags: tuple[str, ...]
    repaired: Mapping[int, Repair] = _NOTHING
    broken: Mapping[int, str] = _NOTHING


def _keep_text(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


_decode = msgspec.json.Decoder(float_hook=_keep_text).decode


def split(value: bytes | None) -> Envelope:
    """Take the records out of a message's value.

    What strict parsing takes is never changed; of a name that an object holds twice, the last
    value counts. Raises MalformedMessageError, and nothing else for any bytes.
    """
    try:
        document = _decode(value or b"")
    except RecursionError:
        refusal = MalformedMessageError("too_deep", "objects or arrays nest too deeply")
    except ValueError as error:
        refusal = _malformed(value or b"", error)
    else:
        return _unwrapped(document)
    return _saved(value or b"", refusal)


def _unwrapped(document: Any) -> Envelope:
    """The records of a message that is JSON. Raises MalformedMessageError."""
    if type(document) is dict:
        items = document.get(RECORDS, _ABSENT)
        if type(items) is list:
            return Envelope(items, () if len(document) == 1 else _WITH_FIELDS)
        if items is _ABSENT:
            return Envelope([document], ())
        if type(items) is str or type(items) is dict:
            return Envelope([document], _NOT_AN_ARRAY)
        raise MalformedMessageError("records_not_an_array", f"it is {_kind(items)}")
    if type(document) is list:
        return Envelope(document, ())
    raise MalformedMessageError("not_an_object", f"it is {_kind(document)}")


def _saved(value: bytes, refusal: MalformedMessageError) -> Envelope:
    """The records of a message that strict parsing refused. Raises MalformedMessageError."""
    if refusal.cause == "empty":
        raise refusal
    try:
        body, names = plain(value)
    except BodyError as error:
        raise MalformedMessageError(error.cause) from None
    if names and not body.strip(_BLANK):
        raise MalformedMessageError("empty")
    text = body.decode("utf-8", "surrogateescape")
    if len(body) > MAX_TEXT_BYTES or text.lstrip(_ODD_BLANK)[:1] not in ("{", "["):
        raise refusal
    found = salvage(text, names, _decode)
    if found.broken and len(found.broken) == len(found.items):
        _refuse_whole(found, refusal)
    return Envelope(found.items, found.flags, found.repaired, found.broken)


def _refuse_whole(found: Salvage, refusal: MalformedMessageError) -> None:
    """Raise MalformedMessageError unless each item is JSON, if not a record."""
    causes = [cause for cause in found.broken.values() if cause != RECORD_NOT_AN_OBJECT]
    if not causes:
        return
    if causes[0] == "not_json" or refusal.cause == "too_deep":
        raise refusal
    raise MalformedMessageError(causes[0])


def _malformed(value: bytes, error: ValueError) -> MalformedMessageError:
    """The error for a value that the parser refused with ``error``."""
    if not value.strip(_BLANK):
        return MalformedMessageError("empty")
    try:
        value.decode()
    except UnicodeDecodeError as wrong:
        return MalformedMessageError("invalid_utf8", f"at byte {wrong.start}")
    if isinstance(error, msgspec.ValidationError):
        return MalformedMessageError("not_json", "a whole number has too many digits")
    return MalformedMessageError("not_json", str(error).removeprefix("JSON is malformed: "))


def _kind(value: object) -> str:
    """The JSON type of a value, for a person."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, dict):
        return "an object"
    return "a number"
