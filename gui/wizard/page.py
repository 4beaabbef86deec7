"""The base of every page of the wizard: title, lead, body; it fills in a draft and shows a result.

A page changes nothing by itself: what is typed goes out by ``edited``, what a job found by
``recorded``, and the host, which holds the flow, answers with ``show_draft`` and ``show_problems``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.errors import Problem
from core.onboarding.draft import Draft
from core.onboarding.steps import StepId
from gui.accessibility import name
from gui.jobs import Job, Jobs, Work
from gui.widgets.banner import Banner
from gui.widgets.fields import Field
from gui.widgets.layouts import column, holder, row, set_ground, take_out
from gui.widgets.problem_panel import ProblemPanel
from gui.widgets.progress_row import ProgressRow
from gui.widgets.scroll import ScrollArea
from gui.widgets.text import Label, Paragraph
from gui.wizard.footer import Offer
from gui.wizard.guide import guide
from gui.wizard.step_states import StepState
from gui.wizard.ways import remedies_on

CONTENT_WIDTH = 1040
PROSE_WIDTH = 720
_BODY_PLACE = 5
_FIRST = (QLineEdit, QComboBox, QAbstractSpinBox, QAbstractButton, QAbstractItemView)


class Page(ScrollArea):
    """One page.

    Attributes:
        step: which step.
        draft: what is shown.
        body: the column that a page puts its widgets in.
        head: the row beside the title, for badges.
        wide: the page needs the room of the help panel, which is closed there unless asked for.
        fills: the body takes the whole height, as tables and tails want it.
        can_jump: whether the host can go to a step now.

    Signals:
        edited: a new Draft, by the user.
        recorded: (value, asked): what a job found, and the draft that it was given.
        asked_on: the page wants to go on, as Continue would.
        offer_changed: ``offer`` is new.
        told: a StepState that only the page knows, or None.
        changed_clouds: a new CloudChanges.
        jump_asked: a StepId that the user should go to; the host goes where the flow can.
        settings_asked: a page of the settings, by its key.
        bundle_asked: a diagnostic bundle about a Problem.
    """

    edited = Signal(object)
    recorded = Signal(object, object)
    asked_on = Signal()
    offer_changed = Signal()
    told = Signal(object)
    changed_clouds = Signal(object)
    jump_asked = Signal(object)
    settings_asked = Signal(str)
    bundle_asked = Signal(object)

    wide = False
    fills = False

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__()
        self.step = step
        self.jobs = jobs
        self.draft = Draft()
        self._offer = Offer()
        self._fields: dict[str, Field] = {}
        texts = guide(step)
        self.title = Label(texts.title, "title", wrap=True)
        self.lead = Paragraph(texts.lead, tone="muted")
        self.lead.setMaximumWidth(PROSE_WIDTH)
        self.head = row()
        top = row(self.title, self.head)
        top.setStretch(0, 1)
        self.notices = column(gap=8)
        self.progress = ProgressRow()
        self.problem_panel = ProblemPanel()
        self.problem_panel.bundle_asked.connect(
            lambda: self.bundle_asked.emit(self.problem_panel.problem)
        )
        self.can_jump: Callable[[StepId], bool] = lambda step: False
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(16)
        self._column = column(
            top, 3, self.lead, 20, self.notices, self.body, self.progress, self.problem_panel
        )
        if self.fills:
            self._column.setStretch(_BODY_PLACE, 1)
        else:
            self._column.addStretch(1)
        inner = holder(self._column)
        if not self.wide:
            inner.setMaximumWidth(CONTENT_WIDTH)
        self._frame = row(inner, gap=0)
        self._frame.setStretch(0, 1)
        content = holder(self._frame, "surface")
        self._content = content
        self.setWidget(content)
        set_ground(self, "surface")
        name(self, texts.title)
        self.set_narrow(False)

    # What a page offers to its host

    @property
    def offer(self) -> Offer:
        """The way on."""
        return self._offer

    def show_draft(self, draft: Draft) -> None:
        """Show the answers of ``draft``. A page with fields extends this, and emits nothing."""
        self.draft = draft

    def entered(self) -> None:
        """The page is shown now: a job that only looks may start."""

    def left(self) -> None:
        """Another page is shown now."""

    def go_on(self) -> None:
        """The filled button was pressed."""
        self.asked_on.emit()

    def do_secondary(self) -> None:
        """The button beside it was pressed."""

    # What a page uses

    def set_offer(self, offer: Offer) -> None:
        """Change the way on."""
        if offer != self._offer:
            self._offer = offer
            self.offer_changed.emit()

    def add_field(self, where: str, field: Field) -> Field:
        """Have problems at ``where`` (a dotted place in the draft) shown at ``field``."""
        self._fields[where] = field
        if isinstance(field.control, QLineEdit):
            field.control.returnPressed.connect(self._on_return)
        return field

    def start(self, key: str, work: Work, waiting: str) -> Job:
        """Start a job of this page and show its wait; a problem opens the panel by default."""
        self.problem_panel.clear()
        job = self.jobs.start(f"{self.step}.{key}", work, waiting)
        self.progress.follow(job)
        return job

    def show_problems(self, problems: Iterable[Problem]) -> None:
        """Show what is wrong with the answers: at its field, or as a banner."""
        at_fields: dict[str, Problem] = {}
        others: list[Problem] = []
        for each in problems:
            if each.where in self._fields:
                at_fields.setdefault(each.where, each)
            else:
                others.append(each)
        for where, field in self._fields.items():
            field.set_problem(at_fields.get(where))
        self._show_banners(others)

    def reveal_problems(self) -> bool:
        """Show every field's problem and go to the first; whether there is one."""
        bad = [field for field in self._fields.values() if field.reveal()]
        if bad:
            bad[0].control.setFocus(Qt.FocusReason.OtherFocusReason)
            self.reveal(bad[0])
        return bool(bad)

    def tell(self, state: StepState | None) -> None:
        """Show ``state`` in the rail; None: what the flow says."""
        self.told.emit(state)

    def set_narrow(self, narrow: bool) -> None:
        """Smaller margins for small windows."""
        side, top = (24, 16) if narrow else (32, 24)
        self._frame.setContentsMargins(side, top, side, top)

    def first_control(self) -> QWidget | None:
        """Where the focus goes when the page is shown: what is wrong, else the first control."""
        if self.problem_panel.problem is not None:
            return self.problem_panel.title
        content = self._content
        candidate = content.nextInFocusChain()
        while candidate is not None and content.isAncestorOf(candidate):
            if (
                isinstance(candidate, _FIRST)
                and candidate.focusPolicy() & Qt.FocusPolicy.TabFocus
                and candidate.isEnabled()
                and candidate.isVisibleTo(content)
            ):
                return candidate
            candidate = candidate.nextInFocusChain()
        return None

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            down = event.key() == Qt.Key.Key_PageDown
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + (bar.pageStep() if down else -bar.pageStep()))
            return
        super().keyPressEvent(event)

    def _show_banners(self, problems: list[Problem]) -> None:
        take_out(self.notices)
        for each in problems:
            tone = "fail" if each.severity == "error" else "warn"
            way = next(iter(remedies_on(self, each)), None)
            text = way.text if way is not None else ""
            banner = Banner(tone, each.cause, each.remedy, text)  # type: ignore[arg-type]
            if way is not None:
                banner.pressed.connect(way.act)
            self.notices.addWidget(banner)
        self.notices.setContentsMargins(0, 0, 0, 16 if problems else 0)

    def _on_return(self) -> None:
        if not self._offer.verb and not self._offer.reason:
            self.go_on()


class EmptyPage(Page):
    """The page of a step that has no page of its own yet."""

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        for paragraph in guide(step).about:
            prose = Paragraph(paragraph)
            prose.setMaximumWidth(PROSE_WIDTH)
            self.body.addWidget(prose)
