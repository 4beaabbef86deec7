"""Kafka's primitive types: a bounds-checking reader and a writer.

Only the non-flexible encodings are here: this broker offers no flexible version of any API.
Source: "Apache Kafka protocol guide", section "Protocol primitive types".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")
_INT16 = struct.Struct(">h")
_INT32 = struct.Struct(">i")
_INT64 = struct.Struct(">q")

MAX_ELEMENTS = 3_000
"""Array elements that one frame may hold in all; the memory and the time it takes stay bounded. A
namespace has at most 1,000 hubs and 2,000 partitions, each of which a request need name once."""


class MalformedFrameError(Exception):
    """A frame that breaks the protocol. Its text tells what is wrong and holds no payload."""


class Reader:
    """Reads values one after the other; ``MalformedFrameError`` when the bytes do not suffice."""

    __slots__ = ("_at", "_elements", "_view")

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(data)
        self._at = 0
        self._elements = MAX_ELEMENTS

    @property
    def remaining(self) -> int:
        """Bytes that were not read yet."""
        return len(self._view) - self._at

    def _take(self, size: int) -> int:
        at = self._at
        if size > len(self._view) - at:
            raise MalformedFrameError(f"{size} bytes wanted, {len(self._view) - at} left")
        self._at = at + size
        return at

    def int8(self) -> int:
        """A signed byte."""
        value = self._view[self._take(1)]
        return value - 256 if value > 127 else value

    def boolean(self) -> bool:
        """One byte, true if it is not zero."""
        return self._view[self._take(1)] != 0

    def int16(self) -> int:
        """A signed 16-bit number."""
        value: int = _INT16.unpack_from(self._view, self._take(2))[0]
        return value

    def int32(self) -> int:
        """A signed 32-bit number."""
        value: int = _INT32.unpack_from(self._view, self._take(4))[0]
        return value

    def int64(self) -> int:
        """A signed 64-bit number."""
        value: int = _INT64.unpack_from(self._view, self._take(8))[0]
        return value

    def nullable_string(self) -> str | None:
        """A string with a 16-bit length; -1 means null."""
        size = self.int16()
        if size == -1:
            return None
        if size < 0:
            raise MalformedFrameError(f"string length {size}")
        at = self._take(size)
        try:
            return str(self._view[at : at + size], "utf-8")
        except UnicodeDecodeError:
            raise MalformedFrameError("a string is not UTF-8") from None

    def string(self) -> str:
        """A string that may not be null."""
        value = self.nullable_string()
        if value is None:
            raise MalformedFrameError("null where a string must be")
        return value

    def nullable_blob(self) -> memoryview | None:
        """Bytes with a 32-bit length, not copied; -1 means null."""
        size = self.int32()
        if size == -1:
            return None
        if size < 0:
            raise MalformedFrameError(f"bytes length {size}")
        at = self._take(size)
        return self._view[at : at + size]

    def blob(self) -> memoryview:
        """Bytes that may not be null, not copied."""
        value = self.nullable_blob()
        if value is None:
            raise MalformedFrameError("null where bytes must be")
        return value

    def nullable_array(self, item: Callable[[], _T]) -> list[_T] | None:
        """Elements with a 32-bit count, each read by ``item``; -1 means null.

        A count is checked against the bytes that are left, before anything is made.
        """
        count = self.int32()
        if count == -1:
            return None
        if not 0 <= count <= self.remaining:
            raise MalformedFrameError(f"array of {count} elements in {self.remaining} bytes")
        self._elements -= count
        if self._elements < 0:
            raise MalformedFrameError(f"more than {MAX_ELEMENTS} array elements")
        return [item() for _ in range(count)]

    def array(self, item: Callable[[], _T]) -> list[_T]:
        """Elements that may not be null as a whole."""
        value = self.nullable_array(item)
        if value is None:
            raise MalformedFrameError("null where an array must be")
        return value


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Bytes that go from a file to the client without being held in memory."""

    path: Path
    position: int
    length: int


class Writer:
    """Collects an answer: bytes, and slices of files where record data stands."""

    __slots__ = ("_buffer", "_parts", "_size")

    def __init__(self) -> None:
        self._parts: list[bytearray | FileSlice] = []
        self._buffer = bytearray()
        self._size = 0

    def int8(self, value: int) -> Writer:
        """A signed byte."""
        self._buffer += value.to_bytes(1, "big", signed=True)
        return self

    def boolean(self, value: bool) -> Writer:
        """One byte, 0 or 1."""
        self._buffer.append(1 if value else 0)
        return self

    def int16(self, value: int) -> Writer:
        """A signed 16-bit number."""
        self._buffer += _INT16.pack(value)
        return self

    def int32(self, value: int) -> Writer:
        """A signed 32-bit number."""
        self._buffer += _INT32.pack(value)
        return self

    def int64(self, value: int) -> Writer:
        """A signed 64-bit number."""
        self._buffer += _INT64.pack(value)
        return self

    def string(self, value: str | None) -> Writer:
        """A string with a 16-bit length, or null."""
        if value is None:
            return self.int16(-1)
        data = value.encode()
        self.int16(len(data))
        self._buffer += data
        return self

    def blob(self, value: bytes) -> Writer:
        """Bytes with a 32-bit length."""
        self.int32(len(value))
        self._buffer += value
        return self

    def array(self, items: Collection[_T], write: Callable[[_T], object]) -> Writer:
        """A 32-bit count, then each of ``items`` by ``write``."""
        self.int32(len(items))
        for item in items:
            write(item)
        return self

    def records(self, data: FileSlice | None) -> Writer:
        """The bytes of record batches with a 32-bit length; empty for None."""
        if data is None:
            return self.int32(0)
        self.int32(data.length)
        self._parts += (self._buffer, data)
        self._size += len(self._buffer) + data.length
        self._buffer = bytearray()
        return self

    @property
    def size(self) -> int:
        """Bytes of the whole answer."""
        return self._size + len(self._buffer)

    @property
    def parts(self) -> list[bytearray | FileSlice]:
        """The answer in order."""
        return [*self._parts, self._buffer]
