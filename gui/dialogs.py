"""The one place that opens dialogs: ``open()`` and a future, never ``exec()``.

A nested event loop would break the view's other coroutines (qasync issue 59), so every function
here is awaited. What can be said on the page is said there; a dialog is for what cannot wait: the
choice of a file, and leave to take away something that would be lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QVBoxLayout, QWidget
from typing_extensions import override

from gui.accessibility import name
from gui.widgets.buttons import Button
from gui.widgets.copy_button import CopyButton
from gui.widgets.fields import TextField
from gui.widgets.layouts import column, frame, row
from gui.widgets.text import Label, Paragraph
from gui.words import tr


async def opened(dialog: QDialog) -> int:
    """Open ``dialog`` and wait for its result. Cancelling the wait closes it."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(finish)
    dialog.open()
    try:
        return await answer
    finally:
        dialog.finished.disconnect(finish)
        dialog.close()
        dialog.deleteLater()


async def confirmed(
    parent: QWidget, title: str, text: str, verb: str, *, danger: bool = False
) -> bool:
    """Ask for leave to do ``verb``; Escape and closing mean no."""
    return await opened(Question(parent, title, text, verb, danger=danger)) == _ACCEPTED


async def chosen(parent: QWidget, title: str, text: str, answers: tuple[str, str, str]) -> int:
    """Which of ``answers`` was given: 0 the careful one, 1 the one that loses something, 2 (also
    Escape and closing) to leave things as they are."""
    result = await opened(Choice(parent, title, text, answers))
    return {_ACCEPTED: 0, Choice.SECOND: 1}.get(result, 2)


async def named(
    parent: QWidget,
    title: str,
    text: str,
    verb: str,
    value: str,
    *,
    label: str = "",
    hint: str = "",
    check: Callable[[str], str] | None = None,
    icon: str = "",
    command: Callable[[str], str] | None = None,
) -> str | None:
    """A name, or another line of text, for what ``verb`` does; None: they left it.

    ``check`` says what is wrong with a text; empty: nothing. ``command`` gives the line
    that does the same with a text; it is shown and can be copied.
    """
    question = TextQuestion(parent, title, text, verb, icon)
    if command is not None:
        question.show_command(command)
    question.ask(label or tr("Name"), value, hint, check)
    taken = await opened(question) == _ACCEPTED
    return question.value if taken else None


async def file_to_open(parent: QWidget, title: str, pattern: str, folder: Path) -> Path | None:
    """The file that the user picks; None: they left it."""
    dialog = QFileDialog(parent, title, str(folder), pattern)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _picked(dialog)


async def file_to_save(parent: QWidget, title: str, pattern: str, proposed: Path) -> Path | None:
    """The place that the user names, overwriting confirmed; None: they left it."""
    dialog = QFileDialog(parent, title, str(proposed), pattern)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(proposed.name)
    return await _picked(dialog)


async def _picked(dialog: QFileDialog) -> Path | None:
    name(dialog, dialog.windowTitle())
    if await opened(dialog) != _ACCEPTED:
        return None
    return Path(dialog.selectedFiles()[0])


_ACCEPTED = int(QDialog.DialogCode.Accepted)


class Question(QDialog):
    """A question whose answer is a verb, or to leave things as they are.

    Attributes:
        verb: the button that does it; never the default one where something would be lost.
        leave: the button that does not.
        box: both of them.
    """

    def __init__(
        self, parent: QWidget | None, title: str, text: str, verb: str, *, danger: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        self.verb = Button(verb, "danger" if danger else "primary")
        self.leave = Button(tr("Leave it"))
        box = self.box = QDialogButtonBox()
        box.addButton(self.verb, QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(self.leave, QDialogButtonBox.ButtonRole.RejectRole)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.verb.setAutoDefault(not danger)
        self.leave.setAutoDefault(danger)
        (self.leave if danger else self.verb).setDefault(True)
        heading = Label(title, "section", wrap=True)
        self.setLayout(column(heading, Paragraph(text), box, gap=16, margin=20))
        name(self, title, text)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():  # Qt's own guess is too high
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))


class Choice(Question):
    """A question with two ways on.

    Attributes:
        second: the button of the other way.
    """

    SECOND = 2

    def __init__(
        self, parent: QWidget | None, title: str, text: str, answers: tuple[str, str, str]
    ) -> None:
        super().__init__(parent, title, text, answers[0])
        self.leave.setText(answers[2])
        self.second = Button(answers[1], "danger")
        self.second.clicked.connect(lambda: self.done(self.SECOND))
        self.box.addButton(self.second, QDialogButtonBox.ButtonRole.DestructiveRole)


class TextQuestion(Question):
    """A question with one field.

    Attributes:
        field: what is typed in.
        value: the text without blanks around it.
    """

    def __init__(
        self, parent: QWidget | None, title: str, text: str, verb: str, icon: str = ""
    ) -> None:
        super().__init__(parent, title, text, verb)
        self.field: TextField
        self.value = ""
        self._check: Callable[[str], str] | None = None
        self._command: Callable[[str], str] | None = None
        self._line: Label | None = None
        if icon:
            self.verb.set_icon(icon)

    def ask(
        self, label: str, value: str, hint: str = "", check: Callable[[str], str] | None = None
    ) -> None:
        """Show the field ``label`` with ``value`` in it."""
        self._check = check
        self.field = TextField(label, hint)
        self.field.show_value(value)
        self.field.line.selectAll()
        self.field.edited.connect(self._on_edited)
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(2, self.field)
        self.field.line.setFocus()
        self._on_edited()

    def show_command(self, command: Callable[[str], str]) -> None:
        """Show the line that does the same with what is typed in; call it before ``ask``."""
        layout = self.layout()
        if not isinstance(layout, QVBoxLayout):
            return
        self._command = command
        self._line = line = Label("", "machine", wrap=True)
        self.setMinimumWidth(520)
        copy = CopyButton(tr("Copy"), line.text, kind="quiet")
        head = row(Label(tr("As a command"), "caption", "muted"), None, copy)
        box = frame("sunken", column(head, line, gap=2, margin=(12, 6, 6, 10)))
        layout.insertWidget(layout.count() - 1, box)

    def _on_edited(self) -> None:
        self.value = self.field.value().strip()
        wrong = self._check(self.value) if self._check is not None and self.value else ""
        self.field.set_problem(tr(wrong) if wrong else None)
        self.verb.setEnabled(bool(self.value) and not wrong)
        if self._command is not None and self._line is not None:
            self._line.setText(self._command(self.value))
