"""What a search found, as answers of a draft: an existing namespace adopted, or names proposed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Literal

from core.azure.discovery import FoundHub, FoundNamespace
from core.azure.namespaces import Namespace
from core.azure.tiers import TIERS
from core.onboarding.draft import Draft, EventHubDraft, Looked, NamespaceDraft, Verified

Obstacle = Literal["basic", "no_keys", "not_ready", "other_tenant"]

_PROPOSED_GROUP = "rg-isthmus"
_PROPOSED_HUB = "azure-logs"
_NAMESPACE_LENGTH = 50


def obstacle(found: FoundNamespace, tenant: str) -> Obstacle | None:
    """Why an import signed in to ``tenant`` (its id) cannot read from ``found``; None: it can."""
    namespace = found.namespace
    if not namespace.kafka or namespace.sku not in TIERS:
        return "basic"
    if not namespace.local_auth:
        return "no_keys"
    if namespace.state not in ("", "Succeeded") or not namespace.kafka_host:
        return "not_ready"
    if tenant and found.tenant and found.tenant.lower() != tenant.lower():
        return "other_tenant"
    return None


def adopt(draft: Draft, found: FoundNamespace, hub: FoundHub | None, at: datetime) -> Draft:
    """``draft`` for the import from ``found``, and from its event hub ``hub`` if that is there.

    All that was read at ``at`` (with its zone) is a result of its step already.
    """
    is_there = found.namespace
    group_id = is_there.id.partition("/providers/")[0]
    place = replace(
        draft.resource_group,
        name=is_there.resource_group,
        location=is_there.location,
        result=Verified(Looked("same", group_id), at),
    )
    if hub is None:
        event_hub = replace(
            draft.event_hub, name=draft.event_hub.name or _PROPOSED_HUB, result=None
        )
    else:
        known = Looked("same", f"{is_there.id}/eventhubs/{hub.hub.name}")
        event_hub = EventHubDraft(
            hub.hub.name, hub.hub.partitions, hub.hub.retention_hours, Verified(known, at)
        )
    return replace(
        draft,
        discovery=replace(draft.discovery, subscription=is_there.subscription),
        resource_group=place,
        namespace=adopted_namespace(draft.namespace, is_there, at),
        event_hub=event_hub,
    )


def adopted_namespace(part: NamespaceDraft, is_there: Namespace, at: datetime) -> NamespaceDraft:
    """The answers that describe ``is_there``, so that nothing about it is to be changed."""
    premium = is_there.sku == "Premium"
    return replace(
        part,
        name=is_there.name,
        sku=is_there.sku,  # type: ignore[arg-type]  # one of TIERS
        throughput_units=1 if premium else is_there.units,
        processing_units=is_there.units if premium else 1,
        auto_inflate=is_there.auto_inflate,
        max_throughput_units=is_there.max_units if is_there.auto_inflate else 0,
        result=Verified(Looked("same", is_there.id), at),
    )


def for_new(draft: Draft, subscription: str, chance: str) -> Draft:
    """``draft`` for a namespace that is to be made in ``subscription``.

    What was adopted before is left; names that are empty are proposed. ``chance`` is a few
    letters and digits, since a namespace's name is unique in all of Azure.
    """
    group, namespace, hub = draft.resource_group, draft.namespace, draft.event_hub
    if namespace.result is not None and namespace.result.value.resource_id:
        group = replace(group, name="", result=None)
        namespace = NamespaceDraft()
        hub = EventHubDraft() if hub.result and hub.result.value.resource_id else hub
    return replace(
        draft,
        discovery=replace(draft.discovery, subscription=subscription),
        resource_group=replace(group, name=group.name or _PROPOSED_GROUP),
        namespace=replace(namespace, name=namespace.name or _proposed(draft.name, chance)),
        event_hub=replace(hub, name=hub.name or _PROPOSED_HUB),
    )


def _proposed(name: str, chance: str) -> str:
    """A namespace's name after that of the import: letters, digits, single hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "logs"
    longest = _NAMESPACE_LENGTH - len("ehns-") - len(chance) - 1
    return f"ehns-{plain[:longest].strip('-')}-{chance}"
