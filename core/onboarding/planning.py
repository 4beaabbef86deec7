"""``plan``: look at everything, change nothing, say what ``apply`` would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from core.errors import Problem, ProblemError
from core.onboarding.action import Action, State
from core.onboarding.task import Look, Task

World = TypeVar("World")


@dataclass(frozen=True)
class Planned(Generic[World]):
    """A task with what it found and the action that shows it."""

    task: Task[World]
    look: Look
    action: Action


async def look_around(
    tasks: Sequence[Task[World]], world: World, on_action: Callable[[Action], None] | None = None
) -> tuple[Planned[World], ...]:
    """Let each task look, in order; ``on_action`` is told of each one that has.

    A task that cannot look is blocked by that; those after it are not asked, since what they would
    find depends on it. Raises ProblemError when the very first cannot look.
    """
    found: list[Planned[World]] = []
    for task in tasks:
        try:
            look = await task.look(world)
        except ProblemError as error:
            if not found:
                raise
            found.append(_unseen(task, error.problem, found[-1].look))
            break
        found.append(Planned(task, look, action_of(task, look, world)))
        if on_action is not None:
            on_action(found[-1].action)
    return tuple(found)


def action_of(task: Task[World], look: Look, world: World) -> Action:
    """The action that shows what ``task`` found."""
    return Action(
        id=task.id,
        step=task.step,
        kind=look.kind,
        what=look.what,
        cost_class=task.cost_class,
        command=task.command(world),
        state=State.BLOCKED if look.is_blocked else State.PLANNED,
        problem=look.problem,
        differences=look.differences,
    )


def blocked_by(planned: Planned[World], problem: Problem) -> Planned[World]:
    """``planned``, which cannot be done because of ``problem``."""
    action = replace(planned.action, state=State.BLOCKED, problem=problem)
    return replace(planned, look=replace(planned.look, problem=problem), action=action)


def _unseen(task: Task[World], problem: Problem, before: Look) -> Planned[World]:
    look = replace(before, what=f"{task.step}: could not be looked at", problem=problem)
    action = Action(task.id, task.step, look.kind, look.what, state=State.BLOCKED, problem=problem)
    return Planned(task, look, action)
