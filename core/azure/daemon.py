"""Waiting for what blocks and cannot be cancelled: a sign-in in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(work: Callable[[], T], name: str) -> T:
    """Run ``work`` in a thread that nobody waits for at the end of the process.

    Cancelling stops the waiting, not the work, whose late result is ignored.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]  # None only beside an error

    def run() -> None:
        try:
            finished: tuple[T | None, BaseException | None] = (work(), None)
        except BaseException as error:
            finished = (None, error)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, *finished)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await outcome
