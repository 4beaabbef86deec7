"""A table with a search above it, filters, and how much of it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from gui.accessibility import announce
from gui.figures import number
from gui.widgets.buttons import Button
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column, row
from gui.widgets.search_field import SearchField
from gui.widgets.table import RowTable
from gui.widgets.text import Label
from gui.words import tr

Row = TypeVar("Row")
_SEARCH_MS = 120
SEARCH_WIDTH = 280


class SearchTable(QWidget, Generic[Row]):
    """Search and filters over rows; all words of the search must be somewhere in a row.

    Attributes:
        table: the table in its frame.
        search: the field.
        head: the row above the table, for buttons of the page.
    """

    def __init__(
        self,
        title: str,
        columns: tuple[Column, ...],
        cells: Callable[[Row], tuple[Cell, ...]],
        *,
        row_height: int = 36,
        nothing: str = "",
        beside: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self.table: RowTable[Row] = RowTable(title, columns, cells, row_height=row_height)
        self._cells = cells
        self._nothing = nothing
        self._beside = beside
        self._filters: dict[Button, Callable[[Row], bool]] = {}
        self.search = SearchField(tr("Search in {title}", title=title), tr("Search"))
        self.search.setFixedWidth(SEARCH_WIDTH)
        self.shown = Label("", "caption", "muted", tabular=True)
        self._filter_row = row()
        self.head = row(self.search, self._filter_row, None, self.shown)
        layout = column(self.head, self.table, gap=12)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_MS)
        self._pause.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda: self._pause.start())
        self.table.model.modelReset.connect(self._say)
        self._say()

    def add_filter(self, title: str, keep: Callable[[Row], bool]) -> Button:
        """A button that, while it is down, shows only rows for which ``keep`` is true."""
        button = Button(title, icon="filter")
        button.setCheckable(True)
        button.toggled.connect(self._filter)
        self._filters[button] = keep
        self._filter_row.addWidget(button)
        return button

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, through the search as it is."""
        self.table.show_rows(rows)

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        down = [keep for button, keep in self._filters.items() if button.isChecked()]

        def keep(each: Row) -> bool:
            if not all(wanted(each) for wanted in down):
                return False
            if not words:
                return True
            text = " ".join(cell.text for cell in self._cells(each)).lower()
            return all(word in text for word in words)

        self.table.keep_only(keep)
        announce(self.search, self.shown.text())

    def _say(self) -> None:
        model = self.table.model
        shown, total = len(model.shown), model.total
        text = tr("{shown} of {total} shown", shown=number(shown), total=number(total))
        beside = self._beside() if self._beside else ""
        self.shown.setText(f"{text}, {beside}" if beside else text)
        if total == 0:
            self.table.say_when_empty(self._nothing)
        else:
            hidden = number(total)
            self.table.say_when_empty(
                tr("None of the {n} matches. Clear the search or a filter.", n=hidden)
            )
