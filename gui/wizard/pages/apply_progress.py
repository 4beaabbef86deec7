"""A plan while it is carried out: how far it is, what is waited for, and every action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHeaderView, QProgressBar, QVBoxLayout, QWidget

from core.errors import Problem
from core.onboarding.action import Action, Kind, Plan, State
from gui.accessibility import announce, name
from gui.figures import duration
from gui.widgets.buttons import Button
from gui.widgets.layouts import column, frame, row, take_out
from gui.widgets.plan_list import ActionRow, action_table
from gui.widgets.problem_panel import ProblemLine, Remedy
from gui.widgets.text import Label
from gui.wizard.pages.plan_view import sentence_of, title_of
from gui.words import tr

_TICK_MS = 250
_NAME_WIDTH = 212
_DONE = {
    Kind.CREATE: "Created",
    Kind.CHANGE: "Changed",
    Kind.REUSE: "Already there, nothing to do",
    Kind.DELETE: "Deleted",
}


class ApplyProgress(QWidget):
    """The progress of one plan.

    Attributes:
        stop: ends it before the next action, and pressed again at once; what was made stays.
        ways_on: buttons that lead to where a problem is put right; set by the page.

    Signals:
        again_asked: after a failure, the user wants it to go on.
        stop_asked: before the next action (False), or at once (True).
    """

    again_asked = Signal()
    stop_asked = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._actions: dict[str, Action] = {}
        self._began: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._start = monotonic()
        self._running = False
        self.head = Label("", "section")
        self._elapsed = Label("", "caption", "muted", tabular=True)
        self.stop = Button(tr("Stop after this one"), icon="pause", small=True)
        self.stop.clicked.connect(self._on_stop)
        self._stopping = False
        self.ways_on: Callable[[Problem], tuple[Remedy, ...]] = lambda problem: ()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        name(self._bar, tr("Progress"))
        self.waiting = Label("", "caption", "muted", wrap=True)
        top = row(self.head, None, self._elapsed, self.stop)
        box = frame("raised", column(top, 8, self._bar, 6, self.waiting, margin=(17, 11, 12, 11)))
        self.table = action_table(tr("Actions"))
        across = self.table.view.horizontalHeader()
        across.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        across.resizeSection(0, _NAME_WIDTH)
        self.lines: QVBoxLayout = column(gap=8)
        self.setLayout(column(box, self.table, self.lines, gap=14))
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show)

    @property
    def states(self) -> tuple[Action, ...]:
        """How every action is now."""
        return tuple(self._actions.values())

    def begin(self, plan: Plan) -> None:
        """``plan`` is carried out from now on."""
        self._actions = {each.id: each for each in plan.actions}
        self._began.clear()
        self._took.clear()
        self._start = monotonic()
        self._running = True
        self._clear_lines()
        self.waiting.setText(tr("Looking at what is there"))
        self._stopping = False
        self.stop.setText(tr("Stop after this one"))
        self.stop.show()
        self._tick.start()
        self._show()

    def on_action(self, action: Action) -> None:
        """An action is further than before."""
        now = monotonic()
        self._actions[action.id] = action
        began = self._began.setdefault(action.id, now)
        if action.state is not State.RUNNING:
            self._took[action.id] = now - began
            if action.kind is Kind.REUSE:
                self._took.pop(action.id)
        self._show()

    def on_waiting(self, sentence: str) -> None:
        """What is waited for now."""
        if self._stopping:
            sentence = tr("{what}; then it stops", what=sentence)
        self.waiting.setText(sentence[:1].upper() + sentence[1:])

    def end(
        self, actions: tuple[Action, ...] | None = None, problem: Problem | None = None
    ) -> None:
        """It has ended; ``problem``: what stopped it as a whole."""
        for each in actions or ():
            self._actions[each.id] = each
        self._running = False
        self._tick.stop()
        self._elapsed.setText(duration(monotonic() - self._start))
        self.stop.hide()
        failed = [each for each in self.states if each.state is State.FAILED]
        if problem is not None and not failed:
            self._add_line(tr("The plan was not carried out"), problem)
        for each in failed:
            if each.problem is not None:
                self._add_line(tr("{what} failed", what=title_of(each)), each.problem)
        whole = not failed and problem is None and self._count(State.DONE) == len(self._actions)
        said = (
            tr("Every action is done and was looked at again.")
            if whole
            else tr("What was made stays. Going on does only what is still missing.")
        )
        self.waiting.setText(said)
        self._show()
        announce(self, f"{self.head.text()}. {said}")

    def stop_after_this_one(self) -> None:
        """Have it end before the next action."""
        if self._running and not self._stopping:
            self._on_stop()

    def _on_stop(self) -> None:
        self.stop_asked.emit(self._stopping)
        if not self._stopping:
            self._stopping = True
            self.stop.setText(tr("Stop at once"))
            self.on_waiting(self.waiting.text())
        announce(self.stop, tr("It stops when this action has ended"))

    def _add_line(self, title: str, problem: Problem) -> None:
        again = Remedy(tr("Go on"), self.again_asked.emit, "reload")
        whole = (again, *self.ways_on(problem)[:1])
        self.lines.addWidget(ProblemLine(title, f"{problem.cause} {problem.remedy}", *whole))

    def _clear_lines(self) -> None:
        take_out(self.lines)

    def _count(self, state: State) -> int:
        return sum(each.state is state for each in self._actions.values())

    def _show(self) -> None:
        done, failed, total = self._count(State.DONE), self._count(State.FAILED), len(self._actions)
        words = tr("{done} of {total} finished", done=done, total=total)
        if self._count(State.RUNNING):
            words += tr(", {n} running", n=self._count(State.RUNNING))
        if failed:
            words += tr(", {n} failed", n=failed)
        self.head.setText(words)
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        passed = int(monotonic() - self._start)
        if self._running:
            self._elapsed.setText(duration(float(passed)) if passed else "")
        self.table.show_rows([self._row(each) for each in self._actions.values()])

    def _row(self, action: Action) -> ActionRow:
        seconds = self._took.get(action.id)
        if action.state is State.RUNNING:
            whole = int(monotonic() - self._began.get(action.id, monotonic()))
            seconds = float(whole) if whole else None
        where = tr("This machine") if action.id.startswith("azure/connection_string") else "Azure"
        made = ActionRow(title_of(action), where, "waiting", sentence_of(action), seconds)
        if action.state is State.RUNNING:
            return replace(made, state="running", result=sentence_of(action))
        if action.state is State.DONE:
            return replace(made, state="done", result=tr(_DONE[action.kind]))
        if action.state is State.FAILED:
            why = action.problem.cause if action.problem else tr("Failed")
            return replace(made, state="failed", result=why)
        if not self._running:
            return replace(made, state="skipped", result=tr("Not reached"))
        return made
