"""A partition: its segments, its log start, its producers and those who wait for new data.

Data is handed to the operating system before it is acknowledged, so it survives the end of the
process (``kill -9``). It is not synced to the disk: a power failure may cost the last seconds,
which a sandbox can afford.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.sandbox.event_hubs.batches import ANY_CODEC, check_produced, patch_base_offset
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.producers import ProducerTable
from core.sandbox.event_hubs.segment import Segment
from core.sandbox.event_hubs.wire import FileSlice

_SEGMENT_BYTES = 16 * 1024 * 1024
_LEAST_SEGMENT_BYTES = 256 * 1024


@dataclass(frozen=True)
class Retention:
    """How long a hub keeps its data: whole segments go, the log start moves."""

    hours: float | None
    bytes_per_partition: int | None

    @property
    def segment_bytes(self) -> int:
        """Small enough that retention by bytes has something to take away."""
        if self.bytes_per_partition is None:
            return _SEGMENT_BYTES
        return max(_LEAST_SEGMENT_BYTES, min(_SEGMENT_BYTES, self.bytes_per_partition // 4))


class Partition:
    """One partition of a hub, in a folder of its own.

    Attributes:
        low: the log start, the first offset that can be read.
        retention: how long data is kept.
        alive: false once its hub was deleted.
    """

    def __init__(self, folder: Path, retention: Retention) -> None:
        self._folder = folder
        self._start_file = folder / "start"
        self.retention = retention
        self._producers = ProducerTable()
        self._waiting: set[asyncio.Event] = set()
        self.alive = True
        folder.mkdir(parents=True, exist_ok=True)
        self._segments = self._recover()
        self.low = max(self._segments[0].base_offset, self._read_start())

    @property
    def high(self) -> int:
        """The high watermark: the offset that the next record gets."""
        return self._segments[-1].next_offset

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    def append(self, batch: memoryview, codecs: Collection[int] = ANY_CODEC) -> int:
        """Append a produced batch (patched in place); the offset of its first record.

        An exact duplicate of an idempotent producer's batch is not appended again. Raises
        ``RefusedError``; a codec not in ``codecs`` is refused too.
        """
        header = check_produced(batch, codecs)
        duplicate = self._producers.duplicate_of(header)
        if duplicate is not None:
            return duplicate
        active = self._segments[-1]
        if active.size and active.size + len(batch) > self.retention.segment_bytes:
            active = self._roll()
        offset = active.next_offset
        patch_base_offset(batch, offset)
        try:
            active.append(batch, header)
        except OSError as error:
            raise RefusedError(ErrorCode.KAFKA_STORAGE_ERROR, f"errno {error.errno}") from error
        self._producers.record(header, offset)
        for event in self._waiting:
            event.set()
        return offset

    def check_offset(self, offset: int) -> None:
        """Raise ``RefusedError`` if ``offset`` is outside what is kept."""
        if not self.low <= offset <= self.high:
            raise RefusedError(ErrorCode.OFFSET_OUT_OF_RANGE)

    def slice_from(self, offset: int, max_bytes: int, *, at_least_one: bool) -> FileSlice | None:
        """Whole batches from ``offset`` on, of one segment; None if there is or fits none."""
        if offset >= self.high:
            return None
        segment = self._segments[self._index_of(offset)]
        return segment.slice_from(offset, max_bytes, at_least_one=at_least_one)

    def offset_at(self, timestamp: int) -> tuple[int, int] | None:
        """Timestamp and offset of the first record not older than ``timestamp`` (ms)."""
        for segment in self._segments:
            found = segment.offset_at(timestamp, self.low)
            if found is not None:
                return found
        return None

    def delete_before(self, offset: int) -> None:
        """Move the log start to ``offset``, which must not be above the high watermark."""
        if offset <= self.low:
            return
        temporary = self._start_file.with_suffix(".new")
        temporary.write_text(str(offset), encoding="ascii")
        temporary.replace(self._start_file)
        self.low = offset
        if self._segments[-1].size and offset == self.high:
            self._roll()
        while len(self._segments) > 1 and self._segments[0].next_offset <= offset:
            self._segments.pop(0).delete()

    def expire(self, now: float) -> None:
        """Apply the retention at time ``now`` (seconds since 1970, the broker's clock).

        Time counts from the moment a record came in, as Event Hubs counts it, whatever timestamp
        the producer gave it.
        """
        limit = self.retention.bytes_per_partition
        hours = self.retention.hours
        oldest = now - hours * 3600 if hours is not None else 0.0
        active = self._segments[-1]
        if active.size and hours is not None and now - active.first_append > hours * 1800:
            self._roll()
        while len(self._segments) > 1:
            first = self._segments[0]
            spare = limit is not None and self.size - first.size >= limit
            if not (spare or first.last_append < oldest):
                return
            self._segments.pop(0).delete()
            self.low = max(self.low, self._segments[0].base_offset)

    def watch(self, event: asyncio.Event) -> None:
        """Have ``event`` set at every append, and when the partition goes."""
        self._waiting.add(event)

    def unwatch(self, event: asyncio.Event) -> None:
        """Forget ``event``."""
        self._waiting.discard(event)

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.close()

    def delete(self) -> None:
        """Close and remove everything; whoever waits is woken."""
        self.alive = False
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        for event in self._waiting:
            event.set()

    def _index_of(self, offset: int) -> int:
        return bisect_right(self._segments, offset, key=lambda segment: segment.base_offset) - 1

    def _roll(self) -> Segment:
        """Begin a new segment; its file is there before an older one may go."""
        active = self._segments[-1]
        try:
            active.seal(self._producers)
            fresh = Segment(self._folder, active.next_offset)
            fresh.path.touch(mode=0o600)
        except OSError as error:
            raise RefusedError(ErrorCode.KAFKA_STORAGE_ERROR, f"errno {error.errno}") from error
        self._segments.append(fresh)
        return fresh

    def _recover(self) -> list[Segment]:
        """The segments on disk. Those before a gap were being deleted: they go."""
        bases = sorted(int(path.stem) for path in self._folder.glob("*.log"))
        segments: list[Segment] = []
        for base in bases or [0]:
            if segments and segments[-1].next_offset != base:
                for segment in segments:
                    segment.delete()
                segments.clear()
            segment = Segment(self._folder, base)
            segment.recover(self._producers, last=base == max(bases or [0]))
            segments.append(segment)
        if not bases:
            segments[0].path.touch(mode=0o600)
        return segments

    def _read_start(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            return min(int(self._start_file.read_text(encoding="ascii")), self.high)
        return 0


def expire_all(partitions: list[Partition]) -> None:
    """Apply the retention of each partition now; a full disk postpones it."""
    now = time.time()
    for partition in partitions:
        with contextlib.suppress(RefusedError):
            partition.expire(now)
