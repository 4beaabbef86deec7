"""A value that is to be pasted elsewhere: label, value, Copy."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from gui.accessibility import name
from gui.type_scale import font
from gui.widgets.copy_button import CopyButton
from gui.widgets.layouts import row
from gui.widgets.text import Label
from gui.words import tr

LABEL_WIDTH = 120


class CopyRow(QWidget):
    """Shows ``value`` and copies it; ``secret`` gives a value that is copied and not shown."""

    def __init__(
        self, label: str, value: str, *, secret: Callable[[], str] | None = None,
        label_width: int = LABEL_WIDTH,
    ) -> None:  # fmt: skip
        super().__init__()
        title = Label(label, "body", "muted")
        title.setFixedWidth(label_width)
        self.shown = QLineEdit(value)
        self.shown.setReadOnly(True)
        self.shown.setFont(font("machine"))
        self.shown.setCursorPosition(0)
        self.shown.setToolTip(value)
        name(self.shown, label)
        self.copy = CopyButton(tr("Copy"), secret or value, secret=secret is not None)
        name(self.copy, tr("Copy {label}", label=label))
        layout = row(title, self.shown, self.copy)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_value(self, value: str) -> None:
        """Show and copy another value."""
        self.shown.setText(value)
        self.shown.setCursorPosition(0)
        self.shown.setToolTip(value)
        self.copy.set_text_to_copy(value)
