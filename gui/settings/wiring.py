"""What becomes of what is done in the settings: the window goes along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.onboarding.flow import Flow
from gui.widgets.banner import Toast
from gui.words import tr

if TYPE_CHECKING:
    from gui.settings.view import SettingsView
    from gui.shell import MainWindow


def connect_settings(window: MainWindow, view: SettingsView) -> None:
    """Connect ``view``, the settings of ``window``, with the rest of it."""
    view.left.connect(window.leave_settings)
    view.bundle_asked.connect(lambda: window.save_bundle(view.page.problem_panel.problem))
    view.appearance.chosen.connect(window.choose_theme)
    view.profiles.open_asked.connect(window.profile_chosen)
    view.profiles.add_asked.connect(window.open_file)
    view.profiles.removed.connect(lambda path: _on_removed(window, path))
    view.profiles.renamed.connect(lambda *found: _on_renamed(window, *found))
    for page in (view.profiles, view.credentials, view.network):
        page.done.connect(window.toast)


def _on_removed(window: MainWindow, path: Path) -> None:
    said = tr("{name} is off the list, its file is where it was", name=path.stem)
    toast = Toast(window.settings, said, tr("Put it back"))
    toast.pressed.connect(lambda: window.settings.profiles.put_back(path))
    toast.pressed.connect(toast.close_now)


def _on_renamed(window: MainWindow, before: Path, after: Path, name: str) -> None:
    """The draft that edits the profile, shown or left off, follows it to its new name."""
    flow = window.wizard.flow
    if flow.draft.profile_file == str(before):
        window.wizard.edit(replace(flow.draft, profile_file=str(after), name=name))
        return
    resume = window.resume_offer
    if resume is not None and resume.flow.draft.profile_file == str(before):
        left: Flow = resume.flow
        draft = replace(left.draft, profile_file=str(after), name=name)
        window.saver.keep(replace(left, draft=draft), at_once=True)
