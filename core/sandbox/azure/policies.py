"""Shared access policies (authorization rules) of namespaces and hubs, and their keys.

Source: "Azure REST API: Event Hubs - Namespaces, Authorization Rules". Policies and keys are those
of the Event Hubs emulator; what its scenarios do to them shows here.
"""

from __future__ import annotations

import base64
import re
import secrets
from typing import Any

from core.sandbox.azure.event_hubs_door import Kept
from core.sandbox.azure.hubs import existing, missing
from core.sandbox.azure.namespace_views import active
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.store import Document
from core.sandbox.azure.wire import Answer, ArmError, Call, text

MOST = 12
"""Policies of a namespace or of a hub: "Azure: Event Hubs quotas", common limits."""
RIGHTS = ("Listen", "Manage", "Send")
# "Azure: naming rules for resources", Microsoft.EventHub/namespaces/AuthorizationRules
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,48}[A-Za-z0-9])?")
_KEYS = {"PrimaryKey": "primary", "SecondaryKey": "secondary"}

Place = tuple[str, ...]
"""Where policies are: subscription, resource group, namespace and, of a hub's, its name."""


async def list_policies(service: Service, call: Call, *place: str) -> Answer:
    """The policies of a namespace, or of a hub."""
    found, kept, hub = await _at(service, place)
    mine = [item for item in kept.policies if item["hub"] == hub]
    return page(service, call, [_shown(found, kept, item) for item in mine])


async def get_policy(service: Service, call: Call, *place_and_name: str) -> Answer:
    """One policy."""
    *place, name = place_and_name
    found, kept, hub = await _at(service, tuple(place))
    return Answer(200, _shown(found, kept, _existing(kept, name, hub)))


async def put_policy(service: Service, call: Call, *place_and_name: str) -> Answer:
    """Make a policy with two keys, or change the rights of one and keep its keys."""
    *place, name = place_and_name
    found, kept, hub = await _at(service, tuple(place))
    rights = _rights(call.properties().get("rights"))
    known = kept.policy(name, hub)
    if known is None:
        if not _NAME.fullmatch(name):
            raise ArmError(400, "BadRequest", f"The policy name '{name}' is not valid.")
        if sum(item["hub"] == hub for item in kept.policies) >= MOST:
            raise ArmError(
                409,
                "Conflict",
                "The maximum number of authorization rules has been reached or exceeded. "
                f"Max allowed: {MOST}.",
            )
    await service.hubs.request(
        "put_policy",
        namespace=found["name"],
        name=known["name"] if known else name,
        rights=rights,
        hub=hub,
    )
    kept = await service.hubs.namespace(found["name"])
    return Answer(200, _shown(found, kept, _existing(kept, name, hub)))


async def delete_policy(service: Service, call: Call, *place_and_name: str) -> Answer:
    """Delete a policy; 204 if there is none."""
    *place, name = place_and_name
    found, kept, hub = await _at(service, tuple(place))
    known = kept.policy(name, hub)
    if known is None:
        return Answer(204)
    await service.hubs.request(
        "delete_policy", namespace=found["name"], name=known["name"], hub=hub
    )
    return Answer(200)


async def list_keys(service: Service, call: Call, *place_and_name: str) -> Answer:
    """The keys of a policy, and the connection strings that they make."""
    *place, name = place_and_name
    found, kept, hub = await _at(service, tuple(place))
    known = _existing(kept, name, hub)
    keys = await service.hubs.request(
        "get_policy", namespace=found["name"], name=known["name"], hub=hub
    )
    if "wrong_key" in kept.scenarios:
        keys = _other(service, _policy_id(found, known), keys)
    return Answer(200, _keys(known["name"], keys))


async def regenerate_keys(service: Service, call: Call, *place_and_name: str) -> Answer:
    """Replace one of the two keys; connections that signed in with it live on."""
    *place, name = place_and_name
    found, kept, hub = await _at(service, tuple(place))
    known = _existing(kept, name, hub)
    body = call.object()
    which = _KEYS.get(text(body, "keyType"))
    if which is None:
        raise ArmError(400, "BadRequest", "keyType must be PrimaryKey or SecondaryKey.")
    keys = await service.hubs.request(
        "regenerate_key",
        namespace=found["name"],
        name=known["name"],
        hub=hub,
        which=which,
        key=text(body, "key") or None,
    )
    return Answer(200, _keys(known["name"], keys))


async def _at(service: Service, place: Place) -> tuple[Document, Kept, str | None]:
    subscription, group, name, *hub = place
    found, kept = await active(service, subscription, group, name)
    return found, kept, existing(kept, hub[0]) if hub else None


def _existing(kept: Kept, name: str, hub: str | None) -> dict[str, Any]:
    known = kept.policy(name, hub)
    if known is None:
        raise missing(name)
    return known


def _rights(given: Any) -> list[str]:
    named = given if isinstance(given, list) else []
    rights = sorted({item for item in named if item in RIGHTS})
    if not rights or len(rights) != len(named):
        raise ArmError(400, "BadRequest", "The rights must be some of Listen, Manage and Send.")
    if "Manage" in rights and len(rights) != len(RIGHTS):
        raise ArmError(400, "BadRequest", "Manage permission should also include Send and Listen.")
    return rights


def _policy_id(found: Document, policy: dict[str, Any]) -> str:
    above = f"/eventhubs/{policy['hub']}" if policy["hub"] else ""
    return f"{found['id']}{above}/authorizationRules/{policy['name']}"


def _shown(found: Document, kept: Kept, policy: dict[str, Any]) -> dict[str, Any]:
    kind = "/EventHubs" if policy["hub"] else ""
    rights = ["Send"] if "no_listen" in kept.scenarios else sorted(policy["rights"])
    return {
        "id": _policy_id(found, policy),
        "name": policy["name"],
        "type": f"Microsoft.EventHub/Namespaces{kind}/AuthorizationRules",
        "location": found["location"],
        "properties": {"rights": rights},
    }


def _keys(name: str, keys: dict[str, str]) -> dict[str, str]:
    return {
        "primaryConnectionString": keys["connection_string"],
        "secondaryConnectionString": keys["secondary_connection_string"],
        "primaryKey": keys["primary_key"],
        "secondaryKey": keys["secondary_key"],
        "keyName": name,
    }


def _other(service: Service, identity: str, keys: dict[str, str]) -> dict[str, str]:
    """Keys that differ from what anybody has stored, the same ones at each call."""
    primary, secondary = service.other_keys.setdefault(identity.lower(), (_key(), _key()))
    return {
        "connection_string": keys["connection_string"].replace(keys["primary_key"], primary),
        "secondary_connection_string": keys["secondary_connection_string"].replace(
            keys["secondary_key"], secondary
        ),
        "primary_key": primary,
        "secondary_key": secondary,
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
