"""Keeps the draft on disk while the user works: soon after each edit, off the GUI thread."""

from __future__ import annotations

import asyncio
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import Problem
from core.onboarding.draft_store import DraftStore
from core.onboarding.flow import Flow
from gui.jobs import Context, Jobs

SOON_MS = 250
"""An edit is on disk this long after it at the latest; at once when a page is left."""


class Saver(QObject):
    """Saves the newest flow; one write at a time, each with what is newest then.

    Signals:
        saved: when (a datetime with its zone).
        failed: with the Problem.
    """

    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, store: DraftStore, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._jobs = jobs
        self._newest: Flow | None = None
        self._writing = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._write)

    def keep(self, flow: Flow, *, at_once: bool = False) -> None:
        """Have ``flow`` saved soon."""
        self._newest = flow
        if at_once:
            self._soon.stop()
            self._write()
        elif not self._soon.isActive():
            self._soon.start(SOON_MS)

    def flush(self) -> None:
        """Save now, on this thread: the window is closing. Raises ProblemError."""
        self._soon.stop()
        if self._newest is not None:
            self._store.save(self._newest)
            self._newest = None

    def forget(self) -> None:
        """Nothing is to be saved, and what is on disk goes. Raises ProblemError."""
        self._soon.stop()
        self._newest = None
        self._store.forget()

    def _write(self) -> None:
        if self._writing or self._newest is None:
            return
        flow, self._newest = self._newest, None
        self._writing = True

        async def save(context: Context) -> datetime:
            at = datetime.now().astimezone()
            await asyncio.to_thread(self._store.save, flow, at)
            return at

        job = self._jobs.start("draft.save", save, "")
        job.done.connect(self.saved)
        job.failed.connect(lambda problem: self._on_failed(flow, problem))
        job.ended.connect(self._on_ended)

    def _on_failed(self, flow: Flow, problem: Problem) -> None:
        if self._newest is None:
            self._newest = flow  # the next try, at the next edit or at the end, has it
        self.failed.emit(problem)

    def _on_ended(self) -> None:
        self._writing = False
        if self._newest is not None and not self._soon.isActive():
            self._soon.start(SOON_MS)
