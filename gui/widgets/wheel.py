"""The wheel scrolls the page; a number or a choice under the pointer is changed only on purpose."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget
from typing_extensions import override


class _Guard(QObject):
    """Passes the wheel on to the page while the control has no focus."""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def needs_focus_for_wheel(control: QWidget) -> None:
    """``control`` changes with the wheel only while it has the focus, and never takes it so."""
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(_Guard(control))
