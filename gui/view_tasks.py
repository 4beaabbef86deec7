"""Coroutines of the view: they open a dialog and wait for its answer. Core's run elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

_running: set[asyncio.Task[Any]] = set()


def start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Run ``work`` on the GUI thread's loop; what it raises goes to the exception hook."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_on_done)
    return task


async def cancel_all() -> None:
    """End what runs: the window is closing."""
    tasks = tuple(_running)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _on_done(task: asyncio.Task[Any]) -> None:
    import sys

    _running.discard(task)
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        sys.excepthook(type(error), error, error.__traceback__)
