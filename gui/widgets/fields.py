"""A field: label above, control, and one line below it that is a hint, a check or a problem.

A problem is shown 0.4 s after typing stops or when the field is left, never while one types; a
field that nobody has touched shows none until it is revealed.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QWidget,
)
from typing_extensions import override

from core.errors import Problem
from gui.accessibility import announce, buddy
from gui.type_scale import font, height
from gui.widgets.drawing import Shape
from gui.widgets.layouts import column, row
from gui.widgets.text import Label
from gui.widgets.wheel import CalmComboBox, CalmSpinBox
from gui.words import tr

SETTLE_MS = 400
"""How long typing must have stopped before a problem is shown."""


class Note(QWidget):
    """The line below a field: a shape of 14 px, where there is one, and a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self._shape = Shape("info", "muted", 14)
        self._text = Label("", "caption", "muted", wrap=True)
        shape = column(2, self._shape, None)
        layout = row(shape, self._text, gap=6)
        layout.setAlignment(shape, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        policy = self._text.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        self._text.setSizePolicy(policy)
        self.say("")

    def say(self, text: str, icon: str = "", icon_tone: str = "muted", tone: str = "muted") -> None:
        """Show a sentence and its shape; an empty one hides the line."""
        self._text.setText(text)
        self._text.set_tone(tone)
        self._shape.setVisible(bool(icon))
        if icon:
            self._shape.show_shape(icon, icon_tone)
        self.setVisible(bool(text))

    def text(self) -> str:
        """The sentence."""
        return self._text.text()


class Field(QWidget):
    """A labelled control.

    Attributes:
        control: what is typed in or chosen from.

    Signals:
        edited: the user changed the value (not a program).
        settled: typing has stopped, or the field was left.
    """

    edited = Signal()
    settled = Signal()

    def __init__(self, label: str, control: QWidget, hint: str = "") -> None:
        super().__init__()
        self.control = control
        self._hint = hint
        self._problem = ""
        self._touched = False
        self.label = Label(label, "name")
        self.note = Note()
        buddy(self.label, control)
        control.setAccessibleDescription(hint)
        self.setLayout(column(self.label, 4, control, 4, self.note, None))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SETTLE_MS)
        self._pause.timeout.connect(self._settle)
        control.installEventFilter(self)
        self._connect(control)
        self._show()

    def set_problem(self, found: Problem | str | None) -> None:
        """What is wrong with the value, if anything; shown when the user has stopped typing."""
        text = f"{found.cause} {found.remedy}" if isinstance(found, Problem) else found or ""
        if text == self._problem:
            return
        self._problem = text
        if not text or not self._pause.isActive():
            self._show()

    def set_check(self, icon: str, icon_tone: str, text: str) -> None:
        """A line about the value that is no problem: a check that runs, or what it found."""
        if not self.shown_problem:
            self.note.say(text, icon, icon_tone)

    def clear_check(self) -> None:
        """Back to the hint."""
        self._show()

    def set_hint(self, hint: str) -> None:
        """Another hint."""
        self._hint = hint
        self._show()

    def reveal(self) -> bool:
        """Show the problem even if nobody has touched the field; whether there is one."""
        self._touched = True
        self._settle()
        return bool(self._problem)

    @property
    def shown_problem(self) -> str:
        """The problem that can be read now; empty: none."""
        return self._problem if self._touched and not self._pause.isActive() else ""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusOut and self._touched:
            self._settle()
        return super().eventFilter(watched, event)

    def _connect(self, control: QWidget) -> None:
        if isinstance(control, QLineEdit):
            control.textEdited.connect(self._on_edited)
        elif isinstance(control, QComboBox):
            control.activated.connect(self._on_edited)
        elif isinstance(control, QSpinBox):
            control.valueChanged.connect(self._on_edited)
        elif isinstance(control, QPlainTextEdit):
            control.textChanged.connect(self._on_edited)

    def _on_edited(self) -> None:
        self._touched = True
        self._pause.start()
        self._show()
        self.edited.emit()

    def _settle(self) -> None:
        self._pause.stop()
        self._show()
        if self.shown_problem:
            announce(self.control, self._problem)
        self.settled.emit()

    def _show(self) -> None:
        shown = self.shown_problem
        if bool(self.control.property("bad")) != bool(shown):
            self.control.setProperty("bad", bool(shown))
            self.control.style().unpolish(self.control)
            self.control.style().polish(self.control)
        if shown:
            self.note.say(shown, "failed", "fail", "fail")
        else:
            self.note.say(self._hint)
        self.control.setAccessibleDescription(shown or self._hint)


class TextField(Field):
    """A field of one line; ``machine``: for names and addresses, in the fixed font."""

    def __init__(
        self, label: str, hint: str = "", *, machine: bool = False, width: int = 320
    ) -> None:
        line = QLineEdit()
        if machine:
            line.setFont(font("machine"))
        line.setMinimumWidth(width)
        super().__init__(label, line, hint)
        self.line = line

    def value(self) -> str:
        """What is typed."""
        return self.line.text()

    def show_value(self, value: str) -> None:
        """Show ``value``; the cursor stays where it is if nothing is new."""
        if self.line.text() != value:
            self.line.setText(value)


class ChoiceField(Field):
    """A field to choose from; each choice has a value behind its words."""

    def __init__(self, label: str, hint: str = "", *, width: int = 320) -> None:
        combo = CalmComboBox()
        combo.setMinimumWidth(width)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        super().__init__(label, combo, hint)
        combo.setPlaceholderText(tr("Choose one"))
        self.combo = combo

    def show_choices(self, choices: dict[str, str]) -> None:
        """Offer these: value -> words. The chosen one stays, where it is still there."""
        chosen = self.value()
        self.combo.clear()
        for value, words in choices.items():
            self.combo.addItem(words, value)
        self.show_value(chosen)

    def value(self) -> str:
        """The value of the chosen one; empty: none."""
        return str(self.combo.currentData() or "")

    def show_value(self, value: str) -> None:
        """Choose ``value``, if it is there."""
        self.combo.setCurrentIndex(self.combo.findData(value))


class NumberField(Field):
    """A whole number with bounds."""

    def __init__(
        self, label: str, low: int, high: int, hint: str = "", *, unit: str = "", width: int = 88
    ) -> None:
        spin = CalmSpinBox()
        spin.setRange(low, high)
        spin.setFixedSize(width, height(32))
        spin.lineEdit().setTextMargins(7, 0, 0, 0)  # a style sheet's padding does not reach it
        spin.setSuffix(f" {unit}" if unit else "")
        spin.setFont(font("body", tabular=True))
        super().__init__(label, spin, hint)
        self.spin = spin

    def value(self) -> int:
        """The number."""
        return self.spin.value()

    def show_value(self, value: int) -> None:
        """Show ``value`` without calling it an edit."""
        self.spin.blockSignals(True)
        self.spin.setValue(value)
        self.spin.blockSignals(False)
