"""When to try again: full-jitter backoff, and one probe at a time while Log Service is down."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

_BASE_SECONDS = 0.1
_LONGEST_SECONDS = 5.0
_FAILURES_TO_CLOSE = 5
_PROBE_SECONDS = 1.0


def backoff(attempt: int, longest: float = _LONGEST_SECONDS) -> float:
    """Seconds to wait before attempt ``attempt`` + 1: full jitter over a doubling bound.

    The longest is short on purpose: after an outage the import should catch up at once, and the
    gate already keeps the load on a dead service at one request a second.
    """
    return random.uniform(0, min(longest, _BASE_SECONDS * 2.0 ** min(attempt, 16)))  # noqa: S311


class Gate:
    """Shut after several failures in a row; then one sender a second may try. Thread-safe.

    The first success opens it for all.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._failures = 0
        self._next_probe = 0.0
        self._stopped = False

    @property
    def shut(self) -> bool:
        """Whether the service counts as down."""
        return self._failures >= _FAILURES_TO_CLOSE

    def wait_turn(self, given_up: Callable[[], bool]) -> None:
        """Return when a request may be sent (at once while the gate is open) or is given up."""
        with self._changed:
            while self.shut and not self._stopped and not given_up():
                wait = self._next_probe - time.monotonic()
                if wait <= 0:
                    self._next_probe = time.monotonic() + _PROBE_SECONDS
                    return
                self._changed.wait(wait)

    def failed(self) -> None:
        """A request got no answer or a passing refusal."""
        with self._changed:
            self._failures += 1
            if self._failures == _FAILURES_TO_CLOSE:
                self._next_probe = time.monotonic() + _PROBE_SECONDS

    def succeeded(self) -> None:
        """A request went through."""
        if not self._failures:
            return
        with self._changed:
            self._failures = 0
            self._changed.notify_all()

    def pause(self, seconds: float, given_up: Callable[[], bool]) -> None:
        """Wait ``seconds``, or less if the request is given up or the gate is stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or given_up(), seconds)

    def look_again(self) -> None:
        """Something was given up: whoever waits for it need not."""
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
