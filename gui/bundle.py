"""Saving a diagnostic bundle: what goes in is shown, each text can be read, then it is saved."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QWidget

from core.diagnostic_bundle import Entry, RecentLog, collect, proposed_name, write
from core.errors import Problem
from core.onboarding.draft_store import draft_file
from gui import dialogs, view_tasks
from gui.accessibility import name
from gui.figures import with_unit
from gui.jobs import Context
from gui.type_scale import font
from gui.widgets.buttons import Button
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column
from gui.widgets.table import RowTable
from gui.widgets.text import Label, Paragraph
from gui.words import tr

if TYPE_CHECKING:
    from gui.shell import MainWindow

_SHOWN = 100_000
"""Characters of a text that are shown; all of it is saved."""


class BundleDialog(QDialog):
    """What a bundle holds, before it is saved.

    Attributes:
        table: its files.
        text: the content of the selected one.
        save: the button that goes on to choose a place.
    """

    def __init__(self, parent: QWidget | None, entries: tuple[Entry, ...]) -> None:
        super().__init__(parent)
        title = tr("Save a diagnostic bundle")
        self.setWindowTitle(title)
        self.resize(760, 560)
        columns = (Column(tr("File"), 170), Column(tr("What it is")), Column(tr("Size"), 96, True))
        self.table: RowTable[Entry] = RowTable(
            tr("Files of the bundle"), columns, _cells, row_height=30, fits=True
        )
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(font("machine"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        name(self.text, tr("Content of the selected file"))
        self.save = Button(tr("Save…"), "primary")
        self.leave = Button(tr("Leave it"))
        box = QDialogButtonBox()
        box.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(self.leave, QDialogButtonBox.ButtonRole.RejectRole)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.save.setDefault(True)
        lead = tr(
            "One zip with these files, and nothing else. Secrets were taken out; host names, "
            "names of resources and of who signed in are left. Read it before you pass it on."
        )
        layout = column(
            Label(title, "section"), Paragraph(lead, tone="muted"), self.table, self.text, box,
            gap=12, margin=20,
        )  # fmt: skip
        layout.setStretch(3, 1)
        self.setLayout(layout)
        name(self, title, lead)
        self.table.chosen.connect(self._on_chosen)
        self.table.show_rows(entries)
        self.table.select(entries[0])
        self.table.view.setFocus()

    def _on_chosen(self, entry: Entry | None) -> None:
        self.text.setPlainText(entry.text[:_SHOWN] if entry is not None else "")


def _cells(each: Entry) -> tuple[Cell, ...]:
    kilobytes = each.size / 1000
    return (
        Cell(each.name, "machine"),
        Cell(tr(each.about), tone="muted"),
        Cell(with_unit(kilobytes, "kB"), tone="muted"),
    )


class Bundles:
    """Makes bundles for one window.

    Attributes:
        log: the last lines of this process.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.log = RecentLog()
        logging.getLogger().addHandler(self.log)

    def close(self) -> None:
        """Take note of nothing any more."""
        logging.getLogger().removeHandler(self.log)

    def save(self, problem: Problem | None, profile: str) -> None:
        """Show what a bundle about ``profile`` (a path; empty: a new import) holds, and save it."""
        place = Path(profile) if profile else None
        log, more = self.log.text(), {"Qt": qVersion()}

        async def work(context: Context) -> tuple[Entry, ...]:
            return await asyncio.to_thread(collect, place, problem, log, draft_file(), more)

        waiting = tr("Collecting the bundle")
        job = self._window.jobs.start("bundle.collect", work, waiting)
        job.done.connect(lambda found: view_tasks.start(self._ask(found, profile)))
        job.failed.connect(self._window.show_problem)

    async def _ask(self, entries: tuple[Entry, ...], profile: str) -> None:
        window = self._window
        if await dialogs.opened(BundleDialog(window, entries)) != int(QDialog.DialogCode.Accepted):
            return
        proposed = proposed_name(Path(profile).stem, datetime.now().astimezone())
        title, pattern = tr("Save the diagnostic bundle"), tr("Zip files (*.zip)")
        path = await dialogs.file_to_save(window, title, pattern, Path.home() / proposed)
        if path is None:
            return

        async def work(context: Context) -> None:
            await asyncio.to_thread(write, entries, path)

        job = window.jobs.start("bundle.write", work, tr("Writing the bundle"))
        job.done.connect(lambda _: window.toast(tr("Saved as {file}", file=path.name)))
        job.failed.connect(window.show_problem)
