"""Resource providers: registered in a subscription before anything of theirs can be made there.

The SDK does not register ``Microsoft.EventHub`` by itself when a namespace is created, so this is
a step of its own. Source: "Azure: resource providers and types".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from core.azure.names import PROVIDER, check_name, short_location
from core.azure.session import AzureSession, azure_problems
from core.errors import Code, problem_error

REGISTERED = "Registered"
_WHERE = "azure.subscription"
_MOST_SECONDS = 600.0


async def provider_state(session: AzureSession, subscription: str, namespace: str) -> str:
    """``Registered``, ``Registering``, ``NotRegistered``, ``Unregistered``. Raises ProblemError."""
    check_name(PROVIDER, namespace, _WHERE)
    client = session.resources(subscription)
    with azure_problems(_WHERE, provider=namespace):
        found = await client.providers.get(namespace)
    return str(found.registration_state or "NotRegistered")


async def provider_locations(
    session: AzureSession, subscription: str, namespace: str, resource_type: str
) -> tuple[str, ...]:
    """Short names of the regions that offer ``resource_type``. Raises ProblemError."""
    check_name(PROVIDER, namespace, _WHERE)
    client = session.resources(subscription)
    with azure_problems(_WHERE, provider=namespace):
        found = await client.providers.get(namespace)
    for each in found.resource_types or ():
        if (each.resource_type or "").lower() == resource_type.lower():
            return tuple(short_location(name) for name in each.locations or ())
    return ()


async def register_provider(
    session: AzureSession,
    subscription: str,
    namespace: str,
    on_progress: Callable[[str], None],
) -> None:
    """Register ``namespace`` and wait until it is; nothing is done if it is already.

    Raises ProblemError (azure_provider_still_registering after 10 minutes).
    """
    state = await provider_state(session, subscription, namespace)
    if state == REGISTERED:
        return
    client = session.resources(subscription)
    if state != "Registering":
        with azure_problems(_WHERE, provider=namespace):
            await client.providers.register(namespace)
    began = time.monotonic()
    while True:
        state = await provider_state(session, subscription, namespace)
        seconds = round(time.monotonic() - began)
        if state == REGISTERED:
            return
        if seconds > _MOST_SECONDS:
            raise problem_error(
                Code.AZURE_PROVIDER_STILL_REGISTERING,
                _WHERE,
                provider=namespace,
                state=state,
                seconds=seconds,
            )
        on_progress(f"the resource provider {namespace} is {state}, {seconds} s")
        await asyncio.sleep(session.poll_seconds)
