"""Apply: carries out the plan that Review showed and the user agreed to."""

from __future__ import annotations

from typing_extensions import override

from core.onboarding.action import Plan, State
from core.onboarding.after_apply import changed_in_cloud, is_complete
from core.onboarding.draft import AppliedCounts, Draft
from core.onboarding.steps import StepId
from gui.jobs import Jobs
from gui.widgets.banner import Banner
from gui.wizard.footer import Offer
from gui.wizard.memory import memory_of
from gui.wizard.page import Page
from gui.wizard.pages.apply_run import ApplyRun
from gui.wizard.pages.plan_work import Carried
from gui.words import tr


class ApplyPage(Page):
    """The page.

    Attributes:
        applying: the progress.
        nothing: said while no plan was agreed to.
        ended: said when all is done.
    """

    wide = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._plan: Plan | None = None
        self.nothing = Banner(
            "info",
            tr("Nothing is being carried out"),
            tr("Review shows the plan. It is carried out from there, and its progress is here."),
        )
        self.ended = Banner(
            "ok",
            tr("The Azure part is there"),
            tr("Test the connection, then start the import on the page Import task."),
        )
        self.ended.hide()
        self._run = ApplyRun(self)
        self.applying = self._run.progress
        self.applying.again_asked.connect(self._again)
        for each in (self.nothing, self.applying, self.ended):
            self.body.addWidget(each)
        self._offer_way()

    @override
    def entered(self) -> None:
        agreed = memory_of(self.jobs, self.draft).take_agreed()
        if agreed is not None and not self._run.is_running:
            self._carry_out(*agreed)

    def _again(self) -> None:
        if self._plan is not None and not self._run.is_running:
            self._carry_out(self._plan, self.draft)

    def _carry_out(self, plan: Plan, draft: Draft) -> None:
        self._plan = plan
        self.nothing.hide()
        self.ended.hide()
        job = self._run.begin(plan, draft)
        job.done.connect(self._on_carried)
        job.ended.connect(self._on_ended)
        self._offer_way()

    def _on_carried(self, carried: Carried) -> None:
        done = sum(each.state is State.DONE for each in carried.actions)
        self.recorded.emit(AppliedCounts(done, changed_in_cloud(carried.actions)), carried.draft)
        self.ended.setVisible(is_complete(carried.actions))

    def _on_ended(self) -> None:
        self.tell(None)
        self.changed_clouds.emit(memory_of(self.jobs, self.draft).changes())
        self._offer_way()

    def _offer_way(self) -> None:
        busy = self._run.is_running
        reason = tr("Continue opens when this has ended") if busy else tr("This is the last step")
        self.set_offer(Offer(reason=reason, filled=False))
