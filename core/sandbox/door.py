"""A door of an emulator's process for its siblings: the commands of its parent, on the loopback.

The ARM emulator makes namespaces in the Event Hubs emulator through it. One JSON object a line:
``{"token": TEXT, "do": NAME, ...arguments}`` is answered by ``{"ok": true, "result": ...}`` or
``{"ok": false, "error": TEXT}``. Port and token stand in a private file; the port is kept on
restart, and a client reads the file at each connect, so that it finds a restarted sibling again.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.ports import HOST, listen

FILE = "door.json"
"""Name of the file in the emulator's folder."""
_LONGEST_LINE = 16 * 1024 * 1024
_ANSWER_SECONDS = 30.0

Command = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""What carries a command out: :meth:`core.sandbox.process.Emulator.command`."""


class DoorError(Exception):
    """The sibling refused a command; its text says why."""


class DoorClosedError(DoorError):
    """The sibling is not there, or went away before it answered."""


class DoorServer:
    """The door, seen from the emulator that it leads to."""

    def __init__(self, file: Path, command: Command) -> None:
        """``file``: where port and token are kept."""
        self._file = file
        self._command = command
        self._token = ""
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen, on the port of the last time if it is free; write the file. Raises OSError."""
        kept = _read(self._file)
        self._token = str(kept.get("token") or secrets.token_urlsafe(32))
        try:
            listener = listen(int(kept.get("port") or 0))
        except OSError:  # the port of the last time is taken by somebody else now
            listener = listen(0)
        self._server = await asyncio.start_server(
            self._connected, sock=listener, limit=_LONGEST_LINE
        )
        told = {"port": listener.getsockname()[1], "token": self._token}
        write_private(self._file, json.dumps(told).encode() + b"\n")

    async def close(self) -> None:
        """Close the listener and the connections."""
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        self._connections.add(task)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, asyncio.CancelledError):
            pass  # the sibling went away or sent too long a line, or the door closes
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            token, do = str(request.pop("token")), str(request.pop("do"))
        except (ValueError, KeyError, AttributeError, TypeError):
            return {"ok": False, "error": "the line is not a command"}
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return {"ok": False, "error": "the token is wrong"}
        try:
            return {"ok": True, "result": await self._command(do, request)}
        except (ValueError, KeyError, OSError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}


class Door:
    """The door, seen from a sibling."""

    def __init__(self, file: Path) -> None:
        """``file``: what the other emulator wrote."""
        self._file = file

    async def request(self, do: str, **arguments: Any) -> Any:
        """Have the sibling carry out ``do``; its result.

        Raises :class:`DoorError` if it refuses, :class:`DoorClosedError` if it cannot be asked.
        """
        kept = _read(self._file)
        line = json.dumps({"token": kept.get("token", ""), "do": do, **arguments}).encode() + b"\n"
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await _ask(int(kept.get("port", 0)), line)
        except (OSError, ValueError) as error:  # TimeoutError is an OSError
            raise DoorClosedError(f"no answer to {do}: {type(error).__name__}") from error
        if not answer["ok"]:
            raise DoorError(answer["error"])
        return answer["result"]


async def _ask(port: int, line: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection(HOST, port, limit=_LONGEST_LINE)
    try:
        writer.write(line)
        await writer.drain()
        answer = await reader.readline()
    finally:
        writer.close()
    if not answer.endswith(b"\n"):
        raise ConnectionResetError("the answer is not whole")
    told: dict[str, Any] = json.loads(answer)
    return told


def _read(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
