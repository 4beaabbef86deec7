"""The one place that opens dialogs: ``open()`` and a future, never ``exec()``.

A nested event loop would break the view's other coroutines (qasync issue 59), so every function
here is awaited. What can be said on the page is said there; a dialog is for what cannot wait: the
choice of a file, and leave to take away something that would be lost.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QWidget

from gui.accessibility import name
from gui.widgets.buttons import Button
from gui.widgets.layouts import column
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
    """

    def __init__(
        self, parent: QWidget | None, title: str, text: str, verb: str, *, danger: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        self.verb = Button(verb, "danger" if danger else "primary")
        self.leave = Button(tr("Leave it"))
        box = QDialogButtonBox()
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
