"""AMQP consumer groups of hubs. Source: "Azure REST API: Event Hubs - Consumer Groups".

They have nothing to do with the groups of Kafka clients, which ARM does not see.
"""

from __future__ import annotations

from typing import Any

from core.sandbox.azure.hubs import existing, missing
from core.sandbox.azure.namespace_views import active
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.wire import Answer, ArmError, Call, now, text
from core.sandbox.event_hubs.tiers import Sku

_TYPE = "Microsoft.EventHub/Namespaces/EventHubs/ConsumerGroups"
_MOST = {Sku.BASIC: 1, Sku.STANDARD: 20, Sku.PREMIUM: 100}
"""Of a hub: "Azure: Event Hubs quotas"."""


async def list_groups(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str
) -> Answer:
    """The AMQP consumer groups of a hub: ``$Default`` and those that were made."""
    found, kept = await active(service, subscription, group, name)
    base = f"{found['id']}/eventhubs/{existing(kept, hub)}"
    return page(service, call, _all(service, base, found["location"]))


async def get_group(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str, wanted: str
) -> Answer:
    """One consumer group."""
    found, kept = await active(service, subscription, group, name)
    base = f"{found['id']}/eventhubs/{existing(kept, hub)}"
    for item in _all(service, base, found["location"]):
        if item["name"].lower() == wanted.lower():
            return Answer(200, item)
    raise missing(wanted)


async def put_group(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str, wanted: str
) -> Answer:
    """Make a consumer group."""
    found, kept = await active(service, subscription, group, name)
    base = f"{found['id']}/eventhubs/{existing(kept, hub)}"
    there = _all(service, base, found["location"])
    most = _MOST[Sku(found["sku"]["name"])]
    if len(there) >= most and all(item["name"].lower() != wanted.lower() for item in there):
        raise ArmError(
            409,
            "Conflict",
            "SubCode=40300. The maximum number of resources of type ConsumerGroup has been reached "
            f"or exceeded. Actual: {len(there)}, Max allowed: {most}.",
        )
    identity = f"{base}/consumergroups/{wanted}"
    notes = service.store.get(identity) or {"createdAt": now()}
    notes |= {"name": wanted, "updatedAt": now()}
    notes["userMetadata"] = text(call.properties(), "userMetadata") or None
    service.store.put({identity: notes})
    return await get_group(service, call, subscription, group, name, hub, wanted)


async def delete_group(
    service: Service, call: Call, subscription: str, group: str, name: str, hub: str, wanted: str
) -> Answer:
    """Delete a consumer group; 204 if there is none."""
    found, kept = await active(service, subscription, group, name)
    identity = f"{found['id']}/eventhubs/{existing(kept, hub)}/consumergroups/{wanted}"
    if service.store.get(identity) is None:
        return Answer(204)
    service.store.delete(identity)
    return Answer(200)


def _all(service: Service, base: str, location: str) -> list[dict[str, Any]]:
    made = [
        {"name": "$Default"},
        *(item for _, item in service.store.under(f"{base}/consumergroups/")),
    ]
    return [
        {
            "id": f"{base}/consumergroups/{item['name']}",
            "name": item["name"],
            "type": _TYPE,
            "location": location,
            "properties": {key: value for key, value in item.items() if key != "name"},
        }
        for item in made
    ]
