"""The import: where it writes to, its start, and the records as they arrive.

The engine is a process of its own. This page starts it or finds it running, and watches it through
its control API, on other pages too, so that the tail has no gap; closing the window changes nothing
for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget
from typing_extensions import override

from core.errors import Code, Problem, ProblemError
from core.onboarding.draft import Draft, Imported, ImportTaskDraft
from core.onboarding.steps import StepId
from core.secrets import SecretRef
from gui import dialogs, view_tasks
from gui.jobs import Context, Job, Jobs
from gui.widgets.problem_panel import Remedy
from gui.wizard.footer import Offer
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.found_namespaces import hours_words
from gui.wizard.pages.import_setup import ImportSetup
from gui.wizard.pages.secrets_shown import beside_profile
from gui.wizard.step_states import StepState
from gui.wizard.ways import remedies_on
from gui.words import tr, trn

if TYPE_CHECKING:
    from core.engine.running import RunningEngine
    from core.monitor.control_client import ControlClient
    from core.onboarding.errands import Errands
    from gui.wizard.pages.import_view import ImportView

_STATUS_SECONDS = 1.0
_ENDING_SECONDS = 5.0
_FIRST_RECORDS = 200
Ask = Callable[["ControlClient"], Coroutine[Any, Any, None]]


class ImportTaskPage(ErrandPage):
    """The page.

    Attributes:
        setup: the fields, shown while no engine runs.
    """

    wide = True
    fills = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._engine: RunningEngine | None = None
        self._fingerprint = ""
        self.setup = ImportSetup()
        for where, field in self.setup.fields.items():
            self.add_field(where, field)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.setup)
        self.body.addWidget(self.stack, 1)
        self.setup.changed.connect(self._on_changed)
        self.setup.secret.given.connect(lambda value: self._keep(self.draft.alibaba_secret, value))
        self.setup.start.clicked.connect(self._start)
        self._offer_way()

    @property
    def engine(self) -> RunningEngine | None:
        """The engine that is watched."""
        return self._engine

    @cached_property
    def view(self) -> ImportView:
        """The engine that runs, or ran; half of the page, so not made before the rest is shown."""
        from gui.wizard.pages.import_view import ImportView

        made = ImportView()
        made.ways_on = partial(remedies_on, self)
        made.start.clicked.connect(self._start)
        made.pause.clicked.connect(self._on_pause)
        made.stop.clicked.connect(lambda: view_tasks.start(self._ask_to_stop()))
        made.change.clicked.connect(lambda: self.stack.setCurrentWidget(self.setup))
        made.show_narrow(self._narrow)
        self.stack.addWidget(made)
        return made

    @property
    def _has_view(self) -> bool:
        return "view" in vars(self)

    @override
    def set_narrow(self, narrow: bool) -> None:
        super().set_narrow(narrow)
        self._narrow = narrow
        if self._has_view:
            self.view.show_narrow(narrow)

    @override
    def entered(self) -> None:
        self._look()

    @override
    def show_draft(self, draft: Draft) -> None:
        if (draft.name, draft.profile_file) != (self.draft.name, self.draft.profile_file):
            self._forget()
        super().show_draft(draft)
        self.setup.show_draft(draft)
        self._offer_way()

    def _forget(self) -> None:
        """Another import is shown: what is watched is not its engine."""
        for key in ("status", "tail"):
            self.jobs.cancel(f"{self.step}.{key}")
        self._engine, self._fingerprint = None, ""
        self.setup.show_secret(self.draft, "")
        if self._has_view:
            self.view.forget()
        self.stack.setCurrentWidget(self.setup)

    def _on_changed(self, part: ImportTaskDraft) -> None:
        self.edited.emit(replace(self.draft, import_task=part))

    # Looking around: the secret, and an engine that runs already

    def _look(self) -> None:
        async def verb(errands: Errands, context: Context) -> Any:
            from core.onboarding.import_errands import engine_of, secret_fingerprint

            print_ = await asyncio.to_thread(secret_fingerprint, errands)
            return print_, engine_of(errands)

        job = self.run("look", verb, tr("Looking for an import that runs"))
        job.done.connect(self._on_looked)
        job.failed.connect(self._on_looked_in_vain)

    def _on_looked(self, found: tuple[str, RunningEngine | None]) -> None:
        self._fingerprint, engine = found
        self.setup.show_secret(self.draft, self._fingerprint)
        self._offer_way()
        asked = self.draft
        QTimer.singleShot(0, self, lambda: self._load_view(asked, engine))

    def _load_view(self, asked: Draft, engine: RunningEngine | None) -> None:
        """Loading the view, making it and filling it are three turns of the loop, each short."""
        import gui.wizard.pages.import_view  # noqa: F401

        QTimer.singleShot(0, self, lambda: self._make_view(asked, engine))

    def _make_view(self, asked: Draft, engine: RunningEngine | None) -> None:
        _ = self.view
        same = (asked.name, asked.profile_file) == (self.draft.name, self.draft.profile_file)
        if engine is not None and same:
            QTimer.singleShot(0, self, lambda: self._watch(engine))

    def _on_looked_in_vain(self, problem: Problem) -> None:
        self.setup.secret.show_problem(f"{problem.cause} {problem.remedy}")

    def _keep(self, ref: SecretRef, value: str) -> None:
        async def verb(errands: Errands, context: Context) -> Any:
            from core.onboarding.import_errands import keep_secret

            return await asyncio.to_thread(keep_secret, errands, ref, value)

        job = self.run("secret", verb, tr("Keeping the secret"))
        job.done.connect(lambda print_: self._on_kept(ref, print_))
        job.failed.connect(lambda problem: self._on_not_kept(problem, value))

    def _on_kept(self, ref: SecretRef, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        part = replace(self.draft.import_task, access_key_secret=ref)
        self.edited.emit(replace(self.draft, import_task=part))
        self.setup.show_secret(self.draft, fingerprint)
        self._offer_way()

    def _on_not_kept(self, problem: Problem, value: str) -> None:
        remedies: tuple[Remedy, ...] = ()
        if problem.code is Code.SECRET_STORE_UNAVAILABLE:
            ref = beside_profile(self.draft.name, "alibaba")
            words = tr("Keep it in a file that only you can read")
            remedies = (Remedy(words, lambda: self._keep(ref, value), "key"),)
        self.fail(problem, tr("The AccessKey's secret was not kept"), *remedies)

    # Starting and watching

    def _start(self) -> None:
        if self.reveal_problems():
            return

        async def verb(errands: Errands, context: Context) -> RunningEngine:
            from core.monitor.engine_process import start_engine
            from core.onboarding.import_errands import written_profile

            profile = await asyncio.to_thread(written_profile, errands)
            return await start_engine(profile.file, profile.state_folder)

        job = self.run("start", verb, tr("Starting the import: both ends are tested first"))
        job.done.connect(self._watch)
        job.failed.connect(self._on_not_started)
        job.ended.connect(self._offer_way)
        self._offer_way()

    def _on_not_started(self, problem: Problem) -> None:
        again = Remedy(tr("Start again"), self._start, "reload", leads=True)
        self.fail(problem, tr("The import did not start"), again)
        self._offer_way()

    def _watch(self, engine: RunningEngine) -> None:
        if self._engine == engine:
            return
        self._engine = engine
        part, hub = self.draft.import_task, self.draft.event_hub.name
        way = f"{self.draft.namespace.name} / {hub} \u2192 {part.project} / {part.logstore}"
        self.view.begin(way, engine.pid)
        self.stack.setCurrentWidget(self.view)
        self.tell(StepState.RUNNING)

        async def status(client: ControlClient, context: Context) -> None:
            while True:
                context.partial(await client.status())
                await asyncio.sleep(_STATUS_SECONDS)

        async def stream(client: ControlClient, context: Context) -> None:
            async for frame in client.stream(last=_FIRST_RECORDS):
                context.partial(frame)

        told = self.jobs.start(f"{self.step}.status", _until_gone(engine, status), "")
        told.arrived.connect(self._on_status)
        told.done.connect(lambda: self._on_gone(engine))
        told.failed.connect(lambda problem: self._on_not_watched(engine, problem))
        tail = self.jobs.start(f"{self.step}.tail", _until_gone(engine, stream), "")
        tail.arrived.connect(self.view.tail.take)
        tail.failed.connect(lambda problem: self._on_not_watched(engine, problem))
        self._offer_way()

    def _on_status(self, status: dict[str, Any]) -> None:
        self.view.show_status(status)
        records = status["records"]
        known = self.draft.import_task.result
        if records["stored"] and (known is None or known.stale or not known.value.stored):
            seen = Imported(records["received"], records["stored"])
            self.recorded.emit(seen, self.draft)

    def _on_gone(self, engine: RunningEngine) -> None:
        if self._engine == engine:
            self._engine = None
            self.jobs.cancel(f"{self.step}.tail")
            self.view.show_stopped()
            self.tell(None)
            self._offer_way()
            self._ask_how_it_ended(engine)

    def _ask_how_it_ended(self, engine: RunningEngine) -> None:
        async def verb(errands: Errands, context: Context) -> bool:
            from core.onboarding.import_errands import was_killed

            return await asyncio.to_thread(was_killed, errands, engine)

        job = self.run("ended", verb, "")
        job.done.connect(lambda killed: self._on_ended(killed))

    def _on_ended(self, killed: bool) -> None:
        if killed and self._engine is None:
            self.view.show_killed()

    def _on_not_watched(self, engine: RunningEngine, problem: Problem) -> None:
        if self._engine != engine:  # the other half of the watch said so before
            return
        self._engine = None
        for key in ("status", "tail"):
            self.jobs.cancel(f"{self.step}.{key}")

        def watch() -> None:
            self.problem_panel.clear()
            self._watch(engine)

        again = Remedy(tr("Watch it again"), watch, "reload")
        self.fail(problem, tr("The import runs, and does not answer"), again)

    def _on_pause(self) -> None:
        paused = self.view.is_paused
        self._ask("pause", lambda client: client.resume() if paused else client.pause())

    async def _ask_to_stop(self) -> None:
        engine, figures = self._engine, self.view.figures
        if engine is None:
            return
        waiting = figures["lag"]["messages"] if figures else 0
        wait = trn("{n} message waits in the hub", "{n} messages wait in the hub", waiting)
        text = tr(
            "Records that are on their way are stored first, then offsets are committed: nothing "
            "is lost, and the next start goes on there. {wait}; what comes meanwhile is kept in "
            "the hub for {time}.",
            wait=wait, time=hours_words(self.draft.event_hub.retention_hours),
        )  # fmt: skip
        verb = tr("Stop the import")
        wanted = await dialogs.confirmed(self, tr("Stop the import?"), text, verb, danger=True)
        if wanted and self._engine == engine:
            self._ask("stop", lambda client: client.stop())

    def _ask(self, key: str, verb: Ask) -> None:
        engine = self._engine
        if engine is None:
            return

        async def work(client: ControlClient, context: Context) -> None:
            await verb(client)

        job: Job = self.start(key, _until_gone(engine, work), tr("Asking the import"))
        job.failed.connect(lambda problem: self.fail(problem, tr("The import did not answer")))

    # The way on

    def _reason(self) -> str:
        """Why the import cannot be started; empty: it can."""
        part, test = self.draft.import_task, self.draft.kafka_test.result
        if self.jobs.running(f"{self.step}.start") is not None:
            return tr("It is starting")
        if part.is_empty:
            return tr("Name the Logstore first")
        if any(not getattr(part, key) for key in ("region", "project", "logstore")):
            return tr("Region, project and Logstore are needed")
        if not part.access_key_id or not self._fingerprint:
            return tr("The AccessKey and its secret are needed")
        if test is None or test.stale or test.value.verdict != "ok":
            return tr("The Kafka test has to pass first, or Apply has to make the Azure part")
        return ""

    def _offer_way(self) -> None:
        reason = self._reason()
        self.setup.show_reason(reason)
        shown = self.stack.currentWidget() is self.setup
        leads = self.problem_panel.problem is not None or (shown and not reason)
        self.setup.start.set_kind("primary" if not reason else "secondary")
        self.set_offer(Offer(filled=not leads))


def _until_gone(
    engine: RunningEngine,
    work: Callable[[ControlClient, Context], Coroutine[Any, Any, None]],
) -> Callable[[Context], Coroutine[Any, Any, None]]:
    """``work`` on ``engine``'s control API; it simply ends when the engine has ended."""

    async def made(context: Context) -> None:
        from core.monitor.control_client import ControlClient, EngineGoneError

        async with ControlClient(engine) as client:
            try:
                await work(client, context)
            except EngineGoneError:
                return
            except ProblemError as error:  # one that is stopping listens no more at the very end
                silent = error.problem.code is Code.ENGINE_NOT_ANSWERING
                if not (silent and await client.ends_within(_ENDING_SECONDS)):
                    raise

    return made
