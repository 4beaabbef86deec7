"""``apply`` and ``remove`` of the Alibaba half are killed at every line of their journal.

The proof is that of the Azure half: the emulators end as after an apply that nobody disturbed, and
Isthmus still knows all of it as its own.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from helpers.whole_road import WholeRoad

from core.engine.failpoints import APPLY_NAMES
from core.onboarding.journal import Journal
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

KILLED = -9
ONLY = ("--only", "alibaba")
ID = re.compile(r"\b([a-z]+)-[0-9a-z]{16,24}\b")


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    """The managed route, since it makes the most; its Azure half is there already."""
    folder = tmp_path_factory.mktemp("alibaba-kills")
    with Sandbox(folder / "sandbox", Options(empty=True)) as running:
        made = WholeRoad(running, folder / "state")
        made.managed("transformation")
        text = Path(made.profile).read_text("utf-8")
        preset = '[detection]\nbuiltin = ["{}"]\n'
        name = _a_preset_rule(made)
        Path(made.profile).write_text(text + "\n" + preset.format(name), "utf-8")
        assert made.apply("--only", "azure").code == 0
        yield made


def _a_preset_rule(road: WholeRoad) -> str:
    from alibabacloud_cloud_siem20241212.models import ListDetectionRulesRequest

    answer = road._sdk().list_detection_rules(
        ListDetectionRulesRequest(
            lang="en", region_id=road.center.ready["region_id"], detection_rule_type="preset"
        )
    )
    return str(answer.body.detection_rules[0].detection_rule_name)


def made_by(road: WholeRoad, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What of the Alibaba half is there by Isthmus's doing, by the journal."""
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(road.state))
    made = Journal(load_profile(road.profile).state_folder).made()
    return [(e.action, e.certain) for e in made if e.action.startswith("alibaba/")]


def without_ids(snapshot: Any) -> Any:
    """The snapshot with ids, which are new for each thing made, left out; order does not count."""
    if isinstance(snapshot, dict):
        parts = {key: without_ids(value) for key, value in snapshot.items()}
        if any(ID.fullmatch(str(key)) for key in parts):
            return sorted(json.dumps(value, sort_keys=True) for value in parts.values())
        return parts
    if isinstance(snapshot, list):
        return [without_ids(each) for each in snapshot]
    return ID.sub(r"\1", snapshot) if isinstance(snapshot, str) else snapshot


def _next_kill(name: str, kills: int) -> str:
    return f"{name}:2" if name == "apply_after_begin" and kills else name


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [each for each in APPLY_NAMES if each.startswith("apply")])
def test_a_kill_at_every_action_of_an_apply(road, name, monkeypatch):
    empty = road.snapshot()
    assert road.apply(*ONLY).code == 0
    whole, known = road.snapshot(), made_by(road, monkeypatch)
    assert len(known) >= 12
    assert any(action.startswith("alibaba/preset_rule/") for action, _ in known)
    assert road.remove(*ONLY).code == 0
    assert road.snapshot() == empty

    kills = 0
    while road.apply(*ONLY, failpoint=_next_kill(name, kills)).code == KILLED:
        kills += 1
        assert kills <= len(known)
    assert kills == len(known), "it was killed once for each thing that it makes"
    assert without_ids(road.snapshot()) == without_ids(whole)
    assert made_by(road, monkeypatch) == known
    again = road.apply(*ONLY)
    assert [again.counts[kind] for kind in ("create", "change", "delete")] == [0, 0, 0]
    assert road.remove(*ONLY).code == 0
    assert road.snapshot() == empty
    assert made_by(road, monkeypatch) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_at_every_action_of_a_removal(road, monkeypatch):
    empty = road.snapshot()
    assert road.apply(*ONLY).code == 0
    known, kills = made_by(road, monkeypatch), 0
    while road.remove(*ONLY, failpoint="remove_before_done").code == KILLED:
        kills += 1
        assert kills <= len(known)
    assert kills == len(known)
    assert road.snapshot() == empty
    assert made_by(road, monkeypatch) == []
