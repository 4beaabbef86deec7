"""Carrying a plan out on a page: the job, its progress, and what the footer says of the clouds."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.onboarding.action import Plan
from core.onboarding.draft import Draft
from gui.jobs import Job
from gui.wizard.memory import memory_of
from gui.wizard.page import Page
from gui.wizard.pages.apply_progress import ApplyProgress
from gui.wizard.pages.plan_work import Carried, carry_out
from gui.wizard.step_states import StepState
from gui.wizard.ways import remedies_on


class ApplyRun:
    """Carries plans out for one page, one at a time.

    Attributes:
        progress: what the page shows of it; hidden until the first begins.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._key = f"{page.step}.apply"
        self.progress = ApplyProgress()
        self.progress.ways_on = partial(remedies_on, page)
        self.progress.stop_asked.connect(self._stop)
        self.progress.hide()

    @property
    def is_running(self) -> bool:
        """Whether a plan is being carried out."""
        return self._page.jobs.running(self._key) is not None

    def begin(self, plan: Plan, draft: Draft) -> Job:
        """Carry out ``plan``, which was made of ``draft``; what the job gives is a ``Carried``."""
        page = self._page
        page.problem_panel.clear()
        self.progress.begin(plan)
        self.progress.show()
        page.tell(StepState.RUNNING)
        memory = memory_of(page.jobs, draft)
        page.changed_clouds.emit(memory.changes(running=True))
        job = page.jobs.start(self._key, carry_out(draft, plan, memory), "")
        job.arrived.connect(self._on_action)
        job.progressed.connect(lambda: self.progress.on_waiting(job.waiting))
        job.done.connect(self._on_done)
        job.failed.connect(lambda found: self.progress.end(problem=found))
        job.cancelled.connect(lambda: self.progress.end())
        return job

    def _stop(self, at_once: bool) -> None:
        if at_once:
            self._page.jobs.cancel(self._key)
        else:
            memory_of(self._page.jobs, self._page.draft).stopping = True

    def _on_action(self, action: Any) -> None:
        self.progress.on_action(action)
        memory = memory_of(self._page.jobs, self._page.draft)
        memory.count(action)
        self._page.changed_clouds.emit(memory.changes(running=True))

    def _on_done(self, carried: Carried) -> None:
        self.progress.end(carried.actions)
        self._page.edited.emit(carried.draft)
