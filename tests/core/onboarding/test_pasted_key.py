"""A whole connection string is split: policy, scope and hub to the draft, nothing of the key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.drafts import AT, GOOD

from core.errors import Code, ProblemError
from core.onboarding.draft import EventHubDraft, KeyKept, Verified
from core.onboarding.flow import Flow
from core.onboarding.pasted_key import take_connection_string
from core.onboarding.steps import STEPS, StepId

KEY = "kNfr4Vq0G2n5bGh0aWRkZW4tY2FuYXJ5LWtleS0wMDE="
WHOLE = f"Endpoint=sb://127.0.0.1:9193/;SharedAccessKeyName=reader;SharedAccessKey={KEY}"


def codes(draft, step: StepId) -> list[Code]:
    return [each.code for each in STEPS[step].check(draft)]


def test_a_hubs_key_names_policy_scope_and_hub():
    draft = replace(GOOD, event_hub=EventHubDraft())
    taken = take_connection_string(draft, f"{WHOLE};EntityPath=azure-logs", AT, "a1b2c3d4")
    policy = taken.shared_access_policy
    assert (policy.name, policy.scope, taken.event_hub.name) == ("reader", "hub", "azure-logs")
    kept = KeyKept("reader", "127.0.0.1:9193", "azure-logs", "a1b2c3d4")
    assert policy.result == Verified(kept, AT)
    assert KEY[:10] not in repr(taken)
    assert Flow.start(GOOD).edit(taken).draft.shared_access_policy.result == Verified(kept, AT)


def test_a_key_of_the_namespace_leaves_the_hub_as_it_is():
    taken = take_connection_string(GOOD, WHOLE, AT, "a1b2c3d4")
    assert (taken.shared_access_policy.scope, taken.event_hub) == ("namespace", GOOD.event_hub)
    assert codes(taken, StepId.SHARED_ACCESS_POLICY) == []


def test_a_key_of_another_hub_is_refused_at_its_step():
    taken = take_connection_string(GOOD, f"{WHOLE};EntityPath=other", AT, "a1b2c3d4")
    assert taken.event_hub.name == "azure-logs"
    assert codes(taken, StepId.SHARED_ACCESS_POLICY) == [Code.CONNECTION_STRING_OTHER_HUB]


def test_half_a_string_is_a_problem_that_does_not_repeat_it():
    with pytest.raises(ProblemError) as caught:
        take_connection_string(GOOD, WHOLE.removeprefix("Endpoint="), AT, "")
    assert caught.value.problem.code is Code.CONNECTION_STRING_INVALID
    assert caught.value.problem.where == "shared_access_policy.connection_string"
    assert KEY not in str(caught.value.problem)
