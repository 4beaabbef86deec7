"""Proxy and certificate authorities, of this machine or of one profile, checked as one types."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QTimer
from typing_extensions import override

from core.errors import Problem
from core.onboarding.network_settings import (
    Authorities,
    check_proxy,
    keep_network,
    look_at_authorities,
    network_of,
)
from core.onboarding.profile_shelf import OnShelf
from core.paths import config_folder
from core.settings import Settings
from gui import dialogs, view_tasks
from gui.jobs import Context, Jobs
from gui.settings.page import PROSE_WIDTH, SettingsPage
from gui.settings.profile_choice import ProfileChoice
from gui.widgets.buttons import Button
from gui.widgets.fields import SETTLE_MS, TextField
from gui.widgets.layouts import column, frame, holder, row
from gui.widgets.text import Label, Paragraph
from gui.words import tr, trn


class NetworkPage(SettingsPage):
    """The page.

    Attributes:
        choice: whose settings.
        proxy, ca_file: the fields.
        save: the button that keeps them.
        reason: why it is off.
    """

    def __init__(self, jobs: Jobs, choice: ProfileChoice) -> None:
        lead = tr("The way out of this network, where it needs a proxy or inspects TLS.")
        super().__init__("network", tr("Network"), lead, jobs)
        self.choice = choice
        self._kept = Settings()
        self._authorities: Authorities | None = Authorities()
        self.proxy = TextField(
            tr("Proxy"), tr("Such as http://proxy.contoso.com:8080. Empty: none."), machine=True
        )
        self.ca_file = TextField(
            tr("Certificate authorities"),
            tr("A PEM file. Empty: the system's own authorities."),
            machine=True,
        )
        self.pick = Button(tr("Choose a file…"))
        self.save = Button(tr("Save"), "primary")
        self.reason = Label("", "caption")
        self.buttons = (self.reason, self.save)
        beside = holder(column(20, self.pick, None))
        files = row(self.ca_file, beside)
        files.setStretch(0, 1)
        facts = column(
            Label(tr("What they are for"), "caption", "muted"),
            Paragraph(
                tr(
                    "**Proxy** The sign-in to Azure, Azure Resource Manager and Log Service. Kafka "
                    "cannot use one: port 9093 of the namespace has to be open."
                )
            ),
            Paragraph(
                tr(
                    "**Authorities** Every connection, Kafka too. They are trusted instead of the "
                    "system's, and TLS is always verified."
                )
            ),
            gap=6, margin=(17, 12, 17, 14),
        )  # fmt: skip
        whole = holder(
            column(choice.field, self.proxy, holder(files), frame("raised", facts), gap=16)
        )
        whole.setMaximumWidth(PROSE_WIDTH)
        self.add_narrow(whole)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SETTLE_MS)
        self._pause.timeout.connect(self._look_at_file)
        choice.field.edited.connect(self.load)
        self.proxy.edited.connect(self._on_edited)
        self.ca_file.edited.connect(self._on_file_edited)
        self.pick.clicked.connect(lambda: view_tasks.start(self._pick()))
        self.save.clicked.connect(self._save)
        self._set_enabled(False)
        self._offer()

    @override
    def entered(self) -> None:
        job = self.start("profiles", self.choice.work(), tr("Reading the profiles"))
        job.done.connect(self.show_profiles)

    def show_profiles(self, profiles: tuple[OnShelf, ...]) -> None:
        """Offer these profiles; what was typed and not saved stays."""
        before = self.choice.field.value()
        self.choice.show_profiles(profiles)
        if self.choice.field.value() != before or self.typed == self._kept:
            self.load()

    @property
    def typed(self) -> Settings:
        """What stands in the fields."""
        return Settings(self.proxy.value().strip(), self.ca_file.value().strip())

    def load(self) -> None:
        """Read what is kept."""
        path = self.choice.path
        self._set_enabled(False)  # else what is read would take the place of what is typed

        async def work(context: Context) -> Settings:
            return await asyncio.to_thread(network_of, path)

        job = self.start("load", work, tr("Reading the settings"))
        job.done.connect(self.show_settings)
        job.failed.connect(self._on_not_read)
        job.cancelled.connect(lambda: self._set_enabled(True))

    def _on_not_read(self, problem: Problem) -> None:
        self._set_enabled(True)
        self.fail(problem, tr("The settings cannot be read"))

    def show_settings(self, kept: Settings) -> None:
        """Show what is kept."""
        self._kept = kept
        self._set_enabled(True)
        self.proxy.show_value(kept.proxy)
        self.ca_file.show_value(kept.ca_file)
        self._look_at_file()
        self._offer()

    def _set_enabled(self, enabled: bool) -> None:
        for each in (self.proxy.line, self.ca_file.line, self.pick):
            each.setEnabled(enabled)

    # What is typed

    def _on_edited(self) -> None:
        wrong = check_proxy(self.typed.proxy)
        self.proxy.set_problem(tr(wrong) if wrong else None)
        self._offer()

    def _on_file_edited(self) -> None:
        self._authorities = None
        self.ca_file.set_problem(None)
        self._pause.start()
        self._offer()

    def _look_at_file(self) -> None:
        text = self.typed.ca_file
        folder = self.choice.path.parent if self.choice.path else config_folder()

        async def work(context: Context) -> Authorities:
            return await asyncio.to_thread(look_at_authorities, text, folder)

        job = self.jobs.start("settings.network.ca_file", work, "")
        job.done.connect(lambda found: self._on_looked(text, found))

    def _on_looked(self, text: str, found: Authorities) -> None:
        if text != self.typed.ca_file:
            return
        self._authorities = found
        self.ca_file.set_problem(found.problem)
        if found.problem is not None:
            self.ca_file.reveal()
        elif text:
            said = trn(
                "{n} certificate authority is trusted.",
                "{n} certificate authorities are trusted.",
                found.count,
            )
            self.ca_file.set_check("done", "ok", said)
        else:
            self.ca_file.clear_check()
        self._offer()

    async def _pick(self) -> None:
        pattern = tr("Certificates (*.pem *.crt *.cer);;All files (*)")
        chosen = await dialogs.file_to_open(self, tr("Choose a CA file"), pattern, Path.home())
        if chosen is not None:
            self.ca_file.show_value(str(chosen))
            self._on_file_edited()

    # Keeping it

    def _reason(self) -> str:
        """Why it cannot be saved; empty: it can."""
        if self.typed == self._kept:
            return tr("Nothing is changed")
        if check_proxy(self.typed.proxy):
            return tr("The proxy does not fit")
        if self._authorities is None:
            return tr("Looking at the file")
        return tr("The file cannot be used") if self._authorities.problem is not None else ""

    def _offer(self) -> None:
        reason = self._reason()
        self.reason.setText(reason)
        self.save.setEnabled(not reason)
        self.save.setAccessibleDescription(reason)

    def _save(self) -> None:
        path, wanted = self.choice.path, self.typed
        if path is None and wanted.ca_file:
            absolute = str((config_folder() / wanted.ca_file).absolute())
            wanted = Settings(wanted.proxy, absolute)

        async def work(context: Context) -> Settings:
            await asyncio.to_thread(keep_network, path, wanted)
            return wanted

        self._set_enabled(False)
        job = self.start("save", work, tr("Keeping the settings"))
        job.done.connect(self._on_saved)
        job.failed.connect(self._on_not_saved)
        job.cancelled.connect(lambda: self._set_enabled(True))

    def _on_saved(self, kept: Settings) -> None:
        self.show_settings(kept)
        self.done.emit(tr("Proxy and authorities are saved"))

    def _on_not_saved(self, problem: Problem) -> None:
        self._set_enabled(True)
        self.fail(problem, tr("The settings were not saved"))
