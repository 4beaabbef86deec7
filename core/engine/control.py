"""The control API of a running engine, and its health pages.

The control API listens on 127.0.0.1 and answers only who shows the token of ``engine.json``. The
health pages (off by default) answer anybody who reaches them, and tell states and counts only.
Both live in a thread of their own; the engine is never waited for, and never waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from core.engine.counters import Status
from core.engine.metrics import CONTENT_TYPE, Metrics
from core.engine.tail_reader import TailReader
from core.engine.tail_ring import TailRing
from core.records.filters import Filter, FilterError, parse

MAX_READERS = 8
_TICK_SECONDS = 0.1
_LOOK_SHARE = 0.08
"""Of the time, what all readers together may spend on looking at records."""
_QUIET_SECONDS = 1.0
_STALE_SECONDS = 60.0
"""An engine whose status is older than this is not alive: its thread hangs."""
_START_SECONDS = 10.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Watched(Protocol):
    """What the control API needs of an engine."""

    status: Status
    tail: TailRing

    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102


class ControlServer:
    """Serves one engine until it is closed.

    Attributes:
        port: of the control API.
        health_port: of the health pages; 0: there are none.
    """

    def __init__(
        self,
        engine: Watched,
        token: str,
        rows_per_second: int,
        port: int = 0,
        health: tuple[str, int] | None = None,
        stop: Callable[[], None] | None = None,
    ) -> None:
        """``port`` 0: a free one. ``stop``: how to stop, if not by the engine's own ``stop``.

        Raises OSError when a port cannot be had; ``filename`` says which: control or health.
        """
        self._engine = engine
        self._token = token
        self._rows = rows_per_second
        self._stop_engine = stop or engine.stop
        self._readers: set[TailReader] = set()
        self._dropped = 0
        self._metrics = Metrics(lambda: engine.status, lambda: (len(self._readers), self._dropped))
        self.port, self.health_port = port, 0
        self._health = health
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()
        self._ready.wait(_START_SECONDS)
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def close(self) -> None:
        """Say good-bye to all readers and stop serving."""
        if self._loop is not None and self._closing is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(_START_SECONDS)

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        runners: list[web.AppRunner] = []
        try:
            self.port = await _listen(runners, self._control_app(), ("127.0.0.1", self.port))
            if self._health is not None:
                self.health_port = await _listen(runners, self._health_app(), self._health)
        except OSError as error:
            self._failed = OSError(
                error.errno, error.strerror, ("control", "health")[len(runners) - 1]
            )
        self._ready.set()
        if self._failed is None:
            await self._closing.wait()
        for runner in runners:
            await runner.cleanup()

    def _control_app(self) -> web.Application:
        app = web.Application(middlewares=[self._only_with_token])
        app.add_routes(
            [
                web.get("/v1/status", self._status),
                web.get("/v1/stream", self._stream),
                web.post("/v1/pause", self._ask(self._engine.pause)),
                web.post("/v1/resume", self._ask(self._engine.resume)),
                web.post("/v1/stop", self._ask(self._stop_engine)),
            ]
        )
        return app

    def _health_app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/livez", self._livez),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics_page),
            ]
        )
        return app

    @web.middleware
    async def _only_with_token(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), self._token.encode()):
            return _answer({"error": "the token of engine.json is needed"}, 401)
        return await handler(request)

    async def _status(self, request: web.Request) -> web.Response:
        return _answer(self._engine.status.as_json())

    def _ask(self, action: Callable[[], None]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            action()
            return _answer({"asked": request.path.rpartition("/")[2]}, 202)

        return handle

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            wanted = _wanted(request.query.get("filter", ""))
            last = int(request.query.get("last", "0"))
        except FilterError as error:
            return _answer(
                {"error": error.message, "position": error.position, "hint": error.hint}, 400
            )
        except ValueError:
            return _answer({"error": "last: a number of records"}, 400)
        if len(self._readers) >= MAX_READERS:
            return _answer({"error": f"there are {MAX_READERS} readers already"}, 503)
        socket = web.WebSocketResponse(heartbeat=20.0)
        await socket.prepare(request)
        reader = TailReader(self._engine.tail, wanted, self._rows, last)
        self._readers.add(reader)
        listening = asyncio.create_task(_until_gone(socket))
        try:
            await self._feed(socket, reader, listening)
        except ConnectionError:
            pass  # it has gone in the middle of a frame
        finally:
            listening.cancel()
            self._readers.discard(reader)
        return socket

    async def _feed(
        self, socket: web.WebSocketResponse, reader: TailReader, listening: asyncio.Task[None]
    ) -> None:
        """Send what is new, ten times a second; counts alone once a second.

        A client that does not read holds up its own frames only: the ring goes on without it and
        the next frame says what was dropped.
        """
        assert self._closing is not None  # noqa: S101
        spoke, dropped = 0.0, 0
        while not listening.done():
            closing = self._closing.is_set()
            frame = reader.frame(_LOOK_SHARE * _TICK_SECONDS / max(1, len(self._readers)))
            self._dropped += frame.dropped - dropped
            dropped = frame.dropped
            now = time.monotonic()
            if frame.rows or closing or now - spoke >= _QUIET_SECONDS:
                spoke = now
                await socket.send_str(json.dumps(frame.as_json(), ensure_ascii=False))
            if closing:
                await socket.close(code=1001, message=b"the engine stops")
                return
            await asyncio.wait([listening], timeout=_TICK_SECONDS)

    async def _livez(self, request: web.Request) -> web.Response:
        age = time.time() - self._engine.status.taken
        alive = age < _STALE_SECONDS
        return _answer({"alive": alive, "state": self._engine.status.state}, 200 if alive else 503)

    async def _readyz(self, request: web.Request) -> web.Response:
        status = self._engine.status
        ready = status.state in ("running", "paused")
        code = str(status.problem.code) if status.problem else None
        return _answer({"ready": ready, "state": status.state, "code": code}, 200 if ready else 503)

    async def _metrics_page(self, request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={"Content-Type": CONTENT_TYPE})


async def _listen(
    runners: list[web.AppRunner], app: web.Application, address: tuple[str, int]
) -> int:
    """Serve ``app``; the port. Its runner is added to ``runners`` first, for the clean-up."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    runners.append(runner)
    await runner.setup()
    await web.TCPSite(runner, *address).start()
    return int(runner.addresses[0][1])


async def _until_gone(socket: web.WebSocketResponse) -> None:
    """Read and forget what the client says, until it goes."""
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return


def _wanted(text: str) -> Filter | None:
    """The filter; None for one that lets everything pass. Raises FilterError."""
    return parse(text) if text.strip() else None


def _answer(value: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(value, status=status)
