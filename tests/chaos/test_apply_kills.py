"""``apply`` and ``remove`` are killed at every line of their journal, and go on as if nothing was.

The proof: the emulated Azure ends as after an apply that nobody disturbed, what is in it was made
once, and Isthmus still knows all of it as its own.
"""

from __future__ import annotations

from collections import Counter

import pytest
from helpers.azure_halves import AzureHalf

from core.engine.failpoints import APPLY_NAMES
from core.onboarding.journal import Journal
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

KILLED = -9
NAMESPACE = "isthmus-logs"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apply-kills")
    with Sandbox(folder / "sandbox", Options(empty=True)) as running:
        yield running


@pytest.fixture
def half(sandbox, tmp_path):
    return AzureHalf(sandbox, tmp_path / "state")


def made_by(half: AzureHalf, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What the journal says is there by Isthmus's doing."""
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(half.state))
    folder = load_profile(half.profile).state_folder
    return [(each.action, each.certain) for each in Journal(folder).made()]


def creations(half: AzureHalf) -> Counter[str]:
    """How often each thing was made: answers 201, or the first 200 of a PUT, by path."""
    return Counter(
        path.lower() for method, path, status in half.writes() if method == "PUT" and status == 201
    )


def _next_kill(name: str, kills: int) -> str:
    """Where the next run dies: at the action after the one that the last run died at.

    A run that died before it asked for the thing is followed by one that passes there again.
    """
    return f"{name}:2" if name == "apply_after_begin" and kills else name


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [each for each in APPLY_NAMES if each.startswith("apply")])
def test_a_kill_at_every_action_of_an_apply(half, name, monkeypatch):
    empty = half.snapshot()
    assert half.apply().code == 0
    whole, known = half.snapshot(), made_by(half, monkeypatch)
    assert len(known) >= 7
    assert half.remove("--confirm-name", NAMESPACE).code == 0
    assert half.snapshot() == empty

    half.arm.request("clear_requests")
    kills = 0
    while half.apply(failpoint=_next_kill(name, kills)).code == KILLED:
        kills += 1
        assert kills <= len(known)
    assert kills == len(known), "it was killed once for each thing that it makes"
    assert half.snapshot() == whole
    assert {path: count for path, count in creations(half).items() if count > 1} == {}
    assert made_by(half, monkeypatch) == known
    again = half.apply()
    assert [again.counts[kind] for kind in ("create", "change", "delete")] == [0, 0, 0]
    assert half.remove("--confirm-name", NAMESPACE).code == 0
    assert half.snapshot() == empty
    assert made_by(half, monkeypatch) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_at_every_action_of_a_removal(half, monkeypatch):
    empty = half.snapshot()
    assert half.apply().code == 0
    kills = 0
    while half.remove("--confirm-name", NAMESPACE, failpoint="remove_before_done").code == KILLED:
        kills += 1
        assert kills <= 20
    assert kills >= 7
    assert half.snapshot() == empty
    assert made_by(half, monkeypatch) == []
