"""What pages that ask Azure share: errands as jobs, failures with a way on, one-step fixes."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.errors import Code, Problem
from core.onboarding.draft import Draft, part_of, with_part
from core.onboarding.fixes import one_step
from core.onboarding.steps import StepId
from gui.jobs import Context, Job, Jobs, Work
from gui.widgets.banner import Banner
from gui.widgets.layouts import column, take_out
from gui.widgets.problem_panel import Remedy
from gui.wizard.page import Page
from gui.wizard.ways import remedies_on
from gui.words import tr

if TYPE_CHECKING:
    from core.onboarding.errands import Errands

Verb = Callable[["Errands", Context], Coroutine[Any, Any, Any]]


def errand(draft: Draft, verb: Verb) -> Work:
    """The work of a job: ``verb`` on the errands of ``draft``. The SDKs are imported in it."""

    def made(context: Context) -> Errands:
        module = importlib.import_module("core.onboarding.errands")
        errands: Errands = module.Errands(draft, context.waiting_for)
        return errands

    async def work(context: Context) -> Any:
        return await verb(await asyncio.to_thread(made, context), context)

    return work


class ErrandPage(Page):
    """A page that asks Azure and shows what it says.

    Attributes:
        errors: what is wrong with the answers of the step.
        fixes: a column for banners whose button puts an answer right; a page places it.
        way_leads: where the page has no remedy of its own, the first way to another place is the
            filled button.
        before_fixes: the control after which Tab leads to those buttons.
    """

    way_leads = False

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self.errors: tuple[Problem, ...] = ()
        self.fixes = column(gap=8)
        self.before_fixes: QWidget | None = None
        self._fixed: tuple[Problem, ...] = ()
        self.body.setContentsMargins(0, 0, 0, 16)  # off the wait and the problem below it

    def change(self, **changes: Any) -> None:
        """Answer something of this step."""
        part: Any = replace(part_of(self.draft, self.step), **changes)
        self.edited.emit(with_part(self.draft, self.step, part))

    def run(self, key: str, verb: Verb, waiting: str) -> Job:
        """Start ``verb`` on the draft as it is, and show its wait."""
        return self.start(key, errand(self.draft, verb), waiting)

    def is_busy(self, key: str) -> bool:
        """Whether the job ``key`` of this page runs."""
        job = self.jobs.running(f"{self.step}.{key}")
        return job is not None and job.is_running

    def own_problems(self) -> tuple[Problem, ...]:
        """What is wrong by what only this page knows, such as Azure's answer about a name."""
        return ()

    def fail(self, problem: Problem, title: str, *remedies: Remedy) -> None:
        """Show why a job failed; ``title`` says what refused whom.

        After ``remedies``, which the page carries out, come buttons that lead to where it is put
        right.
        """
        ways = remedies_on(self, problem)
        if ways and self.way_leads and not any(each.leads for each in remedies):
            whole = (replace(ways[0], leads=True), *remedies, *ways[1:])
        else:
            whole = (*remedies, *ways)
        self.problem_panel.show_problem(problem, title, whole)
        self.reveal(self.problem_panel)

    @override
    def show_problems(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        own = self.own_problems()
        self.errors = tuple(each for each in found if each.severity == "error")
        fixable = tuple(each for each in found if one_step(each, self.draft) is not None)
        self._show_fixes(fixable)
        in_fields = [each for each in found if each.where in self._fields or each not in fixable]
        super().show_problems((*in_fields, *own))

    def _show_fixes(self, problems: tuple[Problem, ...]) -> None:
        if problems == self._fixed:
            return
        self._fixed = problems
        take_out(self.fixes)
        for each in problems:
            title, text, button = _words(each, self.draft)
            banner = Banner("fail", title, text, button, leads=True, icon="blocked")
            banner.pressed.connect(lambda each=each: self._fix(each))
            self.fixes.addWidget(banner)
            if self.before_fixes is not None:
                QWidget.setTabOrder(self.before_fixes, banner.button)
            banner.announced()

    def _fix(self, problem: Problem) -> None:
        better = one_step(problem, self.draft)
        if better is not None:
            self.edited.emit(better)
            self.setFocus()
            first = self.first_control()
            if first is not None:
                first.setFocus()


def _words(problem: Problem, draft: Draft) -> tuple[str, str, str]:
    """Title, text and button of the banner that puts ``problem`` right."""
    if problem.code is Code.AZURE_NAMESPACE_BASIC:
        text = tr(
            "Basic has no Kafka endpoint, and both import routes read the hub through Kafka. "
            "Standard is the smallest tier that works."
        )
        return tr("Basic cannot be used here"), text, tr("Use Standard")
    if problem.code is Code.AZURE_NO_AUTO_INFLATE:
        return problem.cause, problem.remedy, tr("Switch auto-inflate off")
    if problem.code is Code.AZURE_OUT_OF_BOUNDS:
        better = one_step(problem, draft)
        step, _, field = problem.where.partition(".")
        value = getattr(part_of(better, step), field) if better else ""
        title = tr("More than {tier} allows", tier=draft.namespace.sku)
        return title, "", tr("Use {value}", value=value)
    return problem.cause, problem.remedy, tr("Put it right")
