"""The live tail of an import: the table, the selected record beside it, and its export."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QSplitter, QTabWidget, QVBoxLayout, QWidget

from core.monitor.tail_export import write_csv, write_jsonl
from core.records.uid import EventUid
from gui import dialogs, view_tasks
from gui.accessibility import announce, name
from gui.figures import number
from gui.type_scale import font
from gui.widgets.buttons import Button
from gui.widgets.copy_button import CopyButton
from gui.widgets.json_tree import JsonTree
from gui.widgets.layouts import column, holder, row
from gui.widgets.live_model import LiveRow
from gui.widgets.live_table import LiveTable
from gui.widgets.text import Elided, Label
from gui.wizard.pages.tail_rows import (
    columns,
    compile_filter,
    hex_lines,
    live_row,
    raw_of,
    record_of,
)
from gui.words import tr

_PANE = (280, 340)
_WRITERS: dict[str, Callable[[Path, Any], int]] = {"csv": write_csv, "jsonl": write_jsonl}


class RecordPane(QWidget):
    """One record: as a tree, and as the bytes that it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self._row: dict[str, Any] | None = None
        self.title = Elided("", "section")
        self.place = Elided("", "caption", "muted", Qt.TextElideMode.ElideMiddle)
        self.tree = JsonTree(tr("Record"))
        self.raw = QPlainTextEdit()
        self.raw.setReadOnly(True)
        self.raw.setFont(font("machine"))
        self.raw.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        name(self.raw, tr("Raw bytes"))
        self.tabs = QTabWidget()
        self.tabs.addTab(self.tree, tr("Record"))
        self.tabs.addTab(self.raw, tr("Raw bytes"))
        name(self.tabs, tr("Forms of the record"))
        self.tabs.tabBar().setFont(font("body"))
        self.copy = CopyButton(tr("Copy as JSON"), self._as_json)
        self.copy_raw = CopyButton(tr("Copy bytes as text"), self._as_text, kind="quiet")
        self.nothing = Label(tr("Select a record to read it here."), "body", "muted", wrap=True)
        self._whole = holder(
            column(
                self.title, self.place, 8, self.tabs, 8,
                row(self.copy, self.copy_raw, None),
            )
        )  # fmt: skip
        layout: QVBoxLayout = column(self.nothing, self._whole, margin=(4, 0, 0, 0))
        layout.setStretch(1, 1)
        layout.addStretch(0)
        self.setLayout(layout)
        self.setMinimumWidth(_PANE[0])
        self.show_row(None, ())

    def show_row(self, chosen: dict[str, Any] | None, marks: tuple[str, ...]) -> None:
        """Show ``chosen``, values that hold one of ``marks`` marked; None: no record."""
        self._row = chosen
        self.nothing.setVisible(chosen is None)
        self._whole.setVisible(chosen is not None)
        if chosen is None:
            return
        fields = chosen["fields"]
        self.title.set_whole(fields.get("operationName") or chosen["event_service"])
        self.place.set_whole(_place(chosen["event_uid"]))
        self.tree.show_value(record_of(chosen), marks)
        self.raw.setPlainText(hex_lines(raw_of(chosen)))

    def _as_json(self) -> str:
        record = record_of(self._row) if self._row is not None else {}
        return json.dumps(record, ensure_ascii=False, indent=2)

    def _as_text(self) -> str:
        return raw_of(self._row).decode("utf-8", "replace") if self._row is not None else ""


class TailView(QSplitter):
    """Table and record; the pane can be dragged and closed.

    Attributes:
        table: the tail itself.
        pane: the record.
        export: the button with its menu.
    """

    def __init__(self) -> None:
        super().__init__()
        self.table = LiveTable(
            tr("Live tail"), columns(), compile_filter,
            placeholder=tr("Filter, for example: signinlogs and 50126"),
        )  # fmt: skip
        self.pane = RecordPane()
        self.export = Button(tr("Export…"), icon="download")
        menu = QMenu(self.export)
        for kind, words in (("csv", tr("As CSV…")), ("jsonl", tr("As JSON Lines…"))):
            menu.addAction(words, partial(self._on_export, kind))
        self.export.setMenu(menu)
        self.said = Label("", "caption", "muted", wrap=True)
        self.said.hide()
        self.table.tools.addWidget(self.export)
        left = column(self.table, self.said, gap=4)
        left.setStretch(0, 1)
        self.addWidget(holder(left))
        self.addWidget(self.pane)
        self.setSizes([620, _PANE[1]])
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self.setHandleWidth(17)
        self._dropped = 0
        self.table.chosen.connect(self._on_chosen)
        self.table.filter_changed.connect(lambda: self._on_chosen(self.table.selected))

    def take(self, frame: dict[str, Any]) -> None:
        """A frame of the engine's stream has come; its ``dropped`` counts from the beginning."""
        lost = max(0, frame["dropped"] - self._dropped)
        self._dropped = frame["dropped"]
        self.table.push([live_row(each) for each in frame["rows"]], lost)

    def begin(self) -> None:
        """A new stream begins: it counts from zero, what came before stays."""
        self._dropped = 0

    def clear(self) -> None:
        """Forget every record."""
        self._dropped = 0
        self.table.clear()
        self.pane.show_row(None, ())

    async def write(self, kind: str, path: Path) -> int:
        """Write what the table shows to ``path`` as ``kind`` (csv, jsonl); how many records."""
        rows = [each.data for each in self.table.model.shown_rows()]
        return await asyncio.to_thread(_WRITERS[kind], path, rows)

    def show_narrow(self, narrow: bool) -> None:
        """The record stands below the table where there is no room beside it."""
        self.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)

    def _on_export(self, kind: str) -> None:
        view_tasks.start(self._export(kind))

    async def _export(self, kind: str) -> None:
        pattern = tr("Tables (*.csv)") if kind == "csv" else tr("JSON Lines (*.jsonl)")
        proposed = Path.home() / f"isthmus-tail.{kind}"
        path = await dialogs.file_to_save(self, tr("Export records"), pattern, proposed)
        if path is None:
            return
        try:
            count = await self.write(kind, path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._say(tr("Nothing was written to {path}: {reason}", path=path, reason=reason))
            return
        self._say(tr("{n} records written to {path}", n=number(count), path=path))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.show()
        announce(self.said, text)

    def _on_chosen(self, chosen: LiveRow | None) -> None:
        words = self.table.filter.text().replace('"', " ").replace(":", " ").split()
        marks = tuple(each for each in words if each.lower() not in ("and", "or", "not"))
        self.pane.show_row(chosen.data if chosen else None, marks)


def _place(text: str) -> str:
    """Where in the hub a record is, by its ``event_uid`` (docs/record.md)."""
    try:
        uid = EventUid.parse(text)
    except ValueError:
        return text
    return tr(
        "partition {partition}, offset {offset}, record {at} of {count}",
        partition=uid.partition,
        offset=number(uid.offset),
        at=uid.index + 1,
        count=uid.count,
    )
