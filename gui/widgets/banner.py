"""Banners in the page's flow, and toasts for the success of what was asked for."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget
from typing_extensions import override

from gui.accessibility import announce, name
from gui.widgets.buttons import Button, IconButton
from gui.widgets.drawing import Shape, draw_pill
from gui.widgets.layouts import column, row
from gui.widgets.text import Label
from gui.words import tr

Tone = Literal["info", "ok", "warn", "fail"]
_LOOK: dict[str, tuple[str, str, str]] = {
    "info": ("info", "accent-text", "accent-soft"),
    "ok": ("done", "ok", "ok-soft"),
    "warn": ("warning", "warn", "warn-soft"),
    "fail": ("failed", "fail", "fail-soft"),
}
TOAST_MS = 6000


class Banner(QWidget):
    """A title, one line, at most one button, on a soft ground.

    Signals:
        pressed: its button.
    """

    pressed = Signal()

    def __init__(
        self, tone: Tone, title: str, text: str = "", button: str = "", *, leads: bool = False,
        icon: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        shape, colour, self._ground = _LOOK[tone]
        self.title = Label(title, "strong", wrap=True)
        self.text = Label(text, "caption", "text" if tone == "fail" else "muted", wrap=True)
        words = column(self.title, self.text, gap=1)
        sign = Shape(icon or shape, colour, 16, self._ground)
        shape_column = column(2, sign, None) if text else column(None, sign, None)
        layout = row(shape_column, words, gap=10, margin=(13, 9, 12, 10))
        layout.setStretch(1, 1)
        self.button = Button(button, "primary" if leads else "secondary")
        self.button.clicked.connect(self.pressed)
        layout.addWidget(self.button)
        self.setLayout(layout)
        self.text.setVisible(bool(text))  # not before: without a parent it would be a window
        self.button.setVisible(bool(button))

    def announced(self) -> None:
        """Have a screen reader say it."""
        announce(self, f"{self.title.text()}. {self.text.text()}")

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_pill(painter, QRectF(self.rect()), self._ground, 8)
        painter.end()


class Toast(QFrame):
    """A sentence at the lower right for six seconds, longer while it is hovered or focused.

    Signals:
        pressed: its button.
    """

    pressed = Signal()

    def __init__(self, parent: QWidget, text: str, button: str = "") -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("box", "toast")
        self.button = Button(button, "quiet", small=True)
        self.button.setVisible(bool(button))
        self.button.clicked.connect(self.pressed)
        close = IconButton("cross", tr("Close"))
        close.clicked.connect(self.close_now)
        words = row(
            Shape("done", "ok", 16, "raised"),
            Label(text),
            self.button,
            close,
            gap=10,
            margin=(12, 4, 6, 4),
        )
        self.setLayout(words)
        name(self, text)
        self._timer = QTimer(self)
        self._timer.setInterval(TOAST_MS)
        self._timer.timeout.connect(self._on_time)
        self.adjustSize()
        self._place()
        parent.installEventFilter(self)
        self.show()
        self.raise_()
        self._timer.start()
        announce(self, text)

    def close_now(self) -> None:
        """Take it away."""
        self._timer.stop()
        self.hide()
        self.deleteLater()

    @override
    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        parent = self._over
        corner = QPoint(parent.width() - self.width() - 20, parent.height() - self.height() - 76)
        self.move(corner)

    def _on_time(self) -> None:
        focused = self.focusWidget()
        if not self.underMouse() and not (focused is not None and focused.hasFocus()):
            self.close_now()
