"""The Kafka test: six stages, the cause of a failure with its remedy, and the Azure part first.

Where the plan still makes or changes something the plan stands below the stages, and the verb
button carries it out; then the test runs by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from core.errors import Code, Problem
from core.onboarding.action import Kind, Plan
from core.onboarding.draft import Draft, Probed
from core.onboarding.steps import StepId
from gui.accessibility import announce
from gui.figures import duration
from gui.jobs import Context, Job, Jobs
from gui.widgets.banner import Banner
from gui.widgets.problem_panel import Remedy
from gui.wizard.footer import Offer
from gui.wizard.guide import guide
from gui.wizard.memory import memory_of
from gui.wizard.pages.azure_part_page import AzurePartPage
from gui.wizard.pages.first_records import FirstRecords
from gui.wizard.pages.kafka_remedies import remedies
from gui.wizard.pages.kafka_stages import KafkaStages
from gui.wizard.pages.kafka_words import CREATE, action_of, is_not_there, lead_of, title_of
from gui.wizard.pages.plan_work import PlanFound, make_plan
from gui.wizard.step_states import StepState
from gui.words import tr

if TYPE_CHECKING:
    from core.kafka.probe import Probe, Stage
    from core.onboarding.diagnosis import Verdict
    from core.onboarding.errands import Errands

_HUB_STEPS = {"resource_group", "namespace", "event_hub", "shared_access_policy"}
_KEY = "azure/connection_string"
_ASKED = ("Sign in", "Find the event hub")
"""Rows in which Event Hubs itself refuses."""


class KafkaTestPage(AzurePartPage):
    """The page.

    Attributes:
        stages: the six rows.
        records: some of the newest records.
    """

    way_leads = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._outcome: Verdict | None = None
        self._plan_problem: Problem | None = None
        self._adopted = False
        self.stages = KafkaStages()
        self.stages.reset("not_reached")
        self.result = Banner("ok", "")
        self.result.hide()
        self.records = FirstRecords()
        for each in (self.stages, self.result, self.records, self.applying, self._plan_box):
            self.body.addWidget(each)
        self.body.setContentsMargins(0, 0, 0, 16)
        self._offer_way()

    @override
    def entered(self) -> None:
        self._adopted = False
        if not self._is_busy:
            self.look()

    @override
    def go_on(self) -> None:
        if self.offer.verb and self._found is not None:
            self.apply(self._found.plan)
        else:
            self.asked_on.emit()

    @override
    def do_secondary(self) -> None:
        if self._is_busy and self._job is not None:
            self._job.cancel()
        elif self.offer.verb:
            self.asked_on.emit()
        else:
            self.look()

    # Looking at what is there, then testing

    def look(self) -> None:
        """Look at what is there in Azure, then test."""
        self._found, self._plan_problem, self._outcome = None, None, None
        self.result.hide()
        self.records.hide()
        self._plan_box.hide()
        self.applying.hide()
        self.stages.reset("pending")
        self.follow(self.run("plan", make_plan, tr("Looking at what is there in Azure")))
        self._job.done.connect(self._on_plan)  # type: ignore[union-attr]
        self._job.failed.connect(self._on_no_plan)  # type: ignore[union-attr]

    def _on_plan(self, found: PlanFound) -> None:
        self._found = found
        lacking = [
            each
            for each in found.plan.actions
            if each.changes
            and each.step in _HUB_STEPS
            and not (each.id.startswith(_KEY) and each.kind is Kind.CHANGE)
        ]
        if lacking:
            self._show_not_there(key_only=all(each.id.startswith(_KEY) for each in lacking))
        else:
            self._test()

    def _on_no_plan(self, problem: Problem) -> None:
        self._plan_problem = problem
        self._test()

    def _show_not_there(self, *, key_only: bool) -> None:
        self.stages.end()
        hub, policy = self.draft.event_hub.name, self.draft.shared_access_policy.name
        self.lead.set_prose(
            tr("No key of the policy {policy} is kept here yet.", policy=policy)
            if key_only
            else tr("The event hub {hub} does not exist yet.", hub=hub)
        )
        self._show_plan()
        self._offer_way()

    def _show_plan(self) -> None:
        found = self._found
        refused = self.problem_panel.problem is not None
        makes = self._outcome is not None and action_of(self._outcome) in CREATE
        wanted = found is not None and found.plan.changes > 0 and (makes or not refused)
        self.show_azure_part(found if wanted else None)

    def _test(self) -> None:
        self.stages.begin()
        self.tell(StepState.RUNNING)
        asked = self.draft

        async def verb(errands: Errands, context: Context) -> Any:
            return await errands.probe(context.partial)

        self.follow(self.run("test", verb, tr("Testing the way to the event hub")))
        job = self._job
        assert job is not None  # noqa: S101 - it has been started
        job.arrived.connect(self._on_stage)
        job.done.connect(lambda ended: self._on_tested(ended, asked))
        job.failed.connect(self._on_no_test)

    def _on_stage(self, stage: Stage) -> None:
        self.stages.take(stage)

    def _on_tested(self, ended: tuple[Probe, Verdict], asked: Draft) -> None:
        probe, self._outcome = ended
        self.stages.end()
        found = self._outcome.problem
        verdict = Probed("failed" if probe.failed else "ok", str(found.code) if found else "")
        if probe.failed and found is not None:
            self.lead.set_prose(lead_of(found, self.stages.failed, self.stages.passed))
            self.stages.say_failed(self.stages.failed in _ASKED)
            self._show_failure(found)
        else:
            self.applying.hide()
            spent = duration(self.stages.seconds)
            if not probe.sample:  # green is for a record that was read
                self.stages.say_unseen(empty=found is None)
            passed = tr("All six stages passed in {spent}.", spent=spent)
            unseen = tr("The way is open; no record was read. It took {spent}.", spent=spent)
            self.lead.set_prose(passed if self.stages.has_record else unseen)
            self._show_success(found)
            self.records.show_sample(probe.sample)
        self._show_plan()
        self.recorded.emit(verdict, asked)

    def _show_success(self, warning: Problem | None) -> None:
        self.problem_panel.clear()
        title = tr("The hub can be read")
        text = self.stages.rows[-1].stage.evidence
        self._replace_result(
            Banner("warn", warning.cause, warning.remedy)
            if warning is not None
            else Banner("ok" if self.stages.has_record else "info", title, text)
        )

    def _replace_result(self, banner: Banner) -> None:
        self.body.replaceWidget(self.result, banner)
        self.result.hide()
        self.result.deleteLater()
        self.result = banner
        banner.show()
        banner.announced()

    def _show_failure(self, problem: Problem) -> None:
        title = title_of(problem, self.stages.failed, self.draft)
        self.fail(problem, title, *remedies(self, self._outcome))

    def _on_no_test(self, problem: Problem) -> None:
        self.stages.end()
        found = self._found
        unknown = problem.code is Code.NOT_APPLIED and not self._adopted
        if unknown and found is not None and not found.plan.changes:
            self._adopted = True  # all is there, and only its address is not written down yet
            self.apply(found.plan)
            return
        if is_not_there(problem) and self._plan_problem is not None:
            problem = self._plan_problem
            title = tr("Azure could not be asked what is there")
        else:
            title = title_of(problem, "", self.draft)
        self.lead.set_prose(tr("The test could not begin."))
        self.fail(problem, title, Remedy(tr("Test again"), self.look, "reload"))
        self._show_plan()

    # The Azure part

    @override
    def begin_apply(self, plan: Plan) -> None:
        self.stages.reset("pending")
        self.result.hide()
        self.records.hide()
        self.lead.set_prose(
            tr("Making the Azure part. The test follows by itself.")
            if plan.changes
            else tr("Everything is there. Its address is written down, then it is tested.")
        )

    @override
    def after_apply(self) -> None:
        self._found = None
        self._test()

    # The way on

    @override
    def follow(self, job: Job) -> None:
        self._job = job
        job.ended.connect(lambda: self._on_ended(job))
        self._offer_way()

    def _on_ended(self, job: Job) -> None:
        if job is not self._job:
            return
        if job.state == "cancelled" and not job.key.endswith(".apply"):
            self.stages.end()
            self.lead.set_prose(tr("The test was stopped. Nothing was found out."))
            announce(self, self.lead.prose())
        self.tell(None)
        self.changed_clouds.emit(memory_of(self.jobs, self.draft).changes())
        self._offer_way()

    def _offer_way(self) -> None:
        result = self.draft.kafka_test.result
        passed = result is not None and not result.stale and result.value.verdict == "ok"
        if self._is_busy:
            reason = tr("Continue opens when this has ended")
            makes = self._job is not None and self._job.key.endswith(".apply")
            cancel, icon = ("", "") if makes else (tr("Cancel"), "cross")
            self.set_offer(
                Offer(reason=reason, secondary=cancel, secondary_icon=icon, filled=False)
            )
        elif self._found is not None and self._found.plan.changes and not self._has_filled_remedy:
            blocked = len(self._found.plan.blocked)
            reason = tr("{n} of it cannot be done yet", n=blocked) if blocked else ""
            verb = tr("Create the Azure part now")
            self.set_offer(
                Offer(verb, reason=reason, verb=True, secondary=tr("Continue"),
                      secondary_icon="arrow-right")
            )  # fmt: skip
        else:
            reason = "" if passed else tr("Continue opens when the test passes")
            again = "" if self.problem_panel.buttons else tr("Test again")
            self.set_offer(
                Offer(reason=reason, secondary=again, secondary_icon="reload",
                      filled=not self._has_filled_remedy)
            )  # fmt: skip

    @property
    def _has_filled_remedy(self) -> bool:
        return any(each.property("kind") == "primary" for each in self.problem_panel.buttons)

    @override
    def show_draft(self, draft: Draft) -> None:
        if draft.name != self.draft.name or draft.profile_file != self.draft.profile_file:
            self.lead.set_prose(guide(self.step).lead)
        super().show_draft(draft)
        self._offer_way()
