"""``apply``: carry a plan out, journaled, so that an end at any moment is no end of the world.

Before the cloud is asked to make a thing, the journal says so on disk. Whoever starts again looks
first: what is there is kept, what is missing is made, and what an earlier run made is still known
as Isthmus's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import filelock

from core.engine.failpoints import pass_point
from core.errors import Code, Problem, ProblemError, problem, problem_error
from core.onboarding.action import Action, Kind, State
from core.onboarding.journal import Journal
from core.onboarding.planning import Planned, action_of
from core.onboarding.task import Look, Progress, Task

World = TypeVar("World")
OnAction = Callable[[Action], None]

_LOCK = "apply.lock"

REFUSALS = frozenset(
    {
        Code.ALIBABA_PERMISSION_MISSING,
        Code.LOG_SERVICE_PROJECT_TAKEN,
        Code.LOG_SERVICE_QUOTA,
        Code.LOG_SERVICE_NAME_INVALID,
        Code.LOG_SERVICE_JOB_REFUSED,
        Code.SECURITY_CENTER_QUOTA,
        Code.SECURITY_CENTER_EXISTS,
        Code.SECURITY_CENTER_RULE_REJECTED,
        Code.SECURITY_CENTER_DETECTION_REJECTED,
        Code.SECURITY_CENTER_LOGSTORE_UNUSABLE,
        Code.AZURE_FORBIDDEN,
        Code.AZURE_DENIED_BY_POLICY,
        Code.AZURE_NAMESPACE_NAME_TAKEN,
        Code.AZURE_EXISTS_ELSEWHERE,
        Code.AZURE_QUOTA,
    }
)
"""Answers by which a cloud says that it has made nothing."""


def change_lock(folder: Path) -> filelock.BaseFileLock:
    """The lock of whoever changes the cloud for the profile of ``folder``.

    Raises ProblemError (apply_already_running, state_folder_unusable).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / _LOCK, thread_local=False)
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise problem_error(Code.APPLY_ALREADY_RUNNING, "apply", folder=folder) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise problem_error(
            Code.STATE_FOLDER_UNUSABLE, "state folder", path=folder, reason=reason
        ) from None
    return lock


async def apply(
    planned: Sequence[Planned[World]],
    world: World,
    journal: Journal,
    on_action: OnAction,
    progress: Progress,
    agreed: Mapping[str, Kind],
) -> tuple[Action, ...]:
    """Carry out ``planned``; the actions as they ended.

    ``agreed`` holds the kind of each action, by its id, in the plan that the user has seen.

    Each task looks again first. It stops at the first that fails, which carries its problem; the
    rest stay planned. Raises ProblemError (plan_outdated) when the world is no longer what the
    plan saw, so that nothing is changed that no plan has shown.
    """
    actions = [each.action for each in planned]
    for index, each in enumerate(planned):
        try:
            look = await each.task.look(world)
            if look.kind not in (Kind.REUSE, agreed[each.task.id]):
                raise problem_error(Code.PLAN_OUTDATED, each.task.id, what=look.what)
            action = action_of(each.task, look, world)
            if action.state is State.BLOCKED:
                raise ProblemError(look.problem)  # type: ignore[arg-type]  # blocked: has one
            actions[index] = await _carry_out(
                each.task, look, action, world, journal, on_action, progress
            )
        except ProblemError as error:
            failed = replace(each.action, state=State.FAILED, problem=error.problem)
            actions[index] = failed
            on_action(failed)
            break
        except asyncio.CancelledError:
            stopped = problem(Code.APPLY_STOPPED, each.task.id)
            on_action(replace(each.action, state=State.FAILED, problem=stopped))
            raise
    return tuple(actions)


async def _carry_out(
    task: Task[World],
    look: Look,
    action: Action,
    world: World,
    journal: Journal,
    on_action: OnAction,
    progress: Progress,
) -> Action:
    """One task, with its lines in the journal."""
    begun = journal.made_by(task.id)
    if look.kind is Kind.REUSE:
        if begun is not None and not begun.certain:  # made by a run that was killed
            journal.write("done", task.id, str(Kind.CREATE), begun.thing)
    else:
        on_action(replace(action, state=State.RUNNING))
        journal.write("begin", task.id, str(look.kind), look.thing)
        pass_point("apply_after_begin")
        try:
            await task.make(world, look, progress)
        except ProblemError as error:
            journal.write("failed", task.id, str(look.kind), look.thing)
            await _disown(task, look, world, journal, error)
            raise
        pass_point("apply_before_done")
        journal.write("done", task.id, str(look.kind), look.thing)
        pass_point("apply_after_done")
    task.learn(world)
    done = replace(action, state=State.DONE)
    on_action(done)
    return done


async def _disown(
    task: Task[World], look: Look, world: World, journal: Journal, error: ProblemError
) -> None:
    """What a cloud refused to make and is not there is not ours.

    Without this a thing of the same name that somebody else makes later would pass for ours, and be
    removed. After any other failure the thing may still come to be, so its line stays.
    """
    begun = journal.made_by(task.id)
    if error.problem.code not in REFUSALS or begun is None or begun.certain:
        return
    try:
        again = await task.look(world)
    except ProblemError:
        return
    if again.kind is Kind.CREATE:
        journal.write("removed", task.id, str(look.kind), look.thing)


def first_problem(actions: Sequence[Action]) -> Problem | None:
    """Why it did not go through; None if it did."""
    for each in actions:
        if each.state in (State.FAILED, State.BLOCKED) and each.problem is not None:
            return each.problem
    return None
