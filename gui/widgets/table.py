"""Tables of values: hairlines, one selected row, the whole text in the tooltip; and their frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStackedLayout,
    QTableView,
    QWidget,
)
from typing_extensions import override

from gui.accessibility import name
from gui.type_scale import font, height
from gui.widgets.cell_model import CellModel
from gui.widgets.cells import Cell, CellPainter, Column
from gui.widgets.layouts import column, holder, row
from gui.widgets.text import Label

Row = TypeVar("Row")


class RowModel(CellModel, Generic[Row]):
    """Rows of one type, turned into cells by ``cells``; ``keep`` hides some of them.

    Attributes:
        shown: the rows that are shown, in order.
    """

    def __init__(
        self, columns: tuple[Column, ...], cells: Callable[[Row], tuple[Cell, ...]]
    ) -> None:
        super().__init__(columns)
        self._cells = cells
        self._all: tuple[Row, ...] = ()
        self._keep: Callable[[Row], bool] = _every
        self._made: dict[int, tuple[Cell, ...]] = {}
        self.shown: list[Row] = []

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._all)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows from now on."""
        self._all = tuple(rows)
        self._renew()

    def keep_only(self, keep: Callable[[Row], bool]) -> None:
        """Show only rows for which ``keep`` is true."""
        self._keep = keep
        self._renew()

    def cells_of(self, place: int) -> tuple[Cell, ...]:
        """The cells of the row at ``place``."""
        if place not in self._made:
            self._made[place] = self._cells(self.shown[place])
        return self._made[place]

    def _renew(self) -> None:
        self.beginResetModel()
        self.shown = [each for each in self._all if self._keep(each)]
        self._made.clear()
        self.endResetModel()

    @override
    def row_count(self) -> int:
        return len(self.shown)

    @override
    def row_cells(self, place: int) -> tuple[Cell, ...]:
        return self.cells_of(place)


class Table(QTableView):
    """The view: rows of one height, no grid, one row selected at most."""

    def __init__(
        self, model: QAbstractItemModel, columns: tuple[Column, ...], title: str, row_height: int
    ) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(CellPainter(self, columns))
        name(self, title)
        self.setProperty("framed", True)  # its ground is the frame's, whose corners are round
        self.viewport().setAutoFillBackground(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        down = self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setMinimumSectionSize(1)
        down.setDefaultSectionSize(height(row_height))
        across = self.horizontalHeader()
        across.setHighlightSections(False)
        across.setSectionsClickable(False)
        across.setFixedHeight(height(29))
        across.setMinimumSectionSize(24)
        across.setFont(font("head"))
        for at, each in enumerate(columns):
            if each.width:
                across.setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
                across.resizeSection(at, each.width)
            else:
                across.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        across.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def chosen(self) -> int:
        """The place of the selected row; -1: none."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else -1


class RowTable(QFrame, Generic[Row]):
    """A table in its frame; where it has no rows one sentence stands in its place.

    Attributes:
        model: of the rows.
        view: the table itself.

    Signals:
        chosen: with the row that is selected now, or None.
        activated: with the row on which Enter or a double click came.
    """

    chosen = Signal(object)
    activated = Signal(object)

    def __init__(
        self,
        title: str,
        columns: tuple[Column, ...],
        cells: Callable[[Row], tuple[Cell, ...]],
        *,
        row_height: int = 32,
        empty: str = "",
        selectable: bool = True,
        fits: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("box", "plain")
        self.model: RowModel[Row] = RowModel(columns, cells)
        self.view = Table(self.model, columns, title, row_height)
        self._fits = fits
        self._row_height = height(row_height)
        if not selectable:
            self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.empty = Label(empty, "body", "muted", wrap=True)
        sentence = row(self.empty, margin=(16, 14, 16, 14))
        sentence.setStretch(0, 1)
        place = holder(column(sentence, None))
        inner = QWidget()
        self._stack = QStackedLayout(inner)  # without it the first one would be shown as a window
        self._stack.addWidget(self.view)
        self._stack.addWidget(place)
        self.setLayout(column(inner, margin=(0, 0, 0, 4)))
        self.view.selectionModel().selectionChanged.connect(self._on_chosen)
        self.view.activated.connect(
            lambda index: self.activated.emit(self.model.shown[index.row()])
        )
        self.model.modelReset.connect(self._on_reset)
        self._on_reset()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; the selected one stays selected if it is among them."""
        before = self.selected
        self.model.show_rows(rows)
        if before is not None and before in self.model.shown:
            self.select(before)

    def keep_only(self, keep: Callable[[Row], bool]) -> None:
        """Show only rows for which ``keep`` is true; the selected one stays so if it is shown."""
        before = self.selected
        self.model.keep_only(keep)
        if before is not None and before in self.model.shown:
            self.select(before)

    def select(self, wanted: Row) -> None:
        """Select a row that is shown. Raises ValueError."""
        place = self.model.shown.index(wanted)
        self.view.selectRow(place)
        self.view.scrollTo(self.model.index(place, 0))

    @property
    def selected(self) -> Row | None:
        """The selected row."""
        place = self.view.chosen
        return self.model.shown[place] if 0 <= place < len(self.model.shown) else None

    def say_when_empty(self, text: str) -> None:
        """The sentence that stands where no row is: why, and the way out."""
        self.empty.setText(text)

    def _on_chosen(self) -> None:
        self.chosen.emit(self.selected)

    def _on_reset(self) -> None:
        self._stack.setCurrentIndex(0 if self.model.shown else 1)
        if self._fits:
            rows = max(1, len(self.model.shown))
            self.setFixedHeight(height(29) + rows * self._row_height + 5)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.chosen.emit(self.selected)


def _every(row: object) -> bool:
    return True
