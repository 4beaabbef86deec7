"""Which logs flow into which hub: what diagnostic settings and automations make Azure send.

The sandbox lets the traffic of these categories run. A setting whose target does not work any more
(policy, hub or namespace gone, key regenerated) makes nothing flow, as in Azure (ARM-12).
"""

from __future__ import annotations

from typing import Any

from core.sandbox.azure.automations import all_automations
from core.sandbox.azure.diagnostic_settings import entra_folder
from core.sandbox.azure.event_hubs_door import Kept
from core.sandbox.azure.ids import parse, top_resource
from core.sandbox.azure.namespace_views import TYPE as NAMESPACE
from core.sandbox.azure.networks import rules_of
from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document

_ALL_RIGHTS = 3


async def flows(service: Service) -> list[dict[str, Any]]:
    """Every flow, by setting."""
    settings = [item for item in _settings(service) if item["categories"]]
    automations = [
        item
        for item in all_automations(service, "/subscriptions/")
        if item["resource"]["properties"]["isEnabled"]
    ]
    found = [
        *[await _of_setting(service, item) for item in settings],
        *[await _of_automation(service, item) for item in automations],
    ]
    return [flow for flow in found if flow is not None]


def _settings(service: Service) -> list[Document]:
    everywhere = [item for _, item in service.store.under("/") if "categories" in item]
    shown = {entra_folder(tenant.id).lower() for tenant in service.directory.tenants}
    hidden = {entra_folder(tenant.id).lower() for tenant in service.directory.all_tenants} - shown
    gone = [item for folder in hidden for _, item in service.store.under(folder)]
    return [item for item in everywhere if item not in gone]


async def _of_setting(service: Service, setting: Document) -> dict[str, Any] | None:
    rule = parse(setting["rule"])
    target = service.store.get(top_resource(setting["rule"]))
    kept = await _reachable(service, target)
    if rule is None or target is None or kept is None or not setting["hub"]:
        return None
    policy, hub = kept.policy(rule.name, None), kept.hub(setting["hub"])
    if policy is None or len(policy["rights"]) != _ALL_RIGHTS or hub is None:
        return None
    keys = await service.hubs.request(
        "get_policy", namespace=target["name"], name=policy["name"], hub=None
    )
    return {
        "namespace": target["name"],
        "hub": hub,
        "connection_string": keys["connection_string"],
        "bootstrap": f"127.0.0.1:{kept.port}",
        "kinds": setting["categories"],
        "location": target["location"],
        "source": setting["kind"],
        "scope": setting["scope"],
        "name": setting["resource"]["name"],
    }


async def _of_automation(service: Service, automation: Document) -> dict[str, Any] | None:
    place = parse(automation["hub_id"])
    target = service.store.get(top_resource(automation["hub_id"]))
    kept = await _reachable(service, target)
    if place is None or target is None or kept is None:
        return None
    hub, given = kept.hub(place.name), automation["connection_string"]
    fields = dict(part.split("=", 1) for part in given.split(";") if "=" in part)
    policy = kept.policy(fields["SharedAccessKeyName"], hub) or kept.policy(
        fields["SharedAccessKeyName"], None
    )
    if hub is None or policy is None or "Send" not in policy["rights"]:
        return None
    keys = await service.hubs.request(
        "get_policy", namespace=target["name"], name=policy["name"], hub=policy["hub"]
    )
    if fields["SharedAccessKey"] not in (keys["primary_key"], keys["secondary_key"]):
        return None
    return {
        "namespace": target["name"],
        "hub": hub,
        "connection_string": given,
        "bootstrap": f"127.0.0.1:{kept.port}",
        "kinds": automation["events"],
        "location": target["location"],
        "source": "defender",
        "scope": automation["resource"]["id"].lower().partition("/resourcegroups/")[0],
        "name": automation["resource"]["name"],
    }


async def _reachable(service: Service, target: Document | None) -> Kept | None:
    """The namespace that a setting points to, if Azure's own services can send to it."""
    if target is None or target.get("type") != NAMESPACE:
        return None
    properties = target["properties"]
    if properties["provisioningState"] != "Succeeded" or properties["disableLocalAuth"]:
        return None
    kept = await service.hubs.find(target["name"])
    if kept is None:
        return None
    rules = rules_of(service, target, kept)
    closed = rules["publicNetworkAccess"] != "Enabled" or (
        rules["defaultAction"] == "Deny"
        and (rules["ipRules"] or rules["virtualNetworkRules"])
        and not rules["trustedServiceAccessEnabled"]
    )
    return None if closed or kept.basic else kept
