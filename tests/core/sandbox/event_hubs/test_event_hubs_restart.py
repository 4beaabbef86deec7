"""A broker that was killed: same port, trust, keys, hubs, messages, commits and producers."""

from __future__ import annotations

import json
import os
import random
import socket
import stat
import struct
import threading
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import pytest

from core.sandbox.process import Child, EmulatorError

pytestmark = pytest.mark.slow


def hub_folder(namespace: Any, hub: str) -> Path:
    state = json.loads((namespace.folder / "state" / "state.json").read_text())
    return Path(namespace.folder, "state", "hubs", state["hubs"][hub]["folder"])


def test_nothing_is_lost_when_the_broker_is_killed(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("kept", 2)
    policy = namespace.request("put_policy", name="listen", rights=["Listen"], hub=hub)
    namespace.send(hub, [b"a", b"b", b"c"], partition=1)
    consumer = namespace.consumer("kept-group")
    consumer.commit(offsets=[ck.TopicPartition(hub, 1, 2, metadata="m")], asynchronous=False)
    before = (namespace.port, namespace.connection_string, namespace.ca_file.read_bytes())

    namespace.kill_and_restart()

    connection_string = namespace.request("get_policy", name="root")["connection_string"]
    assert (namespace.port, connection_string, namespace.ca_file.read_bytes()) == before
    assert policy == namespace.request("put_policy", name="listen", rights=["Listen"], hub=hub)
    assert [m.value() for m in namespace.read(hub, 3, partition=1)] == [b"a", b"b", b"c"]
    found = namespace.consumer("kept-group").committed([ck.TopicPartition(hub, 1)], 10)[0]
    assert (found.offset, found.metadata) == (2, "m")


def _produce_over_kills(namespace: Any, kit: Any, hub: str, kills: int) -> list[list[bytes]]:
    """Produce while the broker is killed; what was acknowledged, by partition and in order."""
    acknowledged: list[list[bytes]] = [[], []]
    failed: list[Any] = []

    def delivered(error: Any, message: Any) -> None:
        if error:
            failed.append(error)
        else:
            acknowledged[message.partition()].append(message.value())

    def total() -> int:
        return sum(map(len, acknowledged))

    producer = namespace.producer(**{"enable.idempotence": True, "reconnect.backoff.max.ms": 200})
    enough = threading.Event()

    def produce() -> None:
        number = 0
        while not enough.is_set() or number < 2000:
            producer.produce(hub, str(number).encode(), partition=number % 2, on_delivery=delivered)
            number += 1
            producer.poll(0)
            enough.wait(0.0005)

    thread = threading.Thread(target=produce)
    thread.start()
    try:
        for _ in range(kills):
            seen = total()
            kit.eventually(lambda seen=seen: total() > seen + random.randrange(100, 400))
            namespace.kill_and_restart()
    finally:
        enough.set()
        thread.join()
    assert producer.flush(60) == 0
    assert not failed
    return acknowledged


@pytest.mark.parametrize("kills", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_an_idempotent_producer_outlives_kills_without_loss_or_duplicates(
    namespace: Any, kit: Any, kills: int
) -> None:
    hub = namespace.hub(f"idempotent-{kills}", 2)
    acknowledged = _produce_over_kills(namespace, kit, hub, kills)
    for partition, values in enumerate(acknowledged):
        assert len(set(values)) == len(values)
        messages = namespace.read(hub, len(values), partition=partition)
        assert [m.value() for m in messages] == values
    highs = [p["high"] for p in namespace.request("describe")["hubs"][hub]]
    assert highs == [len(values) for values in acknowledged]


def test_a_group_goes_on_where_it_had_committed(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("resumed")
    namespace.send(hub, [str(n).encode() for n in range(100)])
    consumer = namespace.consumer("resumed-group", **{"reconnect.backoff.max.ms": 200})
    consumer.subscribe([hub])
    read = kit.take(consumer, 40)
    consumer.commit(message=read[-1], asynchronous=False)
    namespace.kill_and_restart()
    read += kit.take(consumer, 60)
    assert [m.value() for m in read] == [str(n).encode() for n in range(100)]
    consumer.close()
    again = namespace.consumer("resumed-group")
    again.subscribe([hub])
    assert kit.take(again, 1)[0].value() == b"40"


@pytest.mark.parametrize("cut", [1, 70, 5000])
def test_a_segment_torn_by_the_kill_loses_its_last_batch_only(namespace: Any, cut: int) -> None:
    hub = namespace.hub(f"torn-{cut}")
    for number in range(5):
        namespace.send(hub, [bytes([number]) * 10_000])
    namespace.child.kill()
    folder = hub_folder(namespace, hub) / "0"
    segment = max(folder.glob("*.log"))
    os.truncate(segment, segment.stat().st_size - cut)
    namespace.start()
    namespace.send(hub, [b"next"])
    messages = namespace.read(hub, 5)
    assert [m.value()[:1] for m in messages] == [b"\0", b"\1", b"\2", b"\3", b"n"]
    assert messages[-1].offset() == 4


def test_producer_ids_are_never_given_twice(namespace: Any) -> None:
    def new_id() -> int:
        answer = namespace.raw().call(22, 1, struct.pack(">hi", -1, 1000))
        error, producer_id = struct.unpack_from(">hq", answer, 4)
        assert error == 0
        return int(producer_id)

    ids = [new_id(), new_id()]
    namespace.kill_and_restart()
    ids += [new_id(), new_id()]
    assert len(set(ids)) == 4


def test_a_deleted_hub_stays_deleted_and_leaves_no_file(namespace: Any) -> None:
    hub = namespace.hub("gone")
    namespace.send(hub, [b"x"])
    folder = hub_folder(namespace, hub)
    assert folder.exists()
    namespace.request("delete_hub", name=hub)
    namespace.kill_and_restart()
    assert hub not in namespace.request("describe")["hubs"]
    assert not folder.exists()


def test_what_is_secret_is_readable_by_the_owner_alone(namespace: Any) -> None:
    namespace.send(namespace.hub("private"), [b"x"])
    files = [namespace.folder / "state" / "state.json"]
    files += (namespace.folder / "state").rglob("*.log")
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_taken_port_is_named_when_the_start_fails(own_namespace: Any) -> None:
    own_namespace.close_clients()
    own_namespace.child.stop()
    with socket.create_server(("127.0.0.1", own_namespace.port)), pytest.raises(EmulatorError):
        Child(
            "core.sandbox.event_hubs",
            [
                "--folder",
                str(own_namespace.folder / "state"),
                "--authority",
                str(own_namespace.authority),
            ],
            own_namespace.folder / "second.log",
        )
    said = (own_namespace.folder / "second.log").read_text()
    assert f"port {own_namespace.port} of 127.0.0.1 cannot be used: Address already in use" in said
    assert "Traceback" not in said


def test_retention_moves_the_start_while_consumers_read(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("retained", retention_bytes=1024 * 1024)
    for start in range(0, 100, 20):
        namespace.send(hub, [bytes([n]) * 100_000 for n in range(start, start + 20)])
    low = kit.eventually(lambda: namespace.request("describe")["hubs"][hub][0]["low"])
    consumer = namespace.consumer("late", **{"auto.offset.reset": "earliest"})
    consumer.assign([ck.TopicPartition(hub, 0, 0)])
    first = kit.take(consumer, 1)[0]
    assert first.offset() >= low
    assert first.value()[0] == first.offset()


def test_data_goes_when_its_time_is_over(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("brief", retention_hours=0.1 / 3600)
    namespace.send(hub, [b"x"] * 10)
    kit.eventually(
        lambda: (
            [(p["low"], p["high"]) for p in namespace.request("describe")["hubs"][hub]]
            == [(10, 10)]
        )
    )
    namespace.send(hub, [b"y"])
    assert namespace.read(hub, 1, offset=10)[0].value() == b"y"
