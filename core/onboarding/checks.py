"""What can be wrong with the answers of each step, as far as it can be told without asking anybody.

Each function takes the draft and gives the problems of its step; ``where`` of a problem is the
dotted place of the field. Sources: "Azure: naming rules for resources" (by the schema of the
profile); "Azure: Event Hubs quotas and limits" (``core.azure.tiers``); "Azure: authorize access
with shared access signatures" (the root policy).
"""

from __future__ import annotations

from dataclasses import replace

from core.azure import names
from core.azure.event_hubs import EventHubWish
from core.azure.namespaces import NamespaceWish
from core.azure.tiers import event_hub_problem, namespace_problem
from core.errors import Code, Problem, problem
from core.onboarding.draft import Draft
from core.onboarding.field_checks import Problems, check_ref, check_text, invalid
from core.profile import Profile
from core.profile_azure import (
    Azure,
    AzureAccessPolicy,
    AzureEventHub,
    AzureNamespace,
    AzureSignIn,
)

ROOT_POLICY = "RootManageSharedAccessKey"
"""The policy that every namespace is born with: Manage, Send and Listen on all of it."""


def azure_sign_in(draft: Draft) -> Problems:
    """Name of the profile, tenant, application and its credential."""
    part, place = draft.azure_sign_in, "azure_sign_in"
    found = check_text(Profile, "name", "name", draft.name, "a name for this import")
    words = names.TENANT.words
    found += check_text(Azure, "tenant", f"{place}.tenant", part.tenant, words)
    meaning = f"the application's id, {names.SUBSCRIPTION.words}"
    found += check_text(AzureSignIn, "client_id", f"{place}.client_id", part.client_id, meaning)
    if part.method != "service_principal":
        return found
    if not part.client_id:
        found += (problem(Code.STEP_FIELD_EMPTY, f"{place}.client_id", meaning=meaning),)
    if part.client_secret is None and part.certificate is None:
        meaning = "where the application's secret is kept, or its certificate"
        found += (problem(Code.STEP_FIELD_EMPTY, f"{place}.client_secret", meaning=meaning),)
    if part.client_secret is not None and part.certificate is not None:
        meaning = "nothing, since a client secret is named already"
        found += invalid(f"{place}.certificate", part.certificate, meaning)
    for name, ref in (("client_secret", part.client_secret), ("certificate", part.certificate)):
        found += check_ref(f"{place}.{name}", ref)
    return found


def discovery(draft: Draft) -> Problems:
    """The subscription."""
    meaning = f"the subscription's id, {names.SUBSCRIPTION.words}; nothing, where there is one"
    return check_text(
        Azure, "subscription", "discovery.subscription", draft.discovery.subscription, meaning
    )


def resource_group(draft: Draft) -> Problems:
    """Its name and region."""
    part, place = draft.resource_group, "resource_group"
    words = names.RESOURCE_GROUP.words
    found = check_text(Azure, "resource_group", f"{place}.name", part.name, words)
    words = names.LOCATION.words
    return found + check_text(Azure, "location", f"{place}.location", part.location, words)


def namespace(draft: Draft) -> Problems:
    """Its name, tier and units."""
    part, place = draft.namespace, "namespace"
    words = names.NAMESPACE.words
    found = check_text(AzureNamespace, "name", f"{place}.name", part.name, words)
    premium = part.sku == "Premium"
    wish = NamespaceWish(
        name=part.name,
        resource_group=draft.resource_group.name,
        location=draft.resource_group.location,
        sku=part.sku,
        units=part.processing_units if premium else part.throughput_units,
        auto_inflate=part.auto_inflate,
        max_units=part.max_throughput_units,
    )
    return found + _of_the_draft(namespace_problem(wish))


def event_hub(draft: Draft) -> Problems:
    """Its name, and partitions and retention by the tier of the namespace."""
    part, place = draft.event_hub, "event_hub"
    words = names.EVENT_HUB.words
    found = check_text(AzureEventHub, "name", f"{place}.name", part.name, words)
    wish = EventHubWish(part.name, part.partitions, part.retention_hours)
    return found + _of_the_draft(event_hub_problem(wish, draft.namespace.sku))


def shared_access_policy(draft: Draft) -> Problems:
    """Its name and scope, the place of its key, and the key that is there."""
    part, place = draft.shared_access_policy, "shared_access_policy"
    words = names.POLICY.words
    found = check_text(AzureAccessPolicy, "name", f"{place}.name", part.name, words)
    if part.name == ROOT_POLICY:
        found += (problem(Code.AZURE_ROOT_POLICY, f"{place}.name"),)
        if part.scope == "hub":
            meaning = f"namespace, since {ROOT_POLICY} is a policy of the namespace"
            found += invalid(f"{place}.scope", part.scope, meaning)
    ref = part.connection_string
    found += check_ref(f"{place}.connection_string", ref)
    if ref is not None and ref.scheme == "env":
        found += (problem(Code.SECRET_NOT_WRITABLE, f"{place}.connection_string", ref=ref),)
    kept = part.result
    if kept and not kept.stale and kept.value.entity_path not in ("", draft.event_hub.name):
        entity, hub = kept.value.entity_path, draft.event_hub.name
        where = f"{place}.connection_string"
        found += (problem(Code.CONNECTION_STRING_OTHER_HUB, where, entity=entity, hub=hub),)
    return found


def _of_the_draft(found: Problem | None) -> Problems:
    """A problem of ``core.azure``, whose place is that in a profile, at its place in the draft."""
    return (replace(found, where=found.where.removeprefix("azure.")),) if found else ()
