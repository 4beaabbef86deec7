"""kill -9 at every place that matters, and inside outages: nothing is lost (promises G1 to G4).

Judged by the generator's own ids (``core.sandbox.proof``), never by ``event_uid``.
"""

from __future__ import annotations

import base64
import random
import signal
import threading

import pytest
from helpers.engines import EngineProcess, finish, proof_of, stored_records

from core.engine.failpoints import NAMES
from core.sandbox.sandbox import Options, Sandbox

POISON = [b"\xff\xfe not json", b'{"records": [1, {"a"', b"", b"[[[["]


@pytest.fixture
def sandbox_with(tmp_path):
    opened = []

    def start(records: int, **options) -> Sandbox:
        sandbox = Sandbox(tmp_path / "sandbox", Options(records=records, **options))
        sandbox.__enter__()
        opened.append(sandbox)
        return sandbox

    yield start
    for sandbox in opened:
        sandbox.__exit__()


def poison(sandbox: Sandbox, values: list[bytes]) -> None:
    encoded = [base64.b64encode(value).decode() for value in values]
    sandbox.child("traffic").request("send_raw", values=encoded)


def die_at(sandbox: Sandbox, state, failpoint: str) -> None:
    """Run an engine that must die at ``failpoint``."""
    engine = EngineProcess(sandbox.info["profile"], state, False, failpoint)
    other = None
    if failpoint.startswith("in_on_revoke"):
        # A second member makes the group give some of the first one's partitions away.
        assert engine.wait_for(lambda status: len(status["partitions"]) == 4)
        other = EngineProcess(sandbox.info["profile"], state.with_name("other"), False)
    try:
        assert engine.wait() == -signal.SIGKILL, (failpoint, engine.last, engine.log()[-2000:])
    finally:
        if other is not None:
            assert other.terminate() == 0


def assert_nothing_lost(sandbox: Sandbox, records: int) -> None:
    proof = proof_of(sandbox)
    assert proof.sent == records
    assert proof.missing == 0, proof
    assert proof.changed == 0, proof
    assert proof.unexpected == 0, proof
    assert proof.duplicated_uid_mismatch == 0, proof
    print(f"{records:,} records: 0 missing, {proof.duplicated:,} duplicated, each with one uid")


@pytest.mark.slow
@pytest.mark.parametrize(
    "failpoint",
    [
        "after_send_before_ack:3",
        pytest.param("after_store_before_commit:2", marks=pytest.mark.slow),
    ],
)
def test_a_kill_at_the_edges_of_the_acknowledgement(sandbox_with, tmp_path, failpoint):
    sandbox = sandbox_with(5_000)
    die_at(sandbox, tmp_path / "state", failpoint)
    finish(sandbox, tmp_path / "state")
    assert_nothing_lost(sandbox, 5_000)


@pytest.mark.slow
def test_kills_at_every_failpoint_and_ten_inside_outages(sandbox_with, tmp_path):
    records = 200_000
    sandbox = sandbox_with(records // 2)
    state = tmp_path / "state"
    poison(sandbox, POISON)
    places = random.Random(7)
    for name in NAMES:
        # Small numbers, so that every place is reached, and not always the first time.
        times = 1 if name in ("mid_dlq_write", "in_on_revoke") else places.randint(1, 3)
        die_at(sandbox, state, f"{name}:{times}")
        poison(sandbox, POISON)
    for seed in range(10):
        sandbox.send(records // 20)
        scenario = ("log_service.server_errors", "log_service.full_outage")[seed % 2]
        kill_inside(sandbox, state, scenario, random.Random(seed))
    finish(sandbox, state)
    assert_nothing_lost(sandbox, records)


def kill_inside(sandbox: Sandbox, state, scenario: str, chance: random.Random) -> None:
    """An outage begins while an engine works; the engine is killed inside it."""
    engine = EngineProcess(sandbox.info["profile"], state, until_caught_up=False)
    before = chance.randint(0, 2) * 2_000
    assert engine.wait_for(lambda status: stored_records(status) >= before and status["partitions"])
    sandbox.scenario(scenario, True)
    kill = threading.Timer(chance.uniform(0.2, 1.5), engine.process.kill)
    kill.start()
    assert engine.wait() == -signal.SIGKILL
    sandbox.scenario(scenario, False)


@pytest.mark.slow
def test_of_two_engines_one_is_killed_and_the_other_finishes(sandbox_with, tmp_path):
    records = 100_000
    sandbox = sandbox_with(records)
    profile = sandbox.info["profile"]
    one = EngineProcess(profile, tmp_path / "one", until_caught_up=False)
    assert one.wait_for(lambda status: len(status["partitions"]) == 4)
    other = EngineProcess(profile, tmp_path / "two", until_caught_up=True)
    assert other.wait_for(lambda status: len(status["partitions"]) == 2)
    sandbox.send(records)
    assert one.wait_for(lambda status: stored_records(status) >= 1_000)
    one.kill()
    assert other.wait() == 0
    finish(sandbox, tmp_path / "two")
    assert_nothing_lost(sandbox, 2 * records)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["log_service.ack_lost", "log_service.server_errors"])
def test_lost_answers_and_errors_cost_duplicates_at_most(sandbox_with, tmp_path, scenario):
    sandbox = sandbox_with(30_000)
    sandbox.scenario(scenario, True)
    finish(sandbox, tmp_path / "state")
    assert_nothing_lost(sandbox, 30_000)


@pytest.mark.slow
def test_a_broker_that_is_killed_and_comes_back(sandbox_with, tmp_path):
    """The namespace restarts with its port, keys, messages and commits."""
    sandbox = sandbox_with(60_000)
    engine = EngineProcess(sandbox.info["profile"], tmp_path / "state")
    assert engine.wait_for(lambda status: stored_records(status) >= 1_000)
    sandbox.restart("event_hubs")
    assert engine.wait() == 0, engine.log()[-3000:]
    assert_nothing_lost(sandbox, 60_000)
