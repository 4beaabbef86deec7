"""The last records that went through the engine, for whoever watches.

The engine hands over whole LogGroups as it closes them: one reference a group, no work a record.
The ring is bounded in bytes; what it forgets before a reader came by is counted exactly, since
every record has a number.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

LIMIT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """One LogGroup: ``count`` records, the first of which is number ``first`` of the stream."""

    first: int
    count: int
    group: bytes


class TailRing:
    """Keeps the newest LogGroups. One thread adds, any may read."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._chunks: deque[Chunk] = deque()
        self._bytes = 0
        self._head = 0

    @property
    def head(self) -> int:
        """Records added since the start: the number that the next one gets."""
        return self._head

    def add(self, group: bytes, count: int) -> None:
        """Take in one LogGroup of ``count`` records."""
        with self._lock:
            self._chunks.append(Chunk(self._head, count, group))
            self._head += count
            self._bytes += len(group)
            while self._bytes > self._limit and len(self._chunks) > 1:
                self._bytes -= len(self._chunks.popleft().group)

    def read(self, position: int) -> list[Chunk]:
        """The chunks that hold record ``position`` and all later ones, oldest first.

        If the first one begins after ``position``, the records between were forgotten.
        """
        with self._lock:
            found: list[Chunk] = []
            for chunk in reversed(self._chunks):
                if chunk.first + chunk.count <= position:
                    break
                found.append(chunk)
        found.reverse()
        return found
