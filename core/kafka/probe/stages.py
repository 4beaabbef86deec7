"""The stages of the connection test, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import Problem

STAGES = (
    "parse",
    "resolve",
    "connect",
    "tls",
    "sign_in",
    "hub",
    "rights",
    "watermarks",
    "records",
)
"""The stages in their order."""


@dataclass(frozen=True)
class Limits:
    """How long a stage may wait for an answer, in seconds.

    Attributes:
        resolve: the machine's name service.
        connect: the TCP connection and the TLS handshake together: a silent port is known after
            this time.
        step: each question to the namespace once TLS stands; also the sign-in.
        group: until a consumer group lets somebody in.
        records: reading the newest messages.
    """

    resolve: float = 10.0
    connect: float = 5.0
    step: float = 15.0
    group: float = 20.0
    records: float = 10.0


@dataclass
class Stage:
    """One stage's outcome.

    Attributes:
        stage: its name, of STAGES.
        state: ok, failed or not_reached.
        seconds: how long it took.
        evidence: what was seen, redacted.
    """

    stage: str
    state: Literal["ok", "failed", "not_reached"] = "not_reached"
    seconds: float = 0.0
    evidence: str = ""

    def as_json(self) -> dict[str, Any]:
        """The stage as the command line's JSON shows it."""
        return {
            "stage": self.stage,
            "state": self.state,
            "seconds": round(self.seconds, 3),
            "evidence": self.evidence,
        }


@dataclass(frozen=True)
class SampleRow:
    """A record of the sample, for a table; its texts are redacted.

    Attributes:
        event_time: RFC 3339.
        partition: of its message.
        offset: of its message.
        service: what wrote it, as ``event_service`` of a stored log.
        size: of the record as compact JSON, bytes.
        fields: its first plain fields, name and value.
    """

    event_time: str
    partition: int
    offset: int
    service: str
    size: int
    fields: tuple[tuple[str, str], ...]


@dataclass
class Probe:
    """The whole test.

    Attributes:
        stages: every stage of STAGES.
        problem: what is wrong; None if all went well. A warning beside stages that are all ok is
            no failure.
        cancelled: it was stopped from outside before its end.
        sample: some of the newest records, the newest last; not part of the JSON.
    """

    stages: list[Stage] = field(default_factory=lambda: [Stage(name) for name in STAGES])
    problem: Problem | None = None
    cancelled: bool = False
    sample: tuple[SampleRow, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a stage failed, or the test was stopped."""
        return self.cancelled or self.failed_stage is not None

    @property
    def failed_stage(self) -> Stage | None:
        """The stage that failed."""
        return next((stage for stage in self.stages if stage.state == "failed"), None)

    @property
    def signed_in(self) -> bool:
        """Whether the namespace accepted the connection string."""
        return self.stage("sign_in").state == "ok"

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return sum(stage.seconds for stage in self.stages)

    def stage(self, name: str) -> Stage:
        """The stage called ``name``."""
        return self.stages[STAGES.index(name)]

    def as_json(self) -> dict[str, Any]:
        """The result as the command line's JSON shows it."""
        return {
            "verdict": "failed" if self.failed else "ok",
            "code": str(self.problem.code) if self.problem else None,
            "stages": [stage.as_json() for stage in self.stages],
            "problem": self.problem.as_json() if self.problem else None,
        }
