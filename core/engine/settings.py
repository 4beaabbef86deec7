"""How the engine is set, apart from the profile: rhythms that tests make shorter."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class EngineSettings:
    """Rhythms of one engine.

    Attributes:
        commit_seconds: how often offsets are committed. Event Hubs throttles commits (Azure:
            "Apache Kafka troubleshooting guide": 4 a second and partition).
        stop_seconds: how long a stop may take.
        senders: connections to Log Service.
    """

    commit_seconds: float = 5.0
    stop_seconds: float = 25.0
    senders: int = 4

    @classmethod
    def from_environment(cls) -> EngineSettings:
        """The defaults, or ``ISTHMUS_COMMIT_SECONDS`` for tests whose clocks run faster."""
        return cls(commit_seconds=float(os.environ.get("ISTHMUS_COMMIT_SECONDS", "5")))
