"""One client connection: frame in, answer out, one after the other as Kafka does.

A connection holds at most one answer, and of that no record data beyond what is just being sent.
"""

from __future__ import annotations

import asyncio
import struct

from core.sandbox.event_hubs import apis
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.frames import SIGNED_IN_BYTES, FrameProtocol
from core.sandbox.event_hubs.policies import SignInError
from core.sandbox.event_hubs.request import HangupError, Session
from core.sandbox.event_hubs.segment import open_for_reading
from core.sandbox.event_hubs.sign_in import check_token
from core.sandbox.event_hubs.wire import FileSlice, Writer

_SIGN_IN_SECONDS = 30.0
_CHUNK_BYTES = 256 * 1024


class Connection:
    """Serves the frames of one client until it goes or breaks the protocol."""

    def __init__(self, broker: Broker, frames: FrameProtocol, client_host: str) -> None:
        self._broker = broker
        self._frames = frames
        self._session = Session(client_host)
        self._loop = asyncio.get_running_loop()
        self._waiting_since: float | None = None

    def idle_for(self, seconds: float) -> bool:
        """Whether it has been waiting for a request for ``seconds`` or longer."""
        since = self._waiting_since
        return since is not None and self._loop.time() - since >= seconds

    def hang_up(self) -> None:
        """Close it in good order: what was answered arrives (EH-15)."""
        if self._frames.transport is not None:
            self._frames.transport.close()

    async def run(self) -> None:
        """Answer requests.

        Ends by an exception only: ``MalformedFrameError``, ``HangupError``, ``TimeoutError`` (no
        sign-in in time, or a client that does not read), or cancelled when the client has gone.
        """
        async with asyncio.timeout(_SIGN_IN_SECONDS):
            while self._session.grant is None:
                await self._one()
        self._frames.limit = SIGNED_IN_BYTES
        while True:
            await self._one()

    async def _one(self) -> None:
        self._waiting_since = self._loop.time()
        frame = await self._frames.next()
        self._waiting_since = None
        if self._session.bare_tokens:
            await self._bare_token(frame)
            return
        try:
            answer = await apis.answer(self._broker, self._session, frame)
        except HangupError as hangup:
            if hangup.answer is not None:
                await self._send(hangup.correlation_id, hangup.answer)
            raise
        del frame  # up to 8 MiB; not needed while the answer goes out
        if answer is not None:
            await self._send(*answer)

    async def _bare_token(self, frame: bytearray) -> None:
        self._session.bare_tokens = False
        try:
            check_token(self._broker, self._session, bytes(frame))
        except SignInError as error:
            raise HangupError(f"sign-in refused: {error}") from None
        await self._frames.write(bytes(4))

    async def _send(self, correlation_id: int, body: Writer) -> None:
        first = bytearray(struct.pack(">ii", body.size + 4, correlation_id))
        for part in body.parts:
            if isinstance(part, FileSlice):
                await self._send_file(first, part)
                first = bytearray()
            else:
                first += part
        if first:
            await self._frames.write(first)

    async def _send_file(self, before: bytes | bytearray, part: FileSlice) -> None:
        """Send ``before`` and a slice of a file, a chunk at a time.

        If retention has just deleted the file, the announced bytes cannot come: the connection
        ends (``HangupError``), and the client asks again.
        """
        try:
            with open_for_reading(part.path) as read:
                position, end = part.position, part.position + part.length
                while position < end:
                    data = read(position, min(_CHUNK_BYTES, end - position))
                    if not data:
                        raise HangupError("a segment ended early")
                    position += len(data)
                    await self._frames.write(bytes(before) + data if before else data)
                    before = b""
        except FileNotFoundError:
            raise HangupError("the data was deleted while it was being sent") from None
