"""The Azure half on an empty sandbox: plan, apply, run, apply again, remove."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.azure_halves import AzureHalf

from core.onboarding.flow import Flow
from core.onboarding.profile_text import draft_of
from core.onboarding.steps import BUILT
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

NAMESPACE = "isthmus-logs"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("azure-half")
    with Sandbox(folder / "sandbox", Options(empty=True, logstore=True)) as sandbox:
        yield sandbox


@pytest.fixture
def half(running, tmp_path):
    """A fresh state folder; what a test applied is removed after it."""
    made = AzureHalf(running, tmp_path / "state")
    text = Path(made.profile).read_text("utf-8")
    running.child("azure").request("clear_requests")
    before = made.snapshot()
    yield made
    left = made.remove("--confirm-name", NAMESPACE)
    assert left.code == 0, left
    Path(made.profile).write_text(text, "utf-8")
    assert made.snapshot() == before


def test_the_whole_road(half, running):
    """From names only to records in the Logstore, and back."""
    planned = half.plan()
    assert planned.code == 0, planned
    assert planned.counts["blocked"] == 0
    assert planned.counts["create"] >= 7
    assert half.writes() == [], "a plan changes nothing"
    assert planned.action("azure/namespace/")["cost_class"] == "running"
    assert planned.action("azure/namespace/")["command"].startswith("az eventhubs namespace create")
    assert planned.result["costs"]

    applied = half.apply()
    assert applied.code == 0, applied
    assert applied.result["problem"] is None
    assert {each["state"] for each in applied.result["actions"]} == {"done"}
    assert applied.counts == {**planned.counts}

    key = Path(half.profile).with_name("kafka.secret")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_text("utf-8").strip().partition("SharedAccessKey=")[2].partition(";")[0]
    assert secret
    assert secret not in json.dumps(applied.values) + applied.words
    for file in half.state.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file

    status = _run_until_records(half)
    assert status["records"]["stored"] > 0
    assert status["records"]["dead_lettered"] == 0
    verified = half.isthmus("verify")
    assert (verified.code, verified.result["missing"]) == (0, 0)

    half.arm.request("clear_requests")
    again = half.apply()
    assert again.code == 0
    assert [again.counts[kind] for kind in ("create", "change", "delete")] == [0, 0, 0]
    assert half.writes() == [], "a second apply changes nothing"


@pytest.mark.slow
def test_what_is_there_is_kept_and_its_differences_are_told(half):
    assert half.apply().code == 0
    half.edit("retention_hours = 24", "retention_hours = 24\npartitions = 8")
    half.edit('name = "isthmus-logs"', 'name = "isthmus-logs"\nthroughput_units = 3')
    half.arm.request("clear_requests")
    planned = half.plan()
    assert planned.code == 0
    assert planned.counts["create"] == planned.counts["change"] == 0
    assert any("4" in text and "8" in text for text in planned.action("/event_hub/")["differences"])
    assert any("1" in text and "3" in text for text in planned.action("/namespace/")["differences"])
    assert half.apply().code == 0
    assert half.writes() == []


@pytest.mark.slow
def test_an_edited_setting_is_one_change(half):
    assert half.apply().code == 0
    half.edit('"Administrative", "Security", "Policy"', '"Administrative", "Alert"')
    half.arm.request("clear_requests")
    planned = half.plan()
    assert (planned.counts["create"], planned.counts["change"]) == (0, 1)
    assert planned.action("/activity/")["kind"] == "change"
    assert half.apply().code == 0
    assert [method for method, _, _ in half.writes()] == ["PUT"]
    assert half.plan().counts["change"] == 0


@pytest.mark.slow
def test_remove_takes_away_what_was_made_and_nothing_else(half):
    """A hub that somebody else made in our namespace, and the group that they use, stay."""
    assert half.apply().code == 0
    half.sandbox.child("event_hubs").request(
        "create_hub", name="someone-elses", partitions=1, namespace=NAMESPACE
    )
    first = half.remove()
    assert first.code == 1
    assert first.problem["code"] == "name_not_confirmed"
    held = first.action("/resource_group/")
    assert (held["state"], held["problem"]["code"]) == ("blocked", "removal_held_back")
    left = json.dumps(half.snapshot())
    assert NAMESPACE in left
    assert "someone-elses" in left
    assert "azure-logs" not in left
    shown = half.isthmus("remove", "--plan")
    assert shown.counts["delete"] == 2


@pytest.mark.slow
def test_nothing_is_asked_where_there_is_no_terminal(half):
    refused = half.isthmus("apply", "--only", "azure")
    assert refused.code == 2
    assert half.writes() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "code", "step"),
    [
        ('"isthmus-logs"', '"isthmus-logs"\nsku = "Basic"', "azure_namespace_basic", "namespace"),
        ('"eastasia"', '"atlantis"', "azure_location_unavailable", "namespace"),
        ("retention_hours = 24", "retention_hours = 999", "azure_out_of_bounds", "event_hub"),
        ('"file:kafka.secret"', '"env:NOWHERE"', "secret_not_writable", "shared_access_policy"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(half, old, new, code, step):
    half.edit(old, new)
    planned = half.plan()
    assert planned.code == 1
    blocked = [each for each in planned.result["actions"] if each["state"] == "blocked"]
    assert [(each["problem"]["code"], each["step"]) for each in blocked] == [(code, step)]
    applied = half.apply()
    assert (applied.code, applied.problem["code"]) == (1, code)
    assert half.writes() == []


def _run_until_records(half: AzureHalf) -> dict:
    """Import until something is stored, then stop."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "core", "run", "--json", "--profile", half.profile],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"ISTHMUS_STATE_DIR": str(half.state)},
    )
    deadline = time.monotonic() + 60
    last: dict = {}
    try:
        for line in process.stdout or ():
            last = json.loads(line)
            if last.get("problem") and "records" not in last:
                raise AssertionError(last)
            if last["records"]["stored"] > 0 or time.monotonic() > deadline:
                break
        process.terminate()
        for line in process.stdout or ():
            last = json.loads(line)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    return last


def test_walking_the_wizard_back_and_forth_asks_azure_for_nothing(running):
    """Moves are pure: with all answers given, the emulated Azure hears of none of them."""
    running.child("azure").request("clear_requests")
    flow = Flow.start(draft_of(load_profile(running.info["profile"])))
    seen = [flow.current]
    while (onward := flow.go_next()) != flow:
        flow = onward
        seen.append(flow.current)
    assert seen[-1] == BUILT[-1], flow.problems
    while flow.history:
        flow = flow.go_back()
    assert flow.current == seen[0]
    assert running.child("azure").request("requests") == []


@pytest.mark.slow
def test_a_damaged_applied_file_is_written_anew(half):
    """The import says so, and apply mends it without a change in the cloud."""
    assert half.apply().code == 0
    (applied,) = half.state.glob("*/applied.json")
    good = json.loads(applied.read_text("utf-8"))
    applied.write_text("[1, 2", "utf-8")
    assert half.isthmus("probe").problem["code"] == "applied_unreadable"
    half.arm.request("clear_requests")
    assert half.apply().code == 0
    assert half.writes() == []
    mended = json.loads(applied.read_text("utf-8"))
    assert {**mended, "key_fetched_at": ""} == {**good, "key_fetched_at": ""}


@pytest.mark.slow
def test_a_wrong_client_secret_is_named_and_never_shown(half):
    file = Path(half.profile).with_name("azure.secret")
    kept = file.read_text("utf-8")
    file.write_text("hunter2-hunter2-hunter2", "utf-8")
    try:
        refused = half.plan()
    finally:
        file.write_text(kept, "utf-8")
    assert refused.problem["code"] == "azure_client_secret_wrong"
    assert refused.problem["where"] == "azure.sign_in"
    assert "hunter2" not in json.dumps(refused.values) + refused.words


@pytest.mark.slow
def test_a_dead_azure_is_one_problem(half, running):
    child = running.child("azure")
    child.kill()
    try:
        refused = half.plan()
    finally:
        running.restart("azure")
    assert (refused.code, refused.problem["code"]) == (1, "azure_unreachable")
    assert half.plan().code == 0


@pytest.mark.slow
def test_network_rules_that_keep_azure_monitor_out_are_warned_of(half, running):
    assert half.apply().code == 0
    running.scenario("event_hubs.firewall", True, namespace=NAMESPACE)
    try:
        planned = half.plan()
    finally:
        running.scenario("event_hubs.firewall", False, namespace=NAMESPACE)
    found = planned.action("/activity/")["problem"]
    assert (found["code"], found["severity"]) == ("azure_trusted_services_off", "warning")
    assert planned.code == 0, "a warning blocks nothing"
    assert half.plan().action("/activity/")["problem"] is None
