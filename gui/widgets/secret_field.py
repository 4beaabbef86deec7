"""A secret as it may be shown: name, fingerprint, age. Its value goes in and never comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from gui.accessibility import announce, buddy, name
from gui.figures import age
from gui.widgets.buttons import Button
from gui.widgets.fields import Note
from gui.widgets.layouts import column, holder, row
from gui.widgets.text import Label
from gui.words import tr


@dataclass(frozen=True)
class KnownSecret:
    """What may be known of a secret.

    Attributes:
        name: whose it is, such as the policy's.
        fingerprint: the beginning of its digest.
        since: when it was put there, with its zone; None: not known.
        place: where it is kept, in words.
        with_age: say that the age is not known where it is not.
    """

    name: str
    fingerprint: str
    since: datetime | None
    place: str
    with_age: bool = False


class SecretField(QWidget):
    """A field for one secret. While there is none, or it is replaced, it takes one; then it shows
    what may be known of it.

    Signals:
        given: with the new value, once; the field is empty at once.
        file_asked: the value is to come from a file, since it is no single line.
        forget_asked: the user wants the secret deleted.
    """

    given = Signal(str)
    file_asked = Signal()
    forget_asked = Signal()

    def __init__(
        self, label: str, *, placeholder: str = "", with_forget: bool = True,
        from_file: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._known: KnownSecret | None = None
        self._from_file = from_file
        self._with_forget = with_forget
        self._fixed = ""
        self.label = Label(label, "name")
        self.entry = QLineEdit()
        self.entry.setEchoMode(QLineEdit.EchoMode.Password)
        self.entry.setPlaceholderText(placeholder)
        self.entry.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.entry.returnPressed.connect(self._give)
        self.take = Button(tr("Choose a file…") if from_file else tr("Keep it"))
        self.entry.textChanged.connect(lambda text: self.take.setEnabled(bool(text) or from_file))
        self.take.setEnabled(from_file)
        self.entry.setReadOnly(from_file)
        self.take.clicked.connect(self._give)
        self.leave = Button(tr("Leave as it is"), "quiet")
        self.leave.clicked.connect(self._leave)
        self.shown = QLineEdit()
        self.shown.setReadOnly(True)
        self.shown.setProperty("inset", True)
        self.replace = Button(tr("Replace"))
        self.replace.clicked.connect(self._replace)
        self.forget = Button(tr("Forget…"), "quiet")
        self.forget.clicked.connect(self.forget_asked)
        buddy(self.label, self.entry)
        name(self.shown, label)
        entering = row(self.entry, self.take, self.leave)
        entering.setStretch(0, 1)
        showing = row(self.shown, self.replace, self.forget)
        showing.setStretch(0, 1)
        place = QWidget()
        self._stack = QStackedLayout(place)  # without it the first one would be shown as a window
        self._stack.addWidget(holder(entering))
        self._stack.addWidget(holder(showing))
        self._note = Note()
        self.setLayout(column(self.label, 4, place, 4, self._note))
        self.forget.setVisible(with_forget)
        self.show_known(None)

    def show_known(self, known: KnownSecret | None, now: datetime | None = None) -> None:
        """Show what may be known of the secret; None: there is none."""
        self._known = known
        self.entry.clear()
        self.leave.setVisible(known is not None)
        if known is None:
            self._stack.setCurrentIndex(0)
            self._note.say("")
            return
        parts = [known.name, known.fingerprint]
        if known.since is not None:
            parts.append(
                tr("put there {age}", age=age(known.since, now or datetime.now().astimezone()))
            )
        elif known.with_age:
            parts.append(tr("age not known"))
        self.shown.setText(", ".join(part for part in parts if part))
        self.shown.setCursorPosition(0)
        self._stack.setCurrentIndex(1)
        self.say(tr("Kept in {place}. The value is never shown.", place=known.place), "done", "ok")

    def set_changeable(self, changeable: bool, why: str = "") -> None:
        """Whether it can be replaced and forgotten here; ``why`` says why not."""
        for each in (self.take, self.replace, self.entry):
            each.setEnabled(changeable)
        if changeable:
            self.take.setEnabled(self._from_file)
        self.forget.setVisible(changeable and self._with_forget)
        self._fixed = "" if changeable else why

    def say(self, text: str, icon: str, tone: str) -> None:
        """A sentence below the field."""
        self._note.say(" ".join(filter(None, (text, self._fixed))), icon, tone)

    def show_problem(self, text: str) -> None:
        """Say what is wrong with what was given."""
        self._note.say(text, "failed", "fail", "fail")
        announce(self, text)

    def _replace(self) -> None:
        self._stack.setCurrentIndex(0)
        self.entry.setFocus()

    def _leave(self) -> None:
        self.show_known(self._known)
        self.replace.setFocus()

    def _give(self) -> None:
        if self._from_file:
            self.file_asked.emit()
            return
        value = self.entry.text()
        self.entry.clear()
        if value:
            self.given.emit(value)
