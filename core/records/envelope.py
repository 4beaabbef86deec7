"""What Azure wraps around its records in one message, taken off.

Azure Monitor writes ``{"records": [...]}``; other producers write a bare object or a bare array
(Azure: "Stream monitoring data to an event hub", Defender for Cloud: "Continuous export").

Whole numbers become ``int`` of any size; every other number stays ``msgspec.Raw``, which holds its
source text, so that nothing is rounded. ``msgspec.json.encode`` writes both back as they were.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

CAUSES: Final = (
    "empty",
    "invalid_utf8",
    "not_json",
    "too_deep",
    "not_an_object",
    "records_not_an_array",
)
"""Why a message cannot be split; explained in docs/record.md."""

ENVELOPE_FIELDS: Final = "envelope_fields"
"""Flag: the envelope held more than its records."""

_ABSENT: Final = object()
_WITH_FIELDS: Final = (ENVELOPE_FIELDS,)
_BLANK: Final = b" \t\r\n"
_STARTS: Final = (
    (b"\xef\xbb\xbf", "it starts with a byte order mark"),
    (b"\x1f\x8b", "it starts as gzip data does"),
)


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
    """

    items: list[Any]
    flags: tuple[str, ...]


def _keep_text(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


_decode = msgspec.json.Decoder(float_hook=_keep_text).decode


def split(value: bytes | None) -> Envelope:
    """Take the records out of a message's value.

    The parse is strict and of the whole message: nothing is repaired or skipped. Of a name that an
    object holds twice, the last value counts.
    Raises MalformedMessageError, and nothing else for any bytes.
    """
    try:
        document = _decode(value or b"")
    except RecursionError:
        raise MalformedMessageError("too_deep", "objects or arrays nest too deeply") from None
    except ValueError as error:
        raise _malformed(value or b"", error) from None
    if type(document) is dict:
        items = document.get("records", _ABSENT)
        if type(items) is list:
            return Envelope(items, () if len(document) == 1 else _WITH_FIELDS)
        if items is _ABSENT:
            return Envelope([document], ())
        raise MalformedMessageError("records_not_an_array", f"it is {_kind(items)}")
    if type(document) is list:
        return Envelope(document, ())
    raise MalformedMessageError("not_an_object", f"it is {_kind(document)}")


def _malformed(value: bytes, error: ValueError) -> MalformedMessageError:
    """The error for a value that the parser refused with ``error``."""
    if not value.strip(_BLANK):
        return MalformedMessageError("empty")
    begins = next((text for start, text in _STARTS if value.startswith(start)), "")
    try:
        value.decode()
    except UnicodeDecodeError as wrong:
        return MalformedMessageError("invalid_utf8", begins or f"at byte {wrong.start}")
    if isinstance(error, msgspec.ValidationError):
        return MalformedMessageError("not_json", "a whole number has too many digits")
    reason = str(error).removeprefix("JSON is malformed: ")
    return MalformedMessageError("not_json", begins or reason)


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
