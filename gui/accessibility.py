"""Names, labels and announcements, for those who use a screen reader or keys only."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget


def name(widget: QWidget, text: str, description: str = "") -> None:
    """Give ``widget`` the accessible name ``text``.

    Not for a label that shows a value: its own text is its name, and a fixed one would hide it.
    """
    widget.setAccessibleName(text)
    if description:
        widget.setAccessibleDescription(description)


def buddy(label: QLabel, field: QWidget) -> None:
    """``label`` names ``field``, for the mnemonic as for a screen reader."""
    label.setBuddy(field)
    field.setAccessibleName(label.text().replace("&", ""))


def announce(widget: QWidget, text: str, urgent: bool = False) -> None:
    """Have a screen reader say ``text`` now; ``urgent``: before what it is saying."""
    event = QAccessibleAnnouncementEvent(widget, text)
    if urgent:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)
