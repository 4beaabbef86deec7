"""Collecting logs into LogGroups: one partition each, closed by size, count or age."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from core.alibaba.log_service.put_logs import MAX_LOGS, Packed

TARGET_BYTES = 1024 * 1024
"""A LogGroup closes before it grows past this; memory is partitions times this at the least."""
LINGER_SECONDS = 1.0
"""A LogGroup closes when its first log is this old."""


@dataclass(eq=False, slots=True)
class Batch:
    """A closed LogGroup on its way.

    Attributes:
        partition, epoch: the assignment it belongs to.
        offsets: messages that have a record in it, each once, ascending.
        count: logs in it.
        size: bytes that the memory budget counts for it.
        raw: the LogGroup's bytes until it is packed.
        packed: the compressed LogGroup afterwards.
    """

    partition: int
    epoch: int
    offsets: list[int]
    count: int
    size: int
    raw: bytes = b""
    packed: Packed | None = None


@dataclass(slots=True)
class GroupBuilder:
    """The LogGroup of one partition that is being filled."""

    partition: int
    epoch: int
    tags: bytes
    entries: list[bytes] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    size: int = 0
    opened: float = 0.0

    def has_room(self, entry: bytes) -> bool:
        """Whether ``entry`` still fits; an empty builder takes any."""
        if not self.entries:
            return True
        return len(self.entries) < MAX_LOGS and self.size + len(entry) <= TARGET_BYTES

    def add(self, entry: bytes, offset: int) -> bool:
        """Add one log of the message at ``offset``; True if it is the message's first here."""
        if not self.entries:
            self.opened = time.monotonic()
        self.entries.append(entry)
        self.size += len(entry)
        if self.offsets and self.offsets[-1] == offset:
            return False
        self.offsets.append(offset)
        return True

    def is_due(self, now: float) -> bool:
        """Whether it has waited long enough (monotonic seconds)."""
        return bool(self.entries) and now - self.opened >= LINGER_SECONDS

    def close(self) -> Batch:
        """The batch so far; the builder is empty afterwards."""
        batch = Batch(
            partition=self.partition,
            epoch=self.epoch,
            offsets=self.offsets,
            count=len(self.entries),
            size=self.size,
            raw=b"".join((*self.entries, self.tags)),
        )
        self.entries, self.offsets, self.size = [], [], 0
        return batch
