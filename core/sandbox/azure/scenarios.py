"""The faults that the emulator can play, which of them are on, and their options.

What a client sees of each stands in docs/scenarios.md. Nothing of it outlives the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Scenario(StrEnum):
    """A fault of Azure Resource Manager, or a state of the user's Azure."""

    NO_PERMISSION = "no_permission"
    PROVIDER_NOT_REGISTERED = "provider_not_registered"
    NAME_TAKEN = "name_taken"
    THROTTLED = "throttled"
    SLOW_CREATE = "slow_create"
    FAILED_CREATE = "failed_create"
    POLICY_DENIED = "policy_denied"
    BASIC_ONLY = "basic_only"
    TWO_TENANTS = "two_tenants"


DEFAULTS: Mapping[Scenario, Mapping[str, Any]] = {
    Scenario.NO_PERMISSION: {"actions": ["*/read"], "not_actions": [], "scope": "/"},
    Scenario.PROVIDER_NOT_REGISTERED: {
        "providers": ["Microsoft.EventHub", "Microsoft.Insights", "Microsoft.Security"]
    },
    Scenario.NAME_TAKEN: {},
    Scenario.THROTTLED: {"retry_after": 1, "requests": 0},
    Scenario.SLOW_CREATE: {"seconds": 5.0},
    Scenario.FAILED_CREATE: {
        "code": "InternalServerError",
        "message": "The namespace could not be provisioned. Please retry later.",
    },
    Scenario.POLICY_DENIED: {"type": "Microsoft.EventHub/namespaces"},
    Scenario.BASIC_ONLY: {},
    Scenario.TWO_TENANTS: {"reachable": True},
}
"""Scenario -> its options with what holds if they are not given.

no_permission: ``actions`` less ``not_actions`` are all that the caller may do at and below
``scope``. throttled: ``retry_after`` seconds; ``requests`` are refused and then none, 0: all.
two_tenants: whether the caller gets tokens of the second tenant.
"""


class ScenarioTable:
    """The scenarios that are on, with their options."""

    def __init__(self) -> None:
        self._on: dict[Scenario, dict[str, Any]] = {}

    @property
    def names(self) -> list[str]:
        """Names of those that are on."""
        return sorted(self._on)

    def __contains__(self, scenario: Scenario) -> bool:
        return scenario in self._on

    def option(self, scenario: Scenario, name: str) -> Any:
        """An option of a scenario that is on."""
        return self._on[scenario][name]

    def switch(self, name: str, on: bool, given: Mapping[str, Any]) -> Scenario:
        """Switch a scenario; ``ValueError`` for a name, an option or a value there is not."""
        if name not in list(Scenario):
            raise ValueError(f"no scenario {name!r}; there are {', '.join(sorted(Scenario))}")
        scenario = Scenario(name)
        defaults = DEFAULTS[scenario]
        if unknown := sorted(set(given) - set(defaults)):
            known = ", ".join(defaults) or "none"
            raise ValueError(f"no option {', '.join(unknown)} of {name}; there are {known}")
        for option, value in given.items():
            if not _fits(value, defaults[option]):
                raise ValueError(f"{option} is not a {type(defaults[option]).__name__} that fits")
        if on:
            self._on[scenario] = {**defaults, **given}
        else:
            self._on.pop(scenario, None)
        return scenario

    def throttles(self) -> int | None:
        """Whether this request is one too many: the seconds to wait, None if not."""
        options = self._on.get(Scenario.THROTTLED)
        if options is None:
            return None
        if options["requests"]:
            options["requests"] -= 1
            if not options["requests"]:
                del self._on[Scenario.THROTTLED]
        return int(options["retry_after"])


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str) and bool(value)
