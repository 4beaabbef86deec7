"""Closing the window while something would be cut off by it: what that is, and what is asked.

Nothing is asked where nothing would be lost: answers are saved, and an import of a real cloud is a
process of its own that goes on. A plan that is being carried out, and an import in the window's own
sandbox, end with the window, so the user is asked first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.onboarding.steps import StepId
from gui import dialogs, view_tasks
from gui.accessibility import announce
from gui.jobs import Job
from gui.wizard.memory import memory_of
from gui.wizard.pages.apply_progress import ApplyProgress
from gui.words import tr

if TYPE_CHECKING:
    from gui.shell import MainWindow

APPLY_JOBS = (f"{StepId.KAFKA_TEST}.apply", f"{StepId.APPLY}.apply")
"""Keys of the jobs that carry a plan out."""


class Closing:
    """Decides whether a window may close now.

    Attributes:
        sandbox_imports: whether an import runs that ends with the window.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._asking = False
        self._agreed = False
        self.sandbox_imports: Callable[[], bool] = lambda: False

    def may_close(self) -> bool:
        """Whether it may; if not, the user is being asked, and an answer may close it."""
        if self._agreed:
            return True
        if self._asking:
            return False
        if self.running_apply is not None:
            self._asking = True
            view_tasks.start(self._ask_about_apply())
            return False
        if self.sandbox_imports():
            self._asking = True
            view_tasks.start(self._ask_about_sandbox())
            return False
        return True

    @property
    def running_apply(self) -> Job | None:
        """The job that carries a plan out."""
        found = (self._window.jobs.running(key) for key in APPLY_JOBS)
        return next((job for job in found if job is not None), None)

    async def _ask_about_apply(self) -> None:
        title = tr("A plan is being carried out")
        text = tr(
            "What was made stays and is written down. The next start offers to resume: Review then "
            "shows what is still missing, and only that is made. Stopping in the middle of an "
            "action leaves Azure to finish it; the next look finds it."
        )
        answers = (tr("Close after this action"), tr("Stop now and close"), tr("Leave it open"))
        try:
            chosen = await dialogs.chosen(self._window, title, text, answers)
        finally:
            self._asking = False
        job = self.running_apply
        if chosen == 0:
            self._close_after(job)
        elif chosen == 1:
            if job is not None:
                job.cancel()
            self._close()

    def _close_after(self, job: Job | None) -> None:
        if job is None:  # it has ended while the question was open
            self._close()
            return
        page = self._window.wizard.page_of(StepId(job.key.partition(".")[0]))
        memory_of(self._window.jobs, page.draft).stopping = True
        progress = getattr(page, "applying", None)  # the frame's empty page has none
        if isinstance(progress, ApplyProgress):
            progress.stop_after_this_one()
        job.ended.connect(self._close)
        said = tr("The window closes when this action has ended")
        self._window.toast(said)
        announce(self._window, said)

    async def _ask_about_sandbox(self) -> None:
        title = tr("The sandbox's import ends with the window")
        text = tr(
            "The sandbox and the import in it run on this machine for this window only. Closing "
            "stops both. An import of a real cloud goes on without the window."
        )
        try:
            wanted = await dialogs.confirmed(self._window, title, text, tr("Close both"))
        finally:
            self._asking = False
        if wanted:
            self._close()

    def _close(self) -> None:
        self._agreed = True
        self._window.close()
        self._agreed = False
