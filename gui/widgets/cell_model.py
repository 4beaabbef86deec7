"""What every table model of the window answers: cells, their tooltips, the heads of columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from typing_extensions import override

from gui.type_scale import font
from gui.widgets.cells import CELL_ROLE, Cell, Column, Index

_ROOT = QModelIndex()
_ANSWERED = {
    CELL_ROLE,
    int(Qt.ItemDataRole.DisplayRole),
    int(Qt.ItemDataRole.ToolTipRole),
    int(Qt.ItemDataRole.AccessibleTextRole),
}


class CellModel(QAbstractTableModel):
    """Rows of cells; a subclass says how many there are and what stands in each."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        super().__init__()
        self._columns = columns

    def row_count(self) -> int:
        """How many rows are shown."""
        raise NotImplementedError

    def row_cells(self, place: int) -> tuple[Cell, ...]:
        """The cells of the row at ``place``."""
        raise NotImplementedError

    @override
    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self.row_count()

    @override
    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return font("head") if role == Qt.ItemDataRole.FontRole else None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ANSWERED:
            return None
        cell = self.row_cells(index.row())[index.column()]
        if role == CELL_ROLE:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.tooltip or cell.text
        return cell.text
