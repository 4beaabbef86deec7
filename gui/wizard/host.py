"""The wizard's host: it holds the flow and has every page, the rail and the footer show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from core.errors import Problem, ProblemError
from core.onboarding.draft import Draft
from core.onboarding.flow import Flow
from core.onboarding.steps import STEPS, StepId
from gui.accessibility import announce
from gui.jobs import Jobs
from gui.widgets.drawing import Line, Shape
from gui.widgets.layouts import column, holder, row, set_ground
from gui.widgets.side_list import FOLDED
from gui.widgets.text import Elided, Label
from gui.wizard.cloud_changes import CloudChanges
from gui.wizard.footer import Footer
from gui.wizard.help_panel import WIDTH, HelpPanel
from gui.wizard.memory import memory_of
from gui.wizard.page import EmptyPage, Page
from gui.wizard.rail import UNFOLDED, Rail
from gui.wizard.step_states import StepState, step_rows
from gui.words import tr

NARROW_WIDTH = 1100
NARROW_HEIGHT = 640
_WIDE_BESIDE_HELP = 1440
"""From here on a page that wants the room of the help panel has enough beside it, px."""
_LINE = 1
_AHEAD_MS = 30
"""After this the page that was asked for has been painted."""

PageFactory = Callable[[StepId, Jobs], Page]


class Wizard(QWidget):
    """Rail, page, help and footer.

    Attributes:
        flow: where the user is, and the draft.
        changes: what was changed in the clouds.

    Signals:
        flow_changed: with the new Flow and whether another page is shown.
        left_wizard: Back on the first page.
        help_toggled: the help panel was opened (True) or closed by the user.
        settings_asked: a page of the settings is wanted, by its key.
        bundle_asked: a diagnostic bundle about a Problem is wanted.
    """

    flow_changed = Signal(object, bool)
    left_wizard = Signal()
    help_toggled = Signal(bool)
    settings_asked = Signal(str)
    bundle_asked = Signal(object)

    def __init__(self, jobs: Jobs, factories: Mapping[StepId, PageFactory] | None = None) -> None:
        super().__init__()
        self._jobs = jobs
        self._factories = dict(factories or {})
        self._pages: dict[StepId, Page] = {}
        self._told: dict[StepId, StepState] = {}
        self._help_wanted: bool | None = None
        self._narrow = False
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(_AHEAD_MS)
        self._ahead.timeout.connect(self._make_next)
        self.flow = Flow()
        self.changes = CloudChanges()

        self.rail = Rail()
        self.rail.asked.connect(self.jump)
        self._mark = Shape("mark", "accent-text", 24, "window")
        self._name = Elided("", "strong")
        self._product = Label("Isthmus", "caption", "muted")
        self._names = holder(column(self._name, self._product))
        self._saved_shape = Shape("lock", "muted", 14, "window")
        self._saved = Label("", "caption", "muted")
        self._saved_shape.hide()
        self._saved_row = holder(row(self._saved_shape, self._saved, None, margin=(19, 4, 8, 12)))
        self._head = row(self._mark, self._names, gap=10)
        self._head.setStretch(1, 1)
        self._head.setAlignment(self._mark, Qt.AlignmentFlag.AlignLeft)
        self._side = holder(column(holder(self._head), self.rail, self._saved_row), "window")
        self.stack = QStackedWidget()
        self.help = HelpPanel(self)
        self.help.closed.connect(lambda: self.show_help(False))
        self.footer = Footer()
        self.footer.back.connect(self.go_back)
        self.footer.on.connect(self._on_primary)
        self.footer.secondary.connect(lambda: self.page.do_secondary())
        self.footer.help_asked.connect(lambda: self.show_help(True))
        self._middle = row(self.stack, self.help, gap=0)
        self._middle.setStretch(0, 1)
        right = column(holder(self._middle), self.footer)
        right.setStretch(0, 1)
        everything = row(self._side, Line(down=True), holder(right), gap=0)
        everything.setStretch(2, 1)
        self.setLayout(everything)
        set_ground(self, "surface")
        for keys, act in (
            ("Alt+Left", self.go_back),
            ("Alt+Right", self._on_shortcut),
            ("F1", lambda: self.show_help(not self.help.isVisible())),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        self._arrange()
        self._show_flow(True)

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.page_of(self.flow.current)

    def page_of(self, step: StepId) -> Page:
        """The page of ``step``, made at its first use."""
        if step not in self._pages:
            page = self._factories.get(step, EmptyPage)(step, self._jobs)
            page.edited.connect(self.edit)
            page.recorded.connect(lambda value, asked: self.record(step, value, asked))
            page.asked_on.connect(self.go_next)
            page.offer_changed.connect(self._show_offer)
            page.told.connect(lambda state: self._on_told(step, state))
            page.changed_clouds.connect(self.show_changes)
            page.jump_asked.connect(self.jump)
            page.settings_asked.connect(self.settings_asked)
            page.bundle_asked.connect(self.bundle_asked)
            page.can_jump = lambda asked: self.flow.can_jump(asked)
            self._pages[step] = page
            self.stack.addWidget(page)
            page.set_narrow(self._narrow)
        return self._pages[step]

    # Moves

    def show_flow(self, flow: Flow) -> None:
        """Show another flow: that of a profile, or one that was left earlier."""
        self.flow = flow
        self._told.clear()
        memory = memory_of(self._jobs, flow.draft)
        memory.earlier = memory.earlier or bool(flow.history or flow.draft.profile_file)
        self.show_changes(memory.changes())
        self._show_flow(True)
        self.flow_changed.emit(self.flow, True)

    def go_next(self) -> None:
        """One step on; where an answer is wrong, its field gets the focus instead."""
        if any(each.severity == "error" for each in self.flow.problems):
            self.page.reveal_problems()
            return
        self._move(self.flow.go_next())

    def go_back(self) -> None:
        """One step back; from the first page to the welcome page."""
        if not self.flow.history:
            self.left_wizard.emit()
            return
        self._move(self.flow.go_back())

    def jump(self, step: StepId) -> None:
        """To a visited step."""
        self._move(self.flow.jump(step))

    def _move(self, flow: Flow) -> None:
        if flow.current is self.flow.current:
            return
        self.page.left()
        self.flow = flow
        self._show_flow(True)
        self.flow_changed.emit(self.flow, True)

    # Answers and results

    def edit(self, draft: Draft) -> None:
        """Take ``draft`` as the answers; a text that looks like a secret is refused and said."""
        self._take(lambda: self.flow.edit(draft))

    def record(self, step: StepId, value: object, asked: Draft) -> None:
        """Take what a job found for ``step`` when it was given ``asked``."""
        self._take(lambda: self.flow.record(step, value, datetime.now().astimezone(), asked))

    def _take(self, change: Callable[[], Flow]) -> None:
        try:
            self.flow = change()
        except ProblemError as error:
            self.page.show_problems([*self.flow.problems, error.problem])
            return
        self._show_flow(False)
        self.flow_changed.emit(self.flow, False)

    # What is shown around the page

    def show_changes(self, changes: CloudChanges) -> None:
        """Say in the footer what has been changed in the clouds."""
        self.changes = changes
        self.footer.show_changes(changes)

    def show_saved(self, at: datetime) -> None:
        """Say at the rail's foot when the draft was saved."""
        self._saved.setText(tr("Saved {clock}", clock=at.astimezone().strftime("%H:%M")))
        self._saved_row.setToolTip(at.astimezone().isoformat(sep=" ", timespec="seconds"))
        self._saved_shape.show_shape("lock", "muted")
        self._saved_shape.show()

    def show_not_saved(self, problem: Problem) -> None:
        """Say at the rail's foot that the draft could not be saved, and why."""
        self._saved.setText(tr("Not saved"))
        self._saved_row.setToolTip(f"{problem.cause} {problem.remedy}")
        self._saved_shape.show_shape("failed", "fail")
        self._saved_shape.show()
        announce(self, f"{problem.cause} {problem.remedy}", urgent=True)

    def show_help(self, shown: bool) -> None:
        """Open or close the help panel; pages with wide tables have it closed until asked."""
        self._help_wanted = shown
        self._arrange()
        self.help_toggled.emit(shown)
        if shown:
            self.help.close_button.setFocus()
        else:
            self.footer.help_button.setFocus()

    def set_help_wanted(self, wanted: bool | None) -> None:
        """What the user chose in an earlier session; None: nothing."""
        self._help_wanted = wanted
        self._arrange()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Fold the rail and lay help over the page where the window is small."""
        narrow = self.width() < NARROW_WIDTH or self.height() < NARROW_HEIGHT
        self._narrow = narrow
        self._side.setFixedWidth(FOLDED if narrow else UNFOLDED)
        self.rail.fold(narrow, compact=self.height() < 760)
        self._names.setVisible(not narrow)
        self._saved_row.setVisible(not narrow)
        self._mark.setFixedSize(24, 24)
        self._head.setContentsMargins(*((14, 12, 0, 4) if narrow else (18, 13, 8, 12)))
        wanted = self._help_wanted
        if wanted is None:
            wanted = not narrow and not self.page.wide
        for page in self._pages.values():
            page.set_narrow(narrow or (wanted and page.wide and self.width() < _WIDE_BESIDE_HELP))
        self.help.setVisible(wanted)
        self.footer.show_help_button(not wanted, short=narrow)
        if narrow:
            self._middle.removeWidget(self.help)
            area = self.stack.geometry()
            room = self._middle.geometry()
            beside = self.width() - FOLDED - _LINE  # its parent is not laid out yet
            tall = max(room.height(), area.height())
            self.help.setGeometry(beside - WIDTH, 0, WIDTH, tall)
            self.help.raise_()
        elif self._middle.indexOf(self.help) < 0:
            self._middle.addWidget(self.help)

    def _show_flow(self, moved: bool) -> None:
        self._name.set_whole(self.flow.draft.name)
        page = self.page
        page.show_draft(self.flow.draft)
        page.show_problems(self.flow.problems)
        self.rail.show_rows(step_rows(self.flow, self._told))
        self._show_offer()
        if moved:
            self.help.show_step(self.flow.current)
            self.stack.setCurrentWidget(page)
            page.verticalScrollBar().setValue(0)
            self._arrange()
            first = page.first_control() or self.footer.filled
            first.setFocus(Qt.FocusReason.OtherFocusReason)
            announce(page, page.title.text())
            page.entered()
            self._ahead.start()

    def _make_next(self) -> None:
        """Make the page that Continue would show: the way on then costs only showing it."""
        following = STEPS[self.flow.current].next(self.flow.draft, self.flow.road)
        if following is not None:
            self.page_of(following)

    def _show_offer(self) -> None:
        self.footer.show_offer(self.page.offer, can_go_back=True)

    def _on_primary(self) -> None:
        offer = self.page.offer
        if not offer.reason:
            self.page.go_on()

    def _on_shortcut(self) -> None:
        if not self.page.offer.verb:  # a key that moves never changes a cloud
            self._on_primary()

    def _on_told(self, step: StepId, state: StepState | None) -> None:
        if state is None:
            self._told.pop(step, None)
        else:
            self._told[step] = state
        self.rail.show_rows(step_rows(self.flow, self._told))
