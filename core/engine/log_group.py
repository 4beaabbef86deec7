"""Log Service's protobuf by hand: bytes of a LogGroup out of bytes of its logs, and back.

Messages (Alibaba Cloud: SLS "Data encoding"): LogGroup{1 Logs, 3 Topic, 4 Source, 6 LogTags};
LogTag{1 Key, 2 Value}; Log{1 Time varint, 2 Contents, 4 Time_ns fixed32}; Content{1 Key, 2 Value}.
"""

from __future__ import annotations


def varint(value: int) -> bytes:
    """``value`` (not negative) as a protobuf varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def log_tags(tags: dict[str, str]) -> bytes:
    """The LogTags of a LogGroup, which stand behind its logs."""
    out = bytearray()
    for key, value in tags.items():
        name, text = key.encode(), value.encode()
        body = b"\x0a" + varint(len(name)) + name + b"\x12" + varint(len(text)) + text
        out += b"\x32" + varint(len(body)) + body
    return bytes(out)


def log_body(entry: bytes) -> bytes:
    """The log of an entry again."""
    size, body = _read_varint(entry, 1)
    return entry[body : body + size]


def entry_fields(entry: bytes) -> dict[str, str]:
    """Name -> text of every content of an entry made by this module's rules."""
    fields: dict[str, str] = {}
    size, at = _read_varint(entry, 1)
    end = at + size
    while at < end:
        tag = entry[at]
        at += 1
        if tag == 0x12:  # Contents
            size, at = _read_varint(entry, at)
            after = at + size
            size, at = _read_varint(entry, at + 1)
            name = entry[at : at + size].decode()
            size, at = _read_varint(entry, at + size + 1)
            fields[name] = entry[at : at + size].decode("utf-8", "replace")
            at = after
        elif tag == 0x08:  # Time
            _, at = _read_varint(entry, at)
        else:  # Time_ns
            at += 4
    return fields


def take_apart(group: bytes) -> tuple[list[bytes], bytes]:
    """Entries of the logs and the trailing tags of a LogGroup made by this module."""
    entries = []
    at = 0
    while at < len(group) and group[at] == 0x0A:
        size, body = _read_varint(group, at + 1)
        entries.append(group[at : body + size])
        at = body + size
    return entries, group[at:]


def restamp(entry: bytes, oldest: int, newest: int, now: int) -> bytes:
    """``entry`` with its time set to ``now`` if it is outside ``oldest`` to ``newest``.

    Times in epoch seconds. The event's own time stays in the field ``event_time``.
    """
    _, body = _read_varint(entry, 1)
    seconds, end = _read_varint(entry, body + 1)
    if oldest <= seconds <= newest:
        return entry
    return entry[: body + 1] + _five_bytes(now) + entry[end:]


def time_prefix(seconds: int) -> bytes:
    """Tag and value of a log's time, always six bytes, so that it can be changed in place."""
    return b"\x08" + _five_bytes(seconds)


def _five_bytes(value: int) -> bytes:
    """``value`` (below 2**35) as a varint of five bytes; protobuf allows the padding."""
    return bytes(
        (
            value & 0x7F | 0x80,
            value >> 7 & 0x7F | 0x80,
            value >> 14 & 0x7F | 0x80,
            value >> 21 & 0x7F | 0x80,
            value >> 28 & 0x7F,
        )
    )


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
