"""All that there is in the sandbox's Azure, in a form that two moments can be compared by."""

from __future__ import annotations

from typing import Any

from core.sandbox.azure.event_hubs_door import Kept
from core.sandbox.azure.namespace_views import TYPE as NAMESPACE
from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document

_TIMES = frozenset({"createdAt", "updatedAt"})
_SECRETS = frozenset({"connection_string"})


async def snapshot(service: Service) -> dict[str, Any]:
    """Id in lower case -> what it is, without keys and times."""
    found: dict[str, Any] = {}
    for key, document in service.store.under("/"):
        if not _is_note(key):
            found[key] = _bare(document)
        if document.get("type") == NAMESPACE:
            found |= await _below(service, document)
    names = await service.hubs.names()
    return {**dict(sorted(found.items())), "event_hubs_namespaces": sorted(names)}


async def _below(service: Service, namespace: Document) -> dict[str, Any]:
    kept = await service.hubs.find(namespace["name"])
    return {} if kept is None else _children(namespace["id"].lower(), kept)


def _children(base: str, kept: Kept) -> dict[str, Any]:
    hubs = {
        f"{base}/eventhubs/{name.lower()}": {
            "name": name,
            "partitions": partitions,
            "retention_hours": kept.retention_hours.get(name),
        }
        for name, partitions in kept.hubs.items()
    }
    policies = {
        base
        + (f"/eventhubs/{item['hub'].lower()}" if item["hub"] else "")
        + f"/authorizationrules/{item['name'].lower()}": {"rights": sorted(item["rights"])}
        for item in kept.policies
    }
    return {**hubs, **policies}


def _is_note(key: str) -> bool:
    """Whether a document only holds times and notes of a hub, which is listed by itself."""
    return len(key.split("/")) == 11 and key.split("/")[9] == "eventhubs"


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if key not in _TIMES | _SECRETS}
    return [_bare(item) for item in value] if isinstance(value, list) else value
