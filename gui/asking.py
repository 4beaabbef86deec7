"""What the window asks before it opens a profile or forgets what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ProblemError
from core.paths import config_folder
from gui import dialogs
from gui.words import tr

if TYPE_CHECKING:
    from gui.shell import MainWindow


async def pick_profile(window: MainWindow) -> None:
    """Let the user pick a profile, which ``window`` then opens."""
    title, pattern = tr("Open a profile"), tr("Profiles (*.toml)")
    picked = await dialogs.file_to_open(window, title, pattern, config_folder())
    if picked is not None:
        window.profile_chosen.emit(picked)


async def forget_draft(window: MainWindow) -> None:
    """Delete what was left off, if the user agrees."""
    resume = window.resume_offer
    if resume is None:
        return
    title = tr("Forget {name}?", name=resume.flow.draft.name)
    text = tr("What was typed is deleted. Nothing in a cloud changes.")
    if not await dialogs.confirmed(window, title, text, tr("Forget it"), danger=True):
        return
    try:
        window.saver.forget()
    except ProblemError as error:
        window.show_problem(error.problem)
        return
    window.resume_offer = None
    window.welcome.show_resume(None)
    window.show_welcome()
