"""Loops that go on: an error that nobody foresaw is told in the emulator's log, once a turn."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable

from core.sandbox.security_center.live.waiting import pause

_AGAIN_SECONDS = 5.0


Loop = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set."""


async def keep_running(loop: Loop, stop: asyncio.Event) -> None:
    """Run ``loop`` until it ends by itself or ``stop`` is set."""
    while not stop.is_set():
        try:
            await loop(stop)
        except Exception as error:
            tell(error)
            await pause(stop, _AGAIN_SECONDS)
        else:
            return


def tell(error: BaseException) -> None:
    """Write kind and places of an error to the emulator's log; its text may hold data of logs."""
    places = "".join(traceback.format_tb(error.__traceback__))
    print(f"security_center: {type(error).__name__}\n{places}", file=sys.stderr, end="", flush=True)
