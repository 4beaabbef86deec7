"""Client of a running engine's control API.

All of it is asyncio, for the window's core loop and the command line alike. The engine is on this
machine; a remote one is reached through the user's own tunnel.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any

from core.engine.running import RunningEngine, running_engine
from core.errors import Code, problem_error
from core.secrets.redaction import redact_text

_SECONDS = 5.0
_LOOK_SECONDS = 0.05
_FRAME_BYTES = 64 * 1024 * 1024


class EngineGoneError(Exception):
    """The engine has ended while it was watched."""


class ControlClient:
    """Talks to one engine. An async context manager."""

    def __init__(self, engine: RunningEngine) -> None:
        import aiohttp

        self._engine = engine
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {engine.token}"},
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
        )

    async def __aenter__(self) -> ControlClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def status(self) -> dict[str, Any]:
        """The engine's status, as ``isthmus status --json`` shows it.

        Raises EngineGoneError when its process has ended, ProblemError when it does not answer.
        """
        return await self._ask("GET", "status")

    async def pause(self) -> None:
        """Have the engine stop reading. Raises as :meth:`status`."""
        await self._ask("POST", "pause")

    async def resume(self) -> None:
        """Have the engine read on. Raises as :meth:`status`."""
        await self._ask("POST", "resume")

    async def stop(self) -> None:
        """Have the engine finish what is under way and end. Raises as :meth:`status`."""
        await self._ask("POST", "stop")

    async def ends_within(self, seconds: float) -> bool:
        """Whether the engine's process ends in that time: it answers no more before it has."""
        until = time.monotonic() + seconds
        while self._is_alive():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    async def stream(self, filter_text: str = "", last: int = 0) -> AsyncIterator[dict[str, Any]]:
        """Frames of the live tail until the engine ends or the caller stops asking.

        ``last``: begin with so many records that went by already. Raises as :meth:`status`.
        """
        import aiohttp

        query = {"filter": filter_text, "last": str(last)}
        timeout = aiohttp.ClientWSTimeout(ws_receive=None, ws_close=2.0)
        with self._explained():
            async with self._session.ws_connect(
                f"{self._engine.url}/v1/stream",
                params=query,
                timeout=timeout,
                heartbeat=20.0,
                max_msg_size=_FRAME_BYTES,
            ) as socket:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        yield json.loads(message.data)

    async def _ask(self, method: str, verb: str) -> dict[str, Any]:
        with self._explained():
            async with self._session.request(method, f"{self._engine.url}/v1/{verb}") as answer:
                answer.raise_for_status()
                return dict(await answer.json())

    @contextlib.contextmanager
    def _explained(self) -> Any:
        import aiohttp

        try:
            yield
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            refused = isinstance(error, aiohttp.ClientResponseError) and error.status == 503
            if refused:
                reason = "it has as many readers as it serves"
                raise problem_error(Code.ENGINE_STREAM_REFUSED, "tail", reason=reason) from None
            if not self._is_alive():
                raise EngineGoneError from None
            reason = redact_text(str(error)) or type(error).__name__
            raise problem_error(
                Code.ENGINE_NOT_ANSWERING, "control API", pid=self._engine.pid, reason=reason
            ) from None

    def _is_alive(self) -> bool:
        import psutil

        try:
            process = psutil.Process(self._engine.pid)
            return (
                abs(process.create_time() - self._engine.started) < 2.0
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return False


def find_engine(state_folder: Path, profile: str) -> RunningEngine:
    """The engine that runs for a profile. Raises ProblemError when there is none."""

    engine = running_engine(state_folder)
    if engine is None:
        raise problem_error(Code.ENGINE_NOT_RUNNING, "state folder", profile=profile)
    return engine
