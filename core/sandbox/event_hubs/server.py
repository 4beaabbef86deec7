"""The TLS listener and the connections it lets in."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import traceback

from core.sandbox.certificates import ServerCertificate
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.connection import Connection
from core.sandbox.event_hubs.frames import FrameProtocol
from core.sandbox.event_hubs.request import HangupError
from core.sandbox.event_hubs.wire import MalformedFrameError

MAX_CONNECTIONS = 500
_HANDSHAKE_SECONDS = 10.0


def log(text: str) -> None:
    """One line on standard error. Nothing that a client sent may be in it."""
    print(f"event_hubs: {text}", file=sys.stderr, flush=True)


class Server:
    """Accepts connections and serves each in a task of its own."""

    def __init__(self, broker: Broker, listener: socket.socket, files: ServerCertificate) -> None:
        self._broker = broker
        self._listener = listener
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.load_cert_chain(files.chain_file, files.key_file)
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        """Connections now, those in their TLS handshake included."""
        return len(self._tasks)

    def start(self) -> None:
        """Begin to accept."""
        self._accepting = asyncio.create_task(self._accept())

    async def drop_connections(self) -> int:
        """Close every connection; how many there were."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return len(tasks)

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
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
            task = asyncio.create_task(self._serve(client, address))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: socket.socket, address: tuple[str, int]) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        frames = FrameProtocol(task.cancel)
        reason = ""
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: frames,
                client,
                ssl=self._tls,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=1.0,
            )
            await Connection(self._broker, frames, address[0]).run()
        except MalformedFrameError as error:
            reason = f"malformed frame: {error}"
        except HangupError as error:
            reason = str(error)
        except TimeoutError:
            reason = "it took too long to sign in or to read"
        except (OSError, asyncio.CancelledError):
            pass  # it has gone, did not get through the handshake, or is being dropped
        except Exception as error:  # a defect of ours ends one connection, not the broker
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{type(error).__name__} in {place.name}, line {place.lineno}"
        if reason:
            log(f"closed the connection from {address[0]}:{address[1]}: {reason}")
        if frames.transport is not None:
            if task.cancelling():
                frames.transport.abort()
            else:
                frames.transport.close()
