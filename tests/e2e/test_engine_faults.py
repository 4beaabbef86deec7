"""What the engine does with data it cannot store, and with a world that is not as it should be."""

from __future__ import annotations

import base64
import json
import os
import signal
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from helpers import failing_consumer
from helpers.engines import EngineProcess, finish, proof_of, stored_records

from core.alibaba.log_service.access import log_service_access
from core.engine.dead_letters import read_dead_letters
from core.kafka.settings import HubAccess, client_settings, hub_access
from core.monitor.reconciliation import reconcile
from core.profile import load_profile
from core.sandbox.sandbox import HUB, Options, Sandbox


@pytest.fixture
def sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", Options(records=1_000)) as opened:
        yield opened


def send_raw(sandbox: Sandbox, values: list[bytes], partition: int | None = None) -> None:
    encoded = [base64.b64encode(value).decode() for value in values]
    sandbox.child("traffic").request("send_raw", values=encoded, partition=partition)


def set_profile(sandbox: Sandbox, old: str, new: str) -> None:
    path = Path(sandbox.info["profile"])
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def letters_in(state: Path):
    return [
        letter for folder in state.glob("*/dead-letters") for letter in read_dead_letters(folder)
    ]


def verified(sandbox: Sandbox, state: Path):
    profile = load_profile(sandbox.info["profile"])
    (folder,) = state.iterdir()
    return reconcile(hub_access(profile), log_service_access(profile), profile.group, folder)


@pytest.mark.slow
def test_what_cannot_be_stored_is_kept_byte_for_byte_and_counted(sandbox, tmp_path):
    whole = [b"\x1f\x8b\x08 gzip?", b"", b'{"records": 5}', b"\xff\xfe", b"[" * 5_000]
    mixed = b'{"records": [{"category": "X"}, 5, "text", {"category": "Y"}, null]}'
    send_raw(sandbox, [*whole, mixed])
    state = tmp_path / "state"
    engine = finish(sandbox, state)
    assert engine.last["records"] == {
        "received": 1_000 + 5 + 5,
        "stored": 1_002,
        "repaired": 0,
        "dead_lettered": 5 + 3,
    }
    letters = letters_in(state)
    assert sorted(letter.raw for letter in letters) == sorted([*whole, mixed])
    causes = {letter.raw: letter.causes for letter in letters}
    assert causes[mixed] == dict.fromkeys((1, 2, 4), "record_not_an_object")
    assert causes[b""] == {-1: "empty"}
    assert causes[b'{"records": 5}'] == {-1: "records_not_an_array"}
    counts = verified(sandbox, state)
    assert (counts.sent, counts.stored, counts.dead_lettered) == (1_010, 1_002, 8)
    assert (counts.missing, counts.duplicated) == (0, 0)
    proof = proof_of(sandbox)
    assert (proof.missing, proof.changed, proof.unexpected) == (0, 0, 2)


@pytest.mark.slow
def test_a_loss_in_the_logstore_is_seen_by_verify(sandbox, tmp_path):
    """The ledger says all is committed, but another Logstore holds none of it."""
    state = tmp_path / "state"
    finish(sandbox, state)
    assert verified(sandbox, state).missing == 0
    sandbox.child("log_service").request(
        "create_logstore", project=sandbox.info["log_service"]["project"], name="empty-one"
    )
    set_profile(sandbox, 'logstore = "azure-logs"', 'logstore = "empty-one"')
    counts = verified(sandbox, state)
    assert (counts.sent, counts.stored, counts.missing) == (1_000, 0, 1_000)


@pytest.mark.slow
def test_full_dead_letters_pause_the_import_and_drop_nothing(sandbox, tmp_path):
    state = tmp_path / "state"
    set_profile(sandbox, "[network]", "[import]\ndisk_mib = 1\n\n[network]")
    poison = [bytes([65 + n]) * 600_000 for n in range(3)]
    send_raw(sandbox, poison, partition=0)
    engine = EngineProcess(sandbox.info["profile"], state, until_caught_up=False)
    assert engine.wait_for(lambda status: status["state"] == "failing")
    assert engine.last["problem"]["code"] == "dead_letters_full"
    assert engine.last["reason"] == "disk"
    sandbox.send(500)
    engine.kill()
    set_profile(sandbox, "disk_mib = 1", "disk_mib = 8")
    done = finish(sandbox, state)
    assert done.last["problem"] is None
    assert {letter.raw for letter in letters_in(state)} == set(poison)
    proof = proof_of(sandbox)
    assert (proof.sent, proof.missing, proof.changed) == (1_500, 0, 0)


@pytest.mark.slow
def test_a_gap_by_retention_is_said_and_the_import_goes_on(sandbox, tmp_path):
    state = tmp_path / "state"
    finish(sandbox, state)
    sandbox.send(2_000)
    info = sandbox.info["event_hubs"]
    ca_file = Path(sandbox.info["ca_file"])
    access = HubAccess(info["bootstrap"], HUB, info["connection_string"], ca_file)
    admin = AdminClient(client_settings(access))
    described = sandbox.child("event_hubs").request("describe")["hubs"][HUB]
    place = next(each for each in described if each["partition"] == 0)
    cut = place["high"] - 1
    futures = admin.delete_records([TopicPartition(HUB, 0, cut)])
    assert [future.result().low_watermark for future in futures.values()] == [cut]
    engine = EngineProcess(sandbox.info["profile"], state)
    assert engine.wait() == 0
    assert "partition.gap partition=0" in engine.log()
    counts = verified(sandbox, state)
    assert counts.missing == 0
    assert counts.unverifiable_messages > 0


@pytest.mark.slow
def test_a_consumer_that_fails_is_replaced(sandbox, tmp_path):
    """The client raises in the middle of the work; a new one goes on, nothing is lost or twice."""
    engine = finish(
        sandbox,
        tmp_path / "state",
        module="failing_consumer",
        PYTHONPATH=str(Path(failing_consumer.__file__).parent),
    )
    assert "kafka.reopen" in engine.log()
    proof = proof_of(sandbox)
    assert (proof.sent, proof.missing, proof.changed) == (1_000, 0, 0)


@pytest.mark.slow
def test_a_partition_that_expired_as_a_whole_is_caught_up(sandbox, tmp_path):
    state = tmp_path / "state"
    finish(sandbox, state)
    sandbox.send(1_000)
    info = sandbox.info["event_hubs"]
    ca_file = Path(sandbox.info["ca_file"])
    access = HubAccess(info["bootstrap"], HUB, info["connection_string"], ca_file)
    admin = AdminClient(client_settings(access))
    futures = admin.delete_records([TopicPartition(HUB, 0, -1)])  # all of the partition
    assert all(future.result() for future in futures.values())
    engine = finish(sandbox, state)
    assert "partition.gap partition=0" in engine.log()


def make_hub_again(sandbox: Sandbox) -> None:
    """Delete the hub and make it again, with the policy that the profile uses."""
    hubs = sandbox.child("event_hubs")
    hubs.request("delete_hub", name=HUB)
    hubs.request("create_hub", name=HUB, partitions=4, retention_hours=24)


@pytest.mark.slow
def test_a_hub_that_is_made_again_under_a_running_import(sandbox, tmp_path):
    """Offsets start over. What was read of the old hub is stored, all of the new one is read."""
    root = Path(sandbox.folder, "traffic.secret").read_text()
    Path(sandbox.folder, "kafka.secret").write_text(root)  # the hub's own policy goes with it
    state = tmp_path / "state"
    engine = EngineProcess(sandbox.info["profile"], state, until_caught_up=False)
    assert engine.wait_for(lambda status: stored_records(status) >= 1_000)
    sandbox.scenario("log_service.full_outage", True)
    sandbox.send(2_000)
    assert engine.wait_for(lambda status: status["records"]["received"] >= 3_000)
    make_hub_again(sandbox)
    sandbox.send(500)
    assert engine.wait_for(lambda status: "partition.restarted" in engine.log())
    sandbox.scenario("log_service.full_outage", False)
    assert engine.wait_for(lambda status: stored_records(status) >= 3_500)
    assert engine.wait_for(
        lambda status: (
            len(status["partitions"]) == 4
            and all(each["committed"] == each["high"] for each in status["partitions"])
        )
    )
    engine.kill()
    sandbox.send(500)
    done = finish(sandbox, state)
    assert done.last["records"]["received"] == 500  # the commits of the new hub hold
    proof = proof_of(sandbox)
    assert (proof.sent, proof.missing, proof.changed) == (4_000, 0, 0)


@pytest.mark.slow
def test_a_ledger_that_cannot_be_written_stops_nothing(sandbox, tmp_path):
    state = tmp_path / "state"
    finish(sandbox, state)
    (folder,) = state.iterdir()
    (folder / "ledger.new").mkdir()  # its place is taken
    sandbox.send(1_000)
    engine = EngineProcess(sandbox.info["profile"], state)
    assert engine.wait_for(lambda status: status["problem"] is not None)
    assert engine.last["problem"]["code"] == "state_folder_unusable"
    assert engine.wait() == 0
    proof = proof_of(sandbox)
    assert (proof.sent, proof.missing, proof.changed) == (2_000, 0, 0)


@pytest.mark.slow
def test_a_stop_ends_in_time_when_the_hub_hangs(sandbox, tmp_path):
    """The broker is there and says nothing; the client's own calls would wait for a minute."""
    engine = EngineProcess(sandbox.info["profile"], tmp_path / "state", until_caught_up=False)
    assert engine.wait_for(lambda status: stored_records(status) >= 1_000)
    sandbox.send(1_000)
    broker = sandbox.child("event_hubs").pid
    os.kill(broker, signal.SIGSTOP)
    try:
        engine.process.send_signal(signal.SIGTERM)
        assert engine.process.wait(30) in (0, 1)  # the promise itself
    finally:
        os.kill(broker, signal.SIGCONT)
    finish(sandbox, tmp_path / "state")
    proof = proof_of(sandbox)
    assert (proof.sent, proof.missing, proof.changed) == (2_000, 0, 0)


@pytest.mark.slow
def test_a_stop_inside_an_outage_ends_in_time_and_says_what_is_left(sandbox, tmp_path):
    state = tmp_path / "state"
    sandbox.scenario("log_service.full_outage", True)
    engine = EngineProcess(sandbox.info["profile"], state, until_caught_up=False)
    assert engine.wait_for(lambda status: status["state"] == "failing")
    assert engine.last["problem"]["code"] == "log_service_down"
    assert engine.terminate() == 1
    assert engine.last["problem"]["code"] == "stop_incomplete"
    sandbox.scenario("log_service.full_outage", False)
    finish(sandbox, state)
    proof = proof_of(sandbox)
    assert (proof.missing, proof.changed) == (0, 0)


@pytest.mark.slow
def test_wrong_rights_park_the_import_until_they_are_right(sandbox, tmp_path):
    """The Logstore goes away while the import runs, and comes back."""
    state = tmp_path / "state"
    engine = EngineProcess(sandbox.info["profile"], state, until_caught_up=False)
    assert engine.wait_for(lambda status: stored_records(status) >= 1_000)
    from aliyun.log import LogClient

    logs = sandbox.info["log_service"]
    client = LogClient(
        "http://" + logs["endpoint"], logs["access_key_id"], logs["access_key_secret"]
    )
    client._session.trust_env = False
    client._session.proxies = {"http": logs["http_proxy"]}
    client.delete_logstore(logs["project"], logs["logstore"])
    sandbox.send(1_000)
    assert engine.wait_for(lambda status: status["state"] == "failing")
    assert engine.last["problem"]["code"] == "log_service_logstore_not_found"
    assert engine.last["records"]["dead_lettered"] == 0
    sandbox.child("log_service").request(
        "create_logstore", project=logs["project"], name=logs["logstore"]
    )
    assert engine.wait_for(lambda status: stored_records(status) >= 2_000)
    assert engine.terminate() == 0
    assert json.loads(json.dumps(engine.last))["problem"] is None
