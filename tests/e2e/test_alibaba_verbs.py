"""Verbs about the Alibaba half: ram-policy, guide, first-event, measured costs; rights in plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.whole_road import WholeRoad

from core.sandbox.sandbox import Options, Sandbox


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alibaba-verbs")
    with Sandbox(folder / "sandbox", Options(records=3000)) as sandbox:
        yield sandbox


@pytest.fixture
def road(running, tmp_path):
    made = WholeRoad(running, tmp_path / "state")
    text = Path(made.profile).read_text("utf-8")
    yield made
    running.child("security_center").request("denied", actions=[])
    running.child("log_service").request("denied", actions=[])
    assert made.remove("--only", "alibaba").code == 0
    Path(made.profile).write_text(text, "utf-8")


def test_the_first_event_is_waited_for_and_proved(road):
    before = road.isthmus("first-event")
    assert before.code == 1
    assert before.problem["code"] == "not_applied"
    assert road.apply("--only", "alibaba").code == 0
    nothing = road.isthmus("first-event")
    assert (nothing.code, nothing.result["state"]) == (1, "nothing")
    assert "90 minutes" in nothing.result["waits_for"]
    road.engine()
    found = road.isthmus("first-event", "--wait", "60")
    assert found.code == 0, found
    assert found.result["state"] in ("standardised", "alert")
    assert 0 < found.result["standardised"] <= 20
    assert 0 <= found.result["age_seconds"] < 3600
    assert found.result["event_time"].startswith("20")


def test_the_policy_is_of_this_plan(road):
    engine = road.isthmus("ram-policy").result
    assert len(engine["account_id"]) == 16
    actions = {need["action"] for need in engine["needs"]}
    assert {"log:PostLogStoreLogs", "yundun-sas:CreateDataSource"} <= actions
    assert not any("KafkaIngestion" in action for action in actions)
    road.managed("transformation")
    managed = {need["action"] for need in road.isthmus("ram-policy").result["needs"]}
    assert {"log:CreateKafkaIngestion", "ram:PassRole"} <= managed
    assert "log:PostLogStoreLogs" not in managed


@pytest.mark.slow
def test_a_right_that_is_missing_is_named_before_anything_is_made(road):
    road.center.request("denied", actions=["yundun-sas:ListDetectionRules"])
    planned = road.plan("--only", "alibaba")
    assert planned.code == 1
    assert planned.counts["blocked"] >= 1
    assert "yundun-sas:ListDetectionRules" in str(planned.result["actions"])
    blocked = [each for each in planned.result["actions"] if each["state"] == "blocked"]
    assert all("ListDetectionRules" in each["problem"]["cause"] for each in blocked)
    road.logs.request("denied", actions=["log:ListJobs", "log:ListKafkaIngestions"])
    road.center.request("denied", actions=["yundun-sas:ListAlerts"])
    read_only = road.plan("--only", "alibaba")
    assert read_only.code == 0, "apply needs no alerts"
    assert "yundun-sas:ListAlerts" in read_only.result["admin_request"]
    assert '"Statement"' in read_only.result["admin_request"]


@pytest.mark.slow
def test_sign_ins_of_another_hub_are_not_taken_for_ones_own(road):
    """What the Logstore holds of azure-logs proves nothing for a profile of another hub."""
    assert road.apply("--only", "alibaba").code == 0
    road.engine()
    road.edit('topic = "azure-logs"', 'topic = "another-hub"')
    found = road.isthmus("first-event")
    assert found.result["state"] == "nothing"


@pytest.mark.slow
def test_a_connector_made_in_the_console_is_found_and_ticked_by_proof(road, running):
    guided = road.isthmus("guide", "--check").result
    values = {value["field"]: value["text"] for value in guided["steps"][0]["values"]}
    assert values["Username"] == "$ConnectionString"
    assert values["Communication Protocol"] == "sasl_ssl"
    secret = Path(road.profile).with_name("kafka.secret").read_text("utf-8").strip()
    assert secret not in str(guided)
    assert guided["proof"] is None
    ticked = road.isthmus("guide", "--done").result
    assert ticked["proof"]["by"] == "tick"
    assert ticked["looked_at"]
    later = road.isthmus("guide", "--check").result
    assert (later["proof"]["by"], later["ticked_at"]) == ("tick", ticked["ticked_at"])
    info = running.info
    made = road.center.request(
        "console_connector",
        bootstrap=info["event_hubs"]["bootstrap"],
        topic=info["event_hubs"]["hub"],
        project=info["log_service"]["project"],
        logstore=info["log_service"]["logstore"],
        name="azure-by-hand",
        connection_string=secret,
    )
    assert made
    proof = road.wait("the connector's proof", lambda: _proof_of(road, "connector"))
    assert "azure-by-hand" in proof["what"]


def _proof_of(road: WholeRoad, kind: str) -> dict[str, str] | None:
    proof = road.isthmus("guide", "--check").result["proof"]
    return proof if proof and proof["by"] == kind else None


@pytest.mark.slow
def test_costs_are_measured_at_the_hub(road, running):
    running.rate(200)
    try:
        measured = road.isthmus("costs", "--measure", "--apart", "5")
    finally:
        running.rate(0)
    assert measured.code == 0, measured
    result = measured.result
    assert result["measured"] is True
    assert 50 < result["records_per_s"] < 800
    assert 300 < result["mean_bytes"] < 20_000
    assert {"user", "dedicated"} == set(result["by_type"])
    assert any("Log Management" in each for each in result["unknown"])
