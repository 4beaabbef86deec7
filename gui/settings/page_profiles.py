"""The profiles on this machine: open, rename, duplicate, take off the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout
from typing_extensions import override

from core.errors import Problem
from core.onboarding.profile_shelf import OnShelf, duplicate, rename, shelf
from gui import dialogs, view_tasks
from gui.figures import DASH, moment
from gui.jobs import Context, Jobs
from gui.settings.known_profiles import KnownProfiles
from gui.settings.page import SettingsPage
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column, row, take_out
from gui.widgets.table import RowTable
from gui.widgets.text import Label
from gui.words import tr

_CHANGED = 4
_STATES = {
    "running": ("play", "ok", "Import runs"),
    "applied": ("done", "ok", "Applied"),
    "new": ("todo", "faint", "Not applied yet"),
    "unreadable": ("failed", "fail", "Cannot be read"),
}


class ProfilesPage(SettingsPage):
    """The page.

    Attributes:
        table: the profiles.

    Signals:
        open_asked: with the path of a profile.
        add_asked: a profile from anywhere is to be opened.
        removed: with the path of one that was taken off the list.
        renamed: old path, new path, new name.
    """

    open_asked = Signal(object)
    add_asked = Signal()
    removed = Signal(object)
    renamed = Signal(object, object, str)

    def __init__(self, jobs: Jobs, known: KnownProfiles) -> None:
        lead = tr(
            "A profile says what is imported, from where, to where. It is a file without secrets."
        )
        super().__init__("profiles", tr("Profiles"), lead, jobs)
        self._known = known
        self._wanted: Path | None = None
        columns = (
            Column(tr("Name")),
            Column(tr("Event hub"), 240),
            Column(tr("Logstore"), 204),
            Column(tr("State"), 148),
            Column(tr("Changed"), 156, right=True),
        )
        self.table: RowTable[OnShelf] = RowTable(
            tr("Profiles"), columns, _cells, row_height=36, fits=True,
            empty=tr("No profile yet. A new import makes one."),
        )  # fmt: skip
        self.open_button = Button(tr("Open"), "primary", "arrow-right", leads_on=True)
        self.rename_button = Button(tr("Rename…"))
        self.duplicate_button = Button(tr("Duplicate…"))
        self.remove_button = Button(tr("Remove from list"))
        self.add_button = Button(tr("Open a file…"), icon="folder")
        self.reason = Label("", "caption", "muted", wrap=True)
        self._trouble: QVBoxLayout = column()
        buttons = row(
            self.open_button, self.rename_button, self.duplicate_button, self.remove_button,
            self.add_button, 8, self.reason,
        )  # fmt: skip
        buttons.setStretch(buttons.count() - 1, 1)
        self.body.addWidget(self.table)
        self.body.addLayout(buttons)
        self.body.addLayout(self._trouble)
        self.table.chosen.connect(self._on_chosen)
        self.table.activated.connect(lambda _: self._open())
        self.open_button.clicked.connect(self._open)
        self.rename_button.clicked.connect(lambda: view_tasks.start(self._rename()))
        self.duplicate_button.clicked.connect(lambda: view_tasks.start(self._duplicate()))
        self.remove_button.clicked.connect(self._remove)
        self.add_button.clicked.connect(self.add_asked)
        self._on_chosen(None)

    @override
    def entered(self) -> None:
        self.look()

    @override
    def set_narrow(self, narrow: bool) -> None:
        super().set_narrow(narrow)
        if hasattr(self, "table"):  # the base class begins with it
            self.table.view.setColumnHidden(_CHANGED, narrow)

    def look(self) -> None:
        """Read the list anew."""
        opened, hidden = self._known.opened, self._known.hidden

        async def work(context: Context) -> tuple[OnShelf, ...]:
            found = await asyncio.to_thread(shelf, opened)
            return tuple(each for each in found if each.path not in hidden)

        job = self.start("look", work, tr("Reading the profiles"))
        job.done.connect(self.show_profiles)

    def show_profiles(self, profiles: tuple[OnShelf, ...]) -> None:
        """Show these; the one that was selected stays so, else the first is."""
        before = self._wanted or (self.table.selected.path if self.table.selected else None)
        self._wanted = None
        self.table.show_rows(profiles)
        again = next((each for each in profiles if each.path == before), None)
        if again is not None or profiles:
            self.table.select(again or profiles[0])

    # Verbs

    def _open(self) -> None:
        chosen = self.table.selected
        if chosen is not None and chosen.problem is None:
            self.open_asked.emit(chosen.path)

    def _remove(self) -> None:
        chosen = self.table.selected
        if chosen is not None:
            self._known.hide(chosen.path)
            self.look()
            self.removed.emit(chosen.path)

    def put_back(self, path: Path) -> None:
        """Show ``path`` on the list again."""
        self._known.show(path)
        self._wanted = path
        self.look()

    async def _rename(self) -> None:
        chosen = self.table.selected
        if chosen is None:
            return
        title = tr("Rename {name}", name=chosen.name)
        text = tr("The file is renamed too. Nothing in a cloud changes.")
        name = await dialogs.named(self, title, text, tr("Rename"), chosen.name)
        if name is not None and name != chosen.name:
            done = tr("{before} is called {name} now", before=chosen.name, name=name)
            await self._do("rename", rename, chosen.path, name, done)

    async def _duplicate(self) -> None:
        chosen = self.table.selected
        if chosen is None:
            return
        title = tr("Duplicate {name}", name=chosen.name)
        text = tr(
            "A second profile with the same answers, a consumer group of its own and nothing "
            "applied. Nothing in a cloud changes."
        )
        proposed = f"{chosen.name}-2"
        name = await dialogs.named(self, title, text, tr("Duplicate"), proposed)
        if name is not None:
            done = tr("{name} has the same answers", name=name)
            await self._do("duplicate", duplicate, chosen.path, name, done)

    async def _do(
        self, key: str, verb: Callable[[Path, str], Path], path: Path, name: str, done: str
    ) -> None:
        async def work(context: Context) -> Path:
            return await asyncio.to_thread(verb, path, name)

        job = self.start(key, work, tr("Writing the profile"))
        job.done.connect(lambda made: self._on_done(key, path, made, name, done))
        job.failed.connect(
            lambda problem: self.fail(problem, tr("The profile {name} stays", name=path.stem))
        )

    def _on_done(self, key: str, before: Path, after: Path, name: str, said: str) -> None:
        self._known.renamed(before, after) if key == "rename" else self._known.note(after)
        if key == "rename":
            self.renamed.emit(before, after, name)
        self._wanted = after
        self.look()
        self.done.emit(said)

    # What is shown

    def _on_chosen(self, chosen: OnShelf | None) -> None:
        readable = chosen is not None and chosen.problem is None
        applied = chosen is not None and chosen.state in ("running", "applied")
        self.open_button.setEnabled(readable)
        self.rename_button.setEnabled(readable and not applied)
        self.duplicate_button.setEnabled(readable)
        self.remove_button.setEnabled(chosen is not None)
        for each in (
            self.open_button, self.rename_button, self.duplicate_button, self.remove_button
        ):  # fmt: skip
            each.setVisible(chosen is not None)
        why = ""
        if applied:
            why = tr("It was applied and keeps its name: its consumer group is named after it.")
        elif chosen is not None and not readable:
            why = tr("Its file has to be put right first.")
        self.reason.setText(why)
        self.rename_button.setAccessibleDescription(why)
        self._show_trouble(chosen.problem if chosen else None)

    def _show_trouble(self, problem: Problem | None) -> None:
        take_out(self._trouble)
        if problem is not None:
            self._trouble.addWidget(Banner("fail", problem.cause, problem.remedy))


def _cells(each: OnShelf) -> tuple[Cell, ...]:
    icon, tone, word = _STATES[each.state]
    changed = moment(each.changed, datetime.now().astimezone()) if each.changed else DASH
    return (
        Cell(each.name, "name", tooltip=str(each.path)),
        Cell(each.source or DASH, tone="muted", middle=True),
        Cell(each.target or DASH, tone="muted", middle=True),
        Cell(tr(word), tone=tone if tone != "faint" else "muted", icon=icon, icon_tone=tone),
        Cell(changed, tone="muted"),
    )
