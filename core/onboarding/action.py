"""What a plan is made of: actions, each with what it would do, what it costs and why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from core.errors import Problem

CostClass = Literal["none", "usage", "running"]
"""``running`` costs by the hour from the moment it exists, ``usage`` by what flows through it."""


Half = Literal["azure", "alibaba"]
HALVES: tuple[Half, ...] = ("azure", "alibaba")
"""The halves of the road; each has its own plan and verb."""


class Kind(StrEnum):
    """What an action does to the world."""

    CREATE = "create"
    REUSE = "reuse"
    CHANGE = "change"
    DELETE = "delete"


class State(StrEnum):
    """How far an action is."""

    PLANNED = "planned"
    BLOCKED = "blocked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes:
        id: names it in the journal; the same for the same thing in every plan.
        step: the wizard's step that it belongs to.
        kind: what it does.
        what: one sentence for people.
        cost_class: what kind of cost it causes.
        command: the equivalent line of the cloud's own command line; empty: there is none.
        state: how far it is.
        problem: why it is blocked or failed, or a warning.
        differences: of a thing that is reused: how it differs from the profile.
    """

    id: str
    step: str
    kind: Kind
    what: str
    cost_class: CostClass = "none"
    command: str = ""
    state: State = State.PLANNED
    problem: Problem | None = None
    differences: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether it changes the world."""
        return self.kind is not Kind.REUSE

    def as_json(self) -> dict[str, Any]:
        """The action as the command line's JSON shows it."""
        return {
            "id": self.id,
            "step": self.step,
            "kind": str(self.kind),
            "what": self.what,
            "cost_class": self.cost_class,
            "command": self.command,
            "state": str(self.state),
            "problem": self.problem.as_json() if self.problem else None,
            "differences": list(self.differences),
        }


@dataclass(frozen=True)
class Plan:
    """The actions of one half or of a removal, in their order.

    Attributes:
        actions: in the order in which they are carried out.
        costs: sentences about what it will cost.
        admin_request: text for an administrator, where rights are missing.
    """

    actions: tuple[Action, ...]
    costs: tuple[str, ...] = field(default=())
    admin_request: str = ""

    @property
    def blocked(self) -> tuple[Action, ...]:
        """Actions that cannot be carried out."""
        return tuple(each for each in self.actions if each.state is State.BLOCKED)

    @property
    def changes(self) -> int:
        """How many actions change the world."""
        return sum(each.changes for each in self.actions)

    def as_json(self) -> dict[str, Any]:
        """The plan as the command line's JSON shows it."""
        return summary(self.actions) | {
            "costs": list(self.costs),
            "admin_request": self.admin_request,
        }


def summary(actions: Sequence[Action]) -> dict[str, Any]:
    """Counts by kind, and the actions."""
    counts: dict[str, int] = {str(kind): 0 for kind in Kind}
    for each in actions:
        counts[str(each.kind)] += 1
    counts["blocked"] = sum(each.state is State.BLOCKED for each in actions)
    return {"counts": counts, "actions": [each.as_json() for each in actions]}
