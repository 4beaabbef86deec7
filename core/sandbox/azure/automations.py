"""Continuous export of Microsoft Defender for Cloud. Source: "Azure REST API: Defender for Cloud -
Automations", "Microsoft Defender for Cloud: continuous export"."""

from __future__ import annotations

from typing import Any

from core.sandbox.azure import providers
from core.sandbox.azure.ids import SECURITY, group_id, parse, plain_location, subscription_id
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.store import Document
from core.sandbox.azure.tenants import LOCATIONS
from core.sandbox.azure.wire import Answer, ArmError, Call, flag, text

TYPE = "Microsoft.Security/automations"
SOURCES = (
    "Alerts",
    "Assessments",
    "AssessmentsSnapshot",
    "AttackPaths",
    "RegulatoryComplianceAssessment",
    "RegulatoryComplianceAssessmentSnapshot",
    "SecureScoreControls",
    "SecureScoreControlsSnapshot",
    "SecureScores",
    "SecureScoresSnapshot",
    "SubAssessments",
    "SubAssessmentsSnapshot",
)
_HUB = "Microsoft.EventHub/namespaces/eventhubs"
_FOLDER = f"/providers/{SECURITY}/automations/"


async def list_in_subscription(service: Service, call: Call, subscription: str) -> Answer:
    """The automations of a subscription."""
    found = all_automations(service, subscription_id(subscription) + "/")
    return page(service, call, [item["resource"] for item in found])


async def list_in_group(service: Service, call: Call, subscription: str, group: str) -> Answer:
    """The automations of a resource group."""
    found = all_automations(service, service.group(subscription, group)["id"] + "/")
    return page(service, call, [item["resource"] for item in found])


async def get_automation(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """One automation."""
    service.group(subscription, group)
    found = service.store.get(group_id(subscription, group) + _FOLDER + name)
    if found is None:
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{TYPE}/{name}' under resource group '{group}' was not found. For more "
            "details please go to https://aka.ms/ARMResourceNotFoundFix",
        )
    return Answer(200, found["resource"])


async def put_automation(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """Make an automation, or replace one. Its connection string is kept and never shown."""
    in_group = service.group(subscription, group)
    providers.check_registered(service, subscription, SECURITY)
    body, given = call.object(), call.properties()
    location = plain_location(text(body, "location"))
    if location not in LOCATIONS:
        raise ArmError(
            400, "LocationRequired", "The location property is required for this definition."
        )
    sources = _objects(given, "sources")
    actions, target, connection_string = _actions(_objects(given, "actions"))
    identity = in_group["id"] + _FOLDER + name
    known = service.store.get(identity)
    resource = {
        "id": identity,
        "name": name,
        "type": TYPE,
        "location": location,
        "tags": body.get("tags") or {},
        "properties": {
            "description": text(given, "description"),
            "isEnabled": flag(given, "isEnabled", True),
            "scopes": _scopes(given, subscription),
            "sources": sources,
            "actions": actions,
        },
    }
    document = {
        "type": TYPE,
        "resource": resource,
        "hub_id": target,
        "connection_string": connection_string,
        "events": sorted({_event(item) for item in sources}),
    }
    service.store.put({identity: document})
    return Answer(200 if known else 201, resource)


async def delete_automation(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """Delete an automation; 204 if there is none."""
    identity = group_id(subscription, group) + _FOLDER + name
    if service.store.get(identity) is None:
        return Answer(204)
    service.store.delete(identity)
    return Answer(200)


def all_automations(service: Service, above: str) -> list[Document]:
    """The automations below a subscription or a group."""
    return [item for _, item in service.store.under(above) if "events" in item]


def _objects(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = given.get(name)
    if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
        raise ArmError(400, "BadRequest", f"The value of '{name}' is not valid.")
    return items


def _event(source: dict[str, Any]) -> str:
    name = text(source, "eventSource")
    if name not in SOURCES:
        raise ArmError(400, "BadRequest", f"The eventSource '{name}' is not valid.")
    return name


def _scopes(given: dict[str, Any], subscription: str) -> list[dict[str, Any]]:
    scopes = _objects(given, "scopes")
    for item in scopes:
        place = parse(text(item, "scopePath"))
        if place is None or place.type or place.subscription.lower() != subscription.lower():
            raise ArmError(400, "BadRequest", "A scopePath is not in the subscription.")
    return scopes


def _actions(given: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str, str]:
    """The actions without secrets, the hub's id and the connection string."""
    if len(given) != 1 or text(given[0], "actionType") != "EventHub":
        raise ArmError(400, "BadRequest", "The emulator knows one action of actionType EventHub.")
    action = given[0]
    target = text(action, "eventHubResourceId")
    place = parse(target)
    if place is None or not place.is_a(_HUB):
        raise ArmError(400, "BadRequest", "eventHubResourceId is not the id of an event hub.")
    fields = dict(
        part.split("=", 1) for part in text(action, "connectionString").split(";") if "=" in part
    )
    if not {"Endpoint", "SharedAccessKeyName", "SharedAccessKey"} <= set(fields):
        raise ArmError(400, "BadRequest", "connectionString is not a connection string.")
    shown = {
        "actionType": "EventHub",
        "eventHubResourceId": target,
        "sasPolicyName": fields["SharedAccessKeyName"],
        "connectionString": None,
        "isTrustedServiceEnabled": flag(action, "isTrustedServiceEnabled", False),
    }
    return [shown], target, text(action, "connectionString")
