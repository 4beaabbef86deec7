"""Opening a profile or the sandbox, for the welcome page, the menu and a start with a request.

The sandbox lives in a folder that is kept, so that a draft that was begun in it can be gone on with
later: whoever comes back to one finds the sandbox started again. It ends with the window, and so
does an import in it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from core.onboarding.flow import Flow
from core.paths import config_folder, state_folder
from gui.jobs import Context, Job, Jobs
from gui.shell import MainWindow
from gui.words import tr

_ENGINE_SECONDS = 35.0
"""A stop ends within 30 s."""

OpenSandbox = Callable[[Path], AbstractContextManager[Any]]
"""Starts a sandbox in a folder; ``info["profile"]`` of what it gives is its profile's path."""


def sandbox_folder() -> Path:
    """Where the window's own sandbox lives."""
    return state_folder("sandbox", config_folder() / "sandbox")


class Opening(QObject):
    """Opens what the user asks for; holds the sandbox while the window lives."""

    def __init__(self, window: MainWindow, jobs: Jobs, open_sandbox: OpenSandbox) -> None:
        super().__init__()
        self._window = window
        self._jobs = jobs
        self._open_sandbox = open_sandbox
        self._sandbox: AbstractContextManager[Any] | None = None
        self._profile = ""
        self._closed = False
        self._lock = threading.Lock()
        window.sandbox_asked.connect(self._on_sandbox_asked)
        window.profile_chosen.connect(lambda path: self.open_profile(path))
        window.show_later = self._shows_later
        window.closing.sandbox_imports = self._sandbox_imports

    def open_profile(self, path: Path, step: str = "") -> None:
        """Show the profile at ``path`` in the wizard, at ``step`` if all before it is answered."""

        async def work(context: Context) -> Flow:
            return await asyncio.to_thread(_flow_of, str(path), step)

        if sandbox_folder() not in path.absolute().parents:
            self._window.known.note(path)
        elif self._sandbox is None:
            self._start_sandbox(None)
            return
        self._run("opening.profile", work, tr("Reading the profile"))

    def close(self) -> None:
        """End the sandbox; one that is still being started ends as soon as it is up."""
        with self._lock:
            self._closed = True
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            _stop_engine(self._profile)
            sandbox.__exit__(None, None, None)

    def _sandbox_imports(self) -> bool:
        """Whether an import runs in the sandbox of this window."""
        from core.engine.running import running_engine
        from core.errors import ProblemError
        from core.profile import load_profile

        try:
            return self._sandbox is not None and (
                running_engine(load_profile(self._profile).state_folder) is not None
            )
        except ProblemError:
            return False

    def _on_sandbox_asked(self) -> None:
        shown = self._window.wizard.flow
        if self._sandbox is None:
            self._start_sandbox(None)
        elif shown.draft.profile_file == self._profile:
            self._window.show_flow(shown)  # asked for again: nobody wants to begin anew
        else:
            self.open_profile(Path(self._profile))

    def _start_sandbox(self, flow: Flow | None) -> None:
        """Start it, then show ``flow``; None: that of its profile."""
        if self._jobs.running("opening.sandbox") is not None:
            return

        async def work(context: Context) -> Flow:
            await asyncio.to_thread(self._enter_sandbox)
            if flow is not None:
                return flow
            return await asyncio.to_thread(_flow_of, self._profile)

        waiting = tr("Starting the sandbox: Azure, Event Hubs and Log Service, on this machine")
        self._run("opening.sandbox", work, waiting)

    def _enter_sandbox(self) -> None:
        """On a worker thread: the window may be closed meanwhile."""
        opened = self._open_sandbox(sandbox_folder())
        running = opened.__enter__()
        with self._lock:
            if not self._closed:
                self._sandbox, self._profile = opened, str(running.info["profile"])
                return
        opened.__exit__(None, None, None)

    def _run(self, key: str, work: Callable[[Context], Any], waiting: str) -> None:
        job: Job = self._jobs.start(key, work, waiting)
        self._window.welcome.follow(job)
        job.done.connect(self._window.show_flow)
        job.failed.connect(self._window.show_problem)

    def _shows_later(self, flow: Flow) -> bool:
        """A draft of the sandbox is gone on with: it is shown once there is a sandbox to ask."""
        profile = Path(flow.draft.profile_file or "/")
        if self._sandbox is not None or sandbox_folder() not in profile.parents:
            return False
        self._start_sandbox(flow)
        return True


def _stop_engine(profile: str) -> None:
    """An import of the sandbox would wait for ever for a hub that is gone."""
    import psutil

    from core.engine.running import running_engine
    from core.errors import ProblemError
    from core.profile import load_profile

    try:
        engine = running_engine(load_profile(profile).state_folder)
        if engine is not None:
            process = psutil.Process(engine.pid)
            process.terminate()
            process.wait(_ENGINE_SECONDS)
    except (ProblemError, psutil.Error):
        return


def _flow_of(place: str, step: str = "") -> Flow:
    from core.onboarding.profile_text import draft_of
    from core.profile import load_profile

    flow = Flow.start(draft_of(load_profile(place)))
    while step and flow.current != step and (onward := flow.go_next()) != flow:
        flow = onward
    return flow
