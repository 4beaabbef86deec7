"""The faults that a namespace can play, each in a line, and which of them are on.

What a client sees of each stands in docs/scenarios.md. Nothing of it outlives the process.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from core.sandbox.event_hubs.throttle import SCENARIO_UNITS


class Scenario(StrEnum):
    """A fault of a namespace, or of the way to it."""

    WRONG_KEY = "wrong_key"
    BASIC_TIER = "basic_tier"
    FIREWALL = "firewall"
    NO_LISTEN = "no_listen"
    MISSING_HUB = "missing_hub"
    THROTTLED = "throttled"
    SILENT_PORT = "silent_port"
    TLS_INTERCEPTED = "tls_intercepted"
    NOT_TLS = "not_tls"
    IDLE_DROP = "idle_drop"
    KEY_ROTATED = "key_rotated"

    @property
    def lets_connections_live(self) -> bool:
        """Whether connections that stand go on: it is felt there, or at the next sign-in only."""
        return self in _LIVE


_LIVE = frozenset(
    {Scenario.MISSING_HUB, Scenario.THROTTLED, Scenario.IDLE_DROP, Scenario.KEY_ROTATED}
)


@dataclass(frozen=True)
class Options:
    """What can be chosen when a scenario is switched on.

    Attributes:
        units: throughput units that are left (throttled).
        idle_seconds: after which an idle connection is cut (idle_drop).
    """

    units: float = SCENARIO_UNITS
    idle_seconds: float = 5.0


class ScenarioTable:
    """The scenarios of a namespace that are on, with their options."""

    def __init__(self) -> None:
        self._on: dict[Scenario, Options] = {}

    @property
    def names(self) -> list[str]:
        """Names of those that are on."""
        return sorted(self._on)

    def __contains__(self, scenario: Scenario) -> bool:
        return scenario in self._on

    def options(self, scenario: Scenario) -> Options | None:
        """Its options; None if it is off."""
        return self._on.get(scenario)

    def switch(self, name: str, on: bool, given: dict[str, Any]) -> Scenario:
        """Switch a scenario; ``ValueError`` for a name, an option or a value there is not."""
        if name not in list(Scenario):
            raise ValueError(f"no scenario {name!r}; there are {', '.join(sorted(Scenario))}")
        known = {item.name for item in fields(Options)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"no option {', '.join(unknown)}; there are {', '.join(known)}")
        if any(not isinstance(value, int | float) or not value > 0 for value in given.values()):
            raise ValueError("an option is a number over 0")
        scenario = Scenario(name)
        if on:
            self._on[scenario] = replace(Options(), **given)
        else:
            self._on.pop(scenario, None)
        return scenario
