"""Each fault of the Alibaba half ends in one Problem; afterwards ``apply`` goes on to the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.azure_halves import Ended
from helpers.whole_road import WholeRoad

from core.sandbox.sandbox import Options, Sandbox

pytestmark = pytest.mark.slow

ONLY = ("--only", "alibaba")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alibaba-faults")
    with Sandbox(folder / "sandbox", Options(empty=True)) as sandbox:
        azure = WholeRoad(sandbox, folder / "state")
        assert azure.apply("--only", "azure").code == 0
        yield sandbox


@pytest.fixture
def road(running):
    """The Azure half is there; what a test made of the other half is removed after it."""
    made = WholeRoad(running, running.folder.parent / "state")
    text = Path(made.profile).read_text("utf-8")
    before = made.snapshot()
    yield made
    made.center.request("denied", actions=[])
    made.logs.request("denied", actions=[])
    left = made.remove(*ONLY)
    assert left.code == 0, left
    Path(made.profile).write_text(text, "utf-8")
    assert made.snapshot() == before


@contextlib.contextmanager
def switched(road: WholeRoad, name: str) -> Iterator[None]:
    road.sandbox.scenario(name, True)
    try:
        yield
    finally:
        road.sandbox.scenario(name, False)


def the_problem(ended: Ended) -> dict[str, str]:
    """The one problem that a plan or an apply ended with; it has a cause and a remedy."""
    assert ended.code == 1, ended
    if "actions" not in ended.result:
        found = [ended.problem or ended.result]
    else:
        actions = ended.result["actions"]
        bad = [each for each in actions if each["state"] in ("blocked", "failed")]
        found = [each["problem"] for each in bad]
    assert len(found) == 1, found
    assert found[0]["cause"]
    assert found[0]["remedy"]
    return found[0]


def goes_on(road: WholeRoad) -> None:
    """After the fault: apply carries on, and a second one has nothing to do."""
    assert road.apply(*ONLY).code == 0
    again = road.apply(*ONLY)
    assert again.code == 0
    assert [again.counts[kind] for kind in ("create", "change", "delete")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("security_center.not_activated", "security_center_not_activated"),
        ("security_center.no_role", "security_center_role_missing"),
        ("security_center.wrong_region", "security_center_region_wrong"),
    ],
)
def test_a_security_center_that_is_not_there_is_told_by_the_plan(road, scenario, code):
    with switched(road, scenario):
        assert the_problem(road.plan(*ONLY))["code"] == code
        before = road.snapshot()
        assert the_problem(road.apply(*ONLY))["code"] == code
        assert road.snapshot() == before, "nothing is made while a plan is blocked"
        both = road.plan()
        assert both.code == 1
        assert the_problem(both)["code"] == code, "the Azure half is shown all the same"
        assert both.counts["reuse"] >= 8
    goes_on(road)


@pytest.mark.parametrize(
    ("scenario", "code", "made"),
    [
        ("security_center.quota", "security_center_quota", "alibaba/index/"),
        ("security_center.rule_rejected", "security_center_rule_rejected", "alibaba/product"),
    ],
)
def test_a_refusal_in_the_middle_is_told_and_gone_on_from(road, scenario, code, made):
    with switched(road, scenario):
        stopped = road.apply(*ONLY)
        assert the_problem(stopped)["code"] == code
        assert stopped.action(made)["state"] == "done"
        seen = road.plan(*ONLY)
        assert seen.action(made)["kind"] == "reuse", "what was made is known"
        assert seen.counts["create"] >= 1
    goes_on(road)


def test_an_abnormal_data_source_is_told_by_first_event(road):
    assert road.apply(*ONLY).code == 0
    road.engine()
    with switched(road, "security_center.abnormal_source"):
        found = road.wait(
            "the abnormal source",
            lambda: (
                (e := road.isthmus("first-event")).problem.get("code", "").endswith("abnormal")
                and e
            ),
        )
        assert the_problem(found)["code"] == "security_center_source_abnormal"
    road.wait("the source to be normal again", lambda: road.isthmus("first-event").code == 0)


def test_a_failed_job_is_told_and_started_again(road):
    road.managed("transformation")
    assert road.apply(*ONLY).code == 0
    with switched(road, "log_service.job_failed"):
        road.wait("the job's failure", lambda: _job(road)["status"] == "FAILED")
        assert the_problem(road.isthmus("first-event"))["code"] == "import_job_failed"
    seen = road.plan(*ONLY)
    assert (seen.counts["create"], seen.counts["change"]) == (0, 1)
    assert seen.action("alibaba/kafka_import/")["kind"] == "change"
    goes_on(road)
    road.wait("the job's recovery", lambda: _job(road)["status"] == "RUNNING")


def test_a_split_that_was_stopped_is_told_and_started_again(road):
    road.managed("transformation")
    assert road.apply(*ONLY).code == 0
    split = road.plan(*ONLY).action("alibaba/transformation/")["id"].rsplit("/", 1)[1]
    road.stop_split("isthmus-sandbox", split)
    told = the_problem(road.isthmus("first-event"))
    assert (told["code"], told["where"]) == ("split_job_failed", "import.managed_split")
    assert road.plan(*ONLY).action("alibaba/transformation/")["kind"] == "change"
    goes_on(road)
    road.wait("the first event again", lambda: road.isthmus("first-event").code == 0)


def test_nothing_is_stored_before_it_can_be_analysed(road):
    """Real time begins with the policy: what came before it would never be looked at (SC-20)."""
    road.managed("transformation")
    with switched(road, "security_center.rule_rejected"):
        assert the_problem(road.apply(*ONLY))["code"] == "security_center_rule_rejected"
        assert [each for each in road.logs.request("jobs") if each["type"] == "Ingestion"] == []
    goes_on(road)
    road.wait("standardised sign-ins", lambda: road.standardised() > 0)


def test_no_engine_runs_beside_the_managed_job(road):
    road.managed("transformation")
    assert road.apply(*ONLY).code == 0
    refused = road.isthmus("run", "--until-caught-up")
    assert the_problem(refused)["code"] == "route_without_engine"


def test_a_rotated_key_is_one_change(road):
    road.managed("transformation")
    assert road.apply(*ONLY).code == 0
    assert road.isthmus("keys", "rotate", "--yes").code == 0
    seen = road.plan(*ONLY)
    assert (seen.counts["create"], seen.counts["change"]) == (0, 1), seen
    assert "rotated" in seen.action("alibaba/kafka_import/")["what"]
    goes_on(road)
    road.wait("the job with its new key", lambda: _job(road)["status"] == "RUNNING")


@pytest.mark.parametrize(
    "action",
    [
        "log:GetProject",
        "log:CreateProject",
        "log:CreateLogStore",
        "log:CreateIndex",
        "log:CreateJob",
        "yundun-sas:GetUserConfig",
        "yundun-sas:ValidateLogStore",
        "yundun-sas:CreateDataSource",
        "yundun-sas:ListVendors",
        "yundun-sas:CreateProduct",
        "yundun-sas:CreateNormalizationRule",
        "yundun-sas:CreateDataIngestion",
        "yundun-sas:EnableDataIngestion",
        "yundun-sas:CreateDetectionRule",
        "yundun-sas:UpdateDetectionRule",
    ],
)
def test_a_missing_right_is_named_by_its_action(road, action):
    road.managed("transformation")
    if action == "yundun-sas:CreateProduct":  # else a preset product is used
        road.edit("[security_center]", '[security_center]\nproduct = "Own sign-ins"')
    emulator = road.logs if action.startswith("log:") else road.center
    emulator.request("denied", actions=[action])
    found = the_problem(road.apply(*ONLY))
    assert found["code"] == "alibaba_permission_missing"
    assert action in found["cause"]
    emulator.request("denied", actions=[])
    goes_on(road)


def test_a_project_of_somebody_elses_logstores_is_kept(road):
    assert road.apply(*ONLY).code == 0
    road.logs.request("create_logstore", project="isthmus-sandbox", name="someone-elses")
    kept = road.remove(*ONLY)
    assert kept.code == 1
    held = kept.action("alibaba/project/")
    assert (held["state"], held["problem"]["code"]) == ("blocked", "removal_held_back")
    assert "someone-elses" in held["problem"]["cause"]
    road.delete_logstore("isthmus-sandbox", "someone-elses")


def test_names_have_to_be_typed_before_logs_are_deleted(road):
    assert road.apply(*ONLY).code == 0
    kept = road.isthmus("remove", *ONLY, "--yes", "--plan")
    blocked = {
        each["what"]: each["problem"]["code"]
        for each in kept.result["actions"]
        if each["state"] == "blocked"
    }
    assert set(blocked.values()) <= {"name_not_confirmed", "removal_held_back"}
    assert any("Logstore azure-logs" in what for what in blocked)


def test_both_routes_have_two_logstores_and_one_analysis(road):
    road.edit(
        'logstore = "azure-logs"', 'logstore = "azure-messages"\nrecord_logstore = "azure-logs"'
    )
    road.edit("[network]", '[import]\nroute = "both"\n\n[network]')
    road.edit("[kafka]", '[kafka]\ngroup = "both"')  # other tests' Logstores are gone
    assert road.apply(*ONLY).code == 0
    road.wait("whole messages", lambda: _job(road)["written"] > 0)
    status = road.wait("records", lambda: (s := road.engine())["records"]["stored"] > 50 and s)
    assert status["records"]["dead_lettered"] == 0
    verified = road.isthmus("verify")
    assert (verified.code, verified.result["missing"]) == (0, 0)
    road.wait("standardised sign-ins", lambda: road.standardised() > 0)
    live = road.center.request("live")["policies"]
    assert len(live) == 1, "records are analysed once"


def test_scan_mode_standardises_too(road):
    road.edit("[network]", '[normalization]\nmode = "scan"\n\n[network]')
    assert road.apply(*ONLY).code == 0
    road.wait("records", lambda: road.engine()["records"]["stored"] > 50)
    road.wait("standardised sign-ins", lambda: road.standardised() > 0)


def test_the_dedicated_channel(road):
    road.edit(
        'region_id = "ap-southeast-1"',
        'region_id = "ap-southeast-1"\ndata_source_type = "dedicated"',
    )
    wrong = the_problem(road.plan(*ONLY))
    assert wrong["code"] == "security_center_dedicated_project"
    account = road.center.ready["account_id"]
    channel = f"aliyun-cloudsiem-channel-{account}-cn-sandbox"
    assert channel in wrong["remedy"]
    road.edit('project = "isthmus-sandbox"', f'project = "{channel}"')
    road.logs.request("denied", actions=["log:PostLogStoreLogs"])
    refused = the_problem(road.apply(*ONLY))
    assert refused["code"] == "security_center_dedicated_not_writable"
    assert "log:PostLogStoreLogs" in refused["detail"]
    road.logs.request("denied", actions=[])
    goes_on(road)
    road.wait("records", lambda: road.engine()["records"]["stored"] > 50)
    road.wait("standardised sign-ins", lambda: road.standardised() > 0)


def _abnormal(road: WholeRoad) -> Ended | None:
    ended = road.isthmus("first-event")
    code = ended.result.get("code") or ended.problem.get("code", "")
    return ended if code.endswith("_abnormal") else None


def _job(road: WholeRoad) -> dict[str, object]:
    return next(j for j in road.logs.request("jobs") if j["type"] == "Ingestion")
