"""Network rule sets of namespaces. Source: "Azure REST API: Event Hubs - Network Rule Sets"."""

from __future__ import annotations

import ipaddress
from typing import Any

from core.sandbox.azure.event_hubs_door import Kept
from core.sandbox.azure.namespace_views import active
from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document
from core.sandbox.azure.wire import Answer, ArmError, Call, flag, text

UNRELATED = "203.0.113.0/24"
"""What the scenario ``firewall`` of the Event Hubs emulator lets in: addresses of nobody."""
_MOST_IP_RULES = 128


async def get_rules(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """The rule set; every namespace has one."""
    found, kept = await active(service, subscription, group, name)
    return Answer(200, _shown(service, found, kept))


async def list_rules(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """The one rule set, as a list."""
    found, kept = await active(service, subscription, group, name)
    return Answer(200, {"value": [_shown(service, found, kept)]})


async def put_rules(
    service: Service, call: Call, subscription: str, group: str, name: str
) -> Answer:
    """Replace the whole rule set. It counts at the next sign-in over Kafka."""
    found, kept = await active(service, subscription, group, name)
    given = call.properties()
    if kept.basic:
        raise ArmError(400, "BadRequest", "The Basic tier has no network rules.")
    action = text(given, "defaultAction") or "Allow"
    access = text(given, "publicNetworkAccess") or found["properties"]["publicNetworkAccess"]
    if action not in ("Allow", "Deny"):
        raise ArmError(400, "BadRequest", f"The defaultAction '{action}' is not valid.")
    if access not in ("Enabled", "Disabled", "SecuredByPerimeter"):
        raise ArmError(400, "BadRequest", f"The publicNetworkAccess '{access}' is not valid.")
    masks, networks = _ip_masks(given.get("ipRules")), given.get("virtualNetworkRules") or []
    rules = {
        "defaultAction": action,
        "trustedServiceAccessEnabled": flag(given, "trustedServiceAccessEnabled", False),
        "ipRules": [{"ipMask": mask, "action": "Allow"} for mask in masks],
        "virtualNetworkRules": networks,
    }
    found["properties"]["publicNetworkAccess"] = access
    # Azure: Event Hubs IP firewall: Deny without any rule still lets everybody in
    limits = action == "Deny" and (masks or networks)
    await service.hubs.request(
        "update_namespace",
        name=found["name"],
        default_action="Deny" if limits else "Allow",
        ip_rules=masks,
        public_network_access=access == "Enabled",
    )
    service.store.put({found["id"]: found, _id(found): rules})
    return Answer(200, _shown(service, found, kept))


def rules_of(service: Service, found: Document, kept: Kept) -> dict[str, Any]:
    """The properties of a namespace's rule set."""
    rules = service.store.get(_id(found)) or {
        "defaultAction": "Allow",
        "trustedServiceAccessEnabled": False,
        "ipRules": [],
        "virtualNetworkRules": [],
    }
    if kept.default_action == "Deny" and rules["defaultAction"] == "Allow":
        rules["defaultAction"] = "Deny"
        rules["ipRules"] = [{"ipMask": mask, "action": "Allow"} for mask in kept.ip_rules]
    if "firewall" in kept.scenarios:
        rules["defaultAction"] = "Deny"
        rules["ipRules"] = [{"ipMask": UNRELATED, "action": "Allow"}]
    access = found["properties"]["publicNetworkAccess"]
    if access == "Enabled" and not kept.public_network_access:
        access = "Disabled"
    return {"publicNetworkAccess": access, **rules}


def _id(found: Document) -> str:
    return f"{found['id']}/networkRuleSets/default"


def _ip_masks(given: Any) -> list[str]:
    rules = given or []
    if not isinstance(rules, list) or len(rules) > _MOST_IP_RULES:
        raise ArmError(400, "BadRequest", f"ipRules is a list of at most {_MOST_IP_RULES} rules.")
    masks = [text(item, "ipMask") if isinstance(item, dict) else "" for item in rules]
    for mask in masks:
        try:
            ipaddress.IPv4Network(mask, strict=False)
        except ValueError:
            raise ArmError(400, "BadRequest", f"The ipMask '{mask}' is not valid.") from None
    return masks


def _shown(service: Service, found: Document, kept: Kept) -> dict[str, Any]:
    return {
        "id": _id(found),
        "name": "default",
        "type": "Microsoft.EventHub/Namespaces/NetworkRuleSets",
        "location": found["location"],
        "properties": rules_of(service, found, kept),
    }
