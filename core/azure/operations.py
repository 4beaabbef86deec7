"""Waiting for a long-running operation of Resource Manager, telling how it goes.

Source: "Azure Resource Manager: track asynchronous operations".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

_REPORT_SECONDS = 5.0


async def wait_for(poller: Any, what: str, on_progress: Callable[[str], None]) -> Any:
    """What ``poller`` ends with; ``on_progress`` hears every few seconds that it goes on.

    Raises the SDK's errors. Cancelling stops the waiting; the operation goes on in Azure.
    """
    began = time.monotonic()
    result = asyncio.ensure_future(poller.result())
    try:
        while True:
            done, _ = await asyncio.wait({result}, timeout=_REPORT_SECONDS)
            if done:
                return result.result()
            on_progress(f"{what}: {poller.status()}, {time.monotonic() - began:.0f} s")
    finally:
        if not result.done():
            result.cancel()
            await asyncio.gather(result, return_exceptions=True)
