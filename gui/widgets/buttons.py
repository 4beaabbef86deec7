"""Buttons: one filled one a screen; a verb button is the only one that changes a cloud."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton
from typing_extensions import override

from gui import icons
from gui.accessibility import name
from gui.theme import theme

Kind = Literal["primary", "secondary", "quiet", "danger", "icon"]
_TONE = {
    "primary": "on-accent",
    "secondary": "text",
    "quiet": "accent-text",
    "danger": "fail",
    "icon": "muted",
}
_GROUND = {"primary": "accent"}
_GAP = 4
"""Between icon and text, beside the 4 px that Qt leaves."""


class Button(QPushButton):
    """A button of one kind, its icon at the left, or at the right where it leads on."""

    def __init__(
        self,
        text: str,
        kind: Kind = "secondary",
        icon: str = "",
        *,
        small: bool = False,
        leads_on: bool = False,
    ) -> None:
        super().__init__(text)
        self._icon = icon
        self._icon_size = 16
        self._shown: tuple[object, ...] | None = None
        self._kind: Kind = kind
        self._gap = -_GAP if leads_on else _GAP
        self.setProperty("kind", kind)
        if small:
            self.setProperty("small", True)
        self.setAutoDefault(False)
        if leads_on:
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._colour()

    def set_icon(self, icon: str) -> None:
        """Show another icon; empty: none."""
        self._icon = icon
        self._colour()

    def set_kind(self, kind: Kind) -> None:
        """Become another kind of button."""
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)
            self._colour()

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._colour()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button as Space does; one that loses something wants Space."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self._kind != "danger":
            self.click()
            return
        super().keyPressEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._colour()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._kind == "primary" and self.hasFocus():  # its own ring would not stand out
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("on-accent"), theme().ring))
            inset = 2 + theme().ring / 2
            painter.drawRoundedRect(
                self.rect().toRectF().adjusted(inset, inset, -inset, -inset), 2, 2
            )
            painter.end()

    def _colour(self) -> None:
        if not hasattr(self, "_gap"):  # an event of the base class's own beginning
            return
        if not self._icon:
            self._shown = None
            self.setIcon(QIcon())
            return
        ground = _GROUND.get(self._kind, "surface")
        size = self._icon_size
        gap = self._gap if self.text() else 0
        shown = (self._icon, self._kind, gap, theme().hex(_TONE[self._kind]))
        if shown == self._shown:  # a page that is put together tells of new palettes all the time
            return
        self._shown = shown
        self.setIcon(icons.icon(self._icon, _TONE[self._kind], size, ground, gap))
        self.setIconSize(QSize(size + abs(gap), size))


class IconButton(Button):
    """A button that is an icon only; its name is its tooltip and its accessible name."""

    def __init__(self, icon: str, text: str) -> None:
        super().__init__("", "icon", icon)
        self.setToolTip(text)
        name(self, text)


class VerbButton(Button):
    """The only kind of button that changes a cloud; Enter elsewhere never presses it."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "primary", "cloud-up")
