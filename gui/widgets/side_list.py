"""The list at a window's side: where one is and can go to, folded to shapes where room is short.

The wizard's rail and the navigation of the settings are such lists; each has rows of its own.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)
from typing_extensions import override

from gui.accessibility import name
from gui.theme import theme
from gui.widgets.drawing import draw_icon, draw_pill, draw_ring

FOLDED = 52
"""Width of a folded list, px: shapes only."""
_SHAPE = 16


class SideList(QListView):
    """The list.

    Attributes:
        is_folded: only shapes are shown.
        shows_focus: the focus came by the keyboard, so the ring is shown.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.is_folded = False
        self.shows_focus = False
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setStyleSheet("QListView { background: transparent; }")
        self.viewport().setAutoFillBackground(False)
        name(self, title)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.shows_focus = event.reason() not in (
            Qt.FocusReason.MouseFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        )
        super().focusInEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.shows_focus = False
        super().focusOutEvent(event)


class SidePainter(QStyledItemDelegate):
    """Paints what all rows of such a list have; a list adds its words."""

    def __init__(self, view: SideList) -> None:
        super().__init__(view)
        self._side = view

    def paint_row(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        shape: tuple[str, str],
        current: bool,
    ) -> None:
        """Ground, bar, the ``shape`` (icon, tone) and the focus ring of the row."""
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        own = QRectF(place).adjusted(8, 1, -8, -1)
        ground = "selection" if current else "window"
        if current:
            draw_pill(painter, own, ground, 4, "accent-text" if theme().ring == 3 else "")
            bar = QRectF(own.left(), own.top() + 3, 3, own.height() - 6)
            draw_pill(painter, bar, "accent-text", 1.5)
        left = (place.width() - _SHAPE) / 2 if self._side.is_folded else 18
        spot = QRectF(place.left() + left, place.center().y() - 7.5, _SHAPE, _SHAPE)
        draw_icon(painter, spot, *shape, ground)
        if state & QStyle.StateFlag.State_HasFocus and self._side.shows_focus:
            draw_ring(painter, own)
