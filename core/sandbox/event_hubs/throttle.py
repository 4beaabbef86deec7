"""Throughput units: how long produce and fetch are held back.

A unit lets in 1 MB/s or 1,000 events/s and out 2 MB/s or 4,096 events/s, whichever is reached
first, for all hubs of the namespace together. Over Kafka there is no error: answers are delayed
and say so in ``throttle_time_ms``; a produce that would wait longer than its own timeout is refused
with POLICY_VIOLATION, a fetch that would comes back empty. Source: "Azure: Event Hubs scalability"
and "Azure: Apache Kafka troubleshooting guide for Event Hubs". How Azure shares the time out is not
documented: here a request waits until what was let through before it is paid for (EH-13).
"""

from __future__ import annotations

import time
from collections.abc import Callable

_MB = 1_000_000
_IN = (1 * _MB, 1000)  # bytes and events per second and unit
_OUT = (2 * _MB, 4096)
_BURST_SECONDS = 1.0
SCENARIO_UNITS = 0.1
"""What the scenario leaves of a namespace: little enough for a handful of clients to feel it."""


class Meter:
    """Bytes and events in one direction."""

    def __init__(
        self, rates: tuple[float, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``rates``: bytes and events per second; ``clock`` in seconds."""
        self._rates = rates
        self._clock = clock
        self._paid_at = [0.0, 0.0]  # when all so far will have been paid for

    def delay(self) -> float:
        """Seconds until the next request may pass."""
        return max(0.0, max(self._paid_at) - self._clock())

    def charge(self, size: int, events: int) -> None:
        """Count what passed: ``size`` bytes in ``events`` events."""
        unused = self._clock() - _BURST_SECONDS
        for index, amount in enumerate((size, events)):
            begin = max(self._paid_at[index], unused)
            self._paid_at[index] = begin + amount / self._rates[index]


class Throttle:
    """Both directions of a namespace with ``units``."""

    def __init__(self, units: float) -> None:
        self.units = units
        self.ingress = Meter((_IN[0] * units, _IN[1] * units))
        self.egress = Meter((_OUT[0] * units, _OUT[1] * units))
