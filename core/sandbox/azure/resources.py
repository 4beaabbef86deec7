"""Resources of every type, for lists, and those that a command makes up.

Source: "Azure REST API: Resources - Resources - List" (``$filter``).
"""

from __future__ import annotations

import re
from typing import Any

from core.sandbox.azure.ids import group_id, parse, plain_location, subscription_id
from core.sandbox.azure.namespace_views import TYPE as NAMESPACE
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.store import Document
from core.sandbox.azure.tenants import LOCATIONS
from core.sandbox.azure.wire import Answer, ArmError, Call

_PLAIN = "resource"
_CONDITION = re.compile(r"(\w+)\s+eq\s+'([^']*)'", re.IGNORECASE)
_KIND = re.compile(r"[A-Za-z]+\.[A-Za-z]+(/[A-Za-z]+)+")


async def list_resources(service: Service, call: Call, subscription: str) -> Answer:
    """The resources of a subscription that the caller may see and ``$filter`` picks."""
    return _list(service, call, subscription_id(subscription))


async def list_in_group(service: Service, call: Call, subscription: str, group: str) -> Answer:
    """Those of a resource group."""
    return _list(service, call, service.group(subscription, group)["id"])


async def get_resource(service: Service, call: Call, identity: str) -> Answer:
    """One of the resources that a command made."""
    found = service.store.get("/" + identity)
    if found is None or found.get("keeps") != _PLAIN:
        place = parse("/" + identity)
        if place is None or not place.type:
            raise ArmError(404, "NotFound", f"There is nothing at '/{identity}'.")
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{place.type}/{place.name}' under resource group '{place.group}' was "
            "not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )
    return Answer(200, {**_entry(found), "properties": {"provisioningState": "Succeeded"}})


def add(
    service: Service, subscription: str, group: str, kind: str, location: str, count: int
) -> None:
    """Make ``count`` more resources of type ``kind``. ``ValueError`` for what cannot be."""
    place = plain_location(location)
    if not _KIND.fullmatch(kind) or not 0 < count <= 10_000:
        raise ValueError("a type is Provider.Name/type, count is 1 to 10,000")
    if place != "global" and place not in LOCATIONS:
        raise ValueError(f"no location {location!r}; there are {', '.join(LOCATIONS)}")
    provider, *types = kind.split("/")
    base = group_id(subscription, group)
    short = re.sub("[^a-z]", "", types[-1].lower())
    above = "".join(f"/{each}/{group}-1" for each in types[:-1])
    folder = f"{base}/providers/{provider}{above}/{types[-1]}/"
    first = sum(1 for _ in service.store.under(folder)) + 1
    made: dict[str, Document] = {}
    for index in range(first, first + count):
        identity = f"{folder}{short}-{place}-{index:04d}"
        made[identity] = {
            "keeps": _PLAIN,
            "id": identity,
            "name": identity.rpartition("/")[2],
            "type": kind,
            "location": place,
            "tags": {},
        }
    service.store.put(made)


def _list(service: Service, call: Call, above: str) -> Answer:
    conditions = _conditions(call.parameter("$filter"))
    found = [
        _entry(document)
        for _, document in service.store.under(above + "/")
        if document.get("keeps") == _PLAIN or document.get("type") == NAMESPACE
    ]
    picked = [
        entry
        for entry in found
        if all(_holds(entry, name, value) for name, value in conditions)
        and service.access.rights(entry["id"]).allow(f"{entry['type']}/read")
    ]
    return page(service, call, picked)


def _entry(document: Document) -> dict[str, Any]:
    entry = {key: document[key] for key in ("id", "name", "type", "location", "tags")}
    if "sku" in document:
        entry["sku"] = document["sku"]
    return entry


def _conditions(given: str) -> list[tuple[str, str]]:
    if not given:
        return []
    parts = re.split(r"\s+and\s+", given.strip(), flags=re.IGNORECASE)
    found = [_CONDITION.fullmatch(part.strip()) for part in parts]
    conditions = [(match[1].lower(), match[2].lower()) for match in found if match]
    known = {"resourcetype", "location", "resourcegroup", "name"}
    if len(conditions) != len(parts) or not {name for name, _ in conditions} <= known:
        raise ArmError(
            400,
            "InvalidFilterInQueryString",
            f"Invalid $filter '{given}' specified in the query string.",
        )
    return conditions


def _holds(entry: dict[str, Any], name: str, value: str) -> bool:
    if name == "resourcetype":
        return bool(entry["type"].lower() == value)
    if name == "location":
        return plain_location(entry["location"]) == plain_location(value)
    if name == "resourcegroup":
        place = parse(entry["id"])
        return place is not None and place.group.lower() == value
    return bool(entry["name"].lower() == value)
