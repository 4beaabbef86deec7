"""One record -> the bytes of one log, in a single pass: the hot path.

What a stored log holds is written in docs/record.md. Field names are planned once per distinct
set of names; values are encoded by their type. Text that comes again and again in a field, such as
a category or an operation, is encoded once.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from core.engine.log_group import time_prefix, varint
from core.records.event_time import EventTime
from core.records.stored import field_names

_PLANS = 1024
"""Distinct sets of field names remembered; hostile data cannot make it more."""
_TEXTS = 128
"""Distinct texts remembered of a field. A field with more is taken for one that does not repeat."""
_LONGEST_TEXT = 256
_STAMPS = 4096
_CACHE_BYTES = 8 * 1024 * 1024
"""All texts remembered together; beyond it everything is forgotten and learnt anew."""
_SHORT = 8192

_VARINT = [varint(n) for n in range(2 * _SHORT)]
_CONTENT = [b"\x12" + size for size in _VARINT]
_LOG = [b"\x0a" + size for size in _VARINT]
_NANOSECONDS = struct.Struct("<cI")
_CONSTANTS = {True: b"true", False: b"false", None: b"null"}
_encode_json = msgspec.json.Encoder().encode


def _header(name: str) -> bytes:
    """Key field and the tag of the value field of one content."""
    key = name.encode()
    return b"\x0a" + varint(len(key)) + key + b"\x12"


_UID, _SERVICE, _TIME, _FLAGS, _RAW = map(
    _header, ("event_uid", "event_service", "event_time", "event_flags", "event_raw")
)
_UID_SIZE, _TIME_SIZE = len(_UID), len(_TIME)


def _content(header: bytes, data: bytes) -> bytes:
    """One content of a log, of any length."""
    length = varint(len(data))
    return b"".join((b"\x12", varint(len(header) + len(length) + len(data)), header, length, data))


class _Plan:
    """The fields of one kind of record, in order.

    Attributes:
        columns: header, its size, and the texts known of the field (None: they do not repeat).
        flags: what the names need in ``event_flags``.
    """

    __slots__ = ("_places", "columns", "flags")

    def __init__(self, names: tuple[str, ...]) -> None:
        stored, self.flags = field_names(names)
        self.columns: list[tuple[bytes, int, dict[str, bytes] | None]] = []
        self._places: dict[bytes, int] = {}
        for place, name in enumerate(stored):
            header = _header(name)
            self.columns.append((header, len(header), {}))
            self._places[header] = place

    def remember(self, header: bytes, text: str, chunk: bytes) -> None:
        """Keep the content of ``text``, or give up on a field that has too many of them."""
        place = self._places[header]
        _, size, texts = self.columns[place]
        if texts is None:
            return
        if len(texts) < _TEXTS:
            texts[text] = chunk
        else:
            self.columns[place] = (header, size, None)


class Encoder:
    """Encodes records; keeps the plans. One thread only."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._services: dict[str, bytes] = {}
        self._cached = 0
        self._stamps: dict[int, bytes] = {}

    def encode(
        self,
        record: dict[str, Any],
        uid: str,
        service: str,
        time: EventTime,
        stamp: int,
        flags: tuple[str, ...],
        raw: str | None = None,
    ) -> bytes:
        """The log as an entry of a LogGroup.

        ``stamp`` is the log's ``__time__`` in epoch seconds: the event's own, or the clock's where
        Log Service would refuse it. ``flags`` are the message's and those of a repair; the time's
        and the names' are added here. ``raw`` is the text of a record that was repaired. Raises
        RecursionError for a value nested as deep as the parser just allows.
        """
        if self._cached > _CACHE_BYTES:
            self._plans.clear()
            self._cached = 0
        plan = self._plans.get(tuple(record)) or self._plan(tuple(record))
        parts: list[bytes] = [self._stamps.get(stamp) or self._stamp(stamp)]
        append = parts.append
        for (header, header_size, texts), value in zip(plan.columns, record.values(), strict=True):
            kind = type(value)
            if kind is str:
                if texts is not None:
                    chunk = texts.get(value)
                    if chunk is None:
                        chunk = _content(header, value.encode())
                        if len(chunk) <= _LONGEST_TEXT:
                            plan.remember(header, value, chunk)
                            self._cached += 2 * len(chunk)
                    append(chunk)
                    continue
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
            if size < _SHORT:
                length = _VARINT[size]
                append(_CONTENT[header_size + len(length) + size])
                append(header)
                append(length)
                append(data)
            else:
                append(_content(header, data))
        data = uid.encode()
        size = len(data)
        append(_CONTENT[_UID_SIZE + 1 + size] + _UID + _VARINT[size])  # a uid is below 128 bytes
        append(data)
        append(self._services.get(service) or self._service(service))
        data = time.text.encode()
        size = len(data)
        length = _VARINT[size]
        append(_CONTENT[_TIME_SIZE + len(length) + size] + _TIME + length)
        append(data)
        if flags or plan.flags or time.flags:
            names = dict.fromkeys((*flags, *time.flags, *plan.flags))
            append(_content(_FLAGS, ",".join(names).encode()))
        if raw is not None:
            append(_content(_RAW, raw.encode()))
        if time.nanoseconds and stamp == time.seconds:
            append(_NANOSECONDS.pack(b"\x25", time.nanoseconds))
        body = b"".join(parts)
        size = len(body)
        return (_LOG[size] if size < _SHORT else b"\x0a" + varint(size)) + body

    def _plan(self, names: tuple[str, ...]) -> _Plan:
        if len(self._plans) >= _PLANS:
            self._plans.clear()
            self._cached = 0
        plan = self._plans[names] = _Plan(names)
        return plan

    def _stamp(self, seconds: int) -> bytes:
        if len(self._stamps) >= _STAMPS:
            self._stamps.clear()
        prefix = self._stamps[seconds] = time_prefix(seconds)
        return prefix

    def _service(self, service: str) -> bytes:
        chunk = self._services[service] = _content(_SERVICE, service.encode())
        return chunk
