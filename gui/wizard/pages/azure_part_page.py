"""A page that makes the Azure part first, where it is still missing: its plan and its progress."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from core.onboarding.action import Plan
from core.onboarding.steps import StepId
from gui.jobs import Job, Jobs
from gui.widgets.buttons import Button
from gui.widgets.layouts import column, holder, row
from gui.widgets.text import Label, Paragraph
from gui.wizard.page import PROSE_WIDTH
from gui.wizard.pages.apply_run import ApplyRun
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.plan_view import PlanView, changes_sentence
from gui.wizard.pages.plan_work import Carried, PlanFound
from gui.wizard.ways import remedies_on
from gui.words import tr


class AzurePartPage(ErrandPage):
    """The base of such a page, which places ``applying`` and the plan's box.

    Attributes:
        plan: the list of what is still to be made.
        applying: its progress.
    """

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._found: PlanFound | None = None
        self._job: Job | None = None
        self.plan = PlanView()
        self.plan.ways_on = partial(remedies_on, self)
        self._plan_lead = Paragraph("", tone="muted")
        self._plan_lead.setMaximumWidth(PROSE_WIDTH)
        title = Label(tr("The Azure part"), "section")
        anew = Button(tr("Look again"), "quiet", "reload")
        anew.clicked.connect(self.look)
        head = row(title, None, anew)
        self._plan_box: QWidget = holder(column(head, 2, self._plan_lead, 12, self.plan))
        self._plan_box.hide()
        self._run = ApplyRun(self)
        self.applying = self._run.progress
        self.applying.again_asked.connect(self.look)

    @property
    def found_plan(self) -> Plan | None:
        """What Azure still lacks; None: not known."""
        return self._found.plan if self._found is not None else None

    # What a page adds

    def look(self) -> None:
        """Look at what is there in Azure, then do the page's own work."""
        raise NotImplementedError

    def follow(self, job: Job) -> None:
        """``job`` is what the page is busy with now."""
        raise NotImplementedError

    def begin_apply(self, plan: Plan) -> None:
        """``plan`` is about to be carried out."""
        raise NotImplementedError

    def after_apply(self) -> None:
        """Every action is done."""
        raise NotImplementedError

    # The plan and its progress

    @property
    def _is_busy(self) -> bool:
        return self._job is not None and self._job.is_running

    def show_azure_part(self, found: PlanFound | None) -> None:
        """Show what is still to be made; None: nothing of it."""
        self._plan_box.setVisible(found is not None)
        if found is not None:
            self.plan.show_plan(found.plan, found.identity, found.running_cost)
            said = tr(
                "{what} Nothing is made before you press the button; Continue leaves it to Apply.",
                what=changes_sentence(found.plan),
            )
            self._plan_lead.set_prose(said)

    def apply(self, plan: Plan) -> None:
        """Carry ``plan`` out, then go on with the page's own work."""
        self._plan_box.hide()
        self.begin_apply(plan)
        job = self._run.begin(plan, self.draft)
        self.follow(job)
        job.done.connect(self._on_applied)

    def _on_applied(self, carried: Carried) -> None:
        from core.onboarding.after_apply import is_complete

        if is_complete(carried.actions):
            self.after_apply()
