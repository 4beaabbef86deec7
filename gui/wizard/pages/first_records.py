"""Some of the newest records of the hub, as the Kafka test found them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gui.figures import number, with_unit
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column, row
from gui.widgets.table import RowTable
from gui.widgets.text import Label
from gui.wizard.pages.tail_rows import bar_of, clock
from gui.words import tr

if TYPE_CHECKING:
    from core.kafka.probe import SampleRow

_SHOWN = 6


class FirstRecords(QWidget):
    """A short table; hidden while there is nothing to show.

    Attributes:
        table: of the records, the newest last.
    """

    def __init__(self) -> None:
        super().__init__()
        columns = (
            Column(tr("Event time"), 106),
            Column(tr("Part."), 52, right=True),
            Column(tr("Offset"), 76, right=True),
            Column(tr("Service"), 124),
            Column(tr("Size"), 76, right=True),
            Column(tr("First fields")),
        )
        self.table: RowTable[SampleRow] = RowTable(
            tr("Newest records"), columns, _cells, row_height=30, selectable=False, fits=True
        )
        note = Label(tr("Read only, no offset committed"), "caption", "muted")
        head = row(Label(tr("Newest records"), "section"), None, note)
        self.setLayout(column(head, self.table, gap=8))
        self.hide()

    def show_sample(self, rows: tuple[SampleRow, ...]) -> None:
        """Show the newest of ``rows``."""
        self.table.show_rows(rows[-_SHOWN:])
        self.setVisible(bool(rows))


def _cells(each: SampleRow) -> tuple[Cell, ...]:
    whole = "\n".join(f"{name}: {value}" for name, value in each.fields)
    size = with_unit(each.size / 1000, "kB") if each.size >= 1000 else with_unit(each.size, "B")
    return (
        Cell(clock(each.event_time), "machine", tooltip=each.event_time),
        Cell(str(each.partition), "machine"),
        Cell(number(each.offset), "machine"),
        Cell(each.service, bar=bar_of(each.service)),
        Cell(size, "caption", "muted"),
        Cell(_words(each.fields), tone="muted", tooltip=whole),
    )


def _words(fields: tuple[tuple[str, str], ...]) -> str:
    """The operation by its value, other fields with their names."""
    return ", ".join(
        value if name == "operationName" else f"{name} {value}" for name, value in fields
    )
