"""The secrets that a profile refers to: whose, where, fingerprint, age; replace and forget."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout
from typing_extensions import override

from core.errors import Code, Problem
from core.onboarding.credentials import (
    Credential,
    credentials,
    forget_credential,
    replace_credential,
)
from core.onboarding.profile_shelf import OnShelf
from core.profile import load_profile
from gui import dialogs, view_tasks
from gui.jobs import Context, Jobs
from gui.settings.page import PROSE_WIDTH, SettingsPage
from gui.settings.profile_choice import ProfileChoice
from gui.widgets.layouts import column, holder, take_out
from gui.widgets.secret_field import KnownSecret, SecretField
from gui.widgets.text import Paragraph
from gui.wizard.pages.secrets_shown import place_in_words
from gui.words import tr

_TITLES = {
    "kafka.connection_string": "Connection string",
    "azure.sign_in.client_secret": "Client secret",
    "azure.sign_in.certificate": "Certificate",
    "alibaba.access_key_secret": "AccessKey secret",
    "alibaba.security_token": "STS token",
}
_CERTIFICATE = "azure.sign_in.certificate"


class CredentialsPage(SettingsPage):
    """The page.

    Attributes:
        choice: which profile.
        fields: by the profile's field that names the secret.
    """

    def __init__(self, jobs: Jobs, choice: ProfileChoice) -> None:
        lead = tr("What is kept on this machine for a profile. No value is ever shown.")
        super().__init__("credentials", tr("Credentials"), lead, jobs)
        self.choice = choice
        self.fields: dict[str, SecretField] = {}
        self._place: QVBoxLayout = column(gap=16)
        self.nothing = Paragraph(
            tr("No profile yet: a new import keeps its secrets when it asks for them."),
            tone="muted",
        )
        self.nothing.hide()
        whole = holder(column(choice.field, self.nothing, self._place, gap=20))
        whole.setMaximumWidth(PROSE_WIDTH)
        self.add_narrow(whole)
        choice.field.edited.connect(self.look)

    @override
    def entered(self) -> None:
        job = self.start("profiles", self.choice.work(), tr("Reading the profiles"))
        job.done.connect(self.show_profiles)

    def show_profiles(self, profiles: tuple[OnShelf, ...]) -> None:
        """Offer these profiles."""
        self.choice.show_profiles(profiles)
        self.nothing.setVisible(not self.choice.paths)
        self.choice.field.setVisible(bool(self.choice.paths))
        self.look()

    def look(self) -> None:
        """Read what is known of the chosen profile's secrets."""
        path = self.choice.path
        if path is None:
            self.show_credentials(())
            return

        async def work(context: Context) -> tuple[Credential, ...]:
            return await asyncio.to_thread(lambda: credentials(load_profile(str(path))))

        job = self.start("look", work, tr("Looking at the secret store"))
        job.done.connect(self.show_credentials)
        job.failed.connect(lambda problem: self.fail(problem, tr("The profile cannot be read")))

    def show_credentials(self, found: tuple[Credential, ...]) -> None:
        """Show a field for each."""
        if set(self.fields) != {each.field for each in found}:
            self._make_fields(found)
        for each in found:
            _show(self.fields[each.field], each)

    # Verbs

    def _replace(self, field: str, value: str) -> None:
        path = self.choice.path
        if path is None:
            return

        async def work(context: Context) -> None:
            await asyncio.to_thread(_replace, path, field, value)

        title = tr(_TITLES[field])
        job = self.start("replace", work, tr("Keeping the secret"))
        job.done.connect(lambda _: self._on_changed(tr("{what} replaced", what=title)))
        job.failed.connect(lambda problem: self._on_not_kept(field, problem))

    async def _replace_by_file(self, field: str) -> None:
        pattern = tr("Certificates with their key (*.pem)")
        chosen = await dialogs.file_to_open(self, tr("The certificate"), pattern, Path.home())
        if chosen is None:
            return
        try:
            text = chosen.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            self.fields[field].show_problem(tr("The file cannot be read as PEM text."))
            return
        self._replace(field, text)

    async def _forget(self, field: str, ref: str) -> None:
        path = self.choice.path
        title = tr(_TITLES[field])
        text = tr(
            "It is deleted from {place}. Isthmus cannot bring it back; what it belongs to in the "
            "cloud stays, and so does its key. An import that needs it stops at its next start.",
            place=ref,
        )
        question = tr("Forget the {what}?", what=title[:1].lower() + title[1:])
        if path is None or not await dialogs.confirmed(
            self, question, text, tr("Forget it"), danger=True
        ):
            return

        async def work(context: Context) -> None:
            await asyncio.to_thread(lambda: forget_credential(load_profile(str(path)), field))

        job = self.start("forget", work, tr("Forgetting the secret"))
        job.done.connect(lambda _: self._on_changed(tr("{what} forgotten", what=title)))
        job.failed.connect(
            lambda problem: self.fail(problem, tr("{what} is still there", what=title))
        )

    def _on_changed(self, said: str) -> None:
        self.look()
        self.done.emit(said)

    def _on_not_kept(self, field: str, problem: Problem) -> None:
        if problem.code is Code.CONNECTION_STRING_INVALID:
            self.fields[field].show_problem(f"{problem.cause} {problem.remedy}")
            self.fields[field].entry.setFocus()
            return
        self.fail(problem, tr("The {what} was not kept", what=tr(_TITLES[field])))

    # Inside

    def _make_fields(self, found: tuple[Credential, ...]) -> None:
        take_out(self._place)
        self.fields = {}
        for each in found:
            made = SecretField(tr(_TITLES[each.field]), from_file=each.field == _CERTIFICATE)
            place = place_in_words(each.ref)
            made.given.connect(lambda value, field=each.field: self._replace(field, value))
            made.file_asked.connect(
                lambda field=each.field: view_tasks.start(self._replace_by_file(field))
            )
            made.forget_asked.connect(
                lambda field=each.field, place=place: view_tasks.start(self._forget(field, place))
            )
            self.fields[each.field] = made
            self._place.addWidget(made)


def _replace(path: Path, field: str, value: str) -> None:
    replace_credential(load_profile(str(path)), field, value)


def _show(field: SecretField, found: Credential) -> None:
    place = place_in_words(found.ref)
    fixed = tr("It is changed there, not here.")
    field.set_changeable(found.ref.scheme != "env", fixed)
    if found.state == "kept":
        digits = found.fingerprint
        shown = " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
        owner = found.owner or tr("Kept")
        field.show_known(KnownSecret(owner, shown, found.since, place, with_age=True))
    elif found.state == "missing":
        field.show_known(None)
        field.say(tr("Nothing is kept in {place} so far.", place=place), "todo", "faint")
    else:
        field.show_known(None)
        problem = found.problem
        field.show_problem(f"{problem.cause} {problem.remedy}" if problem else "")
