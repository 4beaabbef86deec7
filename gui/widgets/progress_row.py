"""A wait: what is waited for, how long by now, and Cancel once it lasts."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from gui.accessibility import announce, name
from gui.figures import duration
from gui.jobs import Job
from gui.widgets.buttons import Button
from gui.widgets.drawing import Shape
from gui.widgets.layouts import column, row
from gui.widgets.text import Label
from gui.words import tr

_TICK_MS = 250


class ProgressRow(QWidget):
    """The wait of one job; hidden for its first 0.3 s, and after its end."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Job | None = None
        self._shape = Shape("running", "accent-text")
        self._what = Label("", "body", "muted", wrap=True)
        self._seconds = Label("", "caption", "muted", tabular=True)
        self.cancel = Button(tr("Cancel"), small=True)
        self.cancel.clicked.connect(self._on_cancel)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        name(self._bar, tr("Progress"))
        top = row(self._shape, self._what, self._seconds, self.cancel)
        top.setStretch(1, 1)
        self.setLayout(column(top, self._bar, gap=8))
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show)
        self.hide()

    def follow(self, job: Job) -> None:
        """Show the wait of ``job`` from now on."""
        self._job = job
        self.hide()
        self.cancel.hide()
        job.lasts.connect(lambda: self._on_lasts(job))
        job.cancellable.connect(lambda: self._if_current(job, self.cancel.show))
        job.progressed.connect(lambda: self._if_current(job, self._show))
        job.ended.connect(lambda: self._on_ended(job))

    def _on_lasts(self, job: Job) -> None:
        if self._job is job:
            self._show()
            self.show()
            self._tick.start()
            announce(self, job.waiting)

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
            self._tick.stop()
            self.hide()

    def _if_current(self, job: Job, do: object) -> None:
        if self._job is job and callable(do):
            do()

    def _on_cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _show(self) -> None:
        if self._job is None:
            return
        if self._what.text() != self._job.waiting:
            self._what.setText(self._job.waiting)
        self._seconds.setText(duration(float(int(self._job.seconds * 10)) / 10))
        self._bar.setVisible(self._job.share is not None)
        self._bar.setValue(round((self._job.share or 0) * 1000))
