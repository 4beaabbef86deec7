"""Both halves on an empty sandbox: from names in a profile to alerts, on either route, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.whole_road import WholeRoad

from core.sandbox.sandbox import Options, Sandbox

RULES = ("Password spray", "Impossible travel")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole-road")
    with Sandbox(folder / "sandbox", Options(empty=True, flow_rate=400)) as sandbox:
        yield sandbox


@pytest.fixture
def road(running, tmp_path):
    """A fresh state folder; after the test everything that was made is removed."""
    made = WholeRoad(running, tmp_path / "state")
    text = Path(made.profile).read_text("utf-8")
    before = made.snapshot()
    yield made
    left = made.remove()
    assert left.code == 0, left
    Path(made.profile).write_text(text, "utf-8")
    assert made.snapshot() == before, "remove leaves the emulators as they were"


def applied(road: WholeRoad) -> None:
    planned = road.plan()
    assert planned.code == 0, planned
    assert planned.counts["blocked"] == planned.counts["change"] == 0
    commands = [each["command"] for each in planned.result["actions"] if each["kind"] == "create"]
    assert all(line.startswith(("az ", "aliyun ")) for line in commands)
    made = road.apply()
    assert made.code == 0, made
    assert made.counts == planned.counts
    again = road.apply()
    assert again.code == 0, again
    assert [again.counts[kind] for kind in ("create", "change", "delete")] == [0, 0, 0]


def test_the_engine_route_ends_in_an_incident(road):
    applied(road)
    status = road.wait(
        "two hundred records",
        lambda: (s := road.engine())["records"]["stored"] >= 200 and s,
    )
    assert status["records"]["dead_lettered"] == 0
    verified = road.isthmus("verify")
    assert (verified.code, verified.result["missing"]) == (0, 0)
    road.wait("standardised sign-ins", lambda: road.standardised() > 0)


@pytest.mark.slow
def test_alerts_and_incidents_of_the_story(road):
    """The attack inside the traffic, told by both rules."""
    applied(road)
    road.wait("the story", lambda: road.engine()["records"]["received"] >= 0 and _told(road), 150)
    names = {_record(each)["alert_name"] for each in road.alerts()}
    for rule in RULES:
        assert any(name.startswith(rule) for name in names), names
    assert road.incidents()


@pytest.mark.slow
@pytest.mark.parametrize("split", ["transformation", "realtime_rule"])
def test_the_managed_route_ends_in_an_incident(road, split):
    """Log Service's job reads the hub itself; batches become single records where it was chosen."""
    road.managed(split)
    applied(road)
    road.wait("an alert", lambda: any(_is_spray(each) for each in road.alerts()), 150)
    assert road.incidents()
    jobs = {each["name"]: each for each in road.logs.request("jobs")}
    assert len(jobs) == (2 if split == "transformation" else 1)
    road.sandbox.flows.pause(True)
    try:
        verified = road.wait(
            "the jobs' catching up",
            lambda: (v := road.isthmus("verify")).code == 0 and v,
        )
    finally:
        road.sandbox.flows.pause(False)
    result = verified.result
    assert result["compared"] == "counts by minute"
    assert result["split"] == split
    assert result["missing"] == result["missing_messages"] == 0
    assert result["message_logs"] >= result["messages"] > 0
    if split == "transformation":
        assert result["sent"] > result["messages"], "the hub holds batches"
        assert result["stored"] >= result["sent"]
        assert "data transformation job" in verified.words


def _told(road: WholeRoad) -> bool:
    names = [_record(each)["alert_name"] for each in road.alerts()]
    return all(any(name.startswith(rule) for name in names) for rule in RULES)


def _is_spray(alert) -> bool:
    return _record(alert)["alert_name"].startswith(RULES[0])


def _record(alert) -> dict[str, str]:
    import json

    return json.loads(alert.alert_record)
