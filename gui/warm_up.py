"""Imports the clouds' SDKs once the window has been painted, so that nobody waits for them."""

from __future__ import annotations

import asyncio
import importlib

MODULES = (
    "azure.identity.aio",
    "azure.mgmt.eventhub.aio",
    "azure.mgmt.resource.resources.aio",
    "confluent_kafka",
    "aliyun.log",
    "keyring",
)


async def warm_up() -> None:
    """Import them one by one, off every loop; one that is missing is found by who needs it.

    Only what makes no class of Qt: those are made on the GUI thread.
    """
    for module in MODULES:
        await asyncio.to_thread(_import, module)


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError:
        return
