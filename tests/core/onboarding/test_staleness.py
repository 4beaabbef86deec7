"""Changing an answer marks what was verified after it stale; nothing that was typed is lost."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from helpers.drafts import AT, DRAFTS, GOOD, LOGSTORE, RESULTS, TENANT, WHOLE, verified
from hypothesis import given, settings

from core.onboarding.draft import (
    AccessPolicyDraft,
    DiscoveryDraft,
    Draft,
    EventHubDraft,
    NamespaceDraft,
    ResourceGroupDraft,
    SettingsDraft,
    SignedIn,
    SignInDraft,
    Verified,
)
from core.onboarding.flow import Flow
from core.onboarding.steps import BUILT, WHOLE_ROAD, StepId
from core.secrets import SecretRef

LOGSTORE_ELSEWHERE = replace(LOGSTORE, region="cn-hangzhou")

CHANGES: dict[str, Any] = {
    "azure_sign_in": SignInDraft(tenant="fabrikam.onmicrosoft.com"),
    "discovery": DiscoveryDraft(TENANT),
    "resource_group": ResourceGroupDraft("rg-isthmus", "southeastasia"),
    "namespace": NamespaceDraft(name="contoso-security", throughput_units=2),
    "event_hub": EventHubDraft(name="azure-logs", retention_hours=48),
    "shared_access_policy": AccessPolicyDraft(scope="namespace"),
    "diagnostic_settings": SettingsDraft(policy="other"),
    "import_task": LOGSTORE_ELSEWHERE,
}


def stale_steps(draft: Draft) -> list[str]:
    return [
        str(step)
        for step in WHOLE_ROAD
        if (result := getattr(draft, step).result) is not None and result.stale
    ]


def without_results(draft: Draft) -> Draft:
    parts: dict[str, Any] = {
        step: replace(getattr(draft, step), result=None) for step in WHOLE_ROAD
    }
    return replace(draft, **parts)


def changed(draft: Draft, step: str) -> Draft:
    part = replace(CHANGES[step], result=getattr(draft, step).result)
    return replace(draft, **{step: part})


@pytest.mark.parametrize("step", CHANGES)
def test_a_changed_answer_makes_its_own_and_all_later_results_stale(step):
    flow = Flow.start(verified(GOOD))
    assert stale_steps(flow.draft) == []
    edited = flow.edit(changed(flow.draft, step))
    assert stale_steps(edited.draft) == [str(each) for each in BUILT[BUILT.index(StepId(step)) :]]
    assert without_results(edited.draft) == without_results(changed(flow.draft, step))
    for each in BUILT:  # what was found is kept, with its time
        result = getattr(edited.draft, each).result
        assert (result.value, result.at) == (RESULTS[each], AT)


@settings(max_examples=50)
@given(DRAFTS, DRAFTS)
def test_no_edit_loses_what_was_typed_or_freshens_what_was_stale(old, new):
    kept: dict[str, Any] = {
        step: replace(getattr(new, step), result=getattr(old, step).result) for step in WHOLE_ROAD
    }
    wished = replace(new, **kept)
    edited = Flow(draft=old).edit(wished).draft
    assert without_results(edited) == without_results(wished)
    assert set(stale_steps(old)) <= set(stale_steps(edited))
    first = next(
        (step for step in WHOLE_ROAD if _differs(old, wished, step)),
        None,
    )
    for step in WHOLE_ROAD:
        result = getattr(edited, step).result
        if result is None:
            assert getattr(old, step).result is None
        elif first is not None and step.place >= first.place:
            assert result.stale


def _differs(old: Draft, new: Draft, step: str) -> bool:
    one, other = getattr(old, step), getattr(new, step)
    same = all(getattr(one, f.name) == getattr(other, f.name) for f in fields(one))
    profile = step == "azure_sign_in" and old.profile_file != new.profile_file
    return not same or profile


@settings(max_examples=30)
@given(DRAFTS)
def test_an_edit_that_changes_nothing_changes_nothing(draft):
    assert Flow(draft=draft).edit(draft).draft == draft


def test_another_account_makes_what_was_found_in_the_first_one_stale():
    parts = {
        step: replace(getattr(WHOLE, step), result=Verified(RESULTS[step], AT))
        for step in WHOLE_ROAD
    }
    flow = Flow.start(replace(WHOLE, **parts), WHOLE_ROAD)
    moved = flow.edit(changed(flow.draft, "import_task"))
    assert stale_steps(moved.draft)[0] == "alibaba_sign_in"
    assert "first_event" in stale_steps(moved.draft)
    assert "kafka_test" not in stale_steps(moved.draft)


def test_the_old_answer_back_does_not_make_a_result_fresh():
    flow = Flow.start(verified(GOOD))
    there = flow.edit(changed(flow.draft, "event_hub"))
    back = there.edit(replace(there.draft, event_hub=flow.draft.event_hub))
    assert stale_steps(back.draft) == ["event_hub", *_after("event_hub")]


def test_a_new_result_is_fresh_and_leaves_the_others_as_they_are():
    flow = Flow.start(verified(GOOD))
    flow = flow.edit(changed(flow.draft, "namespace"))
    later = AT + timedelta(minutes=1)
    flow = flow.record(StepId.NAMESPACE, RESULTS["namespace"], later, flow.draft)
    assert stale_steps(flow.draft) == _after("namespace")


def test_another_tenant_or_another_key_makes_what_rests_on_it_stale():
    flow = Flow.start(verified(GOOD))
    other = SignedIn("mia@fabrikam.com", "4f1c2a34-0000-4000-8000-000000000009")
    later = AT + timedelta(minutes=1)
    moved = flow.record(StepId.AZURE_SIGN_IN, other, later, flow.draft)
    assert stale_steps(moved.draft) == _after("azure_sign_in")
    again = flow.record(StepId.AZURE_SIGN_IN, RESULTS["azure_sign_in"], later, flow.draft)
    assert stale_steps(again.draft) == []
    rotated = replace(RESULTS["shared_access_policy"], fingerprint="ffffffff")
    flow = flow.record(StepId.SHARED_ACCESS_POLICY, rotated, later, flow.draft)
    assert stale_steps(flow.draft) == _after("shared_access_policy")


def test_the_profiles_name_matters_to_the_key_only_where_it_says_where_the_key_is():
    named = Flow.start(verified(GOOD))
    assert stale_steps(named.edit(replace(named.draft, name="other")).draft) == []
    policy = replace(named.draft.shared_access_policy, connection_string=None)
    by_name = Flow.start(replace(named.draft, shared_access_policy=policy))
    edited = by_name.edit(replace(by_name.draft, name="other")).draft
    assert edited.kafka_secret == SecretRef("store", "other-kafka")
    assert stale_steps(edited) == ["shared_access_policy", *_after("shared_access_policy")]


def test_a_result_that_is_set_by_an_edit_is_taken_as_it_is():
    flow = Flow.start(GOOD)
    result = Verified(RESULTS["azure_sign_in"], AT)
    part = replace(GOOD.azure_sign_in, tenant=TENANT, result=result)
    assert flow.edit(replace(GOOD, azure_sign_in=part)).draft.azure_sign_in.result == result


def _after(step: str) -> list[str]:
    return [str(each) for each in BUILT if each.place > StepId(step).place]
