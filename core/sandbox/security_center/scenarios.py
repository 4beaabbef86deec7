"""The faults that the emulator can play. What a client sees of each stands in docs/scenarios.md."""

from __future__ import annotations

from enum import StrEnum

from core.sandbox.security_center.state import State


class Scenario(StrEnum):
    """A fault of Security Center, or a state of the user's account."""

    NOT_ACTIVATED = "not_activated"
    NO_ROLE = "no_role"
    QUOTA = "quota"
    WRONG_REGION = "wrong_region"
    ABNORMAL_SOURCE = "abnormal_source"
    RULE_REJECTED = "rule_rejected"


def switch(state: State, name: str, on: bool) -> None:
    """Switch a scenario; ``ValueError`` for one that there is not."""
    if name not in list(Scenario):
        raise ValueError(f"no scenario {name!r}; there are {', '.join(sorted(Scenario))}")
    if on:
        state.playing.add(name)
    else:
        state.playing.discard(name)
