"""What a request wants to do, and whether its caller may.

Source: "Azure role-based access control: role definitions" (wildcards, notActions), "Azure
resource provider operations" (names of actions).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from core.sandbox.azure.scenarios import Scenario, ScenarioTable
from core.sandbox.azure.wire import ArmError, Principal

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_SPELLING = {"resourcegroups": "resourceGroups"}
READING_POSTS = frozenset({"checknameavailability", "listkeys"})
"""Last segments of the paths of POST requests that change nothing."""


@dataclass(frozen=True)
class Need:
    """An action and the scope that it is wanted at."""

    action: str
    scope: str


@dataclass(frozen=True)
class Rights:
    """What a caller may do at a scope."""

    actions: tuple[str, ...] = ("*",)
    not_actions: tuple[str, ...] = ()

    def allow(self, action: str) -> bool:
        """Whether ``action`` is among them; case does not count."""
        return _matches(self.actions, action) and not _matches(self.not_actions, action)

    def as_json(self) -> dict[str, Any]:
        """As the permissions API lists them."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": [],
            "notDataActions": [],
        }


def is_write(method: str, path: str) -> bool:
    """Whether a request means to change something."""
    last = path.rstrip("/").rpartition("/")[2].lower()
    return method not in ("GET", "HEAD") and not (method == "POST" and last in READING_POSTS)


def need_of(method: str, path: str) -> Need:
    """What a request wants."""
    parts = path.strip("/").split("/")
    lowered = [part.lower() for part in parts]
    if "providers" in lowered:
        place = len(lowered) - 1 - lowered[::-1].index("providers")
        provider, rest = parts[place + 1 : place + 2], parts[place + 2 :]
        if rest:
            scope = "/" + "/".join(parts[: len(parts) - len(rest) % 2])
            kind = [*provider, *rest[0::2]]
            verb = "action" if method == "POST" else _VERBS.get(method, method.lower())
            return Need("/".join([*kind, verb]), _above(scope))
        return Need("Microsoft.Resources/subscriptions/providers/read", _above(path))
    kind = ["Microsoft.Resources", *(_SPELLING.get(part, part) for part in lowered[0::2])]
    return Need("/".join([*kind, _VERBS.get(method, "action")]), _above(path))


class Access:
    """Decides who may do what: everything, but for the scenario no_permission."""

    def __init__(self, scenarios: ScenarioTable) -> None:
        self._scenarios = scenarios

    def rights(self, scope: str) -> Rights:
        """What everybody may do at ``scope``."""
        if Scenario.NO_PERMISSION in self._scenarios:
            held_at = str(self._scenarios.option(Scenario.NO_PERMISSION, "scope"))
            if _covers(held_at, scope):
                return Rights(
                    tuple(self._scenarios.option(Scenario.NO_PERMISSION, "actions")),
                    tuple(self._scenarios.option(Scenario.NO_PERMISSION, "not_actions")),
                )
        return Rights()

    def check(self, principal: Principal, need: Need) -> None:
        """Raise the ArmError of a caller who may not."""
        if not self.rights(need.scope).allow(need.action):
            raise _refusal("AuthorizationFailed", principal, need)

    def check_linked(
        self, principal: Principal, need: Need, linked: Need, *, elsewhere: bool = False
    ) -> None:
        """The same for a resource that a request points to; ``elsewhere``: in another tenant."""
        if elsewhere or not self.rights(linked.scope).allow(linked.action):
            raise ArmError(
                403,
                "LinkedAuthorizationFailed",
                f"The client '{principal.name}' with object id '{principal.object_id}' has "
                f"permission to perform action '{need.action}' on scope '{need.scope}'; however, "
                f"it does not have permission to perform action(s) '{linked.action}' on the "
                f"linked scope(s) '{linked.scope}' or the linked scope(s) are invalid.",
            )


def _refusal(code: str, principal: Principal, need: Need) -> ArmError:
    return ArmError(
        403,
        code,
        f"The client '{principal.name}' with object id '{principal.object_id}' does not have "
        f"authorization to perform action '{need.action}' over scope '{need.scope}' or the scope "
        "is invalid. If access was recently granted, please refresh your credentials.",
    )


def _above(path: str) -> str:
    """``path``, without a last segment that names a collection or an operation."""
    parts = path.strip("/").split("/")
    if len(parts) % 2 and len(parts) > 1:
        parts = parts[:-1]
    if len(parts) > 1 and parts[-2].lower() == "providers":
        parts = parts[:-2]
    return "/" + "/".join(parts)


def _covers(scope: str, inner: str) -> bool:
    held, asked = scope.rstrip("/").lower(), inner.rstrip("/").lower()
    return asked == held or asked.startswith(held + "/")


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(_compiled(pattern).fullmatch(action) for pattern in patterns)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE)
