"""The main window: the welcome page and the wizard, the menu, and what becomes of the draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget
from typing_extensions import override

from core.errors import Problem, ProblemError
from core.onboarding.draft_store import DraftStore, Resume, draft_file
from core.onboarding.flow import Flow
from core.onboarding.steps import StepId
from gui import icons, view_tasks
from gui.asking import forget_draft, pick_profile
from gui.bundle import Bundles
from gui.closing import Closing
from gui.figures import DASH
from gui.jobs import Jobs
from gui.menus import make_menus
from gui.settings.known_profiles import KnownProfiles
from gui.theme import Choice, theme
from gui.widgets.banner import Toast
from gui.window_state import WindowState
from gui.wizard.host import PageFactory, Wizard
from gui.wizard.saving import Saver
from gui.wizard.welcome import Welcome
from gui.words import tr

if TYPE_CHECKING:
    from gui.settings.view import SettingsView

SMALLEST = (960, 540)
"""The smallest window, px: Full HD at 200 %."""


class MainWindow(QMainWindow):
    """The one window.

    Attributes:
        jobs: its jobs.
        wizard: its host.
        welcome: the first page.
        known: the profiles that its list shows.
        bundles: makes diagnostic bundles.
        closing: decides whether it may be closed.
        resume_offer: what the welcome page offers to go on with.
        show_later: whether a draft is shown by somebody else, once there is what it needs.

    Signals:
        sandbox_asked: the user wants the sandbox.
        profile_chosen: with the path of a profile that the user wants opened.
        closed: the window is closed and the draft is saved.
    """

    sandbox_asked = Signal()
    profile_chosen = Signal(object)
    closed = Signal()

    def __init__(self, jobs: Jobs, factories: Mapping[StepId, PageFactory] | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Isthmus")
        self.setMinimumSize(*SMALLEST)
        self.jobs = jobs
        self.bundles = Bundles(self)
        self.closing = Closing(self)
        self._state = WindowState()
        self.resume_offer: Resume | None = None
        self.show_later: Callable[[Flow], bool] = lambda _: False
        self._problem: Problem | None = None
        self.saver = Saver(DraftStore(draft_file()), jobs, self)
        self.welcome = Welcome(_version())
        self.wizard = Wizard(jobs, factories)
        self.known = KnownProfiles(self._state)
        self._before: QWidget = self.welcome
        self._stack = QStackedWidget()
        for each in (self.welcome, self.wizard):
            self._stack.addWidget(each)
        self.setCentralWidget(self._stack)
        self._connect()
        self._theme_group = make_menus(self)
        self._state.place(self)
        self.wizard.set_help_wanted(self._state.help_wanted)
        self.choose_theme(self._state.theme)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.look_for_draft()
        self.show_welcome()

    @cached_property
    def settings(self) -> SettingsView:
        """Where settings are; made at its first use, so that no start waits for it."""
        from gui.settings.view import SettingsView
        from gui.settings.wiring import connect_settings

        made = SettingsView(self.jobs, self.known)
        made.appearance.show_choice(theme().choice)
        connect_settings(self, made)
        self._stack.addWidget(made)
        return made

    # What is shown

    def look_for_draft(self) -> None:
        """Offer to go on where the last session stopped, if it left anything."""
        try:
            self.resume_offer = DraftStore(draft_file()).load()
        except ProblemError as error:
            self.resume_offer = None
            self.welcome.show_problem(error.problem)
        self.welcome.show_resume(self.resume_offer)

    def show_welcome(self) -> None:
        """Show the first page."""
        self._stack.setCurrentWidget(self.welcome)
        self.welcome.first_control().setFocus(Qt.FocusReason.OtherFocusReason)

    def show_flow(self, flow: Flow) -> None:
        """Show the wizard at ``flow``: a new one, a profile's, or one that was left."""
        self._stack.setCurrentWidget(self.wizard)
        self.wizard.show_flow(flow)

    def show_settings(self, page: str = "") -> None:
        """Show the settings, at ``page`` if it is named; Back leads to where the user was."""
        shown = self._stack.currentWidget()
        if shown in (self.welcome, self.wizard):
            self._before = shown
        profile = self.wizard.flow.draft.profile_file
        self._stack.setCurrentWidget(self.settings)
        self.settings.show_page(page, Path(profile) if profile else None)

    def start_new(self) -> None:
        """Begin a new import."""
        self.show_flow(Flow())

    def resume(self) -> None:
        """Go on where the last session stopped."""
        offer = self.resume_offer
        if offer is not None and not self.show_later(offer.flow):
            self.show_flow(offer.flow)

    def show_problem(self, problem: Problem) -> None:
        """Show a problem wherever the user is."""
        self._problem = problem
        shown, title = self._stack.currentWidget(), tr("Something went wrong in Isthmus")
        if shown is self.welcome:
            self.welcome.show_problem(problem)
        elif shown is self.wizard:
            page = self.wizard.page
            page.problem_panel.show_problem(problem, title)
            page.reveal(page.problem_panel)
        else:
            self.settings.page.fail(problem, title)

    def save_bundle(self, problem: Problem | None = None) -> None:
        """Collect a diagnostic bundle about ``problem``, show what it holds, and save it."""
        shown = self.wizard.page.problem_panel.problem
        self.bundles.save(problem or shown or self._problem, self.wizard.flow.draft.profile_file)

    def toast(self, text: str) -> None:
        """Say that what was asked for is done."""
        Toast(self._stack, text)

    def choose_theme(self, choice: Choice) -> None:
        """Show ``choice`` from now on, and in later sessions."""
        self._state.theme = choice
        theme().choose(choice)
        self.welcome.show_theme(choice)
        if "settings" in vars(self):  # else it is shown when they are made
            self.settings.appearance.show_choice(choice)
        for action in self._theme_group.actions():
            action.setChecked(action.data() == choice)

    def raise_window(self) -> None:
        """Bring the window before the user."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closing.may_close():
            event.ignore()
            return
        try:
            self.saver.flush()
        except ProblemError as error:
            self.show_problem(error.problem)
            event.ignore()
            return
        self._state.keep_place(self)
        self.bundles.close()
        event.accept()
        self.closed.emit()

    # How it hangs together

    def _connect(self) -> None:
        self.welcome.new_asked.connect(self.start_new)
        self.welcome.resume_asked.connect(self.resume)
        self.welcome.sandbox_asked.connect(self.sandbox_asked)
        self.welcome.open_asked.connect(self.open_file)
        self.welcome.forget_asked.connect(lambda: view_tasks.start(forget_draft(self)))
        self.welcome.theme_chosen.connect(self.choose_theme)
        self.wizard.left_wizard.connect(self.leave_wizard)
        self.wizard.flow_changed.connect(self._on_flow_changed)
        self.wizard.help_toggled.connect(self._on_help_toggled)
        self.wizard.settings_asked.connect(self.show_settings)
        self.wizard.bundle_asked.connect(self.save_bundle)
        self.welcome.settings_asked.connect(self.show_settings)
        self.saver.saved.connect(self.wizard.show_saved)
        self.saver.failed.connect(self.wizard.show_not_saved)

    def leave_settings(self) -> None:
        """Back to where the user was before the settings."""
        self._stack.setCurrentWidget(self._before)
        if self._before is self.welcome:
            self.look_for_draft()
            self.show_welcome()
        else:
            (self.wizard.page.first_control() or self.wizard.footer.filled).setFocus()

    def open_file(self) -> None:
        """Let the user pick a profile."""
        view_tasks.start(pick_profile(self))

    def leave_wizard(self) -> None:
        """Save, and show the first page."""
        if self._stack.currentWidget() not in (self.welcome, self.wizard):
            self.leave_settings()
        if self._stack.currentWidget() is self.wizard:
            try:
                self.saver.flush()
            except ProblemError as error:
                self.show_problem(error.problem)
                return
            self.look_for_draft()
            self.show_welcome()

    def _on_flow_changed(self, flow: Flow, moved: bool) -> None:
        self.setWindowTitle(f"{flow.draft.name} {DASH} Isthmus")
        self.saver.keep(flow, at_once=moved)

    def _on_help_toggled(self, wanted: bool) -> None:
        self._state.help_wanted = wanted

    def _on_theme_changed(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            picture = QIcon()
            for size in (16, 24, 32, 48, 64, 128):
                picture.addPixmap(icons.pixmap("mark", "accent-text", size))
            application.setWindowIcon(picture)


def _version() -> str:
    try:
        return version("isthmus")
    except PackageNotFoundError:
        return "0"
