"""Event hubs of a namespace. Source: "Azure: Event Hubs Resource Manager, Event Hubs"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.azure.answers import is_about_the_subscription
from core.azure.names import EVENT_HUB, NAMESPACE, RESOURCE_GROUP, check_name
from core.azure.namespaces import Difference
from core.azure.session import AzureSession, azure_problems

WHERE = "azure.event_hub"
_DELETE = "Delete"


@dataclass(frozen=True)
class EventHub:
    """An event hub as it is.

    Attributes:
        name: the topic of a Kafka client.
        partitions: how many.
        retention_hours: how long messages stay; 0: as long as the clean-up by key keeps them.
        status: Active, Disabled, ReceiveDisabled, SendDisabled ...
        created_at: when; None if not known.
        compacted: whether it is cleaned up by key; diagnostic settings cannot send to it.
    """

    name: str
    partitions: int
    retention_hours: int
    status: str
    created_at: datetime | None = None
    compacted: bool = False


@dataclass(frozen=True)
class EventHubWish:
    """An event hub as it should be."""

    name: str
    partitions: int = 4
    retention_hours: int = 24


async def find_event_hub(
    session: AzureSession, subscription: str, resource_group: str, namespace: str, name: str
) -> EventHub | None:
    """The event hub; None if there is none. Raises ProblemError."""
    from azure.core.exceptions import ResourceNotFoundError

    check_place(resource_group, namespace, name)
    client = session.event_hubs(subscription)
    with azure_problems(WHERE):
        try:
            return read_event_hub(await client.event_hubs.get(resource_group, namespace, name))
        except ResourceNotFoundError as error:
            if is_about_the_subscription(error):
                raise
            return None


async def list_event_hubs(
    session: AzureSession, subscription: str, resource_group: str, namespace: str
) -> AsyncIterator[EventHub]:
    """Every event hub of the namespace. Raises ProblemError."""
    check_place(resource_group, namespace)
    client = session.event_hubs(subscription)
    with azure_problems(WHERE):
        async for each in client.event_hubs.list_by_namespace(resource_group, namespace):
            yield read_event_hub(each)


async def create_event_hub(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    wish: EventHubWish,
) -> EventHub:
    """Create it, or return the one that is there, unchanged. Raises ProblemError."""
    from azure.mgmt.eventhub import models

    place = (resource_group, namespace)
    found = await find_event_hub(session, subscription, *place, wish.name)
    if found is not None:
        return found
    retention = models.RetentionDescription(
        cleanup_policy=_DELETE, retention_time_in_hours=wish.retention_hours
    )
    body = models.Eventhub(
        properties=models.EventhubProperties(
            partition_count=wish.partitions, retention_description=retention
        )
    )
    client = session.event_hubs(subscription)
    with azure_problems(WHERE, name=namespace):
        made = await client.event_hubs.create_or_update(*place, wish.name, body)
    return read_event_hub(made)


async def delete_event_hub(
    session: AzureSession, subscription: str, resource_group: str, namespace: str, name: str
) -> None:
    """Delete it with its messages; nothing is done if it is gone. Raises ProblemError."""
    from azure.core.exceptions import ResourceNotFoundError

    check_place(resource_group, namespace, name)
    client = session.event_hubs(subscription)
    with azure_problems(WHERE):
        try:
            await client.event_hubs.delete(resource_group, namespace, name)
        except ResourceNotFoundError:
            return


def differences(found: EventHub, wish: EventHubWish) -> tuple[Difference, ...]:
    """How an existing event hub differs from ``wish``; it is used as it is all the same."""
    pairs = (
        ("partitions", found.partitions, wish.partitions),
        ("retention_hours", found.retention_hours, wish.retention_hours),
    )
    return tuple(Difference(name, str(a), str(b)) for name, a, b in pairs if a != b)


def read_event_hub(found: Any) -> EventHub:
    """What the SDK's model, or the JSON that it was made of, says."""
    properties = found.properties
    if properties is None:
        return EventHub(found.name or "", 0, 0, "")
    retention = properties.retention_description
    hours = retention.retention_time_in_hours if retention else None
    cleanup = str(getattr(retention, "cleanup_policy", None) or _DELETE)
    return EventHub(
        name=found.name or "",
        partitions=properties.partition_count or len(properties.partition_ids or ()),
        retention_hours=hours or (properties.message_retention_in_days or 0) * 24,
        status=str(getattr(properties.status, "value", properties.status) or ""),
        created_at=properties.created_at,
        compacted="compact" in cleanup.lower(),
    )


def check_place(resource_group: str, namespace: str, hub: str | None = None) -> None:
    """Names, before a request is made of them. Raises ProblemError."""
    check_name(RESOURCE_GROUP, resource_group, "azure.resource_group")
    check_name(NAMESPACE, namespace, "azure.namespace.name")
    if hub is not None:
        check_name(EVENT_HUB, hub, f"{WHERE}.name")
