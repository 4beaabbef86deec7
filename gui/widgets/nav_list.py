"""A list of pages to go to: icon and words, the current one on the selection with its bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from typing_extensions import override

from gui.theme import theme
from gui.type_scale import font, height
from gui.widgets.cells import Index
from gui.widgets.side_list import FOLDED, SideList, SidePainter

UNFOLDED = 200
"""Width of the list, px."""
_ITEM = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


@dataclass(frozen=True)
class NavItem:
    """One page: its key, its name, its icon."""

    key: str
    title: str
    icon: str


class _Items(QAbstractListModel):
    def __init__(self, items: tuple[NavItem, ...]) -> None:
        super().__init__()
        self.items = items

    @override
    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.items)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role == _ITEM:
            return item
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return item.title if role in shown else None


class _Painter(SidePainter):
    """Paints pages."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(FOLDED, height(32))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(_ITEM)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        current = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        self.paint_row(painter, option, (item.icon, "text" if current else "muted"), current)
        if not self._side.is_folded:
            painter.setFont(font("strong" if current else "body"))
            painter.setPen(theme().color("text"))
            words = place.adjusted(44, 0, -16, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, item.title)
        painter.restore()


class NavList(SideList):
    """The list. Up and Down go to the page at once.

    Signals:
        chosen: with the key of the page that is current now.
    """

    chosen = Signal(str)

    def __init__(self, title: str, items: tuple[NavItem, ...]) -> None:
        super().__init__(title)
        self._items = _Items(items)
        self.setModel(self._items)
        self.setItemDelegate(_Painter(self))
        self.selectionModel().currentChanged.connect(self._on_current)

    def choose(self, key: str) -> None:
        """Make the page ``key`` the current one."""
        place = next(at for at, each in enumerate(self._items.items) if each.key == key)
        self.setCurrentIndex(self._items.index(place))

    def fold(self, folded: bool) -> None:
        """Show icons only, or everything."""
        if folded != self.is_folded:
            self.is_folded = folded
            self.viewport().update()

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._items.items[index.row()].key)
