"""``remove``: take away what the journal says that Isthmus made, newest first, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.engine.failpoints import pass_point
from core.errors import Code, Problem, ProblemError, problem
from core.onboarding.action import Action, Kind, Plan, State
from core.onboarding.applying import OnAction
from core.onboarding.journal import Journal, Made, Thing
from core.onboarding.task import Progress

NAMED = frozenset({"namespace", "project", "logstore"})
"""Things that hold data: they go only when their name was typed."""


@dataclass(frozen=True)
class Trace:
    """What is left of a thing.

    Attributes:
        exists: whether it is still there.
        problem: why it must stay.
    """

    exists: bool
    problem: Problem | None = None


class Eraser(Protocol):
    """Knows how things of a cloud are found and taken away."""

    async def trace(self, thing: Thing) -> Trace:
        """Whether ``thing`` is there and is the one that was made. Raises ProblemError."""

    async def erase(self, thing: Thing, progress: Progress) -> None:
        """Take it away; one that is gone is no error. Raises ProblemError."""

    def describe(self, thing: Thing) -> str:
        """It in words."""

    def command(self, thing: Thing) -> str:
        """The line of the cloud's own command line; empty: there is none."""

    def step(self, thing: Thing) -> str:
        """The wizard's step that it belongs to."""


def all_of_it(made: Made) -> bool:
    """The whole of what was made."""
    return True


async def plan_removal(
    journal: Journal,
    eraser: Eraser,
    confirmed: Collection[str],
    wanted: Callable[[Made], bool] = all_of_it,
) -> Plan:
    """What would be taken away of what is ``wanted``. ``confirmed``: names that were typed.

    What is gone already is left out. Raises ProblemError when the cloud cannot be asked.
    """
    actions: list[Action] = []
    kept: list[Thing] = []
    for made in reversed([each for each in journal.made() if wanted(each)]):
        trace = await eraser.trace(made.thing)
        if not trace.exists:
            continue
        found = trace.problem or _unconfirmed(made, confirmed) or _in_use(made.thing, kept)
        if found is not None:
            kept.append(made.thing)
        actions.append(_action(made, eraser, found))
    return Plan(tuple(actions))


async def remove(
    plan: Plan,
    journal: Journal,
    eraser: Eraser,
    on_action: OnAction,
    progress: Progress,
    wanted: Callable[[Made], bool] = all_of_it,
) -> tuple[Action, ...]:
    """Carry out ``plan``; blocked actions stay. The actions as they ended.

    One that fails does not keep the others from being taken away.
    """
    ended: list[Action] = []
    made = {each.action: each for each in journal.made()}
    for action in plan.actions:
        if action.state is State.BLOCKED or action.id not in made:
            ended.append(action)
            continue
        on_action(replace(action, state=State.RUNNING))
        thing = made[action.id].thing
        try:
            if (await eraser.trace(thing)).exists:
                await eraser.erase(thing, progress)
            pass_point("remove_before_done")
            journal.write("removed", action.id, str(Kind.DELETE), thing)
            ended.append(replace(action, state=State.DONE))
        except ProblemError as error:
            ended.append(replace(action, state=State.FAILED, problem=error.problem))
        on_action(ended[-1])
    _forget_gone(plan, journal, wanted)
    return tuple(ended)


def _forget_gone(plan: Plan, journal: Journal, wanted: Callable[[Made], bool]) -> None:
    """Things that were gone already are no longer Isthmus's."""
    planned = {action.id for action in plan.actions}
    for each in journal.made():
        if wanted(each) and each.action not in planned:
            journal.write("removed", each.action, str(Kind.DELETE), each.thing)


def _unconfirmed(made: Made, confirmed: Collection[str]) -> Problem | None:
    if made.thing.type in NAMED and made.thing.name not in confirmed:
        return problem(Code.NAME_NOT_CONFIRMED, made.action, name=made.thing.name)
    return None


def _in_use(thing: Thing, kept: Sequence[Thing]) -> Problem | None:
    """A group cannot go while a namespace in it stays, nor a project while a Logstore does."""
    if thing.type == "project":
        holder = next((each for each in kept if each.project == thing.name), None)
        if holder is not None:
            return _held_back(f"project {thing.name}", thing, holder.name)
    if thing.type != "resource_group":
        return None
    for other in kept:
        if other.resource_group == thing.name and other.subscription == thing.subscription:
            return _held_back(f"resource group {thing.name}", thing, other.name)
    return None


def _held_back(where: str, thing: Thing, holder: str) -> Problem:
    return problem(Code.REMOVAL_HELD_BACK, where, name=thing.name, holder=holder)


def _action(made: Made, eraser: Eraser, found: Problem | None) -> Action:
    return Action(
        id=made.action,
        step=eraser.step(made.thing),
        kind=Kind.DELETE,
        what=f"delete {eraser.describe(made.thing)}",
        command=eraser.command(made.thing),
        state=State.BLOCKED if found is not None else State.PLANNED,
        problem=found,
    )
