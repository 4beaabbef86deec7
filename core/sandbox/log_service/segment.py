"""One append-only file of LogGroups.

A frame is a header and the LogGroup as it was sent. The header holds a mark, the size, a CRC-32
over the rest of the frame, the number of logs and the time of receipt. A frame that is cut short
or broken at the end of the file never was acknowledged, and is cut off when the file is opened.
"""

from __future__ import annotations

import os
import struct
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.sandbox.log_service.messages import Group

_HEADER = struct.Struct("<4sIIIQ")  # mark, size, CRC, logs, received in epoch microseconds
_COVERED = struct.Struct("<IQ")  # what the CRC covers beside the LogGroup
_MARK = b"SLG1"
_STRIDE = 64 * 1024
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class BrokenSegmentError(Exception):
    """A segment that is not the last one has a broken frame; its data cannot be trusted."""


class Segment:
    """The LogGroups from position ``first`` on. One writer; readers may be other threads.

    In memory is one index entry for each 64 KiB of file, or for each LogGroup that is larger.

    Attributes:
        first: position of its first LogGroup.
        count: LogGroups in it.
        logs: logs in them.
        raw_bytes: bytes of the LogGroups, headers not counted.
        size: bytes of the file.
        last_received_us: time of receipt of the last one, 0 if there is none.
    """

    def __init__(self, path: Path, first: int) -> None:
        self.path = path
        self.first = first
        self.count = self.logs = self.raw_bytes = self.size = self.last_received_us = 0
        self._numbers, self._offsets, self._times = array("Q"), array("Q"), array("Q")
        self._writer = -1

    @property
    def end(self) -> int:
        """The position after its last LogGroup."""
        return self.first + self.count

    def recover(self, is_last: bool) -> None:
        """Learn what the file holds; cut a torn end off the last segment.

        Raises BrokenSegmentError if another segment is broken.
        """
        whole = self.path.stat().st_size
        with self.path.open("rb") as file:
            while self.size < whole:
                header = file.read(_HEADER.size)
                frame = _intact(header, whole - self.size)
                if frame is None:
                    break
                size, crc, logs, received = frame
                if is_last:
                    if _crc(logs, received, file.read(size)) != crc:
                        break
                else:
                    file.seek(size, os.SEEK_CUR)
                self._note(size, logs, received)
        if self.size < whole:
            if not is_last:
                raise BrokenSegmentError(f"{self.path} is broken at byte {self.size}")
            os.truncate(self.path, self.size)

    def append(self, raw: bytes, logs: int, received_us: int) -> None:
        """Write a LogGroup; on return the operating system has it. Raises OSError."""
        if self._writer < 0:
            self._writer = os.open(self.path, _FLAGS, 0o600)
        header = _HEADER.pack(_MARK, len(raw), _crc(logs, received_us, raw), logs, received_us)
        try:
            written = os.write(self._writer, header + raw)
        except OSError:
            os.ftruncate(self._writer, self.size)
            raise
        if written != len(header) + len(raw):
            os.ftruncate(self._writer, self.size)
            raise OSError(f"only {written} bytes of a LogGroup could be written")
        self._note(len(raw), logs, received_us)

    def read(self, position: int, end: int) -> Iterator[Group]:
        """The LogGroups from ``position`` up to ``end``, both inside the segment."""
        with self.path.open("rb") as file:
            for frame in self._frames(file, position - self.first):
                if self.first + frame.number >= end:
                    return
                raw = file.read(frame.size)
                yield Group(self.first + frame.number, frame.received_us, frame.logs, raw)

    def position_at(self, time_us: int) -> int:
        """Position of the first LogGroup received at ``time_us`` or later; ``end`` if none was."""
        if time_us > self.last_received_us:
            return self.end
        entry = max(0, bisect_left(self._times, time_us) - 1)
        with self.path.open("rb") as file:
            for frame in self._frames(file, self._numbers[entry]):
                if frame.received_us >= time_us:
                    return self.first + frame.number
        return self.end

    def close(self) -> None:
        """Close the file for writing."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    def _note(self, size: int, logs: int, received_us: int) -> None:
        """Count a frame that is in the file."""
        if not self._offsets or self.size - self._offsets[-1] >= _STRIDE:
            self._times.append(received_us)
            self._offsets.append(self.size)
            self._numbers.append(self.count)
        self.logs += logs
        self.raw_bytes += size
        self.last_received_us = received_us
        self.size += _HEADER.size + size
        self.count += 1

    def _frames(self, file: BinaryIO, number: int) -> Iterator[_Frame]:
        """The frames from LogGroup ``number`` of the segment on; ``file`` stands at their data."""
        entry = bisect_right(self._numbers, number) - 1
        if entry < 0:
            return
        here, offset, end = self._numbers[entry], self._offsets[entry], self.size
        while offset < end:
            file.seek(offset)
            _, size, _, logs, received = _HEADER.unpack(file.read(_HEADER.size))
            if here >= number:
                yield _Frame(here, size, logs, received)
            offset += _HEADER.size + size
            here += 1


@dataclass(frozen=True, slots=True)
class _Frame:
    """The number of a LogGroup in its segment, and what its header says."""

    number: int
    size: int
    logs: int
    received_us: int


def _intact(header: bytes, room: int) -> tuple[int, int, int, int] | None:
    """Size, CRC, logs and time of a header whose LogGroup fits into ``room`` with it."""
    if len(header) < _HEADER.size:
        return None
    mark, size, crc, logs, received = _HEADER.unpack(header)
    if mark != _MARK or _HEADER.size + size > room:
        return None
    return size, crc, logs, received


def _crc(logs: int, received_us: int, raw: bytes) -> int:
    return zlib.crc32(raw, zlib.crc32(_COVERED.pack(logs, received_us)))
