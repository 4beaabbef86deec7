"""The panel of a problem: what went wrong, why, what to do, and the raw text on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.errors import Problem
from gui.accessibility import announce, name
from gui.widgets.buttons import Button, Kind
from gui.widgets.copy_button import CopyButton
from gui.widgets.drawing import Shape
from gui.widgets.layouts import column, holder, row, take_out
from gui.widgets.text import Label, Paragraph
from gui.words import tr


@dataclass(frozen=True)
class Remedy:
    """A button of the panel.

    Attributes:
        text: of the button.
        act: what it does.
        icon: of the button.
        leads: it is the remedy itself and is filled; one of them at most.
    """

    text: str
    act: Callable[[], None]
    icon: str = ""
    leads: bool = False


class Details(QFrame):
    """The raw text behind a problem, opened at once or not at all; it can be copied.

    Signals:
        bundle_asked: a diagnostic bundle is wanted.
    """

    bundle_asked = Signal()

    def __init__(self, code: str, detail: str) -> None:
        super().__init__()
        self.setProperty("box", "sunken")
        self.opener = Button(tr("Details"), "quiet", "chevron-right", small=True)
        self.opener.setCheckable(True)
        self.opener.toggled.connect(self.open)
        text = f"{code}\n{detail}" if detail else code
        copy = CopyButton(tr("Copy details"), text, kind="quiet")
        self._raw = Label(detail, "machine", wrap=True, selectable=True)
        self._raw.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        name(self._raw, detail)
        head = row(self.opener, Label(code, "machine", "muted"), None, copy, gap=4)
        bundle = Button(tr("Save diagnostic bundle…"), "quiet", "box", small=True)
        bundle.clicked.connect(self.bundle_asked)
        head.addWidget(bundle)
        self._raw_box = holder(column(self._raw, margin=(8, 2, 8, 6)))
        self.setLayout(column(head, self._raw_box, margin=(4, 4, 8, 4)))
        self._has_detail = bool(detail)
        self.opener.setChecked(self._has_detail)
        self.open(self._has_detail)

    def open(self, opened: bool) -> None:
        """Show the raw text, or hide it."""
        self.opener.set_icon("chevron-down" if opened else "chevron-right")
        self._raw_box.setVisible(opened and self._has_detail)


class ProblemPanel(QFrame):
    """One problem in full. At most one stands open on a page.

    Signals:
        bundle_asked: a diagnostic bundle is wanted.
    """

    bundle_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("box", "fail")
        self._body = column(gap=0, margin=(17, 15, 17, 17))
        self.setLayout(self._body)
        self.title = Label("", "section", wrap=True)
        self.title.setParent(self)
        self.title.hide()
        self.problem: Problem | None = None
        self.buttons: tuple[Button, ...] = ()
        self.hide()

    def show_problem(
        self, problem: Problem, title: str, remedies: tuple[Remedy, ...] = (), *, focus: bool = True
    ) -> None:
        """Show ``problem`` under ``title``, which names what refused whom; it is announced."""
        self._clear()
        self.problem = problem
        warning = problem.severity == "warning"
        shape = Shape("warning" if warning else "failed", "warn" if warning else "fail", 18)
        self.title = Label(title, "section", wrap=True)
        self.title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.buttons = tuple(_button(each) for each in remedies)
        words = column(
            self.title,
            8,
            Label(tr("Cause"), "caption", "muted"),
            2,
            Paragraph(problem.cause, selectable=True),
            12,
            Label(tr("What to do"), "caption", "muted"),
            2,
            Paragraph(problem.remedy, selectable=True),
        )
        if self.buttons:
            words.addSpacing(14)
            words.addLayout(row(*self.buttons, None))
        details = Details(problem.code, problem.detail)
        details.bundle_asked.connect(self.bundle_asked)
        words.addSpacing(14)
        words.addWidget(details)
        inner = row(column(2, shape, None), words, gap=12)
        inner.setStretch(1, 1)
        self._body.addWidget(holder(inner))
        self.show()
        announce(self, f"{title}. {problem.cause} {problem.remedy}", urgent=True)
        if focus:
            self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> None:
        """Hide the panel; the problem is gone."""
        self._clear()
        self.hide()

    def _clear(self) -> None:
        self.problem = None
        self.buttons = ()
        take_out(self._body)


class ProblemLine(QFrame):
    """A problem in one line, with what can be done: for one action among others that go on."""

    def __init__(self, title: str, text: str, *remedies: Remedy) -> None:
        super().__init__()
        self.setProperty("box", "fail")
        self.buttons = tuple(_button(each) for each in remedies)
        words = column(
            Label(title, "strong", wrap=True), Label(text, "caption", "muted", wrap=True)
        )
        layout = row(
            Shape("failed", "fail", 18), words, *self.buttons, gap=12, margin=(17, 11, 12, 11)
        )
        layout.setStretch(1, 1)
        self.setLayout(layout)


def _button(remedy: Remedy) -> Button:
    kind: Kind = "primary" if remedy.leads else "secondary"
    made = Button(remedy.text, kind, remedy.icon)
    made.clicked.connect(lambda: remedy.act())
    return made
