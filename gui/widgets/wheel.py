"""The wheel scrolls the page; a number or a choice under the pointer is changed only on purpose.

They override one event each: a filter in Python would be asked about every event of theirs.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget
from typing_extensions import override


class CalmSpinBox(QSpinBox):
    """Changes with the wheel only while it has the focus, and never takes it so."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """For the page, where it has no focus."""
        if _is_meant(self, event):
            super().wheelEvent(event)


class CalmComboBox(QComboBox):
    """Changes with the wheel only while it has the focus, and never takes it so."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """For the page, where it has no focus."""
        if _is_meant(self, event):
            super().wheelEvent(event)


def _is_meant(control: QWidget, event: QWheelEvent) -> bool:
    """Whether ``control`` has the focus; else the event goes on to what is around it."""
    if not control.hasFocus():
        event.ignore()
    return control.hasFocus()
