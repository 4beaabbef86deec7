"""Consumer groups: who reads what, who takes over, what is committed and by whom."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import confluent_kafka as ck
import pytest
from conformance.kit import Kit, eventually, settle, take
from conformance.wire import SECONDS

ILLEGAL_GENERATION, INCONSISTENT_PROTOCOL, UNKNOWN_MEMBER = 22, 23, 25
INVALID_SESSION_TIMEOUT, REBALANCE = 26, 27
MEMBER_ID_REQUIRED, FENCED_INSTANCE = 79, 82
ASSIGNORS = pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])


@ASSIGNORS
def test_one_member_reads_everything(kit: Kit, assignor: str) -> None:
    topic = kit.topic(4)
    consumer = kit.consumer(kit.name(), **{"partition.assignment.strategy": assignor})
    consumer.subscribe([topic])
    assert settle([consumer], 4) == [{0, 1, 2, 3}]


@pytest.mark.clients
@ASSIGNORS
def test_up_to_three_members_share_and_take_over_from_one_that_leaves(
    kit: Kit, assignor: str
) -> None:
    topic, group = kit.topic(6), kit.name()
    members: list[ck.Consumer] = []
    for count in (1, 2, 3):
        member = kit.consumer(group, **{"partition.assignment.strategy": assignor})
        member.subscribe([topic])
        members.append(member)
        shares = settle(members, 6)
        assert {len(share) for share in shares} == {6 // count}
    members.pop(1).close()
    assert [len(share) for share in settle(members, 6)] == [3, 3]


@pytest.mark.clients
@ASSIGNORS
def test_nothing_is_missed_or_read_twice_while_members_come_and_go(kit: Kit, assignor: str) -> None:
    topic, group, seen = kit.topic(6), kit.name(), []
    for partition in range(6):
        kit.send(topic, [f"{partition}.{n}".encode() for n in range(50)], partition)

    def read(members: list[ck.Consumer], rounds: int) -> None:
        for _ in range(rounds):
            for member in members:
                got = [each for each in member.consume(10, 0.1) if each.error() is None]
                seen.extend(each.value() for each in got)
                if got:
                    member.commit(asynchronous=False)

    settings = {"partition.assignment.strategy": assignor, "session.timeout.ms": 6000}
    first = kit.consumer(group, **settings)
    first.subscribe([topic])
    read([first], 8)
    first.close()
    second, third = kit.consumer(group, **settings), kit.consumer(group, **settings)
    second.subscribe([topic])
    third.subscribe([topic])

    def all_read() -> bool:
        read([second, third], 1)
        return len(seen) >= 300

    eventually(all_read)
    read([second, third], 5)
    assert len(seen) == len(set(seen)) == 300


@pytest.mark.clients
def test_a_member_that_is_killed_is_replaced_when_its_session_ends(kit: Kit) -> None:
    topic, group = kit.topic(2), kit.name()
    for partition in (0, 1):
        kit.send(topic, [b"v"] * 10, partition)
    settings = kit.settings(
        **{
            "group.id": group,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 6000,
            "enable.auto.commit": False,
        }
    )
    script = Path(__file__).with_name("doomed_consumer.py")
    doomed = subprocess.Popen(
        [sys.executable, "-P", script, json.dumps(settings), topic, "20"], stdout=subprocess.PIPE
    )
    try:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == b"committed\n"
    finally:
        doomed.kill()
        doomed.communicate()
    kit.send(topic, [b"later"] * 2)
    heir = kit.consumer(group)
    heir.subscribe([topic])
    assert [message.value() for message in take(heir, 2)] == [b"later"] * 2
    assert settle([heir], 2) == [{0, 1}]


def test_a_group_goes_on_where_it_had_committed(kit: Kit) -> None:
    topic, group = kit.topic(), kit.name()
    kit.send(topic, [str(n).encode() for n in range(10)])
    first = kit.consumer(group)
    first.subscribe([topic])
    take(first, 4)
    first.commit(asynchronous=False)
    take(first, 3)
    first.close()
    assert kit.committed(group, topic) == {0: 4}
    second = kit.consumer(group)
    second.subscribe([topic])
    assert [message.value() for message in take(second, 6)] == [
        str(n).encode() for n in range(4, 10)
    ]


def test_a_commit_keeps_its_metadata(kit: Kit) -> None:
    topic, group = kit.topic(2), kit.name()
    consumer = kit.consumer(group)
    wanted = ck.TopicPartition(topic, 0, 0, metadata='{"start": 1, "größe": 2}')
    consumer.commit(offsets=[wanted], asynchronous=False)
    first, second = consumer.committed(
        [ck.TopicPartition(topic, 0), ck.TopicPartition(topic, 1)], SECONDS
    )
    assert (first.offset, first.metadata) == (0, wanted.metadata)
    assert second.offset == ck.OFFSET_INVALID


def test_a_commit_beyond_the_end_is_kept(kit: Kit) -> None:
    client, topic, group = kit.wire(), kit.topic(), kit.name()
    assert client.commit(group, topic, 1000) == 0
    assert kit.committed(group, topic) == {0: 1000}


def test_commits_for_what_is_not_there_are_refused(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    assert client.commit(kit.name(), kit.name("nowhere"), 1) == 3
    assert client.commit(kit.name(), topic, 1, partition=9) == 3


def test_a_static_member_that_comes_back_moves_nothing(kit: Kit) -> None:
    topic, group = kit.topic(4), kit.name()

    def member(instance: str) -> ck.Consumer:
        made = kit.consumer(group, **{"group.instance.id": instance})
        made.subscribe([topic])
        return made

    one, two = member("one"), member("two")
    before = settle([one, two], 4)
    one.close()
    one = member("one")
    assert settle([one, two], 4) == before
    admin = kit.admin()
    described = admin.describe_consumer_groups([group])[group].result(SECONDS)
    assert {each.group_instance_id for each in described.members} == {"one", "two"}


def test_the_same_instance_twice_fences_the_first(kit: Kit) -> None:
    client, other, group = kit.wire(), kit.wire(), kit.name()
    first = client.become_member(group, "me")
    second = other.join(group, instance="me")
    assert (second.error, second.generation) == (0, first.generation)
    assert second.member != first.member
    assert client.heartbeat(group, first.generation, first.member, "me") == FENCED_INSTANCE
    topic = kit.topic()
    assert (
        client.commit(
            group, topic, 5, generation=first.generation, member=first.member, instance="me"
        )
        == FENCED_INSTANCE
    )
    assert kit.committed(group, topic) == {0: ck.OFFSET_INVALID}


def test_a_new_member_gets_an_id_first(kit: Kit) -> None:
    joined = kit.wire().join(kit.name())
    assert joined.error == MEMBER_ID_REQUIRED
    assert joined.member.startswith("wire-")


def test_members_and_generations_are_checked(kit: Kit) -> None:
    client, group, topic = kit.wire(), kit.name(), kit.topic()
    me = client.become_member(group)
    assert client.heartbeat(group, me.generation, me.member) == 0
    assert client.heartbeat(group, me.generation + 1, me.member) == ILLEGAL_GENERATION
    assert client.heartbeat(group, me.generation, "nobody") == UNKNOWN_MEMBER
    assert client.heartbeat(kit.name(), 1, "nobody") == UNKNOWN_MEMBER

    def commit(generation: int, member: str) -> int:
        return client.commit(group, topic, 7, generation=generation, member=member)

    assert commit(me.generation + 1, me.member) == ILLEGAL_GENERATION
    assert commit(me.generation, "nobody") == UNKNOWN_MEMBER
    assert commit(-1, "") == UNKNOWN_MEMBER
    assert kit.committed(group, topic) == {0: ck.OFFSET_INVALID}
    assert commit(me.generation, me.member) == 0
    assert kit.committed(group, topic) == {0: 7}
    assert client.leave(group, me.member) == 0
    assert client.leave(group, me.member) == UNKNOWN_MEMBER
    assert commit(me.generation, me.member) in (UNKNOWN_MEMBER, ILLEGAL_GENERATION)
    assert commit(-1, "") == 0


def test_a_member_of_an_old_generation_cannot_commit(kit: Kit) -> None:
    client, other, group, topic = kit.wire(), kit.wire(), kit.name(), kit.topic()
    old = client.become_member(group)
    candidate = other.join(group)
    assert candidate.error == MEMBER_ID_REQUIRED
    joined = []
    joining = threading.Thread(
        target=lambda: joined.append(other.join(group, member=candidate.member))
    )
    joining.start()
    eventually(lambda: client.heartbeat(group, old.generation, old.member) == REBALANCE)
    again = client.join(group, member=old.member)
    joining.join(SECONDS)
    assert again.generation == joined[0].generation == old.generation + 1
    stale = client.commit(group, topic, 3, generation=old.generation, member=old.member)
    assert stale == ILLEGAL_GENERATION
    assert kit.committed(group, topic) == {0: ck.OFFSET_INVALID}


@pytest.mark.parametrize("session_ms", [1000, 5999, 3_000_000])
def test_session_timeouts_that_are_refused(kit: Kit, session_ms: int) -> None:
    assert kit.wire().join(kit.name(), session_ms=session_ms).error == INVALID_SESSION_TIMEOUT


def test_members_must_agree_on_how_to_share(kit: Kit) -> None:
    client, other, group = kit.wire(), kit.wire(), kit.name()
    client.become_member(group, protocol="mine")
    assert other.join(group, protocol="yours").error == INCONSISTENT_PROTOCOL
    assert other.join(group, kind="connect", protocol="mine").error == INCONSISTENT_PROTOCOL
