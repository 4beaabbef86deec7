"""The main window: the welcome page and the wizard, the menu, and what becomes of the draft."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QCloseEvent, QIcon, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget
from typing_extensions import override

from core.errors import Problem, ProblemError
from core.onboarding.draft_store import DraftStore, Resume, draft_file
from core.onboarding.flow import Flow
from core.onboarding.steps import StepId
from core.paths import config_folder
from gui import dialogs, icons, view_tasks
from gui.accessibility import name
from gui.figures import DASH
from gui.jobs import Jobs
from gui.theme import Choice, theme
from gui.widgets.banner import Toast
from gui.window_state import WindowState
from gui.wizard.host import PageFactory, Wizard
from gui.wizard.saving import Saver
from gui.wizard.welcome import THEMES, Welcome
from gui.words import tr

SMALLEST = (960, 540)
"""The smallest window, px: Full HD at 200 %."""


class MainWindow(QMainWindow):
    """The one window.

    Attributes:
        wizard: its host.
        welcome: the first page.

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
        self._jobs = jobs
        self._state = WindowState()
        self._resume: Resume | None = None
        self.saver = Saver(DraftStore(draft_file()), jobs, self)
        self.welcome = Welcome(_version())
        self.wizard = Wizard(jobs, factories)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.wizard)
        self.setCentralWidget(self._stack)
        self._connect()
        self._make_menus()
        self._state.place(self)
        self.wizard.set_help_wanted(self._state.help_wanted)
        self.choose_theme(self._state.theme)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.look_for_draft()
        self.show_welcome()

    # What is shown

    def look_for_draft(self) -> None:
        """Offer to go on where the last session stopped, if it left anything."""
        try:
            self._resume = DraftStore(draft_file()).load()
        except ProblemError as error:
            self._resume = None
            self.welcome.show_problem(error.problem)
        self.welcome.show_resume(self._resume)

    def show_welcome(self) -> None:
        """Show the first page."""
        self._stack.setCurrentWidget(self.welcome)
        self.welcome.first_control().setFocus(Qt.FocusReason.OtherFocusReason)

    def show_flow(self, flow: Flow) -> None:
        """Show the wizard at ``flow``: a new one, a profile's, or one that was left."""
        self._stack.setCurrentWidget(self.wizard)
        self.wizard.show_flow(flow)

    def start_new(self) -> None:
        """Begin a new import."""
        self.show_flow(Flow())

    def resume(self) -> None:
        """Go on where the last session stopped."""
        if self._resume is not None:
            self.show_flow(self._resume.flow)

    def show_problem(self, problem: Problem) -> None:
        """Show a problem wherever the user is."""
        if self._stack.currentWidget() is self.welcome:
            self.welcome.show_problem(problem)
        else:
            page = self.wizard.page
            page.problem_panel.show_problem(problem, tr("Something went wrong in Isthmus"))
            page.ensureWidgetVisible(page.problem_panel)

    def toast(self, text: str) -> None:
        """Say that what was asked for is done."""
        Toast(self._stack, text)

    def choose_theme(self, choice: Choice) -> None:
        """Show ``choice`` from now on, and in later sessions."""
        self._state.theme = choice
        theme().choose(choice)
        self.welcome.show_theme(choice)
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
        try:
            self.saver.flush()
        except ProblemError as error:
            self.show_problem(error.problem)
            event.ignore()
            return
        self._state.keep_place(self)
        event.accept()
        self.closed.emit()

    # How it hangs together

    def _connect(self) -> None:
        self.welcome.new_asked.connect(self.start_new)
        self.welcome.resume_asked.connect(self.resume)
        self.welcome.sandbox_asked.connect(self.sandbox_asked)
        self.welcome.open_asked.connect(self._on_open)
        self.welcome.forget_asked.connect(lambda: view_tasks.start(self._forget()))
        self.welcome.theme_chosen.connect(self.choose_theme)
        self.wizard.left_wizard.connect(self._on_left_wizard)
        self.wizard.flow_changed.connect(self._on_flow_changed)
        self.wizard.help_toggled.connect(self._on_help_toggled)
        self.saver.saved.connect(self.wizard.show_saved)
        self.saver.failed.connect(self.wizard.show_not_saved)

    def _make_menus(self) -> None:
        bar = self.menuBar()
        name(bar, tr("Menu"))
        file = bar.addMenu(tr("&File"))
        file.addAction(tr("New import"), QKeySequence.StandardKey.New, self.start_new)
        file.addAction(tr("Open profile…"), QKeySequence.StandardKey.Open, self._on_open)
        file.addAction(tr("Open the sandbox"), self.sandbox_asked.emit)
        file.addSeparator()
        file.addAction(tr("Welcome page"), self._on_left_wizard)
        file.addSeparator()
        file.addAction(tr("Quit"), QKeySequence.StandardKey.Quit, self.close)
        go = bar.addMenu(tr("&Import"))
        go.addAction(tr("Back\tAlt+Left"), self.wizard.go_back)
        go.addAction(tr("Steps"), QKeySequence("Ctrl+L"), self.wizard.rail.setFocus)
        view = bar.addMenu(tr("&View"))
        self._theme_group = QActionGroup(self)
        for choice, words in THEMES.items():
            action = view.addAction(tr(words))
            action.setCheckable(True)
            action.setData(choice)
            action.triggered.connect(lambda _checked, choice=choice: self.choose_theme(choice))
            self._theme_group.addAction(action)
        help_menu = bar.addMenu(tr("&Help"))
        help_menu.addAction(tr("About this step\tF1"), lambda: self.wizard.show_help(True))

    def _on_open(self) -> None:
        view_tasks.start(self._open())

    async def _open(self) -> None:
        folder = config_folder()
        chosen = await dialogs.file_to_open(
            self, tr("Open a profile"), tr("Profiles (*.toml)"), folder
        )
        if chosen is not None:
            self.profile_chosen.emit(chosen)

    async def _forget(self) -> None:
        resume = self._resume
        if resume is None:
            return
        title = tr("Forget {name}?", name=resume.flow.draft.name)
        text = tr("What was typed is deleted. Nothing in a cloud changes.")
        if await dialogs.confirmed(self, title, text, tr("Forget it"), danger=True):
            try:
                self.saver.forget()
            except ProblemError as error:
                self.show_problem(error.problem)
                return
            self._resume = None
            self.welcome.show_resume(None)
            self.show_welcome()

    def _on_left_wizard(self) -> None:
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
