"""Where the import writes to: the Logstore and the account, typed in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.onboarding.draft import Draft, ImportTaskDraft
from gui.type_scale import font
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button
from gui.widgets.fields import Field, TextField
from gui.widgets.layouts import column, holder, row
from gui.widgets.secret_field import KnownSecret, SecretField
from gui.widgets.text import Label
from gui.wizard.pages.secrets_shown import place_in_words
from gui.words import tr

_HALF = 480


class ImportSetup(QWidget):
    """The fields.

    Attributes:
        fields: by their place in the draft.
        secret: of the AccessKey.
        start: the button that starts the import.

    Signals:
        changed: with the new ImportTaskDraft.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._part = ImportTaskDraft()
        self._texts: dict[str, TextField] = {
            "region": TextField(tr("Region"), tr("Such as ap-southeast-1."), machine=True),
            "endpoint": TextField(
                tr("Endpoint"),
                tr("Host name without the project. Empty: the region's own."),
                machine=True,
            ),
            "project": TextField(tr("Project"), machine=True),
            "logstore": TextField(
                tr("Logstore"), tr("It has to exist already, with an index."), machine=True
            ),
            "access_key_id": TextField(tr("AccessKey ID"), machine=True),
        }
        self.secret = SecretField(tr("AccessKey secret"), with_forget=False)
        self.secret.entry.setFont(font("machine"))
        self.start = Button(tr("Start the import"), "primary", "play")
        self.why_not = Label("", "caption", "text", wrap=True)
        pairs = (("region", "endpoint"), ("project", "logstore"))
        lines = []
        for left, right in pairs:
            line = row(self._texts[left], self._texts[right], gap=16)
            line.setStretch(0, 1)
            line.setStretch(1, 1)
            lines.append(line)
        account = row(self._texts["access_key_id"], self.secret, gap=16)
        account.setStretch(0, 1)
        account.setStretch(1, 1)
        note = Banner(
            "info",
            tr("The import is a process of its own"),
            tr(
                "Closing the window leaves it running. "
                "Offsets are committed once the records before them are stored."
            ),
        )
        form = column(*lines, account, note, row(self.start, self.why_not, None), gap=16)
        whole = holder(form)
        whole.setMaximumWidth(2 * _HALF)
        self.setLayout(column(whole, None))
        for key, field in self._texts.items():
            field.edited.connect(lambda key=key: self._on_edited(key))
        self.show_reason("")

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by their dotted place in the draft."""
        return {f"import_task.{key}": field for key, field in self._texts.items()}

    def show_draft(self, draft: Draft) -> None:
        """Show the answers."""
        self._part = draft.import_task
        for key, field in self._texts.items():
            field.show_value(getattr(self._part, key))

    def show_secret(self, draft: Draft, fingerprint: str) -> None:
        """Show what may be known of the secret; an empty fingerprint: there is none."""
        place = place_in_words(draft.alibaba_secret)
        key_id = draft.import_task.access_key_id or tr("AccessKey")
        self.secret.show_known(
            KnownSecret(key_id, fingerprint, None, place) if fingerprint else None
        )

    def show_reason(self, reason: str) -> None:
        """Why the import cannot be started; empty: it can."""
        self.why_not.setText(reason)
        self.start.setEnabled(not reason)
        self.start.setAccessibleDescription(reason)

    def _on_edited(self, key: str) -> None:
        changes: dict[str, Any] = {key: self._texts[key].value().strip()}
        self.changed.emit(replace(self._part, **changes))
