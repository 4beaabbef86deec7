"""The rail: all steps in four groups, by shape and word; folded it has the shapes only."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from typing_extensions import override

from core.onboarding.steps import StepId
from gui.theme import theme
from gui.type_scale import font, height
from gui.widgets.cells import Index
from gui.widgets.side_list import FOLDED, SideList, SidePainter
from gui.wizard.step_states import GROUPS, StepRow, StepState, group_of, look
from gui.words import tr

UNFOLDED = 240
"""Width of the rail, px."""

_ROW = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


class _Steps(QAbstractListModel):
    """Group names (texts) and steps (StepRow) in the order of the road."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[str | StepRow] = []
        self.later_groups: set[str] = set()

    def show_rows(self, rows: tuple[StepRow, ...]) -> None:
        """Show these rows; the number of items never changes after the first time."""
        by_step = {row.step: row for row in rows}
        self.later_groups = {
            title
            for title, steps in GROUPS
            if all(by_step[step].state is StepState.LATER for step in steps)
        }
        items: list[str | StepRow] = []
        for title, steps in GROUPS:
            items.append(title)
            items.extend(by_step[step] for step in steps)
        if len(items) == len(self._items):
            self._items = items
            self.dataChanged.emit(self.index(0), self.index(len(items) - 1))
        else:
            self.beginResetModel()
            self._items = items
            self.endResetModel()

    def place(self, step: StepId) -> QModelIndex:
        """Where the row of ``step`` is."""
        for at, item in enumerate(self._items):
            if isinstance(item, StepRow) and item.step is step:
                return self.index(at)
        return QModelIndex()

    @override
    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._items)

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        item = self._items[index.row()]
        if isinstance(item, StepRow) and (item.reachable or item.current):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._items[index.row()]
        if role == _ROW:
            return item
        if isinstance(item, str):
            return tr(item) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return item.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            word = look(item.state).spoken
            return f"{item.title}: {word}"
        return None


class _Painter(SidePainter):
    """Paints group names and steps."""

    def __init__(self, view: Rail) -> None:
        super().__init__(view)
        self._rail = view

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        item = index.data(_ROW)
        compact = self._rail.is_compact
        if isinstance(item, StepRow):
            return QSize(FOLDED, height(24 if compact else 28))
        if self._rail.is_folded:
            return QSize(FOLDED, 4 if index.row() == 0 else 12)
        return QSize(FOLDED, height(26 if index.row() == 0 else 30))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(_ROW)
        place: QRect = option.rect
        if isinstance(item, StepRow):
            self._paint_step(painter, option, item)
        elif not self._rail.is_folded:
            painter.setPen(theme().color("muted"))
            inner = place.adjusted(18, 0, -16, -4)
            bottom = Qt.AlignmentFlag.AlignBottom
            painter.setFont(font("group"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | bottom, tr(item))
            if self._rail.comes_later(item):
                painter.setFont(font("caption"))
                word = look(StepState.LATER).spoken
                painter.drawText(inner, Qt.AlignmentFlag.AlignRight | bottom, word)

    def _paint_step(self, painter: QPainter, option: QStyleOptionViewItem, row: StepRow) -> None:
        painter.save()
        shown = look(row.state)
        self.paint_row(painter, option, (shown.icon, shown.tone), row.current)
        if not self._rail.is_folded:
            self._paint_words(painter, option.rect, row)
        painter.restore()

    def _paint_words(self, painter: QPainter, place: QRect, row: StepRow) -> None:
        shown = look(row.state)
        inner = place.adjusted(42, 0, -16, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if shown.word and not self._rail.comes_later(group_of(row.step)):
            painter.setFont(font("caption"))
            painter.setPen(theme().color("muted" if shown.tone == "faint" else shown.tone))
            wide = QFontMetrics(font("caption")).horizontalAdvance(shown.word)
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, shown.word)
            inner.adjust(0, 0, -wide - 8, 0)
        role = font("strong" if row.current else "body")
        painter.setFont(role)
        quiet = row.state in (StepState.TODO, StepState.LATER, StepState.NOT_NEEDED)
        painter.setPen(theme().color("muted" if quiet and not row.current else "text"))
        title = QFontMetrics(role).elidedText(row.title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, title)


class Rail(SideList):
    """The list of steps. Up and Down move among the steps that can be gone to, Enter goes there.

    Signals:
        asked: the user wants to go to a step.
    """

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("Steps"))
        self.is_compact = False
        self._steps = _Steps()
        self.setModel(self._steps)
        self.setItemDelegate(_Painter(self))
        self.clicked.connect(self._ask)

    def show_rows(self, rows: tuple[StepRow, ...]) -> None:
        """Show the states of all steps; the list's cursor goes to the current one."""
        self._steps.show_rows(rows)
        current = next((row.step for row in rows if row.current), None)
        if current is not None:
            place = self._steps.place(current)
            self.selectionModel().setCurrentIndex(
                place, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.scrollTo(place)

    def comes_later(self, group: str) -> bool:
        """Whether no step of ``group`` is built: then its heading says so, once for all."""
        return group in self._steps.later_groups

    def fold(self, folded: bool, compact: bool) -> None:
        """Show shapes only, or everything; ``compact``: lower rows."""
        if (folded, compact) != (self.is_folded, self.is_compact):
            self.is_folded, self.is_compact = folded, compact
            self.scheduleDelayedItemsLayout()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _ask(self, index: QModelIndex) -> None:
        item = index.data(_ROW)
        if isinstance(item, StepRow) and item.reachable and not item.current:
            self.asked.emit(item.step)
