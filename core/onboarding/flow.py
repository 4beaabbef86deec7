"""The flow: where a user is in the wizard, how they came there, and the draft so far.

An immutable value: each move gives a new flow. It does no input or output at all; only a verb
(``apply``, a test, a sign-in) touches the world, and its result comes in by ``record``. A move
that is not possible gives the same flow, so all moves are total.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.errors import Problem
from core.onboarding.draft import Draft, Verified, part_of
from core.onboarding.pasted_secrets import redact_result, refuse_secrets
from core.onboarding.staleness import mark_stale, with_result
from core.onboarding.steps import BUILT, STEPS, StepId


@dataclass(frozen=True)
class Flow:
    """A state of the wizard.

    Attributes:
        current: the step that is shown.
        history: the steps on the way here; Back goes to the last of them.
        visited: every step that was shown so far, in the order of the road.
        draft: the answers; its texts hold no secret.
        road: the steps that it can walk; the window's, where nothing else is said.
    """

    current: StepId = BUILT[0]
    history: tuple[StepId, ...] = ()
    visited: tuple[StepId, ...] = (BUILT[0],)
    draft: Draft = field(default_factory=Draft)
    road: tuple[StepId, ...] = BUILT

    @classmethod
    def start(cls, draft: Draft, road: tuple[StepId, ...] = BUILT) -> Flow:
        """A flow at its first step with ``draft``, such as that of a profile to edit.

        Raises ProblemError (secret_in_text).
        """
        refuse_secrets(draft)
        return cls(draft=draft, road=road)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the answers of the current step."""
        return STEPS[self.current].check(self.draft)

    @property
    def last_good(self) -> StepId | None:
        """The last step of the way here up to which all answers are good; None: not the first."""
        good = None
        for step in (*self.history, self.current):
            if _errors(step, self.draft):
                break
            good = step
        return good

    @property
    def unverified(self) -> tuple[StepId, ...]:
        """The visited steps whose job has not run, or not since an answer was changed."""
        return tuple(step for step in self.visited if not _is_verified(self.draft, step))

    def go_next(self) -> Flow:
        """One step on. The same flow at the end, and where ``problems`` has an error."""
        following = STEPS[self.current].next(self.draft, self.road)
        if following is None or _errors(self.current, self.draft):
            return self
        visited = tuple(sorted({*self.visited, following}, key=lambda step: step.place))
        history = (*self.history, self.current)
        return replace(self, current=following, history=history, visited=visited)

    def go_back(self) -> Flow:
        """One step back, with all that was typed. The same flow at the beginning."""
        if not self.history:
            return self
        return replace(self, current=self.history[-1], history=self.history[:-1])

    def can_jump(self, step: StepId) -> bool:
        """Whether ``jump`` leads to ``step``."""
        return self.jump(step).current is step

    def jump(self, step: StepId) -> Flow:
        """To a visited step: back at once, forward past steps without errors only.

        Back from there leads along the road, as if it had been reached by Next. The same flow
        where that is not possible.
        """
        if step not in self.visited:
            return self
        flow = self
        while flow.current.place > step.place and flow.history:
            flow = flow.go_back()
        while flow.current.place < step.place:
            further = flow.go_next()
            if further is flow:
                return self
            flow = further
        return flow if flow.current is step else self

    def restart(self) -> Flow:
        """From the beginning, with an empty draft."""
        return Flow(road=self.road)

    def edit(self, draft: Draft) -> Flow:
        """The same place with ``draft`` as the answers; results that no longer hold are stale.

        Raises ProblemError (secret_in_text) where a text looks like a secret: it stays out.
        """
        refuse_secrets(draft, held=self.draft)
        return replace(self, draft=mark_stale(self.draft, draft))

    def record(self, step: StepId, value: object, at: datetime, asked: Draft) -> Flow:
        """The same place with what a job found for ``step`` at ``at`` (with its zone).

        ``asked`` is the draft that the job was given: if its answers have changed meanwhile the
        result is stale at once. A text in it that looks like a secret is redacted. Raises
        TypeError for the result of another step.
        """
        result: Verified[Any] = redact_result(Verified(value, at))
        draft = with_result(self.draft, step, result, asked)
        return replace(self, draft=mark_stale(self.draft, draft))


def _errors(step: StepId, draft: Draft) -> bool:
    return any(each.severity == "error" for each in STEPS[step].check(draft))


def _is_verified(draft: Draft, step: StepId) -> bool:
    result = part_of(draft, step).result
    return result is not None and not result.stale
