"""Which of the chosen diagnostic settings are there: asked of Azure once choosing pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.onboarding.draft import Draft, SettingsSeen
from gui.jobs import Context, Jobs
from gui.widgets.fields import Note
from gui.wizard.pages.errand_page import errand
from gui.words import tr, trn

if TYPE_CHECKING:
    from core.onboarding.errands import Errands

PAUSE_MS = 1200
_KEY = "diagnostic_settings.compare"


class SettingsComparison(QObject):
    """Asks, and says what came of it.

    Attributes:
        note: the sentence.

    Signals:
        found: SettingsSeen, and the draft that it is about.
    """

    found = Signal(object, object)

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._draft: Draft | None = None
        self._asked: Any = None
        self.note = Note()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    def show_draft(self, draft: Draft, good: bool) -> None:
        """``draft`` is shown; ``good``: its settings have no error, so Azure can be asked."""
        self._draft = draft
        part = draft.diagnostic_settings
        result = part.result
        if not part.settings or not good:
            self._pause.stop()
            self.note.say("")
        elif result is not None and not result.stale:
            self._say(result.value)
        elif self._asked != _question(draft):
            self.note.say(tr("Not compared with Azure yet."), "pending", "waiting")
            self._pause.start()

    def _ask(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self._asked = _question(draft)

        async def verb(errands: Errands, context: Context) -> SettingsSeen:
            from core.onboarding.source_errands import settings_seen

            return await settings_seen(errands)

        self.note.say(tr("Asking Azure which of them are there"), "running", "accent-text")
        job = self._jobs.start(_KEY, errand(draft, verb), "")
        job.done.connect(lambda seen: self.found.emit(seen, draft))
        job.failed.connect(
            lambda problem: self.note.say(
                tr("Not compared with Azure. {cause}", cause=problem.cause), "warning", "warn"
            )
        )

    def _say(self, seen: SettingsSeen) -> None:
        if not seen.absent:
            text = trn("It sends to the hub already.", "All {n} send to the hub already.",
                       seen.present)  # fmt: skip
            self.note.say(text, "reuse", "quiet")
            return
        made = trn("{n} setting is to be made.", "{n} settings are to be made.", seen.absent)
        there = trn("{n} sends already.", "{n} send already.", seen.present)
        self.note.say(f"{made} {there}" if seen.present else made, "create", "ok")


def _question(draft: Draft) -> object:
    """What the answer depends on."""
    part = draft.diagnostic_settings
    return (
        part.settings, part.policy, draft.discovery, draft.resource_group.name,
        draft.namespace.name, draft.event_hub.name, draft.azure_sign_in.tenant,
    )  # fmt: skip
