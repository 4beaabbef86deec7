"""After apply the draft is a profile's, and the results of what was looked at are fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from helpers.drafts import AT, GOOD, verified

from core.applied import Applied, write_applied
from core.onboarding.action import Action, Kind, State
from core.onboarding.after_apply import after_apply, changed_in_cloud, is_complete
from core.onboarding.flow import Flow
from core.onboarding.profile_text import profile_text
from core.profile import load_profile

LATER = AT + timedelta(minutes=5)
HUB = (
    "/subscriptions/s/resourceGroups/rg-isthmus/providers/Microsoft.EventHub"
    "/namespaces/contoso-security/eventhubs/azure-logs"
)
ACTIONS = tuple(
    Action(f"azure/{step}/x", step, Kind.CREATE, step, state=State.DONE)
    for step in (
        "resource_group",
        "namespace",
        "event_hub",
        "shared_access_policy",
        "diagnostic_settings",
    )
)


@pytest.fixture
def profile(tmp_path):
    file = tmp_path / "contoso.toml"
    file.write_text(profile_text(GOOD), "utf-8")
    made = load_profile(str(file))
    known = Applied(
        bootstrap="contoso-security.servicebus.windows.net:9093",
        hub="azure-logs",
        hub_id=HUB,
        policy="isthmus-listen",
        policy_scope="hub",
        key_fingerprint="a1b2c3d4",
    )
    write_applied(made.state_folder, known)
    return made


def test_what_was_looked_at_is_fresh_though_the_profile_is_a_new_one(profile):
    flow = Flow.start(verified(GOOD))
    after = flow.edit(after_apply(flow.draft, profile, ACTIONS, LATER)).draft
    assert after.profile_file == str(profile.file)
    for step in ("azure_sign_in", "resource_group", "namespace", "event_hub"):
        result = getattr(after, step).result
        assert (result.at, result.stale) == (LATER, False), step
    assert after.event_hub.result.value.resource_id == HUB
    assert after.resource_group.result.value.resource_id.endswith("/rg-isthmus")
    assert after.shared_access_policy.result.value.bootstrap.endswith(":9093")
    assert after.diagnostic_settings.result.value.present == 3
    assert after.kafka_test.result.stale, "the connection is still to be tested"


def test_what_failed_is_not_called_there(profile):
    failed = (*ACTIONS[:2], replace(ACTIONS[2], state=State.FAILED), *ACTIONS[3:])
    after = after_apply(verified(GOOD), profile, failed, LATER)
    assert after.event_hub.result.at == AT
    assert after.namespace.result.at == LATER
    assert not is_complete(failed)


def test_a_key_that_is_kept_here_is_no_change_of_a_cloud():
    key = Action("azure/connection_string/store:x", "shared_access_policy", Kind.CREATE, "keep")
    reused = replace(ACTIONS[0], kind=Kind.REUSE)
    done = (reused, *ACTIONS[1:], replace(key, state=State.DONE))
    assert changed_in_cloud(done) == 4
