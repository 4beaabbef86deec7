"""Each fault of the emulated Azure ends in one problem with its cause and remedy, and is survived.

The command is the user's own; after the fault is lifted the same command goes through.
"""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

import pytest
from helpers.azure_halves import AzureHalf
from helpers.engines import EngineProcess

from core.errors import catalogue
from core.sandbox.sandbox import Options, Sandbox
from core.sandbox.scenarios import SCENARIOS

NAMESPACE = "isthmus-logs"
PAGE = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text("utf-8")
ROWS = {
    name: (verb, said.strip("`"))
    for name, verb, said in re.findall(
        r"^\| `(\w+)` \| `(\w+)` \| (.+?) \|$",
        PAGE.partition("## Azure Resource Manager")[2].partition("\n## ")[0],
        re.MULTILINE,
    )
}
"""Scenario -> the verb and what it says, as docs/diagnosis.md has it."""


def test_the_page_names_every_scenario_and_no_code_twice():
    assert sorted(ROWS) == sorted(
        name.removeprefix("arm.") for name in SCENARIOS if name.startswith("arm.")
    )
    codes = [said for _, said in ROWS.values() if said.startswith("azure_")]
    assert len(codes) == len(set(codes)) == 5
    remedies = {catalogue()[code]["remedy"] for code in codes}
    assert len(remedies) == len(codes)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("azure-scenarios")
    with Sandbox(folder / "sandbox", Options(empty=True, logstore=True)) as sandbox:
        yield sandbox


@pytest.fixture
def half(running, tmp_path):
    made = AzureHalf(running, tmp_path / "state")
    text = Path(made.profile).read_text("utf-8")
    yield made
    Path(made.profile).write_text(text, "utf-8")
    made.remove("--confirm-name", NAMESPACE)


@contextlib.contextmanager
def scenario(sandbox, name, **options):
    sandbox.scenario(f"arm.{name}", True, **options)
    try:
        yield
    finally:
        sandbox.scenario(f"arm.{name}", False)


def blocked(ended) -> set[tuple[str, str]]:
    return {
        (each["problem"]["code"], each["step"])
        for each in ended.result["actions"]
        if each["state"] == "blocked"
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "step"), [("no_permission", "resource_group"), ("name_taken", "namespace")]
)
def test_what_can_be_known_before_is_said_by_the_plan(half, running, name, step):
    verb, code = ROWS[name]
    assert verb == "plan"
    with scenario(running, name):
        half.arm.request("clear_requests")
        began = time.monotonic()
        planned = half.plan()
        print(
            f"{name}: {code} after {time.monotonic() - began:.1f} s, start of the command included"
        )
        assert planned.code == 1
        assert (code, step) in blocked(planned), planned.result
        assert half.apply().code == 1
        assert half.writes() == []
    if name == "no_permission":
        request = planned.result["admin_request"]
        assert "az role assignment create" in request
        assert "Azure Event Hubs Data Owner" in request
    assert half.plan().counts["blocked"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["policy_denied", "failed_create"])
def test_what_only_the_attempt_shows_ends_in_one_problem(half, running, name):
    verb, code = ROWS[name]
    assert verb == "apply"
    with scenario(running, name):
        began = time.monotonic()
        failed = half.apply()
        print(
            f"{name}: {code} after {time.monotonic() - began:.1f} s, start of the command included"
        )
        assert (failed.code, failed.problem["code"]) == (1, code), failed
        entry = catalogue()[code]
        assert entry["remedy"].split("$")[0][:20] in failed.problem["remedy"]
        assert failed.action("/resource_group/")["state"] == "done"
        assert failed.action("/namespace/")["state"] == "failed"
        assert failed.action("/event_hub/")["state"] == "planned"
    healed = half.apply()
    assert healed.code == 0, healed
    assert half.remove("--confirm-name", NAMESPACE).code == 0


@pytest.mark.slow
def test_providers_that_are_not_registered_are_registered(half, running):
    with scenario(running, "provider_not_registered"):
        planned = half.plan()
        assert planned.code == 0, planned
        assert planned.action("/provider/Microsoft.EventHub")["kind"] == "change"
        applied = half.apply()
        assert applied.code == 0, applied
        assert half.apply().counts["change"] == 0


@pytest.mark.slow
def test_a_throttled_service_is_waited_for_and_the_wait_is_told(half, running):
    with scenario(running, "throttled", requests=3, retry_after=1):
        planned = half.plan()
    assert planned.code == 0, planned
    assert planned.words.count("going on in 1 s") == 3


@pytest.mark.slow
def test_a_slow_creation_is_waited_for_and_told(half, running):
    with scenario(running, "slow_create", seconds=8.0):
        applied = half.apply()
    assert applied.code == 0, applied
    assert "creating the namespace" in applied.words


@pytest.mark.slow
def test_a_namespace_of_the_basic_tier_is_refused_with_the_reason(half, running):
    """One that is there already, and one that is still to be made, the same."""
    assert half.apply().code == 0
    with scenario(running, "basic_only"):
        planned = half.plan()
        assert planned.code == 1
        assert (ROWS["basic_only"][1], "namespace") in blocked(planned)
    assert half.remove("--confirm-name", NAMESPACE).code == 0


@pytest.mark.slow
def test_two_tenants_are_both_discovered(half, running):
    with scenario(running, "two_tenants"):
        found = half.isthmus("discover")
        assert found.code == 0, found
        assert len(found.result["tenants"]) == 2
        assert len({each["tenant"] for each in found.result["subscriptions"]}) == 2
    with scenario(running, "two_tenants", reachable=False):
        found = half.isthmus("discover")
        assert found.code == 0, found
        assert len(found.result["unread"]) == 1


@pytest.mark.slow
def test_keys_are_rotated_without_a_gap(half):
    assert half.apply().code == 0
    before = Path(half.profile).with_name("kafka.secret").read_text("utf-8")
    rotated = half.isthmus("keys", "rotate", "--yes")
    assert rotated.code == 0, rotated
    after = Path(half.profile).with_name("kafka.secret").read_text("utf-8")
    assert after != before
    key = after.strip().partition("SharedAccessKey=")[2].partition(";")[0]
    assert key not in rotated.words
    assert half.isthmus("probe").code == 0
    Path(half.profile).with_name("kafka.secret").write_text(before, "utf-8")
    assert half.isthmus("probe").code == 1, "the old key lets nobody in any more"
    again = half.apply()
    assert again.counts["change"] == 1, "a key that is none any more is replaced by apply"
    assert half.isthmus("probe").code == 0


@pytest.mark.slow
def test_a_running_import_goes_over_to_the_new_key(half, running):
    """Keys are rotated under it and every connection is cut: it goes on without a restart."""
    assert half.apply().code == 0
    engine = EngineProcess(half.profile, half.state, until_caught_up=False)
    try:
        assert engine.wait_for(lambda status: status["records"]["stored"] > 0)
        assert half.isthmus("keys", "rotate", "--yes").code == 0
        running.child("event_hubs").request("drop_connections", namespace=NAMESPACE)
        assert engine.wait_for(lambda status: "kafka.key_renewed" in engine.log())
        stored = engine.last["records"]["stored"]
        assert engine.wait_for(lambda status: status["records"]["stored"] > stored + 100)
        assert engine.terminate() == 0
    finally:
        engine.kill()
