"""The LogGroups of one shard: a row of segments, addressed by position and by time of receipt."""

from __future__ import annotations

import shutil
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from core.sandbox.log_service.messages import Group
from core.sandbox.log_service.segment import Segment

_SEGMENT_BYTES = 64 * 1024 * 1024
_SUFFIX = ".segment"


class ShardLog:
    """An append-only log of LogGroups in a folder. Positions count from 0 and have no holes.

    Attributes:
        discarded_groups: LogGroups that were counted and not kept (``--discard``).
        discarded_logs: logs in them.
        discarded_bytes: their bytes.
    """

    def __init__(self, folder: Path) -> None:
        """Recover what is in ``folder``. Raises BrokenSegmentError, OSError."""
        self._folder = folder
        self._segments: list[Segment] = []
        self.discarded_groups = self.discarded_logs = self.discarded_bytes = 0
        paths = sorted(folder.glob(f"*{_SUFFIX}")) if folder.exists() else []
        for path in paths:
            segment = Segment(path, int(path.name.removesuffix(_SUFFIX)))
            segment.recover(is_last=path == paths[-1])
            self._segments.append(segment)

    @property
    def end(self) -> int:
        """The position that the next LogGroup gets."""
        return self._segments[-1].end if self._segments else 0

    @property
    def logs(self) -> int:
        """Logs received: stored and discarded."""
        return sum(segment.logs for segment in self._segments) + self.discarded_logs

    @property
    def groups(self) -> int:
        """LogGroups received: stored and discarded."""
        return self.end + self.discarded_groups

    @property
    def raw_bytes(self) -> int:
        """Bytes of the LogGroups received, uncompressed."""
        return sum(segment.raw_bytes for segment in self._segments) + self.discarded_bytes

    def append(self, raw: bytes, logs: int, now_us: int) -> int:
        """Store a LogGroup; return its position. Raises OSError, and then nothing is stored.

        Times of receipt never go back, even if the clock does.
        """
        segment = self._writable()
        received = max(now_us, self._last_received_us())
        segment.append(raw, logs, received)
        return segment.end - 1

    def discard(self, raw_size: int, logs: int) -> None:
        """Count a LogGroup without keeping it."""
        self.discarded_groups += 1
        self.discarded_logs += logs
        self.discarded_bytes += raw_size

    def read(self, position: int, end: int) -> Iterator[Group]:
        """The LogGroups from ``position`` up to ``end``."""
        end = min(end, self.end)
        while position < end:
            segment = self._segment_of(position)
            stop = min(end, segment.end)
            yield from segment.read(position, stop)
            position = stop

    def position_at(self, time_us: int) -> int:
        """Position of the first LogGroup received at ``time_us`` or later; ``end`` if none was."""
        for segment in self._segments:
            if segment.count and segment.last_received_us >= time_us:
                return segment.position_at(time_us)
        return self.end

    def received_us(self, position: int) -> int:
        """When the LogGroup at ``position``, which must exist, was received."""
        return next(self.read(position, position + 1)).received_us

    def close(self) -> None:
        """Close the file for writing."""
        for segment in self._segments:
            segment.close()

    def delete(self) -> None:
        """Close and remove everything."""
        self.close()
        self._segments.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _last_received_us(self) -> int:
        return max((segment.last_received_us for segment in self._segments[-2:]), default=0)

    def _writable(self) -> Segment:
        if self._segments and self._segments[-1].size < _SEGMENT_BYTES:
            return self._segments[-1]
        if self._segments:
            self._segments[-1].close()
        self._folder.mkdir(parents=True, exist_ok=True)
        first = self.end
        self._segments.append(Segment(self._folder / f"{first:020d}{_SUFFIX}", first))
        return self._segments[-1]

    def _segment_of(self, position: int) -> Segment:
        return self._segments[
            bisect_right(self._segments, position, key=lambda each: each.first) - 1
        ]
