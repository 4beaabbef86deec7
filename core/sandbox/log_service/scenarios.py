"""Faults that the emulator plays on demand, each a small object in one table.

A scenario is asked twice about a request: when it arrives, before anything is done, and when it
has been carried out, before it is answered. Random choices come from a seeded generator of the
scenario's own, which starts anew each time it is switched on.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from core.sandbox.log_service.routes import Operation
from core.sandbox.log_service.wire import ServiceError


class HangUpError(Exception):
    """The connection is to be cut without an answer."""


class Scenario(Protocol):
    """What a request meets while the scenario is on; both methods may raise to change its fate."""

    def connected(self) -> None:
        """A request has begun to arrive. May raise HangUpError."""

    def arrived(self, operation: Operation) -> None:
        """A request has arrived and is authentic. May raise HangUpError or ServiceError."""

    def done(self, operation: Operation) -> None:
        """A request has been carried out. May raise HangUpError."""


class _Nothing:
    """The uneventful scenario that the others change in one place."""

    def __init__(self, probability: float, seed: int) -> None:
        self._probability = probability
        self._random = random.Random(seed)  # noqa: S311

    def connected(self) -> None:
        """Nothing."""

    def arrived(self, operation: Operation) -> None:
        """Nothing."""

    def done(self, operation: Operation) -> None:
        """Nothing."""

    def _hits(self) -> bool:
        return self._random.random() < self._probability


class _ServerErrors(_Nothing):
    """Requests for data fail with 500 or 503; nothing is stored."""

    def arrived(self, operation: Operation) -> None:
        """Refuse, or not."""
        if operation.handles_data and self._hits():
            code = self._random.choice(("InternalServerError", "ServerBusy"))
            raise ServiceError(code, "the sandbox plays server_errors")


class _AckLost(_Nothing):
    """LogGroups are stored, but some answers never come."""

    def done(self, operation: Operation) -> None:
        """Cut the connection, or not."""
        if operation.name == "PutLogs" and self._hits():
            raise HangUpError


class _FullOutage(_Nothing):
    """No request gets an answer or has an effect; the ports stay open."""

    def connected(self) -> None:
        """Cut the connection."""
        if self._hits():
            raise HangUpError

    def arrived(self, operation: Operation) -> None:
        """Cut the connection of a request that was on its way when the outage began."""
        self.connected()


_TABLE: dict[str, tuple[Callable[[float, int], Scenario], float]] = {
    "server_errors": (_ServerErrors, 0.5),
    "ack_lost": (_AckLost, 0.3),
    "full_outage": (_FullOutage, 1.0),
}
"""Name -> class and the probability it has if none is given."""
_SEED = 1


class Scenarios:
    """The scenarios that are on."""

    def __init__(self) -> None:
        self._active: dict[str, Scenario] = {}

    @property
    def names(self) -> list[str]:
        """Names of the scenarios that are on."""
        return sorted(self._active)

    def switch(self, name: str, on: bool, probability: float | None, seed: int | None) -> None:
        """Switch a scenario on (anew, if it was on) or off. ValueError for what does not exist."""
        if name not in _TABLE:
            raise ValueError(f"no scenario {name!r}; there are {', '.join(sorted(_TABLE))}")
        make, usual = _TABLE[name]
        chosen = usual if probability is None else probability
        if not 0 <= chosen <= 1:
            raise ValueError(f"probability must be 0 to 1, not {chosen}")
        if on:
            self._active[name] = make(chosen, _SEED if seed is None else seed)
        else:
            self._active.pop(name, None)

    def connected(self) -> None:
        """See :class:`Scenario`."""
        for scenario in list(self._active.values()):
            scenario.connected()

    def arrived(self, operation: Operation) -> None:
        """See :class:`Scenario`."""
        for scenario in list(self._active.values()):
            scenario.arrived(operation)

    def done(self, operation: Operation) -> None:
        """See :class:`Scenario`."""
        for scenario in list(self._active.values()):
            scenario.done(operation)
