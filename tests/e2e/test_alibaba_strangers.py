"""Names, quotas and things of others in the Alibaba half: told, never taken over, put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.azure_halves import Ended
from helpers.whole_road import WholeRoad

from core.sandbox.sandbox import Options, Sandbox

pytestmark = pytest.mark.slow

ONLY = ("--only", "alibaba")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("alibaba-strangers")
    with Sandbox(folder / "sandbox", Options(empty=True)) as sandbox:
        azure = WholeRoad(sandbox, folder / "state")
        assert azure.apply("--only", "azure").code == 0
        # Security Center makes its own projects when it is first asked; no test may refuse those.
        assert azure.plan(*ONLY).code == 0
        yield sandbox


@pytest.fixture
def road(running: Sandbox) -> Iterator[WholeRoad]:
    """The Azure half is there; what a test made of the other half is removed after it."""
    made = WholeRoad(running, running.folder.parent / "state")
    text = Path(made.profile).read_text("utf-8")
    before = made.snapshot()
    yield made
    made.logs.request("refused", answers={})
    left = made.remove(*ONLY)
    assert left.code == 0, left
    Path(made.profile).write_text(text, "utf-8")
    assert made.snapshot() == before


def failed(ended: Ended) -> dict[str, dict[str, str]]:
    """Problems of the actions that could not be, by action."""
    assert ended.code == 1, ended
    found = {
        each["id"]: each["problem"]
        for each in ended.result["actions"]
        if each["state"] in ("blocked", "failed")
    }
    assert all(each["cause"] and each["remedy"] for each in found.values())
    return found


def goes_on(road: WholeRoad) -> None:
    """After the fault: apply carries on, and a second one has nothing to do."""
    assert road.apply(*ONLY).code == 0
    again = road.apply(*ONLY)
    assert again.code == 0
    assert [again.counts[kind] for kind in ("create", "change", "delete")] == [0, 0, 0]


def preset_rules(road: WholeRoad) -> dict[str, tuple[str, str]]:
    """Id and status of the preset detection rules by name, by the unchanged SDK."""
    from alibabacloud_cloud_siem20241212.models import ListDetectionRulesRequest

    answer = road._sdk().list_detection_rules(
        ListDetectionRulesRequest(
            lang="en",
            region_id=road.center.ready["region_id"],
            detection_rule_type="preset",
            max_results=100,
        )
    )
    return {
        each.detection_rule_name: (each.detection_rule_id, each.detection_rule_status)
        for each in answer.body.detection_rules
    }


def switch(road: WholeRoad, identity: str, status: str) -> None:
    """As somebody would in the console."""
    from alibabacloud_cloud_siem20241212.models import UpdateDetectionRuleRequest

    road._sdk().update_detection_rule(
        UpdateDetectionRuleRequest(
            lang="en",
            region_id=road.center.ready["region_id"],
            detection_rule_id=identity,
            detection_rule_type="preset",
            detection_rule_status=status,
        )
    )


@pytest.mark.parametrize(
    ("operation", "error", "action", "code"),
    [
        ("CreateProject", "ProjectAlreadyExist", "project/", "log_service_project_taken"),
        ("CreateProject", "ProjectQuotaExceed", "project/", "log_service_quota"),
        ("CreateLogStore", "LogstoreQuotaExceed", "logstore/", "log_service_quota"),
        ("CreateJob", "JobQuotaExceed", "transformation/", "log_service_quota"),
    ],
)
def test_a_name_or_quota_that_is_gone_stops_there(road, operation, error, action, code):
    road.managed("transformation")
    road.logs.request("refused", answers={operation: error})
    assert road.plan(*ONLY).code == 0, "nobody can know it before"
    ((where, found),) = failed(road.apply(*ONLY)).items()
    assert where.startswith(f"alibaba/{action}")
    assert found["code"] == code
    assert error in found["detail"]
    seen = road.plan(*ONLY)
    assert seen.code == 0
    assert seen.action(where)["kind"] == "create", "it is not taken for made"
    road.logs.request("refused", answers={})
    goes_on(road)


def test_a_data_source_of_another_logstore_is_left_alone(road):
    assert road.apply(*ONLY).code == 0
    before = road.center.request("snapshot")
    road.edit('logstore = "azure-logs"', 'logstore = "azure-messages"')
    for ended in (road.plan(*ONLY), road.apply(*ONLY)):
        ((where, found),) = failed(ended).items()
        assert where.startswith("alibaba/data_source/")
        assert found["code"] == "security_center_other_data_source"
        assert "azure-logs" in found["cause"]
        assert "azure-messages" in str(found)
    assert road.center.request("snapshot") == before
    road.edit('logstore = "azure-messages"', 'logstore = "azure-logs"')
    goes_on(road)


def test_a_preset_rule_is_enabled_and_put_back(road):
    rules = preset_rules(road)
    name, (identity, _) = next(each for each in rules.items() if each[1][1] == "disabled")
    road.edit("[network]", f'[detection]\nbuiltin = ["{name}"]\n\n[network]')
    goes_on(road)
    assert preset_rules(road) == rules | {name: (identity, "enabled")}
    assert road.remove(*ONLY).code == 0
    assert preset_rules(road) == rules


def test_a_preset_rule_that_was_on_stays_on(road):
    """What somebody else has enabled is used, and is no business of a removal."""
    name, (identity, status) = next(iter(preset_rules(road).items()))
    switch(road, identity, "enabled")
    try:
        road.edit("[network]", f'[detection]\nbuiltin = ["{name}"]\n\n[network]')
        goes_on(road)
        assert road.remove(*ONLY).code == 0
        assert preset_rules(road)[name] == (identity, "enabled")
    finally:
        switch(road, identity, status)


def test_a_preset_rule_that_there_is_not_is_told(road):
    road.edit("[network]", '[detection]\nbuiltin = ["No such rule"]\n\n[network]')
    ((_, found),) = failed(road.plan(*ONLY)).items()
    assert found["code"] == "security_center_no_preset_rule"
    assert "No such rule" in found["cause"]


def test_what_was_refused_and_then_made_by_somebody_else_is_theirs(road):
    road.logs.request("denied", actions=["log:CreateLogStore"])
    assert road.apply(*ONLY).code == 1
    road.logs.request("denied", actions=[])
    road.logs.request("create_logstore", project="isthmus-sandbox", name="azure-logs")
    assert road.apply(*ONLY).code == 0
    planned = road.isthmus("remove", *ONLY, "--plan")
    assert not [a for a in planned.result["actions"] if "/logstore/" in a["id"]]
    assert road.remove(*ONLY).code == 1, "the project holds what is not ours"
    road.delete_logstore("isthmus-sandbox", "azure-logs")
