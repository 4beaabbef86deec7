"""Remedies that take one step: a problem of a check, and the draft that no longer has it."""

from __future__ import annotations

from dataclasses import replace

from core.azure.names import LOCATION, short_location
from core.azure.tiers import TIERS
from core.errors import Code, Problem
from core.onboarding.draft import Draft


def one_step(found: Problem, draft: Draft) -> Draft | None:
    """``draft`` with the one-step remedy of ``found``; None: that problem has none.

    Basic becomes Standard, auto-inflate is switched off where the tier has none, numbers go to
    the nearest bound, the root policy's scope becomes the namespace, and a region's display name
    becomes its short one.
    """
    namespace, policy, group = draft.namespace, draft.shared_access_policy, draft.resource_group
    if found.code is Code.AZURE_NAMESPACE_BASIC:
        return replace(draft, namespace=replace(namespace, sku="Standard"))
    if found.code is Code.AZURE_NO_AUTO_INFLATE:
        return replace(draft, namespace=replace(namespace, auto_inflate=False))
    if found.code is Code.AZURE_OUT_OF_BOUNDS:
        return _within_bounds(found.where, draft)
    if found.where == "shared_access_policy.scope":
        return replace(draft, shared_access_policy=replace(policy, scope="namespace"))
    if found.where == "resource_group.location":
        short = short_location(group.location)
        if LOCATION.form.fullmatch(short):
            return replace(draft, resource_group=replace(group, location=short))
    return None


def _within_bounds(where: str, draft: Draft) -> Draft:
    """The number at ``where`` moved to the nearest bound of the tier."""
    namespace, hub = draft.namespace, draft.event_hub
    bounds = TIERS[namespace.sku]
    if where == "event_hub.partitions":
        partitions = _nearest(hub.partitions, bounds.partitions)
        return replace(draft, event_hub=replace(hub, partitions=partitions))
    if where == "event_hub.retention_hours":
        hours = _nearest(hub.retention_hours, bounds.retention_hours)
        return replace(draft, event_hub=replace(hub, retention_hours=hours))
    if where == "namespace.processing_units":
        units = _nearest(namespace.processing_units, bounds.units)
        return replace(draft, namespace=replace(namespace, processing_units=units))
    if where == "namespace.throughput_units":
        units = _nearest(namespace.throughput_units, bounds.units)
        return replace(draft, namespace=replace(namespace, throughput_units=units))
    most = _nearest(namespace.max_throughput_units, bounds.units, namespace.throughput_units)
    return replace(draft, namespace=replace(namespace, max_throughput_units=most))


def _nearest(value: int, highest: int, lowest: int = 1) -> int:
    return min(max(value, lowest), highest)
