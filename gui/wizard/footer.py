"""The footer: Back, what has been changed in the clouds, why Continue is off, and the way on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from gui.accessibility import name
from gui.type_scale import height
from gui.widgets.buttons import Button
from gui.widgets.drawing import Line, Shape
from gui.widgets.layouts import column, holder, row, set_ground
from gui.widgets.text import Elided, Label
from gui.wizard.cloud_changes import CloudChanges
from gui.words import tr


@dataclass(frozen=True)
class Offer:
    """The way on from a page.

    Attributes:
        text: of the filled button; empty: Continue.
        reason: why it is off; empty: it is on.
        verb: it changes a cloud.
        secondary: of another button beside it; empty: none.
        secondary_icon: of that button.
        filled: the page has no filled button of its own, so this one is.
    """

    text: str = ""
    reason: str = ""
    verb: bool = False
    secondary: str = ""
    secondary_icon: str = ""
    filled: bool = True


class _WayButton(Button):
    """The second half of a double click meant the page before: it presses nothing."""

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()


class Footer(QWidget):
    """The lower edge of the wizard; its reading order is the order of Tab.

    Signals:
        back: the user wants to go back.
        on: the filled button.
        secondary: the button beside it.
        help_asked: the help panel is wanted.
    """

    back = Signal()
    on = Signal()
    secondary = Signal()
    help_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_ground(self, "window")
        self.back_button = _WayButton(tr("Back"), icon="chevron-left")
        self.back_button.clicked.connect(self.back)
        self._shape = Shape("lock", "muted", 16, "window")
        self.changes = Elided("", "caption", "muted")
        self.reason = Label("", "caption", "text")
        self.help_button = Button(tr("Show help"), "quiet", "help")
        self.help_button.clicked.connect(self.help_asked)
        self.secondary_button = _WayButton("")
        self.secondary_button.clicked.connect(self.secondary)
        self.on_button = _WayButton(tr("Continue"), "primary", "arrow-right", leads_on=True)
        self.on_button.clicked.connect(self.on)
        self._verb_button = _WayButton("", "primary", "cloud-up")
        self._verb_button.clicked.connect(self.on)
        inner = row(
            self.back_button, 8, self._shape, self.changes, self.reason, self.help_button,
            self.secondary_button, self.on_button, self._verb_button,
            margin=(24, 0, 24, 0),
        )  # fmt: skip
        inner.setStretch(3, 1)
        self.setLayout(column(Line(), holder(inner)))
        self.setFixedHeight(height(57))
        name(self, tr("Way through the wizard"))
        self.show_changes(CloudChanges())
        self.show_offer(Offer(), can_go_back=True)

    def show_changes(self, changes: CloudChanges) -> None:
        """Say what has been changed in the clouds."""
        self.changes.set_whole(changes.sentence())
        untouched = changes.nothing and not changes.running
        self._shape.show_shape(
            "lock" if untouched else "cloud-up", "muted" if untouched else "warn"
        )

    def show_offer(self, offer: Offer, *, can_go_back: bool) -> None:
        """Show the way on, and whether there is one back."""
        self.back_button.setEnabled(can_go_back)
        self.reason.setText(offer.reason)
        self.reason.setVisible(bool(offer.reason))
        shown, hidden = self.on_button, self._verb_button
        if offer.verb:
            shown, hidden = hidden, shown
        had_focus = hidden.hasFocus()
        hidden.hide()
        shown.show()
        shown.setText(offer.text or tr("Continue"))
        shown.setEnabled(not offer.reason)
        shown.setAccessibleDescription(offer.reason)
        shown.set_kind("primary" if offer.filled else "secondary")
        if had_focus:
            shown.setFocus()
        self.secondary_button.setText(offer.secondary)
        self.secondary_button.set_icon(offer.secondary_icon)
        self.secondary_button.setVisible(bool(offer.secondary))

    @property
    def filled(self) -> Button:
        """The button that leads on."""
        return self._verb_button if self._verb_button.isVisibleTo(self) else self.on_button

    def show_help_button(self, shown: bool, short: bool) -> None:
        """Offer the help panel, where it is closed."""
        self.help_button.setVisible(shown)
        self.help_button.setText(tr("Help") if short else tr("Show help"))
