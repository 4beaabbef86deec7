"""Faults that the emulator plays on demand, each a small object in one table.

A scenario meets a request at several points, from its first bytes to its answer. Random choices
come from a seeded generator of the scenario's own, which starts anew each time it is switched on.
What a client sees of each stands in docs/scenarios.md.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.log_service.ram import denial
from core.sandbox.log_service.routes import Operation, unknown
from core.sandbox.log_service.wire import Call, ServiceError

JOB_FAILED = "job_failed"
_SEED = 1
_CLOCK_SECONDS = 3600.0
_DELAY_SECONDS = 2.0
_LONGEST_DELAY = 600.0


class HangUpError(Exception):
    """The connection is to be cut without an answer."""


@dataclass(frozen=True)
class Settings:
    """How a scenario is played.

    Attributes:
        probability: of hitting a request; None: the scenario's usual one.
        seed: of its random choices.
        delay: by how many seconds ``slow`` answers late.
    """

    probability: float | None
    seed: int
    delay: float

    @classmethod
    def of(cls, probability: float | None, seed: int | None, delay: float | None) -> Settings:
        """What was chosen, and the usual for the rest. Raises ValueError."""
        if probability is not None and not 0 <= probability <= 1:
            raise ValueError(f"probability must be 0 to 1, not {probability}")
        if delay is not None and not 0 < delay <= _LONGEST_DELAY:
            raise ValueError(f"delay must be up to {_LONGEST_DELAY:.0f} seconds, not {delay}")
        return cls(probability, _SEED if seed is None else seed, delay or _DELAY_SECONDS)


class Scenario:
    """The uneventful scenario; the others change what they are about.

    Attributes:
        usual: the probability it has if none is chosen.
    """

    usual = 1.0

    def __init__(self, settings: Settings) -> None:
        chosen = settings.probability
        self._probability = self.usual if chosen is None else chosen
        self._random = random.Random(settings.seed)  # noqa: S311
        self._delay = settings.delay

    def connected(self) -> None:
        """A request has begun to arrive. May raise HangUpError."""

    def cuts_request(self, operation: Operation) -> bool:
        """Whether the connection is reset while the request's body arrives."""
        return False

    def clock_offset(self) -> float:
        """By how many seconds the service's clock is wrong."""
        return 0.0

    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        """A request has arrived and is authentic. May raise HangUpError or ServiceError."""

    def done(self, operation: Operation) -> None:
        """A request has been carried out. May raise HangUpError."""

    def delay(self, operation: Operation) -> float:
        """Seconds by which the answer is late."""
        return 0.0

    def cuts_answer(self, operation: Operation) -> bool:
        """Whether the connection is reset in the middle of the answer."""
        return False

    def _hits(self) -> bool:
        return self._random.random() < self._probability


class _ServerErrors(Scenario):
    usual = 0.5

    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        if operation.handles_data and self._hits():
            code = self._random.choice(("InternalServerError", "ServerBusy"))
            raise ServiceError(code, "the sandbox plays server_errors")


class _AckLost(Scenario):
    usual = 0.3

    def done(self, operation: Operation) -> None:
        if operation.name == "PutLogs" and self._hits():
            raise HangUpError


class _FullOutage(Scenario):
    def connected(self) -> None:
        if self._hits():
            raise HangUpError

    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        """Cut the connection of a request that was on its way when the outage began."""
        self.connected()


class _Quota(Scenario):
    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        if operation.name == "PutLogs" and self._hits():
            raise ServiceError("WriteQuotaExceed", "the project's write quota is exceeded")


class _ShardQuota(Scenario):
    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        if operation.name == "PutLogs" and self._hits():
            raise ServiceError("ShardWriteQuotaExceed", "the shard's write quota is exceeded")


class _Slow(Scenario):
    def delay(self, operation: Operation) -> float:
        return self._delay if self._hits() else 0.0


class _ResetInBody(Scenario):
    def cuts_request(self, operation: Operation) -> bool:
        return operation.name == "PutLogs" and self._hits()

    def cuts_answer(self, operation: Operation) -> bool:
        return operation.name != "PutLogs" and self._hits()


class _TimeSkew(Scenario):
    def clock_offset(self) -> float:
        return _CLOCK_SECONDS if self._hits() else 0.0


class _Unauthorized(Scenario):
    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        if self._hits():
            text = denial(operation.name, region, call.project, call.path, call.body)
            raise ServiceError("Unauthorized", text)


class _NoTypedJobs(Scenario):
    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        if operation.is_typed_job:
            raise unknown(call)


class _JobFailed(Scenario):
    """It meets no request: the emulator has the jobs fail."""


_TABLE: dict[str, Callable[[Settings], Scenario]] = {
    "server_errors": _ServerErrors,
    "ack_lost": _AckLost,
    "full_outage": _FullOutage,
    "quota": _Quota,
    "shard_quota": _ShardQuota,
    "slow": _Slow,
    "reset_in_body": _ResetInBody,
    "time_skew": _TimeSkew,
    "unauthorized": _Unauthorized,
    "no_typed_jobs": _NoTypedJobs,
    JOB_FAILED: _JobFailed,
}


class Scenarios:
    """The scenarios that are on; asked like one, it asks each of them."""

    def __init__(self) -> None:
        self._active: dict[str, Scenario] = {}

    @property
    def names(self) -> list[str]:
        """Names of the scenarios that are on."""
        return sorted(self._active)

    def switch(self, name: str, on: bool, settings: Settings) -> None:
        """Switch a scenario on (anew, if it was on) or off. ValueError for what does not exist."""
        if name not in _TABLE:
            raise ValueError(f"no scenario {name!r}; there are {', '.join(sorted(_TABLE))}")
        if on:
            self._active[name] = _TABLE[name](settings)
        else:
            self._active.pop(name, None)

    def connected(self) -> None:
        """See :class:`Scenario`."""
        for scenario in list(self._active.values()):
            scenario.connected()

    def cuts_request(self, operation: Operation) -> bool:
        """See :class:`Scenario`."""
        return any(each.cuts_request(operation) for each in self._active.values())

    def clock_offset(self) -> float:
        """See :class:`Scenario`."""
        return sum(each.clock_offset() for each in self._active.values())

    def arrived(self, operation: Operation, call: Call, region: str) -> None:
        """See :class:`Scenario`."""
        for scenario in list(self._active.values()):
            scenario.arrived(operation, call, region)

    def done(self, operation: Operation) -> None:
        """See :class:`Scenario`."""
        for scenario in list(self._active.values()):
            scenario.done(operation)

    def delay(self, operation: Operation) -> float:
        """See :class:`Scenario`."""
        return sum(each.delay(operation) for each in self._active.values())

    def cuts_answer(self, operation: Operation) -> bool:
        """See :class:`Scenario`."""
        return any(each.cuts_answer(operation) for each in self._active.values())
