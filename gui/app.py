"""The entry point of the window: the application, its loops, its one instance and its end.

Two loops: qasync's on the GUI thread runs the view's coroutines, that of ``core.runtime`` runs
everything that talks to a cloud. The SDKs are imported after the first paint.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from core.runtime import Runtime
from gui import qt_guard

_SWITCH_SECONDS = 0.001
"""How long another thread of this process may keep the interpreter while the window's waits for it.

Python's own 5 ms, taken at each of the many calls into Qt that give it up, add up to blocks that
are seen while SDKs are imported or answers are read.
"""


def main(*, sandbox: bool = False, profile: str = "", step: str = "") -> int:
    """Open the window, or raise the one that is open. The exit code.

    ``sandbox`` goes straight into the sandbox, ``profile`` opens one (a path, or a name) at
    ``step``.
    """
    complaint = qt_guard.complaint()
    if complaint:
        sys.stderr.write(complaint + "\n")
        return 1
    sys.setswitchinterval(_SWITCH_SECONDS)
    place = str(Path(profile).absolute()) if profile else ""
    return _run({"sandbox": sandbox, "profile": place, "step": step})


def _run(request: dict[str, Any]) -> int:
    import PySide6.QtCore  # noqa: F401 - qasync takes the binding that is loaded
    import qasync

    application = make_application()
    instance = _instance()
    if not instance.claim(request):
        return 0
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        with Runtime() as runtime:
            loop.run_until_complete(_session(instance, runtime, request))
    finally:
        instance.release()
        loop.close()
    return 0


def make_application() -> Any:
    """The QApplication with its names; its end is decided by the window, not by Qt."""
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(application, QApplication):
        application.setApplicationName("isthmus")
        application.setApplicationDisplayName("Isthmus")
        application.setDesktopFileName("isthmus")
        application.setQuitOnLastWindowClosed(False)
    if QLocale.system().language() is QLocale.Language.C:  # it would not group digits
        QLocale.setDefault(QLocale(QLocale.Language.English))
    return application


def _instance() -> Any:
    from gui.instance import Instance

    return Instance()


async def _session(instance: Any, runtime: Runtime, request: dict[str, Any]) -> None:
    """From the first paint to the last save."""
    from gui import view_tasks
    from gui.jobs import Jobs
    from gui.session import Session

    jobs = Jobs(runtime)
    session = Session(jobs, _open_sandbox)
    ended = asyncio.Event()
    session.window.closed.connect(ended.set)
    instance.asked.connect(session.on_asked)
    restore = install_hook(session.on_exception)
    session.window.show()
    session.begin(request)
    try:
        await ended.wait()
    finally:
        restore()
        await view_tasks.cancel_all()
        jobs.close()
        session.close()


def _open_sandbox(folder: Path) -> AbstractContextManager[Any]:
    """The sandbox with an empty Azure and a Logstore: the wizard's whole road to walk."""
    from core.cli.sandbox_parts import open_sandbox

    return open_sandbox(folder, empty=True, logstore=True)


def install_hook(show: Callable[[BaseException], None]) -> Callable[[], None]:
    """Have what nobody caught shown to the user as a problem; gives the way to undo it."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
            return
        show(error)

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook = before

    return restore


if __name__ == "__main__":
    sys.exit(main())
