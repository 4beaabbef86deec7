"""One asyncio loop, in a thread of its own, for the control planes of both clouds.

The command line waits for what it hands over; the window does not. Either way a coroutine can be
cancelled from outside, and its work ends in order.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_WAIT_SECONDS = 0.2
_CANCEL_SECONDS = 10.0


class Runtime:
    """The loop and its thread. Use it as a context manager, or call :meth:`close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="runtime", daemon=True)
        self._thread.start()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start ``work`` on the loop; the future may be cancelled from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for ``work`` and return what it returns, or raise what it raises.

        An interrupt (Ctrl+C) cancels the work, waits until it has ended, and is raised again.
        """
        future = self.submit(work)
        try:
            while True:  # in steps: an endless wait would not see an interrupt everywhere
                done, _ = concurrent.futures.wait([future], timeout=_WAIT_SECONDS)
                if done:
                    return future.result()
        except BaseException:
            if not future.done():
                future.cancel()
                with contextlib.suppress(Exception, concurrent.futures.CancelledError):
                    future.result(_CANCEL_SECONDS)
            raise

    def close(self) -> None:
        """End the loop; what still runs on it is cancelled."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._settle())

    async def _settle(self) -> None:
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            if not task.cancelling():  # a second one would cut short what it is closing
                task.cancel()
        if left:
            await asyncio.wait(left, timeout=_CANCEL_SECONDS)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()


@contextlib.contextmanager
def running() -> Iterator[Runtime]:
    """A runtime for the length of the block."""
    with Runtime() as runtime:
        yield runtime
