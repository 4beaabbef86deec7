"""Event Hubs namespaces. Source: "Azure REST API: Event Hubs - Namespaces", "Azure: Event Hubs
Resource Manager exceptions" (codes and texts).

A namespace has its place, tags and settings here; what it is to Kafka clients is a namespace of the
Event Hubs emulator of the same name. Which refusals meet a namespace in transition is ARM-02.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.sandbox.azure import providers
from core.sandbox.azure.ids import (
    EVENT_HUB,
    namespace_id,
    subscription_id,
)
from core.sandbox.azure.namespace_rules import (
    NAME,
    NAME_NOT_AVAILABLE,
    check_location,
    check_policy,
    checked_properties,
    checked_sku,
)
from core.sandbox.azure.namespace_views import TYPE, kept_of, namespace, shown
from core.sandbox.azure.namespace_work import CREATING, DELETING, FIRST, apply
from core.sandbox.azure.operations import Pace, Shape, wait_header
from core.sandbox.azure.scenarios import Scenario
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.store import Document
from core.sandbox.azure.wire import Answer, ArmError, Call, now, text

_IN_TRANSITION = frozenset({"Created", "Deleting"})


async def check_name(service: Service, call: Call, subscription: str) -> Answer:
    """Whether a name is free."""
    name = text(call.object(), "name")
    reason = message = ""
    if not NAME.fullmatch(name):
        reason, message = "InvalidName", "The specified service namespace is invalid."
    elif Scenario.NAME_TAKEN in service.scenarios or name.lower() in await _taken(service):
        reason, message = "NameInUse", NAME_NOT_AVAILABLE
    if reason:
        return Answer(200, {"message": message, "nameAvailable": False, "reason": reason})
    return Answer(200, {"message": "", "nameAvailable": True, "reason": "None"})


async def list_in_subscription(service: Service, call: Call, subscription: str) -> Answer:
    """All namespaces of a subscription."""
    return await _list(service, call, subscription_id(subscription))


async def list_in_group(service: Service, call: Call, subscription: str, group: str) -> Answer:
    """All namespaces of a resource group."""
    return await _list(service, call, service.group(subscription, group)["id"])


async def get_namespace(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """One namespace; one that is being made or deleted says so."""
    found = namespace(service, subscription, group, name)
    running = service.operations.of(found["id"])  # of the same moment as what was found
    wait = {} if running is None else wait_header(running["retry_after"])
    return Answer(200, shown(service, found, await kept_of(service, found)), wait)


async def put_namespace(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """Make a namespace, or change one that is there: a long-running operation."""
    in_group = service.group(subscription, group, to_change=True)
    providers.check_registered(service, subscription, EVENT_HUB)
    body = call.object()
    identity = namespace_id(subscription, in_group["name"], name)
    check_policy(service, "Microsoft.EventHub/namespaces", identity)
    known = service.store.get(identity)
    if known is not None:
        _check_settled(known)
    location = check_location(text(body, "location"), name, group, known)
    if known is None:
        await _check_free(service, name)
    made = _wanted(service, known, body, identity, name, location)
    made["properties"] |= {"provisioningState": "Created", "status": "Creating"}
    pace, error = _pace(service), None
    if Scenario.FAILED_CREATE in service.scenarios:
        error = {
            "code": service.scenarios.option(Scenario.FAILED_CREATE, "code"),
            "message": service.scenarios.option(Scenario.FAILED_CREATE, "message"),
        }
    operation = await service.operations.begin(
        CREATING, identity, {identity: made}, pace=pace, error=error
    )
    headers = service.operations.headers(operation, subscription, location)
    if pace.shape is Shape.LOCATION:
        return Answer(202, None, headers)
    if pace.shape is Shape.SYNCHRONOUS:
        if refusal := service.operations.failed(operation):
            raise refusal
        made = namespace(service, subscription, group, name)
    status = 201 if known is None else 200
    return Answer(status, shown(service, made, await kept_of(service, made)), headers)


async def patch_namespace(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """Change what the body names, at once."""
    found = namespace(service, subscription, group, name)
    check_policy(service, "Microsoft.EventHub/namespaces", found["id"])
    _check_settled(found)
    body = call.object()
    given = {**found, **{key: body[key] for key in ("tags", "sku") if body.get(key) is not None}}
    given["properties"] = {**found["properties"], **call.properties()}
    made = _wanted(service, found, given, found["id"], found["name"], found["location"])
    await apply(service, made)
    service.store.put({made["id"]: made})
    return Answer(200, shown(service, made, await kept_of(service, made)))


async def delete_namespace(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """Delete a namespace with all that it holds: a long-running operation; 204 if there is none."""
    found = service.store.get(namespace_id(subscription, group, name))
    if found is None:
        return Answer(204)
    _check_settled(found)
    found["properties"] |= {"provisioningState": "Deleting", "status": "Removing"}
    pace = service.operations.pace
    if pace.shape is Shape.PROVISIONING_STATE:  # a resource that is gone has no state to look at
        pace = replace(pace, shape=Shape.LOCATION)
    operation = await service.operations.begin(
        DELETING, found["id"], {found["id"]: found}, pace=pace
    )
    if pace.shape is Shape.SYNCHRONOUS:
        return Answer(200)
    return Answer(202, None, service.operations.headers(operation, subscription, found["location"]))


async def operation_result(
    service: Service, call: Call, subscription: str, location: str, identity: str
) -> Answer:
    """The answer at the address of ``Location``: 202 until the end, then the resource or 204."""
    document = await service.operations.look(identity)
    if document["status"] == "InProgress":
        headers = service.operations.headers(identity, subscription, location)
        return Answer(202, None, headers)
    if refusal := service.operations.failed(identity):
        raise refusal
    found = service.store.get(document["target"])
    if document["kind"] != CREATING or found is None:
        return Answer(204)
    return Answer(200, shown(service, found, await kept_of(service, found)))


async def _list(service: Service, call: Call, above: str) -> Answer:
    kept = await service.hubs.listed()
    found = [
        shown(service, document, kept.get(document["name"].lower()))
        for _, document in service.store.under(above + "/")
        if document.get("type") == TYPE
    ]
    return page(service, call, found)


async def _taken(service: Service) -> set[str]:
    """Names that are taken, in all of Azure: in lower case."""
    here = {
        document["name"].lower()
        for _, document in service.store.under("/subscriptions/")
        if document.get("type") == TYPE
    }
    return here | await service.hubs.names()


async def _check_free(service: Service, name: str) -> None:
    if not NAME.fullmatch(name):
        raise ArmError(400, "BadRequest", "The specified service namespace is invalid.")
    if Scenario.NAME_TAKEN in service.scenarios or name.lower() in await _taken(service):
        raise ArmError(400, "BadRequest", NAME_NOT_AVAILABLE)


def _check_settled(found: Document) -> None:
    if found["properties"]["provisioningState"] in _IN_TRANSITION:
        raise ArmError(409, "Conflict", "Namespace update failed with conflict in backend.")


def _wanted(
    service: Service,
    known: Document | None,
    body: dict[str, Any],
    identity: str,
    name: str,
    location: str,
) -> Document:
    """The document of the namespace that ``body`` asks for."""
    sku = checked_sku(body.get("sku"), known["sku"] if known else None)
    if Scenario.BASIC_ONLY in service.scenarios and sku["name"] != "Basic":
        raise ArmError(
            409,
            "SkuNotAvailable",
            f"The requested tier '{sku['name']}' for resource '{identity}' is currently not "
            f"available in location '{location}'. Please try another tier or deploy to a "
            "different location.",
        )
    kept = known["properties"] if known else {"createdAt": now(), "provisioningState": "Created"}
    given = body.get("properties") or {}
    properties = checked_properties(given, sku, kept)
    return {
        "sku": sku,
        "id": identity,
        "name": known["name"] if known else name,
        "type": TYPE,
        "location": location,
        "tags": body.get("tags") or {},
        "properties": {**kept, **properties, "updatedAt": now()},
    }


def _pace(service: Service) -> Pace:
    pace = service.operations.pace
    if Scenario.SLOW_CREATE in service.scenarios:
        seconds = float(service.scenarios.option(Scenario.SLOW_CREATE, "seconds"))
        return replace(pace, seconds=seconds, retry_after=1.0)
    return pace


async def adopt(service: Service, subscription: str, group: str, location: str) -> Document:
    """Show the Event Hubs emulator's own namespace as a resource of ``group``, which is there."""
    place = check_location(location, FIRST, group, None)
    identity = namespace_id(subscription, service.group(subscription, group)["name"], FIRST)
    made = _wanted(service, None, {"sku": {"name": "Standard"}}, identity, FIRST, place)
    made["properties"] |= {"provisioningState": "Succeeded", "status": "Active"}
    if service.store.get(identity) is None:
        service.store.put({identity: made})
    return made
