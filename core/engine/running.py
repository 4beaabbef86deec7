"""Which engine runs for a profile: a lock that dies with its process, and ``engine.json``.

``engine.json`` in the state folder (mode 0600) says where the running engine's control API is. A
crash leaves it behind, so a reader trusts it only while that very process is alive.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import filelock
import psutil

from core.errors import Code, problem_error
from core.secrets.redaction import know_secret

_FILE = "engine.json"
_CLOCK_SLACK = 2.0
"""Seconds by which two readings of a process's start may differ."""


@dataclass(frozen=True)
class RunningEngine:
    """An engine that runs.

    Attributes:
        pid: its process.
        started: when that process started, epoch seconds; tells it from a later one of that pid.
        port: of the control API, on 127.0.0.1.
        token: what the control API wants to be shown.
    """

    pid: int
    started: float
    port: int
    token: str = field(repr=False)

    @property
    def url(self) -> str:
        """Where the control API is."""
        return f"http://127.0.0.1:{self.port}"


def announce(folder: Path, port: int, token: str) -> RunningEngine:
    """Write ``engine.json`` of this process into the state folder. Raises OSError."""
    engine = RunningEngine(os.getpid(), psutil.Process().create_time(), port, token)
    new = folder / f"{_FILE}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(engine), file)
    new.replace(folder / _FILE)
    return engine


def withdraw(folder: Path) -> None:
    """Take ``engine.json`` away, if it is of this process."""
    found = running_engine(folder)
    if found is not None and found.pid == os.getpid():
        (folder / _FILE).unlink(missing_ok=True)


def running_engine(folder: Path) -> RunningEngine | None:
    """The engine that runs with this state folder; None if there is none."""
    try:
        data = json.loads((folder / _FILE).read_text("utf-8"))
        engine = RunningEngine(
            int(data["pid"]), float(data["started"]), int(data["port"]), str(data["token"])
        )
        started = psutil.Process(engine.pid).create_time()
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    if abs(started - engine.started) > _CLOCK_SLACK:
        return None
    know_secret(engine.token)
    return engine


def left_behind(folder: Path, pid: int) -> bool:
    """Whether the engine ``pid`` ended without taking ``engine.json`` away: it was killed."""
    try:
        named = int(json.loads((folder / _FILE).read_text("utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return named == pid and running_engine(folder) is None


class EngineLock:
    """One engine a profile: a lock file that the operating system frees with the process."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError when the folder cannot be used."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._pid_file = folder / "engine.pid"
        self._lock = filelock.FileLock(folder / "engine.lock")

    def __enter__(self) -> None:
        """Raises ProblemError when another engine holds it."""
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            try:
                pid = self._pid_file.read_text("ascii")
            except OSError:
                pid = "not known"
            raise problem_error(Code.ENGINE_ALREADY_RUNNING, "state folder", pid=pid) from None
        self._pid_file.write_text(str(os.getpid()), "ascii")

    def __exit__(self, *exception: object) -> None:
        self._pid_file.unlink(missing_ok=True)
        self._lock.release()
