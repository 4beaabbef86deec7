"""A line to search or filter with; its two small buttons have names, too."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from gui import icons
from gui.accessibility import name
from gui.words import tr

_CLEARS = "_q_qlineeditclearaction"
"""Qt's own name of the action that clears a line; it gives it no text."""


class SearchField(QLineEdit):
    """A line edit that can be cleared.

    Args:
        title: its accessible name.
        placeholder: what it says while it is empty.
        sign: whether a magnifier stands before the text.
    """

    def __init__(self, title: str, placeholder: str, sign: bool = True) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setClearButtonEnabled(True)
        name(self, title)
        clears = self.findChild(QAction, _CLEARS)
        if clears is not None:
            clears.setText(tr("Clear: {title}", title=title))
        if sign:
            magnifier = QAction(icons.icon("search", "muted"), title, self)
            magnifier.triggered.connect(lambda: self.setFocus())
            self.addAction(magnifier, QLineEdit.ActionPosition.LeadingPosition)
