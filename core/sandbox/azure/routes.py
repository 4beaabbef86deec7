"""Which operation of Azure Resource Manager a request names. Case of the path does not count."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.sandbox.azure import (
    automations,
    consumer_groups,
    diagnostic_settings,
    hubs,
    namespaces,
    networks,
    permissions,
    policies,
    providers,
    resource_groups,
    resources,
    tenants,
)
from core.sandbox.azure.service import Service
from core.sandbox.azure.wire import Answer, ArmError, Call

Run = Callable[..., Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """One operation.

    Attributes:
        open: nobody needs a right for it.
    """

    method: str
    path: re.Pattern[str]
    run: Run
    open: bool = False


async def _status(
    service: Service, call: Call, subscription: str, location: str, identity: str
) -> Answer:
    return await service.operations.status(identity)


async def _group_result(service: Service, call: Call, subscription: str, identity: str) -> Answer:
    return await namespaces.operation_result(service, call, subscription, "global", identity)


_SUBSCRIPTION = "/subscriptions/{}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{}"
_EVENT_HUB = "/providers/Microsoft.EventHub"
_NAMESPACES = _GROUP + _EVENT_HUB + "/namespaces"
_NAMESPACE = _NAMESPACES + "/{}"
_HUB = _NAMESPACE + "/eventhubs/{}"
_CONSUMER_GROUP = _HUB + "/consumergroups/{}"
_NETWORK = _NAMESPACE + "/networkRuleSets"
_OPERATIONS = _SUBSCRIPTION + _EVENT_HUB + "/locations/{}"
_SETTINGS = "/{*}/providers/Microsoft.Insights/diagnosticSettings"
_ENTRA = "/providers/microsoft.aadiam/diagnosticSettings"
_AUTOMATIONS = "/providers/Microsoft.Security/automations"
_AUTOMATION = _GROUP + _AUTOMATIONS + "/{}"
_PERMISSIONS = "/providers/Microsoft.Authorization/permissions"

# Those without a right come first; the last one takes what no other wants.
_TABLE: list[tuple[str, str, Run]] = [
    ("GET", "/tenants", tenants.list_tenants),
    ("GET", "/subscriptions", tenants.list_subscriptions),
    ("GET", _PERMISSIONS, permissions.list_at_root),
    ("GET", "/{*}" + _PERMISSIONS, permissions.list_permissions),
    ("GET", _OPERATIONS + "/operationStatus/{}", _status),
    ("GET", _OPERATIONS + "/operationResults/{}", namespaces.operation_result),
    ("GET", _SUBSCRIPTION + "/operationresults/{}", _group_result),
    ("GET", _SUBSCRIPTION + "/resourceGroups", resource_groups.list_groups),
    ("GET", _SUBSCRIPTION + "/resources", resources.list_resources),
    ("GET", _GROUP + "/resources", resources.list_in_group),
]
_GUARDED: list[tuple[str, str, Run]] = [
    ("GET", _SUBSCRIPTION, tenants.get_subscription),
    ("GET", _SUBSCRIPTION + "/locations", tenants.list_locations),
    ("GET", _SUBSCRIPTION + "/providers", providers.list_providers),
    ("GET", _SUBSCRIPTION + "/providers/{}", providers.get_provider),
    ("POST", _SUBSCRIPTION + "/providers/{}/register", providers.register),
    ("POST", _SUBSCRIPTION + "/providers/{}/unregister", providers.unregister),
    ("GET", _GROUP, resource_groups.get_group),
    ("HEAD", _GROUP, resource_groups.head_group),
    ("PUT", _GROUP, resource_groups.put_group),
    ("PATCH", _GROUP, resource_groups.patch_group),
    ("DELETE", _GROUP, resource_groups.delete_group),
    ("POST", _SUBSCRIPTION + _EVENT_HUB + "/checkNameAvailability", namespaces.check_name),
    ("GET", _SUBSCRIPTION + _EVENT_HUB + "/namespaces", namespaces.list_in_subscription),
    ("GET", _NAMESPACES, namespaces.list_in_group),
    ("GET", _NAMESPACE, namespaces.get_namespace),
    ("PUT", _NAMESPACE, namespaces.put_namespace),
    ("PATCH", _NAMESPACE, namespaces.patch_namespace),
    ("DELETE", _NAMESPACE, namespaces.delete_namespace),
    ("GET", _NETWORK, networks.list_rules),
    ("GET", _NETWORK + "/default", networks.get_rules),
    ("PUT", _NETWORK + "/default", networks.put_rules),
    ("GET", _NAMESPACE + "/eventhubs", hubs.list_hubs),
    ("GET", _HUB, hubs.get_hub),
    ("PUT", _HUB, hubs.put_hub),
    ("DELETE", _HUB, hubs.delete_hub),
    ("GET", _HUB + "/consumergroups", consumer_groups.list_groups),
    ("GET", _CONSUMER_GROUP, consumer_groups.get_group),
    ("PUT", _CONSUMER_GROUP, consumer_groups.put_group),
    ("DELETE", _CONSUMER_GROUP, consumer_groups.delete_group),
    *[
        (method, above + "/authorizationRules" + below, run)
        for above in (_NAMESPACE, _HUB)
        for method, below, run in (
            ("GET", "", policies.list_policies),
            ("GET", "/{}", policies.get_policy),
            ("PUT", "/{}", policies.put_policy),
            ("DELETE", "/{}", policies.delete_policy),
            ("POST", "/{}/listKeys", policies.list_keys),
            ("POST", "/{}/regenerateKeys", policies.regenerate_keys),
        )
    ],
    ("GET", _ENTRA, diagnostic_settings.list_entra),
    ("GET", _ENTRA + "/{}", diagnostic_settings.get_entra),
    ("PUT", _ENTRA + "/{}", diagnostic_settings.put_entra),
    ("DELETE", _ENTRA + "/{}", diagnostic_settings.delete_entra),
    ("GET", _SETTINGS, diagnostic_settings.list_settings),
    ("GET", _SETTINGS + "/{}", diagnostic_settings.get_setting),
    ("PUT", _SETTINGS + "/{}", diagnostic_settings.put_setting),
    ("DELETE", _SETTINGS + "/{}", diagnostic_settings.delete_setting),
    ("GET", _SETTINGS + "Categories", diagnostic_settings.list_categories),
    ("GET", _SUBSCRIPTION + _AUTOMATIONS, automations.list_in_subscription),
    ("GET", _GROUP + _AUTOMATIONS, automations.list_in_group),
    ("GET", _AUTOMATION, automations.get_automation),
    ("PUT", _AUTOMATION, automations.put_automation),
    ("DELETE", _AUTOMATION, automations.delete_automation),
    ("GET", "/{*}", resources.get_resource),
]


def _pattern(template: str) -> re.Pattern[str]:
    expression = re.escape(template).replace(r"\{\*\}", "(.+)").replace(r"\{\}", "([^/]+)")
    return re.compile(expression, re.IGNORECASE)


_ROUTES = [Route(method, _pattern(path), run, open=True) for method, path, run in _TABLE] + [
    Route(method, _pattern(path), run) for method, path, run in _GUARDED
]


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The operation and the names in its path; ArmError if there is none."""
    for route in _ROUTES:
        if route.method == method and (match := route.path.fullmatch(path)):
            return route, match.groups()
    raise ArmError(
        404, "InvalidResourceType", f"The emulator has no operation {method} for this path."
    )
