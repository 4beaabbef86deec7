"""The rows of a live tail: fed in batches, filtered, frozen, and exact about what is not there.

Nothing is lost in silence: ``dropped`` counts what never came here or had to go before it was
seen; a frozen view keeps receiving and says how many are new. The filter comes before the bound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex
from typing_extensions import override

from gui.widgets.cell_model import CellModel
from gui.widgets.cells import Cell, Column

CAPACITY = 100_000
_ROOT = QModelIndex()


class LiveRow(msgspec.Struct, eq=False, gc=False):
    """One record. It is in no cycle, so Python's collector need not look at it.

    Attributes:
        cells: what the table shows of it.
        search: its text in lower case, for the filter.
        data: the record, for the pane beside the table.
    """

    cells: tuple[Cell, ...]
    search: str
    data: Any
    place: int = -1


Keep = Callable[[LiveRow], bool]


class LiveModel(CellModel):
    """Rows of a tail; the newest are last.

    Attributes:
        frozen: what is shown stands still; reception goes on.
        received: rows that came here so far.
        dropped: records that cannot be shown, as the source says, and rows that had to go while
            the view was frozen.
    """

    def __init__(self, columns: tuple[Column, ...], capacity: int = CAPACITY) -> None:
        super().__init__(columns)
        self._capacity = capacity
        self._keep: Keep | None = None
        self._kept: deque[LiveRow] = deque()
        self._shown: list[LiveRow] = []
        self._waiting: list[LiveRow] = []
        self._new = 0
        self.frozen = False
        self.received = 0
        self.dropped = 0

    @property
    def shown(self) -> int:
        """Rows that the table has."""
        return len(self._shown)

    @property
    def held(self) -> int:
        """Rows that are kept here, shown or filtered out, without those that wait."""
        return len(self._kept)

    @property
    def new(self) -> int:
        """Rows that wait behind a frozen view and would be shown."""
        return self._new

    def row_at(self, place: int) -> LiveRow:
        """The row that is shown at ``place``. Raises IndexError."""
        return self._shown[place]

    def add(self, rows: Iterable[LiveRow], dropped: int = 0) -> None:
        """Take one batch."""
        batch = list(rows)
        for each in batch:
            each.place = self.received
            self.received += 1
        self.dropped += dropped
        if self.frozen:
            self._waiting.extend(batch)
            self._new += self._count(batch)
            surplus = len(self._waiting) - self._capacity
            if surplus > 0:
                self._new -= self._count(self._waiting[:surplus])
                del self._waiting[:surplus]
                self.dropped += surplus
        else:
            self._append(batch)

    def freeze(self) -> None:
        """Stand still."""
        self.frozen = True

    def thaw(self) -> None:
        """Show what came meanwhile, and follow again."""
        self.frozen = False
        waiting, self._waiting, self._new = self._waiting, [], 0
        self._append(waiting)

    def keep_only(self, keep: Keep | None) -> None:
        """Show only rows for which ``keep`` is true; None: all."""
        self._keep = keep
        self.beginResetModel()
        self._shown = list(self._kept) if keep is None else [row for row in self._kept if keep(row)]
        self.endResetModel()
        self._new = self._count(self._waiting)

    def clear(self) -> None:
        """Forget all rows and counts."""
        self.beginResetModel()
        self._kept.clear()
        self._shown.clear()
        self._waiting.clear()
        self.received = self.dropped = self._new = 0
        self.endResetModel()

    def shown_rows(self) -> tuple[LiveRow, ...]:
        """What the table has, for an export."""
        return tuple(self._shown)

    def _count(self, rows: list[LiveRow]) -> int:
        """How many of ``rows`` the filter lets through."""
        return len(rows) if self._keep is None else sum(map(self._keep, rows))

    def _append(self, batch: list[LiveRow]) -> None:
        self._kept.extend(batch)
        fresh = batch if self._keep is None else [row for row in batch if self._keep(row)]
        while len(self._kept) > self._capacity:
            self._kept.popleft()
        oldest = self._kept[0].place if self._kept else 0
        gone = 0
        while gone < len(self._shown) and self._shown[gone].place < oldest:
            gone += 1
        if gone:
            self.beginRemoveRows(_ROOT, 0, gone - 1)
            del self._shown[:gone]
            self.endRemoveRows()
        fresh = [row for row in fresh if row.place >= oldest]
        if fresh:
            first = len(self._shown)
            self.beginInsertRows(_ROOT, first, first + len(fresh) - 1)
            self._shown.extend(fresh)
            self.endInsertRows()

    @override
    def row_count(self) -> int:
        return len(self._shown)

    @override
    def row_cells(self, place: int) -> tuple[Cell, ...]:
        return self._shown[place].cells
