"""One append-only file of record batches, with a sparse index of it in memory.

A full segment leaves its index and the producers seen so far in a side file, so that a restart
need not read it again; without a fitting side file it is read.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path

from core.sandbox.event_hubs.batches import BatchHeader, first_at_or_after, walk
from core.sandbox.event_hubs.producers import ProducerTable
from core.sandbox.event_hubs.wire import FileSlice

INDEX_BYTES = 32 * 1024
"""Distance of two index entries: what a look-up reads at most, batches apart."""

_BINARY = getattr(os, "O_BINARY", 0)


class Segment:
    """Offsets ``base_offset`` to ``next_offset`` of a partition.

    Attributes:
        size: bytes of whole batches.
        max_timestamp: the newest record's, ms; -1 if there is none.
        first_append, last_append: seconds since 1970, the broker's clock.
    """

    def __init__(self, folder: Path, base_offset: int) -> None:
        self.path = folder / f"{base_offset:020d}.log"
        self._side_file = self.path.with_suffix(".index")
        self.base_offset = self.next_offset = base_offset
        self.size = 0
        self.max_timestamp = -1
        self.first_append = self.last_append = time.time()
        self._offsets, self._positions, self._times = array("q"), array("q"), array("q")
        self._descriptor = -1

    def recover(self, producers: ProducerTable, *, last: bool) -> None:
        """Learn what the file holds; of the ``last`` segment cut off a torn tail."""
        if self.path.exists():
            written = self.path.stat()
            if last or not self._load(written.st_size, producers):
                self._scan(written.st_size, producers)
            self.first_append = self.last_append = written.st_mtime
            if self.size < written.st_size:
                os.truncate(self.path, self.size)

    def append(self, batch: memoryview, header: BatchHeader) -> None:
        """Hand a batch, its base offset patched, to the operating system.

        On ``OSError`` the segment is as before.
        """
        if self._descriptor < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY
            self._descriptor = os.open(self.path, flags, 0o600)
        rest = batch
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.last_append = time.time()
        if self.size == 0:
            self.first_append = self.last_append
        self._learn(self.size, self.next_offset, header)

    def seal(self, producers: ProducerTable) -> None:
        """Write the side file: no batch follows."""
        content = {
            "size": self.size,
            "next_offset": self.next_offset,
            "max_timestamp": self.max_timestamp,
            "offsets": self._offsets.tolist(),
            "positions": self._positions.tolist(),
            "times": self._times.tolist(),
            "producers": producers.snapshot(),
        }
        temporary = self._side_file.with_suffix(".new")
        temporary.write_text(json.dumps(content), encoding="ascii")
        temporary.replace(self._side_file)
        self.close()

    def close(self) -> None:
        """Close the file if it is open for appending."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def delete(self) -> None:
        """Remove the files. Where a reader holds one (Windows), the next start removes it."""
        self.close()
        for path in (self.path, self._side_file):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def slice_from(self, offset: int, max_bytes: int, *, at_least_one: bool) -> FileSlice | None:
        """Whole batches from the one with ``offset`` on, at most ``max_bytes`` of them.

        None if not even the first fits, unless ``at_least_one`` is wanted.
        """
        entry = max(0, bisect_right(self._offsets, offset) - 1)
        start = end = -1
        with open_for_reading(self.path) as read:
            for position, header in walk(read, self._positions[entry], self.size):
                if header.next_offset > offset:
                    start, end = position, position + header.size
                    break
            if start < 0 or (end - start > max_bytes and not at_least_one):
                return None
            near = bisect_right(self._positions, start + max_bytes) - 1
            end = max(end, self._positions[near] if near >= 0 else end)
            for position, header in walk(read, end, self.size):
                if position + header.size - start > max_bytes:
                    break
                end = position + header.size
        return FileSlice(self.path, start, end - start)

    def offset_at(self, timestamp: int, least_offset: int) -> tuple[int, int] | None:
        """Timestamp and offset of the first record not older than ``timestamp`` (ms)."""
        if self.max_timestamp < timestamp or not self._positions:
            return None
        start = self._positions[bisect_left(self._times, timestamp)]
        with open_for_reading(self.path) as read:
            for position, header in walk(read, start, self.size):
                if header.max_timestamp >= timestamp and header.next_offset > least_offset:
                    found = first_at_or_after(read(position, header.size), timestamp)
                    return found[0], max(found[1], least_offset)
        return None

    def _learn(self, position: int, base_offset: int, header: BatchHeader) -> None:
        """Take a batch at ``position``, the end of the segment so far, into account."""
        if not self._positions or position - self._positions[-1] >= INDEX_BYTES:
            self._offsets.append(base_offset)
            self._positions.append(position)
            self._times.append(header.max_timestamp)
        self.max_timestamp = max(self.max_timestamp, header.max_timestamp)
        self._times[-1] = self.max_timestamp
        self.size = position + header.size
        self.next_offset = base_offset + header.last_offset_delta + 1

    def _scan(self, written: int, producers: ProducerTable) -> None:
        with open_for_reading(self.path) as read:
            for position, header in walk(read, 0, written):
                sound = (
                    header.magic == 2 and header.last_offset_delta == header.record_count - 1 >= 0
                )
                if not sound or header.base_offset != self.next_offset:
                    break
                self._learn(position, header.base_offset, header)
                producers.record(header, header.base_offset)

    def _load(self, written: int, producers: ProducerTable) -> bool:
        try:
            content = json.loads(self._side_file.read_text(encoding="ascii"))
            if content["size"] != written:
                return False
            self.size, self.next_offset = content["size"], content["next_offset"]
            self.max_timestamp = content["max_timestamp"]
            self._offsets = array("q", content["offsets"])
            self._positions = array("q", content["positions"])
            self._times = array("q", content["times"])
            producers.restore(content["producers"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return True


@contextlib.contextmanager
def open_for_reading(path: Path) -> Iterator[Callable[[int, int], bytes]]:
    """A file as a function ``read(position, size)`` that gives at most ``size`` bytes."""
    descriptor = os.open(path, os.O_RDONLY | _BINARY)

    def read(position: int, size: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(descriptor, size, position)
        os.lseek(descriptor, position, os.SEEK_SET)
        return os.read(descriptor, size)

    try:
        yield read
    finally:
        os.close(descriptor)
