"""Jobs: coroutines on the loop of ``core.runtime``, whose results come back on the GUI thread.

A job has a key; starting one cancels what runs under that key. From the moment it is cancelled or
replaced nothing of it reaches the view any more, however long its coroutine takes to end. After
0.3 s it says what it waits for, after 2 s it can be cancelled by the user.
"""

from __future__ import annotations

import concurrent.futures
import threading
import traceback
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.errors import Code, Problem, ProblemError, problem
from core.runtime import Runtime
from core.secrets.redaction import redact_text

SHOWN_AFTER_MS = 300
"""A wait longer than this says what it waits for."""
CANCEL_AFTER_MS = 2000
"""A wait longer than this can be cancelled."""


class Context:
    """What a running job may tell the view. Its methods may be called on any thread."""

    def __init__(self, tell: Callable[[Callable[[], None]], None], job: Job) -> None:
        self._tell = tell
        self._job = job

    def waiting_for(self, what: str, share: float | None = None) -> None:
        """Say what is waited for now; ``share``: how much is done, 0 to 1, where it is known."""
        self._tell(lambda: self._job._on_progress(what, share))

    def partial(self, value: object) -> None:
        """Hand over a part of the result."""
        self._tell(lambda: self._job._on_partial(value))


Work = Callable[[Context], Coroutine[Any, Any, Any]]


class Job(QObject):
    """One run of a job, on the GUI thread.

    Attributes:
        key: what it is; one of each key runs at a time.
        waiting: the sentence about what is waited for.
        share: how much is done, 0 to 1; None: not known.
        state: running, done, failed or cancelled.

    Signals:
        progressed: ``waiting`` or ``share`` is new.
        arrived: a part of the result.
        lasts: it has taken 0.3 s by now.
        cancellable: it has taken 2 s by now.
        done: with its result.
        failed: with its Problem.
        cancelled: by the user, or replaced by a new one.
        ended: after any of the last three.
    """

    progressed = Signal()
    arrived = Signal(object)
    lasts = Signal()
    cancellable = Signal()
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    ended = Signal()

    def __init__(self, key: str, waiting: str, parent: QObject) -> None:
        super().__init__(parent)
        self.key = key
        self.waiting = waiting
        self.share: float | None = None
        self.state = "running"
        self._began = monotonic()
        self._future: concurrent.futures.Future[Any] | None = None
        self._timers = [
            self._after(SHOWN_AFTER_MS, self.lasts),
            self._after(CANCEL_AFTER_MS, self.cancellable),
        ]

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return monotonic() - self._began

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.state == "running"

    def cancel(self) -> None:
        """End it. The view hears of it at once, the coroutine by CancelledError."""
        if self._settle("cancelled"):
            if self._future is not None:
                self._future.cancel()
            self.cancelled.emit()
            self.ended.emit()

    def _after(self, milliseconds: int, signal: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(signal)
        timer.start(milliseconds)
        return timer

    def _settle(self, state: str) -> bool:
        if not self.is_running:
            return False
        self.state = state
        for timer in self._timers:
            timer.stop()
        return True

    def _on_progress(self, what: str, share: float | None) -> None:
        if self.is_running:
            self.waiting, self.share = what, share
            self.progressed.emit()

    def _on_partial(self, value: object) -> None:
        if self.is_running:
            self.arrived.emit(value)

    def _on_end(self, future: concurrent.futures.Future[Any]) -> None:
        if future.cancelled():
            self.cancel()
            return
        error = future.exception()
        if not self._settle("failed" if error else "done"):
            return
        if error is None:
            self.done.emit(future.result())
        else:
            self.failed.emit(as_problem(error))
        self.ended.emit()


class Jobs(QObject):
    """Starts jobs on a runtime and brings their results to the GUI thread.

    Signals:
        started: with each new job.
        idle: no job runs any more.
    """

    started = Signal(object)
    idle = Signal()
    _call = Signal(object)

    def __init__(self, runtime: Runtime, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runtime = runtime
        self._running: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._call.connect(self._on_call, Qt.ConnectionType.QueuedConnection)

    def start(self, key: str, work: Work, waiting: str) -> Job:
        """Start ``work``; what runs under ``key`` is cancelled first.

        ``waiting`` says what is waited for. Connect to the job's signals before returning to the
        event loop: nothing is emitted sooner.
        """
        self.cancel(key)
        job = Job(key, waiting, self)
        self._running[key] = job
        job.ended.connect(lambda: self._on_ended(job))
        future = self._runtime.submit(work(Context(self._post, job)))
        job._future = future
        future.add_done_callback(lambda done: self._post(lambda: job._on_end(done)))
        self.started.emit(job)
        return job

    @property
    def is_idle(self) -> bool:
        """Whether no job runs."""
        return not self._running

    def running(self, key: str) -> Job | None:
        """The job that runs under ``key``."""
        return self._running.get(key)

    def cancel(self, key: str) -> None:
        """Cancel what runs under ``key``, if anything does."""
        job = self._running.get(key)
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Cancel everything; from now on nothing reaches the view."""
        with self._lock:
            self._closed = True
        for job in tuple(self._running.values()):
            job.cancel()

    def _post(self, call: Callable[[], None]) -> None:
        """Have ``call`` run on the GUI thread. From any thread."""
        with self._lock:
            if not self._closed:
                self._call.emit(call)

    def _on_call(self, call: Callable[[], None]) -> None:
        call()

    def _on_ended(self, job: Job) -> None:
        if self._running.get(job.key) is job:
            del self._running[job.key]
        job.deleteLater()
        if not self._running and not self._closed:
            self.idle.emit()


def as_problem(error: BaseException) -> Problem:
    """What a user is told of ``error``: its own Problem, or that of an internal fault."""
    if isinstance(error, ProblemError):
        return error.problem
    place = traceback.extract_tb(error.__traceback__)
    where = f" ({place[-1].name}, line {place[-1].lineno})" if place else ""
    detail = redact_text(f"{error}{where}")
    return problem(Code.INTERNAL, "isthmus", detail, kind=type(error).__name__)
