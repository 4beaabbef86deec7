"""Creating a namespace, so that doing it twice is as good as once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from core.azure.namespaces import WHERE, Namespace, NamespaceWish, check_wish, find_namespace
from core.azure.namespaces import read_namespace as read
from core.azure.operations import wait_for
from core.azure.session import AzureSession, azure_problems
from core.azure.tiers import namespace_problem
from core.errors import Code, ProblemError, problem_error

_READY = ("succeeded", "active", "")
_FAILED = ("failed", "canceled")
_MOST_SECONDS = 3600.0


async def create(
    session: AzureSession,
    subscription: str,
    wish: NamespaceWish,
    tags: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> Namespace:
    """See :func:`core.azure.namespaces.create_namespace`."""
    check_wish(wish)
    refused = namespace_problem(wish)
    if refused is not None:
        raise ProblemError(refused)
    found = await find_namespace(session, subscription, wish.resource_group, wish.name)
    if found is not None and found.state.lower() not in _FAILED:
        return await _until_ready(session, subscription, found, on_progress)
    await _put(session, subscription, wish, tags, on_progress)
    # What the operation ends with is not the whole namespace in each of its shapes; a look is.
    made = await find_namespace(session, subscription, wish.resource_group, wish.name)
    if made is None:
        raise problem_error(
            Code.AZURE_NOT_FOUND, WHERE, what=f"the namespace {wish.name}, just created"
        )
    return await _until_ready(session, subscription, made, on_progress)


async def _put(
    session: AzureSession,
    subscription: str,
    wish: NamespaceWish,
    tags: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> Namespace | None:
    from azure.mgmt.eventhub import models

    properties = models.EHNamespaceProperties(
        is_auto_inflate_enabled=wish.auto_inflate,
        minimum_tls_version="1.2",
        public_network_access="Enabled",
        disable_local_auth=False,
    )
    if wish.auto_inflate:
        properties.maximum_throughput_units = wish.max_units or 40
    body = models.EHNamespace(
        location=wish.location,
        sku=models.Sku(name=wish.sku, tier=wish.sku, capacity=wish.units),
        tags=dict(tags),
        properties=properties,
    )
    client = session.event_hubs(subscription)
    with azure_problems(WHERE, name=wish.name):
        poller = await client.namespaces.begin_create_or_update(
            wish.resource_group, wish.name, body
        )
        made = await wait_for(poller, f"creating the namespace {wish.name}", on_progress)
    return read(made) if made is not None else None


async def _until_ready(
    session: AzureSession,
    subscription: str,
    found: Namespace,
    on_progress: Callable[[str], None],
) -> Namespace:
    """Wait for a namespace that somebody, perhaps an earlier run, is creating."""
    began = time.monotonic()
    name = found.name
    while found.state.lower() not in _READY:
        seconds = round(time.monotonic() - began)
        if found.state.lower() in _FAILED:
            raise problem_error(
                Code.AZURE_OPERATION_FAILED, WHERE, f"{name}: {found.state}", error_code=found.state
            )
        if seconds > _MOST_SECONDS:
            raise problem_error(
                Code.AZURE_OPERATION_SLOW, WHERE, what=name, state=found.state, seconds=seconds
            )
        on_progress(f"the namespace {name} is {found.state}, {seconds} s")
        await asyncio.sleep(session.poll_seconds)
        again = await find_namespace(session, subscription, found.resource_group, name)
        if again is None:
            raise problem_error(Code.AZURE_NOT_FOUND, WHERE, what=f"the namespace {name}")
        found = again
    return found
