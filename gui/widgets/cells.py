"""A cell of a table as a value, and the delegate that paints it: shape, bar, badge, text, hit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui.theme import theme
from gui.type_scale import Role, base_size, font
from gui.widgets.drawing import draw_icon, draw_pill, draw_ring

CELL_ROLE = int(Qt.ItemDataRole.UserRole)
PADDING = 8
Index = QModelIndex | QPersistentModelIndex


class Cell(msgspec.Struct, frozen=True, gc=False):
    """What stands in one cell. Python's collector does not look at it: a tail holds 600,000.

    Attributes:
        text: one line; it is elided where there is no room.
        role: of the text.
        tone: colour of the text.
        icon: a shape before it.
        icon_tone: colour of the shape.
        badge: ground of a badge around the text, such as ``warn-soft``; ``outline``: only a line.
        bar: colour of a small bar before it, one for each service.
        marked: the part of the text that a filter found.
        middle: elide in the middle, as host names want it.
        tooltip: other than the text.
        progress: 0 to 1: a bar in the text's place.
    """

    text: str = ""
    role: Role = "body"
    tone: str = "text"
    icon: str = ""
    icon_tone: str = "muted"
    badge: str = ""
    bar: str = ""
    marked: str = ""
    middle: bool = False
    tooltip: str = ""
    progress: float | None = None


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: of its head.
        width: px; 0: it takes what is left over.
        right: figures stand at the right.
    """

    title: str
    width: int = 0
    right: bool = False


class CellPainter(QStyledItemDelegate):
    """Paints cells, hairlines between rows, the selected row with its bar, the ring of focus."""

    def __init__(self, parent: QObject, columns: tuple[Column, ...]) -> None:
        super().__init__(parent)
        self._columns = columns

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, 0)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell = index.data(CELL_ROLE)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        colours = theme()
        ground = "selection" if chosen else "surface"
        painter.fillRect(place, colours.color(ground))
        if chosen and index.column() == 0:
            painter.fillRect(
                place.left(), place.top(), 3, place.height(), colours.color("accent-text")
            )
        line = QRect(place.left(), place.bottom(), place.width(), 1)
        painter.fillRect(line, colours.color("hairline"))
        if isinstance(cell, Cell):
            inner = QRectF(place).adjusted(PADDING, 0, -PADDING, -1)
            self._paint_cell(painter, inner, cell, ground, self._columns[index.column()].right)
        if state & QStyle.StateFlag.State_HasFocus:
            draw_ring(painter, QRectF(place).adjusted(1, 1, -1, -2), 3)

    def _paint_cell(
        self, painter: QPainter, place: QRectF, cell: Cell, ground: str, right: bool
    ) -> None:
        if cell.progress is not None:
            _paint_progress(painter, place, cell.progress)
            return
        if cell.bar:
            bar = QRectF(place.left(), place.center().y() - 7, 4, 14)
            draw_pill(painter, bar, cell.bar, 1.5)
            place = place.adjusted(12, 0, 0, 0)
        if cell.icon:
            spot = QRectF(place.left(), place.center().y() - 8, 16, 16)
            draw_icon(painter, spot, cell.icon, cell.icon_tone, ground, size=16)
            place = place.adjusted(22, 0, 0, 0)
        used, metrics = _font(cell.role, right, base_size())
        if cell.badge:
            _paint_badge(painter, place, cell)
            return
        mode = Qt.TextElideMode.ElideMiddle if cell.middle else Qt.TextElideMode.ElideRight
        shown = metrics.elidedText(cell.text, mode, int(place.width()))
        painter.setFont(used)
        align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        tone = cell.tone
        if cell.marked:
            tone = _paint_mark(painter, place, cell, shown, metrics)
        painter.setPen(theme().color("text" if tone == "faint" and ground == "selection" else tone))
        painter.drawText(place, align | Qt.AlignmentFlag.AlignVCenter, shown)


@lru_cache(maxsize=64)
def _font(role: Role, tabular: bool, base: int) -> tuple[QFont, QFontMetrics]:
    used = font(role, tabular)
    return used, QFontMetrics(used)


def _paint_progress(painter: QPainter, place: QRectF, share: float) -> None:
    wide = min(place.width(), 284.0)
    whole = QRectF(place.left(), place.center().y() - 2, wide, 4)
    draw_pill(painter, whole, "hairline", 2)
    draw_pill(painter, QRectF(whole.left(), whole.top(), wide * share, 4), "accent", 2)


def _paint_badge(painter: QPainter, place: QRectF, cell: Cell) -> None:
    used, metrics = _font("badge", False, base_size())
    wide = metrics.horizontalAdvance(cell.text) + 12
    box = QRectF(place.left(), place.center().y() - 9.5, min(wide, place.width()), 20)
    if cell.badge == "outline":
        draw_pill(painter, box, "surface", 4, "border")
    else:
        draw_pill(painter, box, cell.badge, 4)
    painter.setFont(used)
    painter.setPen(theme().color(cell.tone))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, cell.text)


def _paint_mark(
    painter: QPainter, place: QRectF, cell: Cell, shown: str, metrics: QFontMetrics
) -> str:
    """The ground of a hit; the colour of the text on it, where the whole text is one."""
    at = shown.lower().find(cell.marked.lower())
    if at < 0:
        return cell.tone
    left = place.left() + metrics.horizontalAdvance(shown[:at])
    wide = metrics.horizontalAdvance(shown[at : at + len(cell.marked)])
    high = metrics.height()
    box = QRectF(left - 1, place.center().y() - high / 2, wide + 2, high)
    draw_pill(painter, box, "mark", 2)
    return "mark-text" if at == 0 and len(cell.marked) >= len(shown) else cell.tone
