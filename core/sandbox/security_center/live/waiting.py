"""Waiting that ends at once when the emulator stops."""

from __future__ import annotations

import asyncio
import contextlib

_LONGEST = 4.0


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait for ``stop``, at most ``seconds``."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


class Backoff:
    """How long a loop waits after each turn: longer and longer while it fails.

    Attributes:
        failures: turns that failed, one after the other, up to now.
    """

    def __init__(self, stop: asyncio.Event, poll: float) -> None:
        """``poll``: seconds after a turn in which there was nothing to do."""
        self._stop = stop
        self._poll = poll
        self._next = poll
        self.failures = 0

    async def after_success(self, busy: bool) -> None:
        """Go on at once if there was something to do."""
        self._next = self._poll
        self.failures = 0
        await pause(self._stop, 0 if busy else self._poll)

    async def after_failure(self) -> None:
        """Wait twice as long as the last time, up to some seconds."""
        self.failures += 1
        await pause(self._stop, self._next)
        self._next = min(self._next * 2, _LONGEST)
