"""Flows: what settings send is in their hub, of their categories only, for as long as they last."""

from __future__ import annotations

import json
import stat
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import psutil
import pytest

from core.sandbox.certificates import Authority
from core.sandbox.flows import BURST, Flows
from core.sandbox.process import Child, EmulatorError
from core.sandbox.traffic import Ledger

RATE = 100.0


def eventually(condition, seconds=25.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class World:
    """An Event Hubs emulator, and what the ARM emulator would tell of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        Authority(folder)
        self.hubs = self._start()
        self.told: list[dict[str, Any]] = []
        self.answers = True
        self.flows = Flows(
            folder / "flows",
            folder / "logs",
            folder / "ca.pem",
            self._read,
            rate=RATE,
            seed=1,
            poll_seconds=0.1,
        )

    def _start(self) -> Child:
        where = ["--folder", str(self.folder / "hubs"), "--authority", str(self.folder)]
        return Child("core.sandbox.event_hubs", where, self.folder / "logs" / "hubs.log")

    def _read(self) -> list[dict[str, Any]]:
        if not self.answers:
            raise EmulatorError("it restarts")
        return self.told

    def restart(self) -> None:
        self.hubs.kill()
        self.hubs = self._start()

    def make_hub(self, hub: str) -> None:
        self.hubs.request("create_hub", name=hub, partitions=2)

    def setting(self, hub: str, *kinds: str) -> dict[str, Any]:
        """What the ARM emulator tells of a setting that sends ``kinds`` to ``hub``."""
        rights = ["Manage", "Send", "Listen"]
        made = self.hubs.request("put_policy", name="sends", rights=rights, hub=None)
        return {
            "namespace": "Sandbox",
            "hub": hub,
            "bootstrap": self.hubs.ready["bootstrap"],
            "connection_string": made["connection_string"],
            "kinds": sorted(kinds),
            "location": "eastasia",
        }

    def running(self, hub: str) -> dict[str, Any] | None:
        return next((each for each in self.flows.told() if each["hub"] == hub), None)

    def records(self, hub: str) -> list[dict[str, Any]]:
        """All records that are in ``hub`` now."""
        made = self.hubs.request("put_policy", name="reads", rights=["Listen"], hub=hub)
        consumer = ck.Consumer(
            {
                "bootstrap.servers": self.hubs.ready["bootstrap"],
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": "PLAIN",
                "sasl.username": "$ConnectionString",
                "sasl.password": made["connection_string"],
                "ssl.ca.location": str(self.folder / "ca.pem"),
                "group.id": "reader",
                "enable.auto.commit": False,
            }
        )
        try:
            places = [ck.TopicPartition(hub, n, 0) for n in range(2)]
            expected = sum(consumer.get_watermark_offsets(place, 30)[1] for place in places)
            consumer.assign(places)
            values: list[bytes] = []
            deadline = time.monotonic() + 30
            while len(values) < expected:
                assert time.monotonic() < deadline, f"{len(values)} of {expected}"
                values += [message.value() for message in consumer.consume(500, 0.2)]
        finally:
            consumer.close()
        found = []
        for value in map(json.loads, values):
            found += value if isinstance(value, list) else value.get("records", [value])
        return found

    def close(self) -> None:
        self.flows.stop()
        self.hubs.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("flows"))
    yield made
    made.close()


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    shared.flows.pause(False)
    shared.answers, shared.told = True, []
    eventually(lambda: not shared.flows.told())
    for hub in shared.hubs.request("describe")["hubs"]:
        shared.hubs.request("delete_hub", name=hub)


def sent(ledger: str | Path) -> int:
    path = Path(ledger)
    return Ledger.read(path).records_acknowledged() if path.exists() else 0


def made_again(ledgers: list[Path]) -> dict[str, dict[str, Any]]:
    """Every record that the ledgers tell of, by its id."""
    made = {}
    for ledger in map(Ledger.read, ledgers):
        generator = ledger.generator()
        for ordinal in range(ledger.reserved if generator else 0):
            made[generator.identifier(ordinal)] = json.loads(generator.record(ordinal))
    return made


def test_a_flow_begins_with_a_burst_goes_on_and_is_proved_by_its_ledger(world):
    world.make_hub("begins")
    world.told = [world.setting("begins", "SignInLogs", "AuditLogs", "Policy")]
    eventually(lambda: world.running("begins"))
    flow = world.running("begins")
    assert flow["kinds"] == ["AuditLogs", "Policy", "SignInLogs"]
    eventually(lambda: sent(flow["ledger"]) >= BURST + 20)
    world.flows.pause(True)
    found = world.records("begins")
    assert len(found) == sent(flow["ledger"])
    assert {record["category"] for record in found} == {"SignInLogs", "AuditLogs"}
    ledgers = world.flows.ledgers("sandbox", "begins")
    assert [str(path) for path in ledgers] == [flow["ledger"]]
    assert {record["correlationId"]: record for record in found} == made_again(ledgers)
    world.flows.pause(False)
    eventually(lambda: sent(flow["ledger"]) > len(found))


def test_two_settings_of_one_hub_are_one_flow(world):
    world.make_hub("joined")
    world.told = [world.setting("joined", "AuditLogs"), world.setting("joined", "AuditEvent")]
    eventually(lambda: world.running("joined"))
    (flow,) = world.flows.told()
    assert flow["kinds"] == ["AuditEvent", "AuditLogs"]


@pytest.mark.slow
def test_other_categories_are_another_flow_with_ids_of_its_own(world):
    world.make_hub("changes")
    world.told = [world.setting("changes", "AuditLogs")]
    eventually(lambda: world.running("changes") and sent(world.running("changes")["ledger"]))
    first = world.running("changes")
    world.told = [world.setting("changes", "AuditEvent", "AuditLogs")]
    eventually(lambda: (world.running("changes") or first)["kinds"] != first["kinds"])
    second = world.running("changes")
    eventually(lambda: sent(second["ledger"]) >= BURST)
    assert not psutil.pid_exists(first["pid"])
    world.flows.pause(True)
    found = world.records("changes")
    ledgers = world.flows.ledgers(hub="changes")
    assert {str(path) for path in ledgers} == {first["ledger"], second["ledger"]}
    assert len(found) == sum(map(sent, ledgers))
    counts = Counter(record["correlationId"] for record in found)
    assert max(counts.values()) == 1
    assert counts.keys() == made_again(ledgers).keys()


@pytest.mark.slow
def test_a_setting_that_is_gone_sends_nothing_more_and_goes_on_when_it_comes_again(world):
    world.make_hub("comes-again")
    setting = world.setting("comes-again", "AuditLogs")
    world.told = [setting]
    eventually(lambda: world.running("comes-again"))
    flow = world.running("comes-again")
    eventually(lambda: sent(flow["ledger"]) >= BURST)
    world.told = []
    eventually(lambda: not world.flows.told() and not psutil.pid_exists(flow["pid"]))
    before = sent(flow["ledger"])
    assert len(world.records("comes-again")) == before
    world.told = [setting]
    eventually(lambda: sent(flow["ledger"]) > before)
    assert sent(flow["ledger"]) < before + BURST  # a burst comes once
    assert world.running("comes-again")["ledger"] == flow["ledger"]


def test_a_setting_of_what_is_not_made_has_no_flow(world):
    world.make_hub("silent")
    world.make_hub("loud")
    world.told = [world.setting("silent", "Policy", "Security"), world.setting("loud", "Alerts")]
    eventually(lambda: world.running("loud"))
    assert [flow["hub"] for flow in world.flows.told()] == ["loud"]


@pytest.mark.slow
def test_the_key_is_in_a_private_file_and_follows_the_policy(world):
    world.make_hub("keys")
    setting = world.setting("keys", "AuditLogs")
    world.told = [setting]
    eventually(lambda: world.running("keys"))
    flow = world.running("keys")
    secret = Path(flow["ledger"]).with_name("secret")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "SharedAccessKey=" not in " ".join(psutil.Process(flow["pid"]).cmdline())
    assert "SharedAccessKey=" not in repr(world.flows.told())
    fresh = world.hubs.request("regenerate_key", name="sends")["connection_string"]
    world.told = [setting | {"connection_string": fresh}]
    eventually(lambda: secret.read_text("utf-8") == fresh)
    assert world.running("keys")["pid"] == flow["pid"]  # who is connected stays so


@pytest.mark.slow
def test_traffic_that_died_begins_again(world):
    world.make_hub("dies")
    world.told = [world.setting("dies", "AuditLogs")]
    eventually(lambda: world.running("dies"))
    flow = world.running("dies")
    psutil.Process(flow["pid"]).kill()
    eventually(lambda: (world.running("dies") or flow)["pid"] != flow["pid"])
    eventually(lambda: sent(flow["ledger"]) >= BURST)


@pytest.mark.slow
def test_while_the_emulator_does_not_answer_everything_flows_on(world):
    world.make_hub("flows-on")
    world.told = [world.setting("flows-on", "AuditLogs")]
    eventually(lambda: world.running("flows-on"))
    flow = world.running("flows-on")
    world.answers = False
    before = sent(flow["ledger"])
    eventually(lambda: sent(flow["ledger"]) > before + 2 * RATE)  # longer than a round takes
    assert world.running("flows-on")["pid"] == flow["pid"]


@pytest.mark.slow
def test_a_flow_survives_a_kill_of_its_hub(world):
    world.make_hub("killed")
    world.told = [world.setting("killed", "AuditLogs")]
    eventually(lambda: world.running("killed"))
    flow = world.running("killed")
    eventually(lambda: sent(flow["ledger"]) >= BURST)
    world.restart()
    before = sent(flow["ledger"])
    eventually(lambda: sent(flow["ledger"]) > before + 20, seconds=60)
    world.flows.pause(True)
    ids = [record["correlationId"] for record in world.records("killed")]
    assert len(set(ids)) == len(ids)
    ledger = Ledger.read(Path(flow["ledger"]))
    generator = ledger.generator()
    for first, end in ledger.acknowledged:
        assert {generator.identifier(n) for n in range(first, end)} <= set(ids)
    assert set(ids) <= {generator.identifier(n) for n in range(ledger.reserved)}


@pytest.mark.slow
def test_a_flow_whose_hub_is_gone_ends_all_the_same(world):
    world.make_hub("gone")
    world.told = [world.setting("gone", "AuditLogs")]
    eventually(lambda: world.running("gone"))
    flow = world.running("gone")
    eventually(lambda: sent(flow["ledger"]) >= BURST)
    world.hubs.request("delete_hub", name="gone")
    world.told = []
    eventually(lambda: not psutil.pid_exists(flow["pid"]))
