"""A device code, large, with its countdown: to be entered on any machine with a browser."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame

from core.azure.user_credential import DeviceCode
from gui.accessibility import announce, name
from gui.figures import duration
from gui.type_scale import font
from gui.widgets.buttons import Button
from gui.widgets.copy_button import CopyButton
from gui.widgets.layouts import column, row
from gui.widgets.text import Label
from gui.words import tr

_TICK_MS = 1000


class DeviceCodeBox(QFrame):
    """Shows the code while it is valid.

    Attributes:
        code: the label with the code.
        copy: copies it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("box", "raised")
        self._shown: DeviceCode | None = None
        self._where = Label("", "body", wrap=True)
        self.code = Label("", "display", selectable=True)
        large = font("machine")
        large.setPixelSize(font("display").pixelSize() + 4)
        large.setWeight(font("display").weight())
        self.code.setFont(large)
        self.copy = CopyButton(tr("Copy code"), "")
        self.open = Button(tr("Open the page"), icon="external", small=True)
        self.open.clicked.connect(self._open)
        self.left = Label("", "caption", "muted", tabular=True)
        self.setLayout(
            column(
                self._where, 8, row(self.code, 8, self.copy, self.open, None), 6, self.left,
                margin=(17, 13, 17, 13),
            )
        )  # fmt: skip
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._count)
        self.hide()

    def show_code(self, code: DeviceCode) -> None:
        """Show ``code`` and count down its time."""
        self._shown = code
        self._where.setText(tr("Enter this code at {uri}, on any device:", uri=code.uri))
        self.code.setText(code.code)
        self.copy.set_text_to_copy(code.code)
        name(self.copy, tr("Copy the code {code}", code=" ".join(code.code)))
        self._count()
        self._tick.start()
        self.show()
        announce(self, f"{self._where.text()} {' '.join(code.code)}", urgent=True)
        self.copy.setFocus()

    def end(self) -> None:
        """The sign-in has ended: the code means nothing any more."""
        self._tick.stop()
        self._shown = None
        self.code.clear()
        self.hide()

    def _count(self) -> None:
        if self._shown is None:
            return
        seconds = (self._shown.expires_at - datetime.now(UTC)).total_seconds()
        if seconds > 0:
            self.left.setText(tr("Valid for {time} more", time=duration(float(int(seconds)))))
        else:
            self.left.setText(tr("No longer valid. Sign in again for a new code."))
            self._tick.stop()

    def _open(self) -> None:
        if self._shown is not None:
            QDesktopServices.openUrl(QUrl(self._shown.uri))
