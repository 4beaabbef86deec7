"""Review: everything that would be made or changed, what it costs, and the verb that does it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.errors import Problem
from core.onboarding.action import Plan
from core.onboarding.draft import Draft
from core.onboarding.steps import StepId
from gui.figures import money
from gui.jobs import Jobs
from gui.widgets.drawing import Shape
from gui.widgets.layouts import column, frame, line, row
from gui.widgets.plan_list import plan_badges
from gui.widgets.problem_panel import Remedy
from gui.widgets.text import Label, Paragraph
from gui.wizard.footer import Offer
from gui.wizard.memory import memory_of
from gui.wizard.page import CONTENT_WIDTH
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.plan_view import PlanView, counts_of, verb_of
from gui.wizard.pages.plan_work import PlanFound, make_plan, seen
from gui.wizard.ways import remedies_on
from gui.words import tr, trn

_ASIDE = 262


class CostBox(QWidget):
    """What the plan costs, and which permissions it has."""

    def __init__(self) -> None:
        super().__init__()
        self.amount = Label("", "metric")
        self.month = Label(tr("a month"), "body", "muted")
        self.note = Paragraph("", "caption", "muted")
        self._allowed = Shape("done", "ok", 16, "raised")
        self.permissions = Label("", "caption", wrap=True)
        figures = row(self.amount, self.month, None, gap=6)
        figures.setAlignment(self.month, Qt.AlignmentFlag.AlignBottom)
        self.month.setContentsMargins(0, 0, 0, 5)
        allowed = row(column(1, self._allowed, None), self.permissions)
        allowed.setStretch(1, 1)
        inner = column(
            Label(tr("Cost"), "section"), 6, Label(tr("About"), "caption", "muted"), figures, 8,
            line(), 8, self.note, 20, Label(tr("Permissions"), "section"), 6, allowed, None,
            margin=(17, 15, 17, 15),
        )  # fmt: skip
        self.setLayout(column(frame("raised", inner)))
        self.setFixedWidth(_ASIDE)

    def show_plan(self, found: PlanFound) -> None:
        """Show what is known of its costs and rights."""
        creates = any(each.kind == "create" and each.cost_class == "running"
                      for each in found.plan.actions)  # fmt: skip
        self.amount.setText(money(found.running_cost if creates else 0.0))
        self.note.set_prose(
            tr("Running cost of what is new. Not in the sum: messages that arrive, the export of "
               "logs by Azure Monitor, and Log Service.")
        )  # fmt: skip
        plan = found.plan
        denied = [each for each in plan.blocked if each.problem and "permission" in
                  each.problem.code]  # fmt: skip
        if denied:
            self._allowed.show_shape("blocked", "fail")
            self.permissions.setText(
                trn("Azure: {n} action is not allowed", "Azure: {n} actions are not allowed",
                    len(denied))
            )  # fmt: skip
        else:
            self._allowed.show_shape("done", "ok")
            self.permissions.setText(tr("Azure: all {n} changes allowed", n=plan.changes))


class ReviewPage(ErrandPage):
    """The page.

    Attributes:
        plan: the list.
        cost: the box beside it.
    """

    wide = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._found: PlanFound | None = None
        self._badges: QWidget = plan_badges({})
        self._badges.hide()
        self.head.addWidget(self._badges)
        self.plan = PlanView()
        self.plan.ways_on = partial(remedies_on, self)
        self.cost = CostBox()
        self._both = row(self.plan, self.cost, gap=20, align=Qt.AlignmentFlag.AlignTop)
        self._both.setStretch(0, 1)
        self.body.addLayout(self._both)
        self._show_found(None)
        self._offer_way()

    @override
    def entered(self) -> None:
        self._look()

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        self._offer_way()

    @override
    def set_narrow(self, narrow: bool) -> None:
        """The costs stand below the plan where there is no room beside it."""
        super().set_narrow(narrow)
        if not hasattr(self, "_both"):  # the base class begins with it
            return
        self.body.removeWidget(self.cost)
        self._both.removeWidget(self.cost)
        if narrow:
            self.cost.setMinimumWidth(0)
            self.cost.setMaximumWidth(CONTENT_WIDTH)
            self.body.addWidget(self.cost)
        else:
            self.cost.setFixedWidth(_ASIDE)
            self._both.addWidget(self.cost, 0, Qt.AlignmentFlag.AlignTop)

    @override
    def go_on(self) -> None:
        if self._found is not None:
            memory_of(self.jobs, self.draft).agreed = (self._found.plan, self.draft)
        self.asked_on.emit()

    @override
    def do_secondary(self) -> None:
        self._look()

    def _look(self) -> None:
        self._show_found(None)
        asked = self.draft
        job = self.run("plan", make_plan, tr("Looking at what is there in Azure"))
        job.done.connect(lambda found: self._on_found(found, asked))
        job.failed.connect(self._on_failed)
        job.ended.connect(self._offer_way)
        self._offer_way()

    def _on_found(self, found: PlanFound, asked: Draft) -> None:
        self._show_found(found)
        self.recorded.emit(seen(found.plan), asked)

    def _on_failed(self, problem: Problem) -> None:
        again = Remedy(tr("Look again"), self._look, "reload", leads=True)
        self.fail(problem, tr("The plan could not be made"), again)

    def _show_found(self, found: PlanFound | None) -> None:
        self._found = found
        self.plan.setVisible(found is not None)
        self.cost.setVisible(found is not None)
        self._badges.setVisible(found is not None)
        if found is None:
            return
        self.plan.show_plan(found.plan, found.identity, found.running_cost)
        self.cost.show_plan(found)
        fresh = plan_badges(counts_of(found.plan))
        self.head.replaceWidget(self._badges, fresh)
        self._badges.hide()
        self._badges.deleteLater()
        self._badges = fresh
        fresh.show()

    def _offer_way(self) -> None:
        again, icon = tr("Look again"), "reload"
        if self._found is None:
            reason = tr("The plan is not made yet")
            filled = self.problem_panel.problem is None
            self.set_offer(Offer(reason=reason, secondary=again, secondary_icon=icon,
                                 filled=filled))  # fmt: skip
            return
        plan: Plan = self._found.plan
        blocked = len(plan.blocked)
        if blocked:
            reason = trn("{n} action cannot be done yet", "{n} actions cannot be done yet", blocked)
            self.set_offer(Offer(verb_of(plan), reason, True, again, icon))
        elif plan.changes:
            self.set_offer(Offer(verb_of(plan), "", True, again, icon))
        else:
            self.set_offer(Offer(secondary=again, secondary_icon=icon))
