"""An Event Hubs namespace as clients of ARM see it: what is kept here, and what its counterpart in
the Event Hubs emulator says of it.

Its place is shown by its display name (ARM-04).
"""

from __future__ import annotations

from core.sandbox.azure.event_hubs_door import Kept
from core.sandbox.azure.ids import EVENT_HUB, namespace_id
from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document
from core.sandbox.azure.tenants import LOCATIONS
from core.sandbox.azure.wire import ArmError

TYPE = f"{EVENT_HUB}/Namespaces"


def namespace(service: Service, subscription: str, group: str, name: str) -> Document:
    """One namespace; ArmError if there is none."""
    service.group(subscription, group)
    found = service.store.get(namespace_id(subscription, group, name))
    if found is None:
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{EVENT_HUB}/namespaces/{name}' under resource group '{group}' was not "
            "found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )
    return found


async def active(
    service: Service, subscription: str, group: str, name: str
) -> tuple[Document, Kept]:
    """A namespace whose children can be reached; ArmError if it is in transition or missing."""
    found = namespace(service, subscription, group, name)
    if found["properties"]["provisioningState"] != "Succeeded":
        raise ArmError(
            429,
            "TooManyRequests",
            "Namespace provisioning in transition.",
            headers={"Retry-After": "1"},
        )
    return found, await service.hubs.namespace(found["name"])


async def kept_of(service: Service, found: Document) -> Kept | None:
    """What the Event Hubs emulator says of a namespace; None if it does not know it yet."""
    return (await service.hubs.listed()).get(found["name"].lower())


def shown(service: Service, found: Document, kept: Kept | None) -> Document:
    """A namespace as clients see it."""
    sku = {**found["sku"]}
    if kept is not None and kept.basic:
        sku = {"name": "Basic", "tier": "Basic", "capacity": sku["capacity"]}
    properties = {
        **found["properties"],
        "kafkaEnabled": sku["name"] != "Basic",
        "metricId": f"{found['id'].split('/')[2]}:{found['name']}",
    }
    if kept is not None:
        properties["serviceBusEndpoint"] = f"https://127.0.0.1:{kept.port}/"
        properties["disableLocalAuth"] |= kept.disable_local_auth
        if not kept.public_network_access and properties["publicNetworkAccess"] == "Enabled":
            properties["publicNetworkAccess"] = "Disabled"
    display = LOCATIONS[found["location"]][0]
    return {**found, "sku": sku, "location": display, "properties": properties}
