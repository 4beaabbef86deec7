"""What a dead letter holds, made fit for a terminal: text, a hex dump, or the fields of a log.

Every row begins with the number of its first byte. Control characters are escaped and secrets are
hidden; the bytes themselves come by ``export`` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from core.cli.dead_letter_words import WHOLE_MESSAGE, printable
from core.engine.dead_letters import DeadLetter
from core.records.body import BodyError, plain
from core.secrets.redaction import redact_text

_BYTES_SHOWN: Final = 2048
_BEFORE_PLACE: Final = 1024
_ROW: Final = 72
_HEX_ROW: Final = 16
_CONTROL_SHARE: Final = 0.1
"""More control characters than this among all: not a text for people."""
_PLACE: Final = re.compile(r"\(byte (\d+)\)")


@dataclass(frozen=True)
class Content:
    """The bytes of a letter for people.

    Attributes:
        form: ``text``, ``hex`` or ``log``.
        notes: what was done before showing it, sentences.
        place: the byte at which strict parsing stops; None if it is not known.
        reason: why it stops there.
        lines: rows to show.
        first, end: which bytes of ``size`` the rows show, ``end`` excluded.
        size: how many bytes there are.
    """

    form: str
    notes: tuple[str, ...]
    place: int | None
    reason: str
    lines: tuple[str, ...]
    first: int
    end: int
    size: int


def content_of(letter: DeadLetter, full: bool) -> Content:
    """The content of ``letter``; all of it if ``full``, else what is around the place."""
    if letter.stage == "put_logs":
        shown = _log_of(letter.raw, full)
        if shown is not None:
            return shown
    raw, notes = letter.raw, []
    try:
        raw, names = plain(letter.raw)
        if names:
            notes.append(f"shown after {', '.join(names)}; the kept bytes are unchanged")
    except BodyError:
        pass
    place, reason = _place(raw)
    text = _as_text(raw)
    codec = "latin-1" if text is None else "utf-8"
    text = raw.decode("latin-1") if text is None else text
    hidden = redact_text(text)
    if hidden != text:
        notes.append("secrets are hidden; numbers of bytes are those of what is shown")
        if place is not None:
            place = len(redact_text(raw[:place].decode(codec, "ignore")).encode(codec))
    data = hidden.encode(codec)
    first, end = (0, len(data)) if full else _window(data, place or 0)
    rows = _text_rows if codec == "utf-8" else _hex_rows
    lines = tuple(rows(data, first, end, place))
    form = "text" if codec == "utf-8" else "hex"
    return Content(form, tuple(notes), place, reason, lines, first, end, len(data))


def records_of(letter: DeadLetter, most: int) -> Iterator[tuple[int, str, str]]:
    """Index, cause and, where the message is JSON, the safe text of up to ``most`` records."""
    items = _items(letter) if letter.stage == "encode" else []
    for index, cause in list(letter.causes.items())[:most]:
        if index == WHOLE_MESSAGE:
            continue
        text = bytes(items[index]).decode() if index < len(items) else ""
        yield index, cause, printable(redact_text(text))


def _items(letter: DeadLetter) -> list[msgspec.Raw]:
    try:
        document = msgspec.json.decode(letter.raw, type=msgspec.Raw)
        if bytes(document).lstrip()[:1] == b"{":
            fields = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
            document = fields.get("records", msgspec.Raw(b"[]"))
        return msgspec.json.decode(document, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        return []


def _place(raw: bytes) -> tuple[int | None, str]:
    """Where strict parsing stops, and why; None if it does not."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start, "this byte is not UTF-8"
    try:
        msgspec.json.decode(raw)
    except RecursionError:
        return None, "objects or arrays nest too deeply for the parser"
    except ValueError as error:
        found = _PLACE.search(str(error))
        reason = _PLACE.sub("", str(error)).removeprefix("JSON is malformed: ").strip()
        if found is None:
            return (len(raw) if "truncated" in reason else None), reason
        return min(int(found[1]), len(raw)), reason
    return None, ""


def _as_text(raw: bytes) -> str | None:
    """``raw`` as text, or None if it is none for people."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    controls = sum(each < " " and each not in "\t\r\n" for each in text)
    return None if controls > _CONTROL_SHARE * len(text) else text


def _window(data: bytes, place: int) -> tuple[int, int]:
    """The bytes to show around ``place``, moved to whole characters of UTF-8."""
    first = max(0, min(place - _BEFORE_PLACE, len(data) - _BYTES_SHOWN))
    end = min(len(data), first + _BYTES_SHOWN)
    while first > 0 and data[first] & 0xC0 == 0x80:
        first -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return first, end


def _text_rows(data: bytes, first: int, end: int, place: int | None) -> Iterator[str]:
    """Rows of escaped text; below the place of the error stands a caret."""
    row: list[str] = []
    width, start, at, caret = 0, first, first, -1
    for each in data[first:end].decode("utf-8", "replace"):
        shown = printable(each)
        if width + len(shown) > _ROW:
            yield from _row(start, row, caret)
            row, width, start, caret = [], 0, at, -1
        if at == place:
            caret = width
        row.append(shown)
        width += len(shown)
        at += len(each.encode())
        if each == "\n":
            yield from _row(start, row, caret)
            row, width, start, caret = [], 0, at, -1
    if place is not None and at == place == end:
        caret = width
    if row or caret >= 0:
        yield from _row(start, row, caret)


def _hex_rows(data: bytes, first: int, end: int, place: int | None) -> Iterator[str]:
    for start in range(first, end, _HEX_ROW):
        part = data[start : min(start + _HEX_ROW, end)]
        signs = "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in part)
        caret = -1 if place is None or not start <= place < start + len(part) else place - start
        yield from _row(start, [f"{part.hex(' '):<{3 * _HEX_ROW}} {signs}"], caret, step=3)


def _row(start: int, parts: list[str], caret: int, step: int = 1) -> Iterator[str]:
    yield f"{start:>9,}  {''.join(parts)}"
    if caret >= 0:
        yield f"{'':>9}  {' ' * (caret * step)}^"


def _log_of(raw: bytes, full: bool) -> Content | None:
    """The fields of an encoded log; None if it is none."""
    from aliyun.log.log_logs_pb2 import Log
    from google.protobuf.message import DecodeError

    try:
        log = Log.FromString(raw)
    except DecodeError:
        return None
    lines: list[str] = []
    room = len(raw) if full else _BYTES_SHOWN
    end = 0
    for each in log.Contents:
        value = printable(redact_text(each.Value))
        lines.append(f"  {printable(each.Key)}: {value if full else value[:room]}")
        end += len(each.Key) + len(each.Value)
        room -= len(each.Key) + len(each.Value)
        if room <= 0 and not full:
            break
    end = len(raw) if len(lines) == len(log.Contents) and (full or room > 0) else end
    return Content("log", (), None, "", tuple(lines), 0, min(end, len(raw)), len(raw))
