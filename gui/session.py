"""One session of the window: what a start was asked for, and what is done after the first paint."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from gui.collector import Collector
from gui.jobs import Context, Jobs, as_problem
from gui.opening import Opening, OpenSandbox
from gui.shell import MainWindow
from gui.warm_up import warm_up
from gui.wizard.pages import FACTORIES

_SETTLES_MS = 500
"""In this what the last job found has been shown."""
_WARM_UP_MS = 5000
"""The longest that the SDKs wait for jobs to end."""
_LOG = logging.getLogger(__name__)


class Session(QObject):
    """The window and what stands behind its verbs.

    Attributes:
        window: the window.
    """

    def __init__(self, jobs: Jobs, open_sandbox: OpenSandbox) -> None:
        super().__init__()
        self._jobs = jobs
        self._is_warm = False
        self._collector = Collector(self)
        self.window = MainWindow(jobs, FACTORIES)
        self._opening = Opening(self.window, jobs, open_sandbox)

    def begin(self, request: dict[str, Any]) -> None:
        """Do what the start was asked for, once the window has been painted."""
        QTimer.singleShot(0, self, lambda: self._after_first_paint(request))

    def on_asked(self, request: dict[str, Any]) -> None:
        """A later start was asked for something: the window comes forward and does it."""
        self.window.raise_window()
        self._do(request)

    def on_exception(self, error: BaseException) -> None:
        """What nobody caught: said in the window, and in the log without any value."""
        _LOG.error("nobody caught %s", type(error).__name__)
        self.window.show_problem(as_problem(error))

    def close(self) -> None:
        """Take the window down."""
        self._opening.close()
        self._collector.stop()
        self.window.deleteLater()

    def _after_first_paint(self, request: dict[str, Any]) -> None:
        """The SDKs come last: while a thread imports, the GUI thread waits for the interpreter.

        An import that is watched is a job that does not end, hence the limit.
        """
        self._collector.pause()
        self._do(request)
        if self._jobs.is_idle:
            self._warm_up()
        else:
            self._jobs.idle.connect(lambda: QTimer.singleShot(_SETTLES_MS, self, self._warm_up))
            QTimer.singleShot(_WARM_UP_MS, self, self._warm_up)

    def _warm_up(self) -> None:
        if self._is_warm:
            return
        self._is_warm = True

        async def work(context: Context) -> None:
            await warm_up()

        self._jobs.start("warm_up", work, "").ended.connect(self._collector.settle)

    def _do(self, request: dict[str, Any]) -> None:
        if request.get("sandbox"):
            self.window.sandbox_asked.emit()
        elif request.get("profile"):
            path = Path(str(request["profile"]))
            self._opening.open_profile(path, str(request.get("step", "")))
