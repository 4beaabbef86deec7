"""Resource groups. Source: "Azure REST API: Resources - Resource Groups"."""

from __future__ import annotations

import re
from typing import Any

from core.sandbox.azure.ids import group_id, plain_location
from core.sandbox.azure.namespace_views import TYPE as NAMESPACE
from core.sandbox.azure.namespace_work import finish_delete as finish_namespace
from core.sandbox.azure.operations import Pace, Shape, wait_header
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.store import Document
from core.sandbox.azure.tenants import LOCATIONS
from core.sandbox.azure.wire import Answer, ArmError, Call, text

DELETING = "delete_group"
# "Azure: naming rules for resources", Microsoft.Resources/resourceGroups
_NAME = re.compile(r"[\w.()-]{0,89}[\w()-]")


async def list_groups(service: Service, call: Call, subscription: str) -> Answer:
    """The resource groups that the caller may see."""
    rights = service.access.rights
    groups = [
        item
        for item in all_groups(service, subscription)
        if rights(item["id"]).allow("Microsoft.Resources/subscriptions/resourceGroups/read")
    ]
    return page(service, call, groups)


async def get_group(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """One resource group."""
    return Answer(200, service.group(subscription, name))


async def head_group(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """Whether there is one: 204, or 404."""
    service.group(subscription, name)
    return Answer(204)


async def put_group(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """Make a resource group, or change its tags."""
    if len(name) > 90 or not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' has invalid characters or is too long.",
        )
    body = call.object()
    location = plain_location(text(body, "location"))
    if not location:
        raise ArmError(
            400, "LocationRequired", "The location property is required for this definition."
        )
    if location not in LOCATIONS:
        raise ArmError(
            400,
            "LocationNotAvailableForResourceGroup",
            f"The provided location '{location}' is not available for resource group. List of "
            f"available regions is '{','.join(LOCATIONS)}'.",
        )
    found = service.store.get(group_id(subscription, name))
    if found is not None:
        service.group(subscription, name, to_change=True)
    if found is not None and found["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in "
            f"location '{found['location']}'.",
        )
    made = save_group(service, subscription, name, location, body.get("tags") or {})
    return Answer(200 if found else 201, made)


async def patch_group(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """Change the tags."""
    found = service.group(subscription, name)
    tags = call.object().get("tags")
    if tags is not None:
        found["tags"] = tags
    service.store.put({found["id"]: found})
    return Answer(200, found)


async def delete_group(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """Delete a group with all that is in it; a client polls ``Location``."""
    found = service.group(subscription, name)
    found["properties"] = {"provisioningState": "Deleting"}
    pace = Pace(
        Shape.LOCATION, service.operations.pace.seconds, service.operations.pace.retry_after
    )
    identity = await service.operations.begin(
        DELETING, found["id"], {found["id"]: found}, pace=pace
    )
    url = f"{service.endpoint}/subscriptions/{subscription}/operationresults/{identity}"
    headers = {"Location": f"{url}?api-version=2022-09-01", **wait_header(pace.retry_after)}
    return Answer(202, None, headers)


async def finish_delete(service: Service, identity: str) -> None:
    """What ends a deletion: everything below the group goes, then the group."""
    below = [key for key, _ in service.store.under(identity + "/")]
    for key in below:
        document = service.store.get(key)
        if document and document.get("type") == NAMESPACE:
            await finish_namespace(service, document["id"])
    service.store.delete(*below, identity)


def save_group(
    service: Service, subscription: str, name: str, location: str, tags: dict[str, Any]
) -> Document:
    """Write a group, under its first spelling if it is there already."""
    identity = group_id(subscription, name)
    known = service.store.get(identity)
    document: Document = {
        "id": known["id"] if known else identity,
        "name": known["name"] if known else name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "tags": tags,
        "properties": {"provisioningState": "Succeeded"},
    }
    service.store.put({identity: document})
    return document


def all_groups(service: Service, subscription: str) -> list[Document]:
    """The groups of a subscription."""
    prefix = group_id(subscription, "")
    return [
        document for key, document in service.store.under(prefix) if "/" not in key[len(prefix) :]
    ]
