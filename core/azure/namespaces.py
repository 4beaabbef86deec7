"""Event Hubs namespaces. Source: "Azure: Event Hubs Resource Manager, Namespaces".

A namespace's Kafka endpoint is on from tier Standard up whatever ``kafkaEnabled`` says, and absent
in Basic. Its address is read from the endpoint, never built from the name.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.azure.answers import is_about_the_subscription
from core.azure.names import LOCATION, NAMESPACE, RESOURCE_GROUP, check_name, short_location
from core.azure.session import AzureSession, azure_problems
from core.kafka.connection_string import KAFKA_PORT

WHERE = "azure.namespace"
_AZURE_PORT = 443


@dataclass(frozen=True)
class Namespace:
    """A namespace as it is.

    Attributes:
        id: its resource id.
        name: its name.
        resource_group: name of the group that it is in.
        subscription: id of its subscription.
        location: short name of its region.
        sku: the tier: Basic, Standard or Premium.
        units: throughput units, or processing units of Premium.
        auto_inflate: whether Azure raises the units by itself.
        max_units: up to here; 0: not given.
        kafka_host: host of the Kafka endpoint; empty while the namespace has none yet.
        kafka_port: its port.
        kafka: whether it has a Kafka endpoint.
        why_not_kafka: why not, in words; empty if it has.
        local_auth: whether it takes connection strings.
        public_access: Enabled, Disabled or SecuredByPerimeter.
        minimum_tls: such as 1.2; may be empty.
        state: of the provisioning: Succeeded, Creating, Failed ...
        tags: its tags.
        created_at: when; None while it is not known.
    """

    id: str
    name: str
    resource_group: str
    subscription: str
    location: str
    sku: str
    units: int
    auto_inflate: bool
    max_units: int
    kafka_host: str
    kafka_port: int
    kafka: bool
    why_not_kafka: str
    local_auth: bool
    public_access: str
    minimum_tls: str
    state: str
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True)
class NamespaceWish:
    """A namespace as it should be; the attributes mean what they do in :class:`Namespace`."""

    name: str
    resource_group: str
    location: str
    sku: str = "Standard"
    units: int = 1
    auto_inflate: bool = False
    max_units: int = 0


@dataclass(frozen=True)
class NameCheck:
    """Whether a namespace name can be had, else Azure's reason and words."""

    available: bool
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Difference:
    """One setting of something that exists and differs from what is wished."""

    field: str
    found: str
    wished: str


async def find_namespace(
    session: AzureSession, subscription: str, resource_group: str, name: str
) -> Namespace | None:
    """The namespace; None if there is none, or no such group. Raises ProblemError."""
    from azure.core.exceptions import ResourceNotFoundError

    check_name(RESOURCE_GROUP, resource_group, "azure.resource_group")
    check_name(NAMESPACE, name, WHERE)
    client = session.event_hubs(subscription)
    with azure_problems(WHERE):
        try:
            return read_namespace(await client.namespaces.get(resource_group, name))
        except ResourceNotFoundError as error:
            if is_about_the_subscription(error):
                raise
            return None


async def list_namespaces(session: AzureSession, subscription: str) -> AsyncIterator[Namespace]:
    """Every namespace of the subscription. Raises ProblemError."""
    client = session.event_hubs(subscription)
    with azure_problems(WHERE):
        async for each in client.namespaces.list():
            yield read_namespace(each)


async def name_check(session: AzureSession, subscription: str, name: str) -> NameCheck:
    """Whether ``name`` is free in all of Azure. Raises ProblemError.

    A name that was just deleted may stay locked for some hours (Azure: Event Hubs FAQ).
    """
    from azure.mgmt.eventhub import models

    check_name(NAMESPACE, name, f"{WHERE}.name")
    client = session.event_hubs(subscription)
    with azure_problems(f"{WHERE}.name", name=name):
        found = await client.namespaces.check_name_availability(
            models.CheckNameAvailabilityParameter(name=name)
        )
    reason = _text(found.reason)
    return NameCheck(bool(found.name_available), "" if reason == "None" else reason, _said(found))


async def create_namespace(
    session: AzureSession,
    subscription: str,
    wish: NamespaceWish,
    tags: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> Namespace:
    """Create it and wait until it is ready, or return the one that is there, unchanged.

    One that is still being created is waited for; one whose creation failed is created again.
    Raises ProblemError, for a tier or units that cannot be among others.
    """
    from core.azure.namespace_creation import create

    return await create(session, subscription, wish, tags, on_progress)


async def delete_namespace(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    name: str,
    on_progress: Callable[[str], None],
) -> None:
    """Delete it with all that it holds, and wait; nothing is done if it is gone.

    Raises ProblemError.
    """
    from core.azure.operations import wait_for

    if await find_namespace(session, subscription, resource_group, name) is None:
        return
    client = session.event_hubs(subscription)
    with azure_problems(WHERE):
        poller = await client.namespaces.begin_delete(resource_group, name)
        await wait_for(poller, f"deleting the namespace {name}", on_progress)


def differences(found: Namespace, wish: NamespaceWish) -> tuple[Difference, ...]:
    """How an existing namespace differs from ``wish``; it is used as it is all the same."""
    pairs: list[tuple[str, object, object]] = [
        ("location", found.location, wish.location),
        ("sku", found.sku, wish.sku),
        ("units", found.units, wish.units),
        ("auto_inflate", found.auto_inflate, wish.auto_inflate),
    ]
    if wish.auto_inflate and wish.max_units and found.auto_inflate:
        pairs.append(("max_units", found.max_units, wish.max_units))
    return tuple(
        Difference(name, _shown(is_so), _shown(wished))
        for name, is_so, wished in pairs
        if is_so != wished
    )


def kafka_address(namespace: Namespace) -> str:
    """``host:port`` of its Kafka endpoint."""
    return f"{namespace.kafka_host}:{namespace.kafka_port}"


def read_namespace(found: Any) -> Namespace:
    """What the SDK's model, or the JSON that it was made of, says."""
    properties = found.properties
    sku = _text(found.sku.name) if found.sku else ""
    endpoint = urllib.parse.urlsplit((properties and properties.service_bus_endpoint) or "")
    parts = (found.id or "").split("/")
    return Namespace(
        id=found.id or "",
        name=found.name or "",
        resource_group=parts[4] if len(parts) > 4 else "",
        subscription=parts[2] if len(parts) > 2 else "",
        location=short_location(found.location or ""),
        sku=sku,
        units=(found.sku.capacity or 1) if found.sku else 1,
        auto_inflate=bool(properties and properties.is_auto_inflate_enabled),
        max_units=(properties and properties.maximum_throughput_units) or 0,
        kafka_host=endpoint.hostname or "",
        kafka_port=KAFKA_PORT if endpoint.port in (None, _AZURE_PORT) else endpoint.port,
        kafka=sku != "Basic",
        why_not_kafka="the tier Basic has no Kafka endpoint" if sku == "Basic" else "",
        local_auth=not (properties and properties.disable_local_auth),
        public_access=_text(properties and properties.public_network_access) or "Enabled",
        minimum_tls=_text(properties and properties.minimum_tls_version),
        state=str((properties and properties.provisioning_state) or ""),
        tags=dict(found.tags or {}),
        created_at=properties and properties.created_at,
    )


def check_wish(wish: NamespaceWish) -> None:
    """Names of ``wish``, before a request is made of them. Raises ProblemError."""
    check_name(RESOURCE_GROUP, wish.resource_group, "azure.resource_group")
    check_name(NAMESPACE, wish.name, f"{WHERE}.name")
    check_name(LOCATION, wish.location, "azure.location")


def _said(found: Any) -> str:
    return " ".join(str(found.message or "").split())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _text(value: object) -> str:
    """An enumeration of the SDK is a text too, but its ``str`` is not its value."""
    return str(getattr(value, "value", value) or "")
