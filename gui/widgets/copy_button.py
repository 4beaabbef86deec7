"""A button that copies, and says that it did."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from gui.accessibility import announce
from gui.widgets.buttons import Button, Kind
from gui.words import tr

COPIED_MS = 2000
SECRET_MS = 60_000
"""After this a copied secret is taken off the clipboard again."""


class CopyButton(Button):
    """Copies a text, or what a function gives; says Copied for two seconds.

    A secret is read when it is copied, shown nowhere, and taken off the clipboard after a minute
    if it is still there.
    """

    def __init__(
        self,
        words: str,
        text: str | Callable[[], str],
        *,
        kind: Kind = "secondary",
        secret: bool = False,
    ) -> None:
        super().__init__(words, kind, "copy", small=True)
        self._words = words
        self._text = text
        self._secret = secret
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(self._say_again)
        self.clicked.connect(self._copy)

    def set_text_to_copy(self, text: str | Callable[[], str]) -> None:
        """Copy something else from now on."""
        self._text = text

    def _copy(self) -> None:
        text = self._text() if callable(self._text) else self._text
        clipboard = QGuiApplication.clipboard()
        clipboard.setText(text)
        wide = self.width()
        self.setText(tr("Copied"))
        self.set_icon("check")
        self.setMinimumWidth(wide)
        self._back.start(COPIED_MS)
        said = tr("Copied. The clipboard is cleared in 60 s.") if self._secret else tr("Copied")
        announce(self, said)
        if self._secret:
            self.setToolTip(said)
            QTimer.singleShot(SECRET_MS, self, lambda: _clear_if(text))

    def _say_again(self) -> None:
        self.setText(self._words)
        self.set_icon("copy")
        self.setMinimumWidth(0)


def _clear_if(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard.text() == text:
        clipboard.clear()
