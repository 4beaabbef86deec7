"""One record -> the bytes of one log, in a single pass: the hot path.

What a stored log holds is written in docs/record.md. Field names are planned once per distinct
set of names; values are encoded by their type.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from core.engine.log_group import time_prefix, varint
from core.records.event_time import EventTime
from core.records.stored import field_names

_PLANS = 4096
"""Distinct sets of field names remembered; hostile data cannot make it more."""
_SMALL = 16384

_VARINT = [varint(n) for n in range(_SMALL)]
_CONTENT = [b"\x12" + size for size in _VARINT]
_LOG = [b"\x0a" + size for size in _VARINT]
_NANOSECONDS = struct.Struct("<cI")
_encode_json = msgspec.json.Encoder().encode


class _Plan:
    """The field names of one kind of record: their encoded headers, in order."""

    __slots__ = ("flags", "headers")

    def __init__(self, names: tuple[str, ...]) -> None:
        stored, self.flags = field_names(names)
        self.headers = [_header(name) for name in stored]


def _header(name: str) -> bytes:
    """Key field and the tag of the value field of one content."""
    key = name.encode()
    return b"\x0a" + varint(len(key)) + key + b"\x12"


_UID, _SERVICE, _TIME, _FLAGS = map(
    _header, ("event_uid", "event_service", "event_time", "event_flags")
)
_CONSTANTS = {True: b"true", False: b"false", None: b"null"}


class Encoder:
    """Encodes records; keeps the plans. One thread only."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def encode(
        self,
        record: dict[str, Any],
        uid: str,
        service: str,
        time: EventTime,
        stamp: int,
        flags: tuple[str, ...],
    ) -> bytes:
        """The log as an entry of a LogGroup.

        ``stamp`` is the log's ``__time__`` in epoch seconds: the event's own, or the clock's where
        Log Service would refuse it. ``flags`` are the message's; the time's and the names' are
        added here.
        """
        names = tuple(record)
        plan = self._plans.get(names)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            plan = self._plans[names] = _Plan(names)
        parts: list[bytes] = [time_prefix(stamp)]
        append = parts.append
        for header, value in zip(plan.headers, record.values(), strict=True):
            kind = type(value)
            if kind is str:
                data = value.encode()
            elif kind is dict or kind is list:
                data = _encode_json(value)
            elif kind is int:
                data = b"%d" % value
            elif kind is msgspec.Raw:
                data = bytes(value)
            else:
                data = _CONSTANTS[value]
            size = len(data)
            if size < 8192:
                length = _VARINT[size]
                append(_CONTENT[len(header) + len(length) + size])
            else:
                length = varint(size)
                append(b"\x12" + varint(len(header) + len(length) + size))
            append(header)
            append(length)
            append(data)
        _own(parts, _UID, uid.encode())
        _own(parts, _SERVICE, service.encode())
        _own(parts, _TIME, time.text.encode())
        if flags or plan.flags or time.flags:
            names_of_flags = dict.fromkeys((*flags, *time.flags, *plan.flags))
            _own(parts, _FLAGS, ",".join(names_of_flags).encode())
        if time.nanoseconds and stamp == time.seconds:
            append(_NANOSECONDS.pack(b"\x25", time.nanoseconds))
        body = b"".join(parts)
        size = len(body)
        return (_LOG[size] if size < _SMALL else b"\x0a" + varint(size)) + body


def _own(parts: list[bytes], header: bytes, data: bytes) -> None:
    """Add a field of Isthmus's own."""
    length = varint(len(data))
    parts += (b"\x12", varint(len(header) + len(length) + len(data)), header, length, data)
