"""What a diagnostic setting may be. Source: "Azure Monitor: diagnostic settings" (namespace policy
with all three rights, five settings, same region, no mix of category and categoryGroup).

Azure Monitor answers errors without the ``error`` envelope (azure-docs, issues 38371 and 60218);
texts that no page or issue shows are our own (ARM-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.azure.access import Need, need_of
from core.sandbox.azure.ids import ResourceId, parse, plain_location, top_resource
from core.sandbox.azure.namespace_views import TYPE as NAMESPACE
from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document
from core.sandbox.azure.wire import ArmError, Call, flag, text

MOST = 5
"""Settings of a scope."""
_RULE = "Microsoft.EventHub/namespaces/authorizationRules"
_NOT_REGIONAL = ("", "global")
_ALL_RIGHTS = 3

Offered = Mapping[str, tuple[str, ...]]
"""Log categories of a scope, with their category groups."""


@dataclass(frozen=True)
class Scope:
    """What settings are of: a subscription's activity log, a resource, or Entra ID.

    Attributes:
        kind: activity, resource or entra.
        id: of the subscription or the resource, in lower case; empty for Entra ID.
        folder: what the keys of its settings begin with.
    """

    kind: str
    id: str
    folder: str
    offered: Offered

    def settings(self, service: Service) -> list[Document]:
        """Its settings."""
        return [document for _, document in service.store.under(self.folder)]


async def checked(service: Service, call: Call, scope: Scope, name: str) -> Document:
    """The setting ``name`` that a body asks for; ArmError for one that cannot be."""
    given = call.properties()
    rule = await _rule(service, call, text(given, "eventHubAuthorizationRuleId"))
    logs = _logs(given.get("logs"), scope.offered)
    hub = text(given, "eventHubName")
    others = [
        item for item in scope.settings(service) if item["resource"]["name"].lower() != name.lower()
    ]
    if len(others) >= MOST:
        raise _wrong(f"The limit of {MOST} diagnostic settings was reached for the resource.")
    for other in others:
        _check_sink(other, rule, hub, logs)
    return {
        "kind": scope.kind,
        "scope": scope.id,
        "rule": rule,
        "hub": hub,
        "logs": logs,
        "categories": _expanded(logs, scope.offered),
        "resource": {
            "name": name,
            "location": None,
            "kind": None,
            "tags": None,
            "identity": None,
            "properties": {
                "storageAccountId": None,
                "serviceBusRuleId": None,
                "workspaceId": None,
                "eventHubAuthorizationRuleId": rule,
                "eventHubName": hub or None,
                "metrics": given.get("metrics") or [],
                "logs": logs,
                "logAnalyticsDestinationType": None,
            },
        },
    }


def _check_sink(other: Document, rule: str, hub: str, logs: list[dict[str, Any]]) -> None:
    """Two settings of a scope do not send one category to one hub."""
    both = set(_enabled(other["logs"])) & set(_enabled(logs))
    if both and (other["rule"].lower(), other["hub"].lower()) == (rule.lower(), hub.lower()):
        raise ArmError(
            409,
            "Conflict",
            f"Data sink '{rule}' is already used in diagnostic setting "
            f"'{other['resource']['name']}' for category '{min(both)}'. Data sinks can't be "
            "reused in different settings on the same category for the same resource.",
            bare=True,
        )


async def _rule(service: Service, call: Call, text_id: str) -> str:
    """The id of the namespace policy, which must have all rights; ArmError."""
    place = parse(text_id)
    if place is None or not place.is_a(_RULE):
        raise _wrong(
            f"Resource type of '{text_id}' is invalid: eventHubAuthorizationRuleId must be an "
            "authorization rule of an Event Hubs namespace, such as RootManageSharedAccessKey."
        )
    namespace = service.store.get(top_resource(text_id))
    if namespace is None or namespace.get("type") != NAMESPACE:
        raise ArmError(
            404, "ResourceNotFound", f"The resource '{text_id}' could not be found.", bare=True
        )
    owner = service.directory.subscription(place.subscription)
    service.access.check_linked(
        call.principal,
        need_of(call.method, call.path),
        Need(f"{_RULE}/listkeys/action", text_id),
        elsewhere=owner is None or owner.tenant != call.principal.tenant,
    )
    kept = await service.hubs.namespace(namespace["name"])
    policy = kept.policy(place.name, None)
    if policy is None:
        raise ArmError(
            404, "ResourceNotFound", f"The resource '{text_id}' could not be found.", bare=True
        )
    if len(policy["rights"]) != _ALL_RIGHTS:
        raise _wrong(
            f"The authorization rule '{text_id}' does not have the permissions Manage, Send and "
            "Listen."
        )
    return text_id


def _logs(given: Any, offered: Offered) -> list[dict[str, Any]]:
    items = given if isinstance(given, list) else []
    if not items or not all(isinstance(item, dict) for item in items):
        raise _wrong("At least one log or metric category must be given.")
    logs, groups = [], {group for of_category in offered.values() for group in of_category}
    for item in items:
        name, group = text(item, "category"), text(item, "categoryGroup")
        if bool(name) == bool(group):
            raise _wrong("A log has either a category or a category group.")
        known = {each.lower(): each for each in (offered if name else groups)}
        if (name or group).lower() not in known:
            what = "Category" if name else "Category group"
            raise _wrong(f"{what} '{name or group}' is not supported.")
        named = known[(name or group).lower()]
        logs.append(
            {
                "category": named if name else None,
                "categoryGroup": named if group else None,
                "enabled": flag(item, "enabled", False),
                "retentionPolicy": {"days": 0, "enabled": False},
            }
        )
    if len({bool(item["category"]) for item in logs}) > 1:
        raise _wrong("Category and category group cannot be used in one diagnostic setting.")
    return logs


def _enabled(logs: list[dict[str, Any]]) -> list[str]:
    return [item["category"] or item["categoryGroup"] for item in logs if item["enabled"]]


def _expanded(logs: list[dict[str, Any]], offered: Offered) -> list[str]:
    """Names of the categories that are on, those of a category group too."""
    on = set(_enabled(logs))
    return sorted(name for name, groups in offered.items() if name in on or on & set(groups))


def check_region(service: Service, place: ResourceId, rule: str) -> None:
    """A regional resource sends to a hub in its own region only."""
    source = service.store.get(place.text)
    target = service.store.get(top_resource(rule))
    assert source is not None  # noqa: S101
    assert target is not None  # noqa: S101
    here = plain_location(source.get("location") or "")
    if here not in (*_NOT_REGIONAL, target["location"]):
        raise _wrong(
            f"Resources should be in the same region. Resource '{place.text}' is in region "
            f"'{here}' and resource '{target['id']}' is in region '{target['location']}'."
        )


def _wrong(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message, bare=True)
