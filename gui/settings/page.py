"""The base of every page of the settings: title, lead, body, wait and problem."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from core.errors import Problem
from gui.accessibility import name
from gui.jobs import Job, Jobs, Work
from gui.widgets.layouts import column, holder, row, set_ground
from gui.widgets.problem_panel import ProblemPanel, Remedy
from gui.widgets.progress_row import ProgressRow
from gui.widgets.scroll import ScrollArea
from gui.widgets.text import Label, Paragraph

CONTENT_WIDTH = 1040
PROSE_WIDTH = 720


class SettingsPage(ScrollArea):
    """One page.

    Attributes:
        key: of the page and of its jobs.
        body: the column that a page puts its widgets in.
        buttons: widgets of the page, which the view shows in its footer.
        problem_panel: what went wrong.

    Signals:
        done: a sentence about what was asked for and is done now.
        bundle_asked: a diagnostic bundle is wanted.
    """

    done = Signal(str)
    bundle_asked = Signal()

    def __init__(self, key: str, title: str, lead: str, jobs: Jobs) -> None:
        super().__init__()
        self.key, self.jobs = key, jobs
        self.title = Label(title, "title", wrap=True)
        self.lead = Paragraph(lead, tone="muted")
        self.lead.setMaximumWidth(PROSE_WIDTH)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 16)
        self.body.setSpacing(16)
        self.progress = ProgressRow()
        self.problem_panel = ProblemPanel()
        self.problem_panel.bundle_asked.connect(self.bundle_asked)
        self.buttons: tuple[QWidget, ...] = ()
        inner = holder(
            column(self.title, 3, self.lead, 20, self.body, self.progress, self.problem_panel, None)
        )
        inner.setMaximumWidth(CONTENT_WIDTH)
        self._frame = row(inner, gap=0)
        self._frame.setStretch(0, 1)
        content = holder(self._frame, "surface")
        content.installEventFilter(self)
        self.setWidget(content)
        set_ground(self, "surface")
        name(self, title)
        self.set_narrow(False)

    def add_narrow(self, widget: QWidget) -> None:
        """Add ``widget``, which has a greatest width, to the body.

        In a column of its own its height would be asked for at the page's width.
        """
        place = row(widget, None, gap=0)
        place.setStretch(0, 1000)
        self.body.addLayout(place)

    def entered(self) -> None:
        """The page is shown now."""

    def set_narrow(self, narrow: bool) -> None:
        """Smaller margins for small windows."""
        side, top = (24, 16) if narrow else (32, 24)
        self._frame.setContentsMargins(side, top, side, top)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return False

    def _fit(self) -> None:
        """Prose is as high as its width makes it; a scroll area does not ask for that."""
        content, wide = self.widget(), self.viewport().width()
        layout = content.layout() if content is not None else None
        if content is not None and layout is not None and layout.hasHeightForWidth():
            needed = layout.totalHeightForWidth(wide)
            if needed != content.minimumHeight():
                content.setMinimumHeight(needed)

    def start(self, key: str, work: Work, waiting: str) -> Job:
        """Start a job of this page and show its wait."""
        self.problem_panel.clear()
        job = self.jobs.start(f"settings.{self.key}.{key}", work, waiting)
        self.progress.follow(job)
        return job

    def fail(self, problem: Problem, title: str, *remedies: Remedy) -> None:
        """Show why a job failed; ``title`` says what refused whom."""
        self.problem_panel.show_problem(problem, title, remedies)
        self.reveal(self.problem_panel)
