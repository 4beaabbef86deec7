"""A draft can be left at any time: it is whole on disk, resumed where it was, and never lost."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.drafts import ALIBABA_PARTS, AT, DRAFTS, GOOD, GOOD_DRAFTS, RESULTS, WHOLE, verified
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Code, ProblemError
from core.onboarding.draft_store import DraftStore, draft_file
from core.onboarding.flow import Flow
from core.onboarding.pasted_secrets import without_secrets
from core.onboarding.steps import BUILT, WHOLE_ROAD, StepId
from core.secrets import SecretRef


@pytest.fixture
def store(tmp_path) -> DraftStore:
    return DraftStore(tmp_path / "config" / "draft.json")


def walked(steps: int, draft=GOOD) -> Flow:
    flow = Flow.start(draft)
    for _ in range(steps):
        flow = flow.go_next()
    return flow


def refused(store: DraftStore):
    with pytest.raises(ProblemError) as caught:
        store.load()
    return caught.value.problem


def test_nothing_saved_is_nothing_to_resume(store):
    assert store.load() is None
    assert draft_file() == Path(os.environ["ISTHMUS_CONFIG_DIR"]) / "draft.json"


@pytest.mark.parametrize("steps", range(len(BUILT)))
def test_resume_at_every_step_with_history_and_what_is_unverified(store, steps):
    flow = walked(steps)
    for step in flow.history:
        flow = flow.record(step, RESULTS[step], AT, flow.draft)
    store.save(flow, AT)
    resume = DraftStore(store.path).load()
    assert resume is not None
    assert resume.flow == flow
    assert (resume.step, resume.saved_at) == (BUILT[steps], AT)
    assert resume.unverified == (BUILT[steps],)
    assert resume.last_good is BUILT[steps]
    assert json.loads(store.path.read_text())["last_good"] == BUILT[steps]
    while flow.history:  # Back works across the restart
        flow = flow.go_back()
        assert resume.flow.jump(flow.current) == flow


@settings(max_examples=40)
@given(draft=DRAFTS | GOOD_DRAFTS, moves=st.integers(0, 8), back=st.integers(0, 3))
def test_what_is_saved_is_resumed(tmp_path_factory, draft, moves, back):
    store = DraftStore(tmp_path_factory.mktemp("drafts") / "draft.json")
    flow = Flow(draft=without_secrets(draft))
    for _ in range(moves):
        flow = flow.go_next()
    for _ in range(back):
        flow = flow.go_back()
    store.save(flow)
    resume = DraftStore(store.path).load()
    assert resume is not None
    assert resume.flow == flow
    assert resume.unverified == flow.unverified


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_the_user_may_read_it_whatever_was_there(store):
    store.path.parent.mkdir()
    left = store.path.with_name("draft.json.new")  # of a process that was killed
    left.write_text("half")
    left.chmod(0o644)
    before = os.umask(0)
    try:
        store.save(walked(1))
    finally:
        os.umask(before)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [each.name for each in store.path.parent.iterdir()] == ["draft.json"]


def test_references_are_saved_and_nothing_of_a_secret(store):
    part = replace(GOOD.azure_sign_in, client_secret=SecretRef("store", "contoso-azure"))
    store.save(Flow.start(replace(GOOD, azure_sign_in=part)))
    saved = json.loads(store.path.read_text())["draft"]
    assert saved["azure_sign_in"]["client_secret"] == "store:contoso-azure"
    assert saved["shared_access_policy"]["connection_string"] == "file:kafka.secret"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: "{", "not JSON"),
        (lambda data: b"\xff\xfe", "not JSON"),
        (lambda data: "[" * 100_000, "not JSON"),
        (lambda data: "[]", "file"),
        (lambda data: {**data, "sign": 1}, "the file has a field that this version does not know"),
        (lambda data: {**data, "schema_version": "1"}, "schema_version"),
        (lambda data: {**data, "saved_at": "2026-11-24T08:30:00"}, "saved_at"),
        (lambda data: {**data, "current": "nowhere"}, "current"),
        (lambda data: {**data, "current": "review"}, "road"),
        (lambda data: {**data, "visited": ["azure_sign_in"]}, "road"),
        (lambda data: {**data, "history": ["discovery", "azure_sign_in"]}, "road"),
        (
            lambda data: {**data, "draft": {**data["draft"], "key": "hunter2-hunter2"}},
            "draft has a field",
        ),
        (
            lambda data: {**data, "draft": {**data["draft"], "namespace": {"sku": "Gold"}}},
            "draft.namespace.sku",
        ),
        (
            lambda data: {
                **data,
                "draft": {**data["draft"], "shared_access_policy": {"connection_string": "S3cr3t"}},
            },
            "draft.shared_access_policy.connection_string",
        ),
    ],
)
def test_a_damaged_file_is_a_problem_and_is_kept_aside(store, spoil, reason):
    store.save(walked(2))
    spoilt = spoil(json.loads(store.path.read_text()))
    raw = spoilt if isinstance(spoilt, bytes) else _text(spoilt).encode()
    for number in (1, 2):
        store.path.write_bytes(raw)
        found = refused(store)
        assert found.code is Code.DRAFT_DAMAGED
        assert reason in found.cause
        assert "hunter2" not in str(found)
        assert "S3cr3t" not in str(found)
        aside = store.path.with_name(f"draft.damaged-{number}.json")
        assert str(aside) in found.remedy
        assert aside.read_bytes() == raw
    assert store.load() is None  # and the wizard can begin anew
    store.save(walked(0))
    assert DraftStore(store.path).load() is not None


def _text(spoilt: object) -> str:
    return spoilt if isinstance(spoilt, str) else json.dumps(spoilt)


def test_a_file_of_the_first_version_is_read(store):
    store.save(walked(3))
    data = json.loads(store.path.read_text())
    for part in (*ALIBABA_PARTS, "import_task", "review", "apply"):
        del data["draft"][part]
    store.path.write_text(json.dumps(data | {"schema_version": 1}))
    resume = DraftStore(store.path).load()
    assert resume is not None
    assert resume.flow == walked(3)


def test_a_file_of_the_second_version_is_read(store):
    store.save(walked(3))
    data = json.loads(store.path.read_text())
    for part in ALIBABA_PARTS:
        del data["draft"][part]
    del data["whole_road"]
    store.path.write_text(json.dumps(data | {"schema_version": 2}))
    resume = DraftStore(store.path).load()
    assert resume is not None
    assert resume.flow == walked(3)


def test_a_flow_over_the_whole_road_is_kept_as_one(store):
    flow = Flow.start(WHOLE, WHOLE_ROAD)
    for _ in WHOLE_ROAD[1:]:
        flow = flow.go_next()
    assert flow.current is StepId.FIRST_EVENT
    store.save(flow)
    resume = DraftStore(store.path).load()
    assert resume is not None
    assert resume.flow == flow


def test_a_file_of_a_later_version_is_kept_aside(store):
    store.path.parent.mkdir()
    raw = b'{"schema_version": 4, "draft": {"alibaba_sign_in": {}}}'
    store.path.write_bytes(raw)
    found = refused(store)
    assert found.code is Code.DRAFT_NEWER
    assert store.path.with_name("draft.newer-1.json").read_bytes() == raw
    assert store.load() is None


def test_a_save_never_covers_a_file_that_nobody_has_looked_at(store):
    store.path.parent.mkdir()
    store.path.write_text("{")
    with pytest.raises(ProblemError) as caught:
        store.save(walked(1))
    assert caught.value.problem.code is Code.DRAFT_DAMAGED
    assert store.path.with_name("draft.damaged-1.json").read_text() == "{"
    store.save(walked(1))
    assert store.load() is not None


def test_a_place_that_cannot_be_used_is_a_problem(store):
    store.path.mkdir(parents=True)
    assert refused(store).code is Code.DRAFT_FILE_UNUSABLE
    in_the_way = DraftStore(store.path.parent / "file" / "draft.json")
    in_the_way.path.parent.write_text("")
    with pytest.raises(ProblemError) as caught:
        in_the_way.save(walked(1))
    assert caught.value.problem.code is Code.DRAFT_FILE_UNUSABLE


def test_forget_removes_it(store):
    store.save(walked(1))
    store.forget()
    store.forget()
    assert store.load() is None
    assert list(store.path.parent.iterdir()) == []


def test_what_could_not_be_read_again_never_covers_a_good_draft(store):
    store.save(walked(3))
    good = store.path.read_bytes()
    no_zone = AT.replace(tzinfo=None)
    wrong = walked(3).record(StepId.NAMESPACE, RESULTS["namespace"], no_zone, GOOD)
    with pytest.raises(ValueError, match=r"namespace\.result"):
        store.save(wrong)
    assert store.path.read_bytes() == good


SAVER = """
import sys
from dataclasses import replace
from pathlib import Path
from core.onboarding.draft import Draft, SettingDraft
from core.onboarding.draft_store import DraftStore
from core.onboarding.flow import Flow

store = DraftStore(Path(sys.argv[1]))
resume = store.load()
number = int(resume.flow.draft.name) if resume else 0
print("ready", number, flush=True)
while True:
    number += 1
    settings = tuple(SettingDraft("activity", f"s{each}", ("Policy",)) for each in range(500))
    draft = replace(Draft(name=str(number)), profile_file="x" * (number % 7))
    part = replace(draft.diagnostic_settings, settings=settings)
    store.save(Flow.start(replace(draft, diagnostic_settings=part)))
    print(number, flush=True)
"""


def killed_while_saving(path: Path, saves: int) -> tuple[int, int]:
    """Kill a process after ``saves`` saves: the number it began with and the last it told of."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SAVER, str(path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        word, first = process.stdout.readline().split()
        assert word == "ready"
        told = int(first)
        for _ in range(saves):
            told = int(process.stdout.readline())
        time.sleep(0.001 * saves)  # each time at another place of the next save
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split("\n")
        whole = [int(line) for line in rest[:-1] if line]
    return int(first), whole[-1] if whole else told


def holds_the_last_save(path: Path, told: int) -> None:
    resume = DraftStore(path).load()
    assert resume is not None
    assert int(resume.flow.draft.name) in (told, told + 1)
    assert len(resume.flow.draft.diagnostic_settings.settings) == 500


def test_a_kill_while_saving_leaves_the_last_draft_or_the_new_one(tmp_path):
    path = tmp_path / "draft.json"
    _, told = killed_while_saving(path, 3)
    holds_the_last_save(path, told)


@pytest.mark.slow
def test_many_kills_while_saving(tmp_path):
    path, told = tmp_path / "draft.json", 0
    for saves in range(1, 13):
        first, last = killed_while_saving(path, saves)
        assert first in (told, told + 1)
        told = last
        holds_the_last_save(path, told)


@given(DRAFTS)
@settings(max_examples=20)
def test_results_keep_their_time_and_staleness(tmp_path_factory, draft):
    store = DraftStore(tmp_path_factory.mktemp("drafts") / "draft.json")
    flow = Flow.start(verified(GOOD)).edit(replace(verified(GOOD), discovery=draft.discovery))
    store.save(flow)
    resume = store.load()
    assert resume is not None
    for step in BUILT:
        assert getattr(resume.flow.draft, step).result == getattr(flow.draft, step).result
