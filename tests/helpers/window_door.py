"""The program ``isthmus`` as it is, in this process, with a door through which a test uses it.

Started by ``helpers.window_process``. One JSON object a line comes on standard input and is
answered on standard output: what a user can do (click, type, press a key) and see (which page, what
stands in its fields). Mouse and keyboard are Qt's own events; nothing is called past the widgets.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> None:
    """Open the window: ``--sandbox`` by the command, or ``PROFILE STEP`` as ``demo`` does."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # nobody else's words come between the answers
    _open_door(answers)
    if arguments and not arguments[0].startswith("--"):
        from gui.app import main as window

        profile, step = (*arguments, "")[:2]
        sys.exit(window(profile=profile, step=step))
    sys.argv = ["isthmus", *arguments]
    from core.cli import main as isthmus

    isthmus()


def _open_door(answers: Any) -> None:
    from gui import qt_guard

    assert not qt_guard.complaint()
    import gui.session as session

    class Watched(session.Session):
        def begin(self, request: dict[str, Any]) -> None:
            super().begin(request)
            self._door = make_door(self.window, self._jobs, answers)

    session.Session = Watched  # type: ignore[misc]


def make_door(window: Any, jobs: Any, answers: Any) -> Any:
    """The door of ``window``; commands are read on a thread and carried out on the GUI thread."""
    from helpers.window_user import User
    from PySide6.QtCore import QObject, Qt, Signal

    class Door(QObject):
        asked = Signal(object)

        def __init__(self) -> None:
            super().__init__(window)
            self._user = User(window, jobs)
            self.asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)
            threading.Thread(target=self._read, daemon=True).start()

        def _read(self) -> None:
            rest = b""  # os.read: a thread inside a buffered reader would hold its lock at the end
            while chunk := os.read(0, 65536):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self.asked.emit(json.loads(line))

        def _on_asked(self, request: dict[str, Any]) -> None:
            verb: Callable[..., Any] = getattr(self._user, str(request.pop("do")))
            try:
                answer: dict[str, Any] = {"ok": True, "result": verb(**request)}
            except Exception as error:  # whatever it is, the test is told
                answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
            answers.write(json.dumps(answer) + "\n")

    return Door()


if __name__ == "__main__":
    main(sys.argv[1:])
