"""What the rail shows of each step: a shape, a word, whether it can be gone to. No widget here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.onboarding.draft import Probed, Verified
from core.onboarding.flow import Flow
from core.onboarding.steps import BUILT, STEPS, StepId
from gui.wizard.guide import guide
from gui.words import tr


class StepState(StrEnum):
    """Each has its own shape, so that it can be told without colour."""

    DONE = "done"
    CURRENT = "current"
    TODO = "todo"
    AGAIN = "again"
    BLOCKED = "blocked"
    FAILED = "failed"
    RUNNING = "running"
    AT_APPLY = "at_apply"
    NOT_NEEDED = "not_needed"
    LATER = "later"


@dataclass(frozen=True)
class Look:
    """How a state looks and what it is called.

    Attributes:
        icon: its shape.
        tone: its colour.
        word: beside the title; empty where the shape and the text's weight say it.
        spoken: for a screen reader.
    """

    icon: str
    tone: str
    word: str
    spoken: str


def look(state: StepState) -> Look:
    """How ``state`` looks."""
    return {
        StepState.DONE: Look("done", "ok", "", tr("done")),
        StepState.CURRENT: Look("current", "accent-text", "", tr("current")),
        StepState.TODO: Look("todo", "faint", "", tr("to do")),
        StepState.AGAIN: Look("again", "warn", tr("look again"), tr("needs another look")),
        StepState.BLOCKED: Look("blocked", "fail", tr("blocked"), tr("blocked")),
        StepState.FAILED: Look("failed", "fail", "", tr("failed")),
        StepState.RUNNING: Look("running", "accent-text", "", tr("running")),
        StepState.AT_APPLY: Look("dash", "muted", tr("at Apply"), tr("runs at Apply")),
        StepState.NOT_NEEDED: Look("dash", "muted", tr("not needed"), tr("not needed")),
        StepState.LATER: Look("dash", "faint", tr("later"), tr("comes later")),
    }[state]


GROUPS: tuple[tuple[str, tuple[StepId, ...]], ...] = (
    ("Azure", tuple(StepId)[:7]),
    ("Connection", (StepId.KAFKA_TEST,)),
    ("Alibaba Cloud", tuple(StepId)[8:15]),
    ("Finish", tuple(StepId)[15:]),
)
"""The rail's groups."""


def group_of(step: StepId) -> str:
    """The group that ``step`` stands in."""
    return next(title for title, steps in GROUPS if step in steps)


@dataclass(frozen=True)
class StepRow:
    """One row of the rail.

    Attributes:
        step: which step.
        title: its name.
        state: how far it is.
        current: it is the page that is shown.
        reachable: the user may go there.
        spoken: what a screen reader says.
    """

    step: StepId
    title: str
    state: StepState
    current: bool
    reachable: bool
    spoken: str


def step_rows(flow: Flow, told: Mapping[StepId, StepState] | None = None) -> tuple[StepRow, ...]:
    """A row for every step; ``told``: states that pages know better, such as running."""
    told = told or {}
    rows = []
    for step in StepId:
        state = told.get(step) or _state(flow, step)
        current = flow.current is step
        title = guide(step).title
        spoken = tr(
            "{title}, {state}, step {place} of {count}",
            title=title,
            state=look(state).spoken,
            place=step.place + 1,
            count=len(StepId),
        )
        rows.append(StepRow(step, title, state, current, flow.can_jump(step), spoken))
    return tuple(rows)


def _state(flow: Flow, step: StepId) -> StepState:
    if step not in BUILT:
        return StepState.LATER
    if step not in flow.visited:
        return StepState.TODO
    result = _result(flow, step)
    fresh = result is not None and not result.stale
    if result and fresh and isinstance(result.value, Probed) and result.value.verdict == "failed":
        return StepState.FAILED
    if step is flow.current:
        return StepState.CURRENT
    if any(each.severity == "error" for each in STEPS[step].check(flow.draft)):
        return StepState.BLOCKED
    if result is not None and result.stale:
        return StepState.AGAIN
    if step is StepId.KAFKA_TEST and result is None:
        return StepState.AT_APPLY
    return StepState.DONE


def _result(flow: Flow, step: StepId) -> Verified[Any] | None:
    part = getattr(flow.draft, step, None)  # a step whose answers are not in the draft has none
    result: Verified[Any] | None = getattr(part, "result", None)
    return result
