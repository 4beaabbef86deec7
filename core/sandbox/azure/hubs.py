"""Event hubs. Source: "Azure REST API: Event Hubs - Event Hubs",
"Azure: Event Hubs quotas", "Azure: Event Hubs Resource Manager exceptions".

A hub is what the Event Hubs emulator has; only times and notes are kept here. What a hub gets that
is asked for without partitions or retention is ARM-07.
"""

from __future__ import annotations

import math
import re
from typing import Any

from core.sandbox.azure.event_hubs_door import Kept
from core.sandbox.azure.namespace_views import active
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.store import Document
from core.sandbox.azure.wire import Answer, ArmError, Call, now, number, text
from core.sandbox.event_hubs.tiers import TIERS, Sku

_TYPE = "Microsoft.EventHub/Namespaces/EventHubs"
# "Azure: naming rules for resources", Microsoft.EventHub/namespaces/eventhubs
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?")
_DEFAULT_PARTITIONS = 4
_DEFAULT_HOURS = 24


async def list_hubs(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """The hubs of a namespace."""
    found, kept = await active(service, subscription, group, name)
    hidden = "missing_hub" in kept.scenarios
    hubs = [] if hidden else [_shown(service, found, kept, hub) for hub in sorted(kept.hubs)]
    return page(service, call, hubs)


async def get_hub(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str
) -> Answer:
    """One hub."""
    found, kept = await active(service, subscription, group, name)
    return Answer(200, _shown(service, found, kept, existing(kept, hub)))


async def put_hub(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str
) -> Answer:
    """Make a hub, or change one that is there."""
    found, kept = await active(service, subscription, group, name)
    known, wanted = kept.hub(hub), call.properties()
    partitions, hours = number(wanted, "partitionCount"), _hours(wanted)
    if not _NAME.fullmatch(hub):
        raise _wrong(f"The event hub name '{hub}' is not valid.")
    sku = Sku(found["sku"]["name"]) if not kept.basic else Sku.BASIC
    tier = TIERS[sku]
    _check_bounds(sku, partitions, hours)
    if known is None:
        if len(kept.hubs) >= tier.hubs:
            raise ArmError(
                409,
                "Conflict",
                "SubCode=40300. The maximum number of resources of type EventHub has been reached "
                f"or exceeded. Actual: {len(kept.hubs)}, Max allowed: {tier.hubs}.",
            )
        await service.hubs.request(
            "create_hub",
            namespace=found["name"],
            name=hub,
            partitions=partitions or _DEFAULT_PARTITIONS,
            retention_hours=hours or _DEFAULT_HOURS,
        )
    else:
        there = kept.hubs[known]
        wants_other = partitions is not None and partitions != there
        if wants_other and not (tier.adds_partitions and (partitions or 0) > there):
            raise _wrong("PartitionCount cannot be changed for an event hub.")
        await service.hubs.request(
            "update_hub",
            namespace=found["name"],
            name=known,
            partitions=partitions,
            retention_hours=hours,
        )
    identity = f"{found['id']}/eventhubs/{known or hub}"
    notes = service.store.get(identity) or {"createdAt": now()}
    notes |= {"updatedAt": now(), "userMetadata": text(wanted, "userMetadata") or None}
    service.store.put({identity: notes})
    kept = await service.hubs.namespace(found["name"])
    return Answer(200, _shown(service, found, kept, existing(kept, hub)))


async def delete_hub(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str
) -> Answer:
    """Delete a hub with its policies; 204 if there is none."""
    found, kept = await active(service, subscription, group, name)
    known = kept.hub(hub)
    if known is None:
        return Answer(204)
    await service.hubs.request("delete_hub", namespace=found["name"], name=known)
    identity = f"{found['id']}/eventhubs/{known}"
    service.store.delete(identity, *(key for key, _ in service.store.under(identity + "/")))
    return Answer(200)


def existing(kept: Kept, hub: str) -> str:
    """A hub's name as it was made; ArmError if there is none."""
    known = kept.hub(hub)
    if known is None:
        raise missing(hub)
    return known


def missing(name: str) -> ArmError:
    """The refusal for something in a namespace that there is not."""
    return ArmError(404, "NotFound", f"The requested resource {name} does not exist.")


def _check_bounds(sku: Sku, partitions: int | None, hours: float | None) -> None:
    tier = TIERS[sku]
    if partitions is not None and not 1 <= partitions <= tier.partitions:
        raise _wrong(
            f"The value '{partitions}' for PartitionCount is not valid for the {sku} tier. It must "
            f"be between 1 and {tier.partitions}."
        )
    if hours is not None and not 1 <= hours <= tier.retention_hours:
        raise _wrong(
            f"The value '{math.ceil(hours / 24)}' for MessageRetentionInDays is not valid for the "
            f"{sku} tier. The value cannot exceed '{tier.retention_hours // 24}' day(s)."
        )


def _hours(wanted: dict[str, Any]) -> float | None:
    """The retention that is asked for; None if none is."""
    described = wanted.get("retentionDescription") or {}
    if text(described, "cleanupPolicy") not in ("", "Delete"):
        raise _wrong("The emulator has no compacted event hubs.")
    hours = number(described, "retentionTimeInHours")
    days = number(wanted, "messageRetentionInDays")
    if hours is not None:
        return hours
    return None if days is None else days * 24


def _wrong(message: str) -> ArmError:
    return ArmError(400, "BadRequest", f"SubCode=40000. {message}")


def _shown(service: Service, found: Document, kept: Kept, hub: str) -> dict[str, Any]:
    identity = f"{found['id']}/eventhubs/{hub}"
    made = found["properties"]["createdAt"]
    notes = service.store.get(identity) or {"createdAt": made, "updatedAt": made}
    hours = kept.retention_hours.get(hub) or _DEFAULT_HOURS
    properties = {
        "messageRetentionInDays": math.ceil(hours / 24),
        "partitionCount": kept.hubs[hub],
        "partitionIds": [str(index) for index in range(kept.hubs[hub])],
        "status": "Active",
        "createdAt": notes["createdAt"],
        "updatedAt": notes["updatedAt"],
        "retentionDescription": {
            "cleanupPolicy": "Delete",
            "retentionTimeInHours": math.ceil(hours),
        },
    }
    if notes.get("userMetadata"):
        properties["userMetadata"] = notes["userMetadata"]
    return {
        "id": identity,
        "name": hub,
        "type": _TYPE,
        "location": found["location"],
        "properties": properties,
    }
