"""How the sandbox talks to an emulator that runs in a process of its own.

One JSON object a line. The child prints ``{"ready": {...}}`` first; after that every line on its
standard input is a command ``{"id": n, "do": NAME, ...arguments}``, answered on its standard
output by ``{"id": n, "ok": true, "result": ...}`` or ``{"id": n, "ok": false, "error": TEXT}``.
The end of standard input ends the child: a killed parent leaves no emulator behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0


class EmulatorError(Exception):
    """An emulator did not start, ended by itself, or refused a command."""


class Emulator(Protocol):
    """What a child process offers to :func:`serve`."""

    async def start(self) -> dict[str, Any]:
        """Open the listeners; return what the parent must know (ports, files)."""

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out one command; raise ``ValueError`` for one that is unknown or wrong."""

    async def stop(self) -> None:
        """Close the listeners and flush what is on disk."""


def serve(emulator: Emulator) -> None:
    """Run ``emulator`` in this process until standard input ends."""
    asyncio.run(_serve(emulator))


async def _serve(emulator: Emulator) -> None:
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    ready = await emulator.start()
    _say({"ready": ready})
    # os.read, not sys.stdin: a daemon thread inside a buffered reader would hold its lock at exit.
    threading.Thread(target=_read_lines, args=(loop, lines), daemon=True).start()
    try:
        while (line := await lines.get()) is not None:
            await _answer(emulator, line)
    finally:
        await emulator.stop()


async def _answer(emulator: Emulator, line: bytes) -> None:
    request = json.loads(line)
    number, do = request.pop("id"), request.pop("do")
    try:
        result = await emulator.command(do, request)
    except (ValueError, KeyError, OSError) as error:
        _say({"id": number, "ok": False, "error": f"{type(error).__name__}: {error}"})
    else:
        _say({"id": number, "ok": True, "result": result})


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[bytes | None]) -> None:
    rest = b""
    while chunk := os.read(0, 65536):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, None)


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Child:
    """An emulator's process, seen from its parent. Thread-safe; one command at a time.

    Attributes:
        ready: what the emulator said when its listeners were open.
        pid: its process id.
    """

    def __init__(self, module: str, arguments: list[str], log_file: Path) -> None:
        """Start ``python -P -m module arguments`` and wait until it is ready.

        Its standard error goes to ``log_file``. Raises :class:`EmulatorError`.
        """
        log_file.parent.mkdir(parents=True, exist_ok=True)
        self._log_file = log_file
        self._lock = threading.Lock()
        self._number = 0
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=log_file.parent,
            )
        self.pid = self._process.pid
        watchdog = threading.Timer(_READY_SECONDS, self._process.kill)
        watchdog.start()
        try:
            self.ready: dict[str, Any] = self._read()["ready"]
        except BaseException:
            self.stop()
            raise
        finally:
            watchdog.cancel()

    def request(self, do: str, **arguments: Any) -> Any:
        """Have the emulator carry out ``do``; return its result or raise EmulatorError."""
        with self._lock:
            self._number += 1
            line = json.dumps({"id": self._number, "do": do, **arguments}) + "\n"
            stdin = self._process.stdin
            if stdin is None or stdin.closed or self._process.poll() is not None:
                raise EmulatorError(self._ended())
            try:
                stdin.write(line.encode())
                stdin.flush()
            except (OSError, ValueError) as error:  # ValueError: closed by stop() just now
                raise EmulatorError(self._ended()) from error
            answer = self._read()
        if not answer["ok"]:
            raise EmulatorError(answer["error"])
        return answer["result"]

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process as ``kill -9`` does; what it did not write is lost."""
        self._process.kill()
        self._process.wait()
        self._close()

    def stop(self) -> None:
        """Close its standard input, wait for its orderly end, kill it if it does not come."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):  # it has ended already
                self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        """Close the pipes, once a request that another thread waits with has seen their end."""
        with self._lock:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # a write that the process did not take
                        pipe.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):  # nothing, or cut by a kill
            self._process.wait()
            raise EmulatorError(self._ended())
        message: dict[str, Any] = json.loads(line)
        return message

    def _ended(self) -> str:
        return f"the emulator ended (status {self._process.poll()}); its log is {self._log_file}"


CommandTable = dict[str, Callable[..., Awaitable[Any]]]
"""Name of a command -> coroutine function that takes its arguments by name."""


async def dispatch(table: CommandTable, do: str, arguments: dict[str, Any]) -> Any:
    """Call the command ``do`` of ``table``; ``ValueError`` if there is none or it does not fit."""
    if do not in table:
        raise ValueError(f"no command {do!r}; there are {', '.join(sorted(table))}")
    try:
        return await table[do](**arguments)
    except TypeError as error:
        raise ValueError(f"{do}: {error}") from error
