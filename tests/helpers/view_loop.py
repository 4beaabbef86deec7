"""A loop for the view's coroutines that runs whenever Qt's does, as in the window."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import qasync
from PySide6.QtWidgets import QApplication, QDialog

from gui import view_tasks

_RUNNING = "_QEventLoop__is_running"


@contextlib.contextmanager
def view_loop(application) -> Iterator[None]:
    """Within it dialogs can be opened by coroutines; what is left of them is cancelled."""
    loop = qasync.QEventLoop(application, already_running=True)
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        for task in tuple(view_tasks._running):
            task.cancel()
        for _ in range(5):
            application.processEvents()
        asyncio.events._set_running_loop(None)
        application.aboutToQuit.disconnect(loop._after_run_forever)
        loop._after_run_forever()
        setattr(loop, _RUNNING, False)  # its stop() would end every loop of Qt from now on
        loop.close()
        asyncio.set_event_loop(None)


def dialog_of(kind: type[QDialog] = QDialog) -> QDialog | None:
    """The dialog that is open."""
    found = [
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, kind) and each.isVisible()
    ]
    return found[0] if found else None
