"""Starts the import as a process of its own, which goes on when whoever started it ends.

The engine's values on standard output are read until it has announced its control API; after that
nobody reads them, which ends nothing but the reading. Its log goes to a file in the state folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

from core.engine.running import RunningEngine, running_engine
from core.errors import Code, Problem, ProblemError, problem_error

LOG_FILE = "engine.log"
"""In the state folder: what the engine wrote on standard error; begun anew with each start."""

_POLL_SECONDS = 0.1
_START_SECONDS = 90.0
_LONGEST_LINE = 1024 * 1024


async def start_engine(profile: Path, folder: Path) -> RunningEngine:
    """Start the engine of ``profile``, whose state folder is ``folder``, or find it running.

    Returns once its control API can be asked. Cancelling the wait leaves the engine starting.
    Raises ProblemError: what the engine said of its end, else engine_not_answering.
    """
    found = running_engine(folder)
    if found is not None:
        return found
    process = await asyncio.to_thread(_Process, profile, folder)
    try:
        async with asyncio.timeout(_START_SECONDS):
            while True:
                found = running_engine(folder)
                if found is not None:
                    return found
                if process.ended.is_set():
                    raise process.why()
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        reason = f"it was not ready within {_START_SECONDS:g} s"
        raise problem_error(
            Code.ENGINE_NOT_ANSWERING, "control API", pid=process.pid, reason=reason
        ) from None
    finally:
        process.listen_no_more()


class _Process:
    """The started process; a thread reads what it says and takes note of its end."""

    def __init__(self, profile: Path, folder: Path) -> None:
        """Raises ProblemError (state_folder_unusable)."""
        command = [sys.executable, "-P", "-m", "core", "run", "--json", "--profile", str(profile)]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(folder / LOG_FILE, mode, 0o600), "wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,  # Ctrl+C in the window's terminal is not for it
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise problem_error(
                Code.STATE_FOLDER_UNUSABLE, "state folder", path=folder, reason=reason
            ) from None
        self.pid = self._process.pid
        self.ended = threading.Event()
        self._listening = True
        self._said: deque[bytes] = deque(maxlen=4)
        threading.Thread(target=self._watch, name="engine process", daemon=True).start()

    def listen_no_more(self) -> None:
        """Leave the process to itself; its end is still noted, so that none becomes a zombie."""
        self._listening = False

    def why(self) -> ProblemError:
        """Why it ended: the problem that it said last."""
        for line in reversed(self._said):
            try:
                told: Any = json.loads(line)
            except ValueError:
                continue
            found = told.get("problem") if isinstance(told, dict) else None
            if isinstance(found, dict):
                return ProblemError(_problem(found))
        reason = f"it ended with exit code {self._process.returncode}"
        return problem_error(Code.ENGINE_NOT_ANSWERING, "engine", pid=self.pid, reason=reason)

    def _watch(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        with self._process.stdout as lines:
            while self._listening and (line := lines.readline(_LONGEST_LINE)):
                self._said.append(line)
        self._process.wait()
        self.ended.set()


def _problem(found: dict[str, Any]) -> Problem:
    """A problem that another process of this program wrote down."""
    return Problem(
        code=Code(found["code"]),
        severity=found["severity"],
        where=found["where"],
        cause=found["cause"],
        remedy=found["remedy"],
        detail=found.get("detail", ""),
    )
