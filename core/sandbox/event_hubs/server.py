"""The listener of a namespace and the connections it lets in."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys

from core.sandbox.defects import place_of
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.connection import Connection
from core.sandbox.event_hubs.frames import FrameProtocol
from core.sandbox.event_hubs.listening import Front, answer_without_tls, say_nothing
from core.sandbox.event_hubs.request import HangupError
from core.sandbox.event_hubs.tiers import IDLE_SECONDS
from core.sandbox.event_hubs.wire import MalformedFrameError

MAX_CONNECTIONS = 500
"""Of one listener. Event Hubs allows 5,000 and more; a desk does not need them."""
_HANDSHAKE_SECONDS = 10.0
_SWEEP_SECONDS = 1.0


def log(text: str) -> None:
    """One line on standard error. Nothing that a client sent may be in it."""
    print(f"event_hubs: {text}", file=sys.stderr, flush=True)


class Server:
    """Accepts connections and serves each in a task of its own.

    Attributes:
        front: how the next connection is met.
        idle_seconds: a connection without a request for this long is closed.
    """

    def __init__(
        self, broker: Broker, listener: socket.socket, contexts: dict[Front, ssl.SSLContext]
    ) -> None:
        """``contexts``: TLS as it is, and later as a proxy offers it."""
        self._broker = broker
        self._listener = listener
        self.contexts = contexts
        self.front = Front.TLS
        self.idle_seconds = IDLE_SECONDS
        self._tasks: dict[asyncio.Task[None], Connection | None] = {}
        self._running: list[asyncio.Task[None]] = []

    @property
    def connections(self) -> int:
        """Connections now, those in their TLS handshake included."""
        return len(self._tasks)

    def start(self) -> None:
        """Begin to accept."""
        self._running = [
            asyncio.create_task(self._accept()),
            asyncio.create_task(self._close_idle()),
        ]

    async def drop_connections(self) -> int:
        """Close every connection; how many there were."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return len(tasks)

    async def stop(self) -> None:
        """Close the listener and every connection."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._listener.close()
        await self.drop_connections()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, address = await loop.sock_accept(self._listener)
            except OSError as error:  # out of file descriptors, or the client has gone already
                log(f"cannot accept a connection: errno {error.errno}")
                await asyncio.sleep(0.1)
                continue
            if len(self._tasks) >= MAX_CONNECTIONS:
                client.close()
                log(f"refused a connection: there are {MAX_CONNECTIONS}")
                continue
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.create_task(self._meet(client, address))
            self._tasks[task] = None
            task.add_done_callback(lambda ended: self._tasks.pop(ended, None))

    async def _close_idle(self) -> None:
        while True:
            await asyncio.sleep(min(_SWEEP_SECONDS, self.idle_seconds / 4))
            for connection in list(self._tasks.values()):
                if connection is not None and connection.idle_for(self.idle_seconds):
                    connection.hang_up()

    async def _meet(self, client: socket.socket, address: tuple[str, int]) -> None:
        if self.front is Front.SILENT:
            await say_nothing(client)
        elif self.front is Front.NOT_TLS:
            await answer_without_tls(client)
        else:
            await self._serve(client, address)

    async def _serve(self, client: socket.socket, address: tuple[str, int]) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        frames = FrameProtocol(task.cancel)
        reason = ""
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: frames,
                client,
                ssl=self.contexts[self.front],
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=1.0,
            )
            self._tasks[task] = connection = Connection(self._broker, frames, address[0])
            await connection.run()
        except MalformedFrameError as error:
            reason = f"malformed frame: {error}"
        except HangupError as error:
            reason = str(error)
        except TimeoutError:
            reason = "it took too long to sign in or to read"
        except (OSError, asyncio.CancelledError):
            pass  # it has gone, did not get through the handshake, or is being dropped
        except Exception as error:  # a defect of ours ends one connection, not the broker
            reason = place_of(error)
        if reason:
            log(f"closed the connection from {address[0]}:{address[1]}: {reason}")
        if frames.transport is not None:
            if task.cancelling():
                frames.transport.abort()
            else:
                frames.transport.close()
