"""Diagnostic settings of subscriptions, of resources and of Microsoft Entra ID.

Source: "Azure REST API: Monitor - Diagnostic Settings, Diagnostic Settings Category"; the resource
type microsoft.aadiam/diagnosticSettings of Azure's template reference. Who may write those of Entra
ID is ARM-09.
"""

from __future__ import annotations

from typing import Any

from core.sandbox.azure import categories, providers
from core.sandbox.azure.diagnostic_rules import Scope, check_region, checked
from core.sandbox.azure.ids import INSIGHTS, ResourceId, parse
from core.sandbox.azure.service import Service
from core.sandbox.azure.wire import Answer, ArmError, Call

_TYPE = "Microsoft.Insights/diagnosticSettings"
_ENTRA_TYPE = "microsoft.aadiam/diagnosticSettings"
_FOLDER = f"/providers/{INSIGHTS}/diagnosticSettings/"
_ENTRA_FOLDER = f"/providers/{_ENTRA_TYPE}/"


async def list_settings(service: Service, call: Call, scope: str) -> Answer:
    """The settings of a subscription or of a resource."""
    return _list(service, _scope(_place(service, scope)))


async def get_setting(service: Service, call: Call, scope: str, name: str) -> Answer:
    """One setting."""
    return _get(service, _scope(_place(service, scope)), name)


async def put_setting(service: Service, call: Call, scope: str, name: str) -> Answer:
    """Make a setting, or replace one."""
    place = _place(service, scope)
    providers.check_registered(service, place.subscription, INSIGHTS)
    there = _scope(place)
    made = await checked(service, call, there, name)
    if place.type:
        check_region(service, place, made["rule"])
    identity = f"/{scope}{_FOLDER}{name}"
    made["resource"] |= {"id": identity, "type": _TYPE}
    service.store.put({there.folder + name: made})
    return Answer(200, made["resource"])


async def delete_setting(service: Service, call: Call, scope: str, name: str) -> Answer:
    """Delete a setting; 204 if there is none."""
    return _delete(service, f"/{scope}{_FOLDER}{name}")


async def list_entra(service: Service, call: Call) -> Answer:
    """The settings of the caller's tenant."""
    return _list(service, _entra(call))


async def get_entra(service: Service, call: Call, name: str) -> Answer:
    """One setting of the tenant."""
    return _get(service, _entra(call), name)


async def put_entra(service: Service, call: Call, name: str) -> Answer:
    """Make a setting of the tenant, or replace one."""
    there = _entra(call)
    made = await checked(service, call, there, name)
    made["resource"] |= {"id": _ENTRA_FOLDER + name, "type": _ENTRA_TYPE}
    service.store.put({there.folder + name: made})
    return Answer(200, made["resource"])


async def delete_entra(service: Service, call: Call, name: str) -> Answer:
    """Delete a setting of the tenant; 204 if there is none."""
    return _delete(service, _entra(call).folder + name)


async def list_categories(service: Service, call: Call, scope: str) -> Answer:
    """What a resource can send."""
    place = _place(service, scope)
    base = f"/{scope}/providers/{INSIGHTS}/diagnosticSettingsCategories"
    offered = categories.of_resource(place.type)
    logs = [_category(base, name, "Logs", groups) for name, groups in offered.items()]
    return Answer(200, {"value": [*logs, _category(base, "AllMetrics", "Metrics", ())]})


def entra_folder(tenant: str) -> str:
    """What the keys of a tenant's settings begin with: their ids name no tenant."""
    return f"/tenants/{tenant}{_ENTRA_FOLDER}"


def _entra(call: Call) -> Scope:
    offered = dict.fromkeys(categories.ENTRA, ("allLogs",))
    return Scope("entra", "", entra_folder(call.principal.tenant), offered)


def _scope(place: ResourceId) -> Scope:
    if place.type:
        kind, offered = "resource", categories.of_resource(place.type)
    else:
        kind, offered = "activity", dict.fromkeys(categories.ACTIVITY, ())
    return Scope(kind, place.text.lower(), place.text + _FOLDER, offered)


def _place(service: Service, scope: str) -> ResourceId:
    """A subscription, or a resource that is there; ArmError."""
    place = parse("/" + scope)
    if place is None or (place.group and not place.type):
        raise ArmError(404, "NotFound", f"Diagnostic settings cannot be at '/{scope}'.", bare=True)
    if place.type and service.store.get(place.text) is None:
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{place.type}/{place.name}' under resource group '{place.group}' was "
            "not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )
    return place


def _list(service: Service, scope: Scope) -> Answer:
    return Answer(200, {"value": [item["resource"] for item in scope.settings(service)]})


def _get(service: Service, scope: Scope, name: str) -> Answer:
    found = service.store.get(scope.folder + name)
    if found is None:
        raise ArmError(
            404, "ResourceNotFound", f"The diagnostic setting '{name}' doesn't exist.", bare=True
        )
    return Answer(200, found["resource"])


def _delete(service: Service, key: str) -> Answer:
    if service.store.get(key) is None:
        return Answer(204)
    service.store.delete(key)
    return Answer(200)


def _category(base: str, name: str, kind: str, groups: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": f"{base}/{name}",
        "type": "microsoft.insights/diagnosticSettingsCategories",
        "name": name,
        "location": None,
        "kind": None,
        "tags": None,
        "properties": {"categoryType": kind, "categoryGroups": list(groups)},
        "identity": None,
    }
