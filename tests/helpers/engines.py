"""Engines as processes of their own, to be watched and killed; and the proof of what they did."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from core.sandbox.proof import LogServiceAccess, Proof, prove
from core.sandbox.sandbox import Sandbox

DEADLINE = 120.0

STARTED: list[subprocess.Popen[bytes]] = []
"""Every engine of this test; the fixture in conftest.py ends those that a failed test left."""


def end_engines(state: Path) -> None:
    """Kill every engine that keeps its state below ``state``, also one that has just been started.

    A window starts them as processes that outlive it, so nobody holds them. Each is known by the
    folder that it was given, which no other test has.
    """
    for process in psutil.process_iter():
        try:
            given = process.environ().get("ISTHMUS_STATE_DIR")
            ours = given == str(state) and process.cmdline()[2:5] == ["-m", "core", "run"]
            if ours:
                process.kill()
                process.wait(DEADLINE)
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has ended, or is somebody else's
            continue


class EngineProcess:
    """``isthmus run --json`` in a process; its statuses are read as they come.

    Attributes:
        last: the last status or value it printed.
    """

    def __init__(
        self,
        profile: str,
        state: Path,
        until_caught_up: bool = True,
        failpoint: str = "",
        module: str = "core",
        commit_seconds: float = 0.5,
        words: tuple[str, ...] = (),
        **environment: str,
    ) -> None:
        command = [sys.executable, "-P", "-m", module, "run", "--json", "--profile", profile]
        if until_caught_up:
            command.append("--until-caught-up")
        command += words
        self.log_file = state.parent / f"{state.name}.log"
        state.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ
                | {
                    "ISTHMUS_STATE_DIR": str(state),
                    "ISTHMUS_FAILPOINT": failpoint,
                    "ISTHMUS_COMMIT_SECONDS": str(commit_seconds),
                }
                | environment,
            )
        STARTED.append(self.process)
        self.last: dict[str, Any] = {}
        self.peak_memory = 0
        self._values: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._values.put(json.loads(line))
        self._values.put(None)

    def wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> bool:
        """Wait for a status that fits; False if the process ended before."""
        deadline = time.monotonic() + DEADLINE
        while True:
            value = self._values.get(timeout=max(0.1, deadline - time.monotonic()))
            if value is None:
                self._values.put(None)
                return False
            self.last = value
            self.peak_memory = max(self.peak_memory, value.get("memory_bytes", 0))
            if "state" in value and condition(value):
                return True

    def wait(self) -> int:
        """Wait for its end; its exit status (negative: the signal that killed it)."""
        self.wait_for(lambda _: False)
        return self.process.wait(DEADLINE)

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.process.kill()
        self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)

    def terminate(self) -> int:
        """Ask it to stop and wait; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def log(self) -> str:
        """What it wrote to standard error."""
        return self.log_file.read_text("utf-8", "replace")


def finish(sandbox: Sandbox, state: Path, **options: Any) -> EngineProcess:
    """Run an engine until it has caught up; it must end well."""
    engine = EngineProcess(sandbox.info["profile"], state, **options)
    status = engine.wait()
    assert status == 0, (status, engine.last, engine.log()[-3000:])
    return engine


def proof_of(sandbox: Sandbox) -> Proof:
    """The sandbox's own proof, by the generator's ids."""
    logs = sandbox.info["log_service"]
    names = ("endpoint", "http_proxy", "project", "logstore", "access_key_id", "access_key_secret")
    access = LogServiceAccess(**{name: logs[name] for name in names})
    return prove(sandbox.folder / "traffic" / "sent.json", access)


def stored_records(status: dict[str, Any]) -> int:
    """Records stored, of a status."""
    return status["records"]["stored"]
