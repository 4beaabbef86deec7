"""What the engine counts, and the picture of it at one moment."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from core.errors import Problem

_WINDOW_SECONDS = 5.0


@dataclass
class Counters:
    """Counts since the start of this process. All are records but ``messages`` and ``bytes``."""

    messages: int = 0
    bytes: int = 0
    stored: int = 0
    since: float = field(default_factory=time.time)
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def rate(self) -> float:
        """Records stored per second, over the last few seconds."""
        now = time.monotonic()
        self._samples.append((now, self.stored))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_SECONDS:
            self._samples.popleft()
        (then, before), (_, latest) = self._samples[0], self._samples[-1]
        return (latest - before) / (now - then) if now > then else 0.0


@dataclass(frozen=True)
class PartitionStatus:
    """One assigned partition: offsets as Kafka counts them, ``lag`` in messages."""

    id: int
    low: int
    high: int
    committed: int
    stored: int
    lag: int


@dataclass(frozen=True)
class Status:
    """The engine at one moment.

    Attributes:
        state: starting, running, paused, stopping or failing.
        reason: why, where there is something to say.
        repairs: records by the name of each repair that they needed.
        lag_seconds: how long the oldest message that is not stored has waited; None: not known.
        problem: what is wrong, if anything is.
        taken: when this picture was taken, epoch seconds.
    """

    state: str
    reason: str
    since: float
    records: dict[str, int]
    repairs: dict[str, int]
    messages: int
    rate_records_per_s: float
    lag_messages: int
    lag_seconds: float | None
    partitions: tuple[PartitionStatus, ...]
    memory_bytes: int
    problem: Problem | None
    taken: float = field(default_factory=time.time)

    def as_json(self) -> dict[str, Any]:
        """The status as the command line's JSON shows it."""
        return {
            "state": self.state,
            "reason": self.reason,
            "since": round(self.since, 3),
            "workers": 1,
            "records": self.records,
            "repairs": self.repairs,
            "messages": self.messages,
            "rate_records_per_s": round(self.rate_records_per_s, 1),
            "lag": {
                "records": self.lag_records,
                "seconds": None if self.lag_seconds is None else round(self.lag_seconds, 1),
                "messages": self.lag_messages,
            },
            "partitions": [each.__dict__ for each in self.partitions],
            "memory_bytes": self.memory_bytes,
            "problem": self.problem.as_json() if self.problem else None,
        }

    @property
    def lag_records(self) -> int:
        """The lag in records, by the mean of what was read so far: the hub counts messages only."""
        mean = self.records["received"] / self.messages if self.messages else 1.0
        return round(self.lag_messages * mean)
