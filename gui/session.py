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

_LOG = logging.getLogger(__name__)


class Session(QObject):
    """The window and what stands behind its verbs.

    Attributes:
        window: the window.
    """

    def __init__(self, jobs: Jobs, open_sandbox: OpenSandbox) -> None:
        super().__init__()
        self._jobs = jobs
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
        async def work(context: Context) -> None:
            await warm_up()

        self._collector.pause()
        self._jobs.start("warm_up", work, "").ended.connect(self._collector.settle)
        self._do(request)

    def _do(self, request: dict[str, Any]) -> None:
        if request.get("sandbox"):
            self.window.sandbox_asked.emit()
        elif request.get("profile"):
            path = Path(str(request["profile"]))
            self._opening.open_profile(path, str(request.get("step", "")))
