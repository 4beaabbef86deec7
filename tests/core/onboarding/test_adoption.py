"""A namespace that exists becomes answers of the draft; for a new one names are proposed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.drafts import AT, GOOD, TENANT
from screens.azure_pages import discovery

from core.azure.names import NAMESPACE
from core.onboarding.adoption import adopt, for_new, obstacle
from core.onboarding.draft import Draft
from core.onboarding.staleness import mark_stale
from core.onboarding.steps import BUILT, STEPS

FOUND = {each.namespace.name: each for each in discovery().namespaces}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ehns-contoso-soc", None),
        ("ehns-contoso-soc-dev", "basic"),
        ("ehns-iot-field-01", "no_keys"),
        ("ehns-soc-migration-tmp", "not_ready"),
        ("ehns-partner-exchange", "other_tenant"),
    ],
)
def test_what_cannot_be_used_has_its_reason(name, why):
    assert obstacle(FOUND[name], TENANT.upper()) == why


def test_an_adopted_namespace_answers_four_steps_and_leaves_nothing_to_change():
    found = FOUND["ehns-contoso-soc"]
    draft = adopt(GOOD, found, found.hubs[1], AT)
    assert draft.resource_group.name == "rg-contoso-soc"
    assert draft.resource_group.location == "southeastasia"
    namespace = draft.namespace
    assert (namespace.name, namespace.sku) == ("ehns-contoso-soc", "Standard")
    assert (namespace.throughput_units, namespace.auto_inflate) == (2, True)
    assert namespace.max_throughput_units == 4
    hub = draft.event_hub
    assert (hub.name, hub.partitions, hub.retention_hours) == ("defender-alerts", 2, 72)
    results = (draft.resource_group.result, namespace.result, hub.result)
    assert [each.value.state for each in results] == ["same"] * 3
    assert namespace.result.value.resource_id == found.namespace.id
    after = mark_stale(GOOD, draft)
    assert not any(p.result.stale for p in (after.resource_group, after.namespace, after.event_hub))


def test_units_of_premium_are_processing_units():
    draft = adopt(Draft(), FOUND["ehns-hub-sea-prod"], None, AT)
    assert (draft.namespace.processing_units, draft.namespace.throughput_units) == (1, 1)
    assert draft.event_hub.name == "azure-logs", "a hub that is to be made has a name"
    assert draft.event_hub.result is None


def test_for_a_new_namespace_every_name_is_proposed_and_fits():
    draft = for_new(Draft(name="Contoso / SOC! logs of the whole company, all of it"), "s", "a1b2")
    assert NAMESPACE.form.fullmatch(draft.namespace.name)
    assert draft.namespace.name.endswith("-a1b2")
    assert draft.discovery.subscription == "s"
    bad = [p.where for step in BUILT[2:6] for p in STEPS[step].check(draft)]
    assert bad == ["resource_group.location"], "only the region is the user's to choose"


def test_going_on_to_a_new_one_leaves_what_was_adopted_and_keeps_what_was_typed():
    found = FOUND["ehns-contoso-soc"]
    adopted = adopt(GOOD, found, found.hubs[0], AT)
    again = for_new(adopted, "s", "a1b2")
    assert again.resource_group.name == "rg-isthmus"
    assert again.namespace.name.startswith("ehns-contoso-to-soc-")
    assert again.namespace.throughput_units == 1
    assert again.event_hub.result is None
    typed = replace(GOOD, namespace=replace(GOOD.namespace, throughput_units=3))
    kept = for_new(typed, "s", "a1b2")
    assert kept.namespace == typed.namespace
    assert kept.resource_group.name == "rg-isthmus"
