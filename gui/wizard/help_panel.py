"""Help beside the page: about this step, the documented step behind it, the words used here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.onboarding.steps import StepId
from gui.accessibility import name
from gui.widgets.buttons import IconButton
from gui.widgets.drawing import Line, Shape
from gui.widgets.layouts import column, frame, holder, row, set_ground
from gui.widgets.scroll import ScrollArea
from gui.widgets.text import Label, Paragraph
from gui.wizard.guide import guide
from gui.words import tr

WIDTH = 280


class HelpPanel(QWidget):
    """The panel at the right.

    Signals:
        closed: the user closed it.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_ground(self, "raised")
        self.setFixedWidth(WIDTH)
        self.close_button = IconButton("cross", tr("Close help"))
        self.close_button.clicked.connect(self.closed)
        head = row(
            Shape("help", "muted", 16, "raised"), Label(tr("About this step"), "strong"), None,
            self.close_button, margin=(16, 12, 8, 4),
        )  # fmt: skip
        self._scroll = ScrollArea()
        side = row(Line(down=True), column(holder(head), self._scroll), gap=0)
        self.setLayout(side)
        name(self, tr("About this step"))

    def show_step(self, step: StepId) -> None:
        """Show the help of ``step``."""
        texts = guide(step)
        body = column(Label(texts.heading, "strong", wrap=True), margin=(16, 6, 16, 16))
        for place, paragraph in enumerate(texts.about):
            body.addSpacing(2 if place == 0 else 8)
            body.addWidget(Paragraph(paragraph, tone="muted"))
        heading = tr("In the documented procedure")
        if texts.number:
            heading = tr("Step {number} of the documented procedure", number=texts.number)
        body.addSpacing(16)
        body.addWidget(Label(heading, "group", "muted", wrap=True))
        body.addSpacing(6)
        quoted = Paragraph(texts.procedure, "caption")
        body.addWidget(frame("plain", column(quoted, margin=(10, 8, 10, 8))))
        if texts.words:
            body.addSpacing(16)
            body.addWidget(Label(tr("Words used here"), "group", "muted"))
        for word, meaning in texts.words.items():
            body.addSpacing(4)
            body.addWidget(Paragraph(f"**{word}** {meaning}", "caption"))
        body.addStretch(1)
        content = holder(body, "raised")
        self._scroll.setWidget(content)
