"""What ends the long-running operations on namespaces: the Event Hubs emulator does its part."""

from __future__ import annotations

from typing import Any

from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document

CREATING = "create_namespace"
DELETING = "delete_namespace"
FIRST = "sandbox"
"""The Event Hubs emulator's own namespace: it cannot be deleted there, only emptied."""


async def finish_create(service: Service, identity: str) -> None:
    """What ends a creation: the namespace is there for Kafka clients too."""
    found = service.store.get(identity)
    if found is None:
        return
    await service.hubs.ensure_namespace(found["name"], _attributes(found))
    await apply(service, found)
    found["properties"] |= {"provisioningState": "Succeeded", "status": "Active"}
    service.store.put({identity: found})


async def fail_create(service: Service, identity: str) -> None:
    """What ends a creation that fails: a resource in the state Failed is left."""
    found = service.store.get(identity)
    if found is not None:
        found["properties"] |= {"provisioningState": "Failed", "status": "Unknown"}
        service.store.put({identity: found})


async def finish_delete(service: Service, identity: str) -> None:
    """What ends a deletion."""
    await service.hubs.ensure_no_namespace(identity.rpartition("/")[2], first=FIRST)
    below = [key for key, _ in service.store.under(identity + "/")]
    service.store.delete(identity, *below)


def _attributes(found: Document) -> dict[str, Any]:
    """A namespace's settings, in the words of the Event Hubs emulator."""
    sku, properties = found["sku"], found["properties"]
    return {
        "sku": sku["name"],
        "units": sku["capacity"],
        "auto_inflate": properties["isAutoInflateEnabled"],
        "max_units": properties["maximumThroughputUnits"] or None,
        "disable_local_auth": properties["disableLocalAuth"],
        "public_network_access": properties["publicNetworkAccess"] == "Enabled",
    }


async def apply(service: Service, found: Document) -> None:
    """Make the Event Hubs emulator's namespace what the resource says."""
    attributes = _attributes(found)
    if found["name"].lower() == FIRST:  # no throughput limit was chosen for it: see its docs
        attributes["units"] = None
    await service.hubs.request("update_namespace", name=found["name"], **attributes)
