"""Length-prefixed frames of one connection, in both directions, with bounded memory.

The bytes of a frame are decrypted straight into the buffer that the handlers see. Reading stops
while frames wait; writing waits while the client does not read.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable

from core.sandbox.event_hubs.wire import MalformedFrameError

BEFORE_SIGN_IN_BYTES = 64 * 1024
SIGNED_IN_BYTES = 8 * 1024 * 1024
_FRAMES_AHEAD = 2
_WRITE_BUFFER_BYTES = 512 * 1024
_STUCK_SECONDS = 60.0


class FrameProtocol(asyncio.BufferedProtocol):
    """A connection as a queue of frames.

    Attributes:
        limit: bytes that a frame may have.
        transport: set once the connection (TLS) stands.
    """

    def __init__(self, lost: Callable[[], object]) -> None:
        """``lost`` is called when the connection has ended."""
        self.limit = BEFORE_SIGN_IN_BYTES
        self.transport: asyncio.Transport | None = None
        self._lost = lost
        self._frames: deque[bytearray] = deque()
        self._broken: MalformedFrameError | None = None
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._prefix = bytearray(4)
        self._target = memoryview(self._prefix)
        self._frame: bytearray | None = None
        self._filled = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio's protocol."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        transport.set_write_buffer_limits(_WRITE_BUFFER_BYTES)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """Part of asyncio's protocol."""
        self._lost()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Part of asyncio's protocol: where the next bytes go."""
        return self._target[self._filled :]

    def buffer_updated(self, count: int) -> None:
        """Part of asyncio's protocol: bytes have come in."""
        self._filled += count
        if self._filled < len(self._target):
            return
        if self._frame is None:
            self._begin(struct.unpack(">i", self._prefix)[0])
        else:
            self._frames.append(self._frame)
            self._frame, self._target = None, memoryview(self._prefix)
            self._arrived.set()
            if len(self._frames) >= _FRAMES_AHEAD:
                self._pause()
        self._filled = 0

    def pause_writing(self) -> None:
        """Part of asyncio's protocol: the client does not read."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Part of asyncio's protocol: it reads again."""
        self._writable.set()

    async def next(self) -> bytearray:
        """The next frame without its length; ``MalformedFrameError`` if its length is wrong."""
        while not self._frames:
            if self._broken is not None:
                raise self._broken
            self._arrived.clear()
            await self._arrived.wait()
        frame = self._frames.popleft()
        if len(self._frames) == _FRAMES_AHEAD - 1 and self._broken is None:
            self._connected().resume_reading()
        return frame

    async def write(self, data: bytes | bytearray) -> None:
        """Send ``data``; wait while the client leaves too much unread.

        ``TimeoutError`` if it has not read for a minute.
        """
        self._connected().write(data)
        if not self._writable.is_set():
            async with asyncio.timeout(_STUCK_SECONDS):
                await self._writable.wait()

    def _begin(self, size: int) -> None:
        if not 0 < size <= self.limit:
            self._broken = MalformedFrameError(f"a frame of {size} bytes, limit {self.limit}")
            self._pause()
            self._arrived.set()
            return
        self._frame = bytearray(size)
        self._target = memoryview(self._frame)

    def _pause(self) -> None:
        self._connected().pause_reading()

    def _connected(self) -> asyncio.Transport:
        if self.transport is None:
            raise ConnectionError("not connected")
        return self.transport
