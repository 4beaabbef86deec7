"""Resource groups. Source: "Azure Resource Manager: Resource Groups"."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.azure.answers import is_about_the_subscription
from core.azure.names import LOCATION, RESOURCE_GROUP, check_name
from core.azure.operations import wait_for
from core.azure.session import AzureSession, azure_problems
from core.errors import Code, problem_error

_WHERE = "azure.resource_group"


@dataclass(frozen=True)
class ResourceGroup:
    """One resource group.

    Attributes:
        name: unique in the subscription, without regard to case.
        location: region of its metadata; what it holds may be elsewhere.
        tags: its tags.
        state: ``Succeeded``, or ``Deleting``.
    """

    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict)
    state: str = "Succeeded"


async def find_resource_group(
    session: AzureSession, subscription: str, name: str
) -> ResourceGroup | None:
    """The resource group ``name``; None if there is none. Raises ProblemError."""
    from azure.core.exceptions import ResourceNotFoundError

    check_name(RESOURCE_GROUP, name, _WHERE)
    client = session.resources(subscription)
    with azure_problems(_WHERE):
        try:
            return _group(await client.resource_groups.get(name))
        except ResourceNotFoundError as error:
            if is_about_the_subscription(error):
                raise
            return None


async def list_resource_groups(
    session: AzureSession, subscription: str
) -> AsyncIterator[ResourceGroup]:
    """Every resource group of the subscription. Raises ProblemError."""
    client = session.resources(subscription)
    with azure_problems(_WHERE):
        async for each in client.resource_groups.list():
            yield _group(each)


async def create_resource_group(
    session: AzureSession,
    subscription: str,
    name: str,
    location: str,
    tags: Mapping[str, str],
) -> ResourceGroup:
    """Create it, or return the one that is there, unchanged. Raises ProblemError."""
    check_name(LOCATION, location, "azure.location")
    found = await find_resource_group(session, subscription, name)
    if found is not None and found.state != "Deleting":
        return found
    from azure.mgmt.resource.resources import models

    client = session.resources(subscription)
    wish = models.ResourceGroup(location=location, tags=dict(tags))
    with azure_problems(_WHERE):
        return _group(await client.resource_groups.create_or_update(name, wish))


async def delete_resource_group(
    session: AzureSession, subscription: str, name: str, on_progress: Callable[[str], None]
) -> None:
    """Delete it if it is empty, and wait; nothing is done if it is gone.

    Raises ProblemError (azure_group_not_empty): what others put there is never deleted.
    """
    if await find_resource_group(session, subscription, name) is None:
        return
    client = session.resources(subscription)
    with azure_problems(_WHERE):
        held = [each.name async for each in client.resources.list_by_resource_group(name)]
        if held:
            raise problem_error(
                Code.AZURE_GROUP_NOT_EMPTY, _WHERE, name=name, count=len(held), first=held[0]
            )
        poller = await client.resource_groups.begin_delete(name)
        await wait_for(poller, f"deleting the resource group {name}", on_progress)


def _group(found: Any) -> ResourceGroup:
    state = found.properties.provisioning_state if found.properties else None
    return ResourceGroup(
        name=found.name or "",
        location=found.location or "",
        tags=dict(found.tags or {}),
        state=str(state or "Succeeded"),
    )
