"""Consumer groups: rebalances without loss or duplicates, fencing, sessions, static members."""

from __future__ import annotations

import struct
import threading
from typing import Any

import confluent_kafka as ck
import pytest

pytestmark = pytest.mark.slow

ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCE = 22, 25, 27
MEMBER_ID_REQUIRED, FENCED_INSTANCE = 79, 82
REBALANCE_MS = 4000


class Worker:
    """A consumer in a thread that commits what it has read before it gives a partition up."""

    def __init__(self, namespace: Any, hub: str, group: str, assignor: str) -> None:
        self.read: list[bytes] = []
        self.assigned = 0
        self._stopping = threading.Event()
        settings = {"partition.assignment.strategy": assignor}
        self._consumer = namespace.consumer(group, **settings)
        self._consumer.subscribe([hub], on_revoke=self._revoke)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            message = self._consumer.poll(0.05)
            if message is not None and message.error() is None:
                self.read.append(message.value())
            self.assigned = len(self._consumer.assignment())
        self._consumer.close()

    def _revoke(self, consumer: ck.Consumer, partitions: list[ck.TopicPartition]) -> None:
        positions = [p for p in consumer.position(partitions) if p.offset >= 0]
        if positions:
            consumer.commit(offsets=positions, asynchronous=False)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])
def test_members_come_and_go_without_loss_or_duplicates(
    namespace: Any, kit: Any, assignor: str
) -> None:
    hub = namespace.hub(f"shared-{assignor}", 4)
    producer = namespace.producer()
    sent: list[bytes] = []

    def send(count: int) -> None:
        for _ in range(count):
            sent.append(str(len(sent)).encode())
            producer.produce(hub, sent[-1])
        assert producer.flush(20) == 0

    workers = []

    def settled(*counts: int) -> None:
        kit.eventually(lambda: tuple(sorted(w.assigned for w in workers)) == counts)

    def all_read() -> None:
        kit.eventually(lambda: sum(len(w.read) for w in workers + gone) >= len(sent))

    gone: list[Worker] = []
    try:
        workers.append(Worker(namespace, hub, f"group-{assignor}", assignor))
        settled(4)
        send(500)
        workers.append(Worker(namespace, hub, f"group-{assignor}", assignor))
        send(500)
        settled(2, 2)
        send(500)
        all_read()
        gone.append(workers.pop(0))
        gone[0].stop()
        send(500)
        settled(4)
        all_read()
    finally:
        for worker in workers:
            worker.stop()
    read = [value for worker in workers + gone for value in worker.read]
    assert len(read) == len(set(read))
    assert sorted(read, key=int) == sent


class Member:
    """A member on a raw socket; versions of the calls: Join 5, Sync 3, Heartbeat 3, Leave 3."""

    def __init__(self, namespace: Any, kit: Any, group: str, instance: str | None = None) -> None:
        self.client, self.kit, self.group = namespace.raw(), kit, group
        self.instance = kit.string(instance) if instance else b"\xff\xff"
        self.member_id, self.generation, self.leader = "", -1, ""

    def send_join(self, *, session_ms: int = 6000, subscription: bytes = b"s") -> None:
        s, frame = self.kit.string, self.client.frame
        body = s(self.group) + struct.pack(">ii", session_ms, REBALANCE_MS) + s(self.member_id)
        body += self.instance + s("consumer") + struct.pack(">i", 1) + s("range")
        self.client.send(frame(11, 5, body + self.kit.blob(subscription)))

    def end_join(self) -> int:
        answer = self.client.receive()[4:]
        _, error, self.generation = struct.unpack_from(">ihi", answer)
        at = 10
        texts = []
        for _ in range(3):
            size = struct.unpack_from(">h", answer, at)[0]
            texts.append(answer[at + 2 : at + 2 + size].decode())
            at += 2 + size
        _, self.leader, self.member_id = texts
        return int(error)

    def join(self, **more: Any) -> int:
        self.send_join(**more)
        error = self.end_join()
        if error == MEMBER_ID_REQUIRED:
            self.send_join(**more)
            error = self.end_join()
        return error

    def _identity(self) -> bytes:
        s = self.kit.string
        return (
            s(self.group) + struct.pack(">i", self.generation) + s(self.member_id) + self.instance
        )

    def send_sync(self, shares: dict[str, bytes]) -> None:
        body = self._identity() + struct.pack(">i", len(shares))
        for member_id, share in shares.items():
            body += self.kit.string(member_id) + self.kit.blob(share)
        self.client.send(self.client.frame(14, 3, body))

    def end_sync(self) -> tuple[int, bytes]:
        answer = self.client.receive()
        return struct.unpack_from(">h", answer, 8)[0], answer[14:]

    def sync(self, shares: dict[str, bytes]) -> tuple[int, bytes]:
        self.send_sync(shares)
        return self.end_sync()

    def heartbeat(self) -> int:
        return int.from_bytes(self.client.call(12, 3, self._identity())[4:6], "big")

    def commit(self, hub: str, offset: int) -> int:
        s = self.kit.string
        body = self._identity() + struct.pack(">i", 1) + s(hub) + struct.pack(">i", 1)
        body += struct.pack(">iqi", 0, offset, -1) + s("")
        return int.from_bytes(self.client.call(8, 7, body)[-2:], "big")

    def leave(self) -> None:
        body = self.kit.string(self.group) + struct.pack(">i", 1)
        answer = self.client.call(13, 3, body + self.kit.string(self.member_id) + self.instance)
        assert answer[4:6] == b"\0\0"


def test_a_member_learns_its_share_and_of_the_next_rebalance(namespace: Any, kit: Any) -> None:
    first, second = (Member(namespace, kit, "relay") for _ in range(2))
    assert first.join() == 0
    assert first.leader == first.member_id
    assert first.sync({first.member_id: b"all"}) == (0, b"all")
    assert first.heartbeat() == 0

    second.send_join()
    assert second.end_join() == MEMBER_ID_REQUIRED
    second.send_join()
    kit.eventually(lambda: first.heartbeat() == REBALANCE)
    assert first.join(subscription=b"t") == 0
    assert second.end_join() == 0
    assert first.generation == second.generation == 2
    assert second.leader == first.member_id

    second.send_sync({})
    assert first.sync({first.member_id: b"one", second.member_id: b"two"}) == (0, b"one")
    assert second.end_sync() == (0, b"two")
    first.leave()
    kit.eventually(lambda: second.heartbeat() == REBALANCE)


def test_only_members_of_the_generation_may_commit(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("fenced")
    member = Member(namespace, kit, "fenced-group")
    assert member.join() == 0
    assert member.commit(hub, 1) == REBALANCE
    member.sync({})
    assert member.commit(hub, 2) == 0
    member.generation += 1
    assert member.commit(hub, 3) == ILLEGAL_GENERATION
    assert member.heartbeat() == ILLEGAL_GENERATION
    stranger = Member(namespace, kit, "fenced-group")
    stranger.member_id, stranger.generation = "nobody", member.generation - 1
    assert stranger.commit(hub, 4) == UNKNOWN_MEMBER
    assert stranger.heartbeat() == UNKNOWN_MEMBER
    outsider = Member(namespace, kit, "fenced-group")
    assert outsider.commit(hub, 5) == UNKNOWN_MEMBER
    member.generation -= 1
    member.leave()
    assert outsider.commit(hub, 6) == 0
    committed = namespace.request("describe")["groups"]["fenced-group"]["offsets"]
    assert [(c["partition"], c["offset"]) for c in committed] == [(0, 6)]


@pytest.mark.parametrize(
    ("milliseconds", "error"), [(5999, 26), (6000, 0), (300_000, 0), (300_001, 26)]
)
def test_sessions_are_bounded_as_on_event_hubs(
    namespace: Any, kit: Any, milliseconds: int, error: int
) -> None:
    assert Member(namespace, kit, f"s{milliseconds}").join(session_ms=milliseconds) == error


def test_members_that_share_no_assignor_are_not_let_in(namespace: Any, kit: Any) -> None:
    assert Member(namespace, kit, "mixed").join() == 0
    consumer = namespace.consumer(
        "mixed", **{"partition.assignment.strategy": "cooperative-sticky"}
    )
    consumer.subscribe([namespace.hub("mixed-hub")])
    message = kit.eventually(lambda: consumer.poll(0.2))
    assert message.error().code() == ck.KafkaError.INCONSISTENT_GROUP_PROTOCOL


def test_a_static_member_comes_back_to_its_share_without_a_rebalance(
    namespace: Any, kit: Any
) -> None:
    member = Member(namespace, kit, "static", "host-1")
    assert member.join() == 0
    assert member.sync({member.member_id: b"mine"}) == (0, b"mine")
    generation, old_id = member.generation, member.member_id

    returned = Member(namespace, kit, "static", "host-1")
    assert returned.join() == 0
    assert returned.generation == generation
    assert returned.member_id != old_id
    assert returned.leader != returned.member_id
    assert returned.sync({}) == (0, b"mine")
    assert member.heartbeat() == FENCED_INSTANCE
    assert returned.heartbeat() == 0


def test_offsets_of_a_topic_that_is_being_read_cannot_be_deleted(namespace: Any, kit: Any) -> None:
    read, unread = namespace.hub("being-read"), namespace.hub("not-read")
    outsider = Member(namespace, kit, "deleting")
    assert outsider.commit(read, 1) == 0
    assert outsider.commit(unread, 1) == 0
    member = Member(namespace, kit, "deleting")
    subscription = struct.pack(">hi", 0, 1) + kit.string(read) + struct.pack(">i", -1)
    assert member.join(subscription=subscription) == 0
    member.sync({})
    body = kit.string("deleting") + struct.pack(">i", 2)
    for hub in (read, unread):
        body += kit.string(hub) + struct.pack(">ii", 1, 0)
    answer = member.client.call(47, 0, body)
    assert struct.unpack(">h", answer[:2])[0] == 0
    errors = [
        struct.unpack_from(">h", answer, answer.index(kit.string(hub)) + len(hub) + 10)[0]
        for hub in (read, unread)
    ]
    assert errors == [86, 0]


@pytest.mark.slow
def test_a_member_that_dies_loses_its_partitions_after_its_session(
    namespace: Any, kit: Any
) -> None:
    hub = namespace.hub("takeover", 2)
    silent = Member(namespace, kit, "takeover-group")
    assert silent.join() == 0
    silent.sync({})
    silent.client.close()
    worker = Worker(namespace, hub, "takeover-group", "range")
    try:
        kit.eventually(lambda: worker.assigned == 2)
    finally:
        worker.stop()


@pytest.mark.slow
def test_a_member_that_does_not_rejoin_in_time_is_left_out(namespace: Any, kit: Any) -> None:
    first, second = (Member(namespace, kit, "late") for _ in range(2))
    assert first.join(session_ms=30_000) == 0
    first.sync({})
    assert second.join(session_ms=30_000) == 0  # waits for the rebalance timeout
    assert second.leader == second.member_id
    assert first.heartbeat() == UNKNOWN_MEMBER


@pytest.mark.slow
def test_commits_of_a_group_without_members_are_forgotten_in_time(namespace: Any, kit: Any) -> None:
    brief = namespace.another("contoso-brief", offsets_hours=1 / 3600)
    hub = brief.hub("hub")
    brief.send(hub, [b"x"])
    brief.consumer("left").commit(offsets=[ck.TopicPartition(hub, 0, 1)], asynchronous=False)
    reading = brief.consumer("staying")
    reading.subscribe([hub])
    kit.take(reading, 1)
    reading.commit(asynchronous=False)

    def groups() -> dict[str, Any]:
        reading.poll(0)
        found: dict[str, Any] = brief.request("describe")["groups"]
        return found

    assert set(groups()) == {"left", "staying"}
    kit.eventually(lambda: "left" not in groups())
    assert groups()["staying"]["offsets"]
    brief.close_clients()
    kit.eventually(lambda: not brief.request("describe")["groups"])
    brief.remove()
