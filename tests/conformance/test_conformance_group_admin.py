"""Groups seen and changed from outside."""

from __future__ import annotations

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient
from conformance.kit import Kit, code_of, eventually, settle
from conformance.wire import SECONDS

pytestmark = pytest.mark.clients
NON_EMPTY_GROUP, GROUP_NOT_FOUND, UNKNOWN_MEMBER = 68, 69, 25


def _names(admin: AdminClient) -> set[str]:
    listed = admin.list_consumer_groups(request_timeout=SECONDS).result(SECONDS)
    assert listed.errors == []
    return {group.group_id for group in listed.valid}


def _alter(admin: AdminClient, group: str, offsets: list[ck.TopicPartition]) -> list[int | None]:
    wanted = ck.ConsumerGroupTopicPartitions(group, offsets)
    done = admin.alter_consumer_group_offsets([wanted])[group].result(SECONDS)
    return [each.error and each.error.code() for each in done.topic_partitions]


def _offsets(admin: AdminClient, group: str) -> dict[tuple[str, int], int]:
    wanted = ck.ConsumerGroupTopicPartitions(group)
    told = admin.list_consumer_group_offsets([wanted])[group].result(SECONDS)
    return {(each.topic, each.partition): each.offset for each in told.topic_partitions}


def test_a_group_with_members_is_described(kit: Kit) -> None:
    topic, group, admin = kit.topic(4), kit.name(), kit.admin()
    members = [kit.consumer(group, **{"client.id": f"member-{n}"}) for n in (0, 1)]
    for member in members:
        member.subscribe([topic])
    shares = settle(members, 4)
    assert group in _names(admin)
    told = admin.describe_consumer_groups([group])[group].result(SECONDS)
    assert told.state == ck.ConsumerGroupState.STABLE
    assert told.partition_assignor == "range"
    seen = {
        each.client_id: {place.partition for place in each.assignment.topic_partitions}
        for each in told.members
    }
    assert seen == {"member-0": shares[0], "member-1": shares[1]}
    assert {each.host.strip("/") for each in told.members} == {"127.0.0.1"}


def test_a_group_that_only_has_offsets_is_empty(kit: Kit) -> None:
    topic, group, admin = kit.topic(), kit.name(), kit.admin()
    assert _alter(admin, group, [ck.TopicPartition(topic, 0, 3)]) == [None]
    assert group in _names(admin)
    told = admin.describe_consumer_groups([group])[group].result(SECONDS)
    assert (told.state, told.members) == (ck.ConsumerGroupState.EMPTY, [])


def test_a_group_that_is_not_there(kit: Kit) -> None:
    admin, group = kit.admin(), kit.name("nobody")
    assert group not in _names(admin)
    told = admin.describe_consumer_groups([group])[group].result(SECONDS)
    assert (told.state, told.members) == (ck.ConsumerGroupState.DEAD, [])


def test_offsets_of_a_group_are_listed_and_changed(kit: Kit) -> None:
    topic, group, admin = kit.topic(3), kit.name(), kit.admin()
    places = [ck.TopicPartition(topic, 0, 5), ck.TopicPartition(topic, 2, 9)]
    assert _alter(admin, group, places) == [None, None]
    assert _offsets(admin, group) == {(topic, 0): 5, (topic, 2): 9}
    assert _alter(admin, group, [ck.TopicPartition(topic, 0, 1)]) == [None]
    assert kit.committed(group, topic, 3) == {0: 1, 1: ck.OFFSET_INVALID, 2: 9}
    assert _offsets(admin, kit.name("nobody")) == {}


def test_offsets_of_a_group_with_members_cannot_be_changed_from_outside(kit: Kit) -> None:
    topic, group, admin = kit.topic(), kit.name(), kit.admin()
    consumer = kit.consumer(group)
    consumer.subscribe([topic])
    settle([consumer], 1)
    assert _alter(admin, group, [ck.TopicPartition(topic, 0, 5)]) == [UNKNOWN_MEMBER]


def test_a_group_is_deleted_with_its_offsets_once_it_is_empty(kit: Kit) -> None:
    topic, group, admin = kit.topic(), kit.name(), kit.admin()
    consumer = kit.consumer(group)
    consumer.subscribe([topic])
    settle([consumer], 1)
    consumer.commit(offsets=[ck.TopicPartition(topic, 0, 0)], asynchronous=False)

    def delete() -> None:
        admin.delete_consumer_groups([group])[group].result(SECONDS)

    assert code_of(delete) == NON_EMPTY_GROUP
    consumer.close()
    delete()
    assert group not in _names(admin)
    assert kit.committed(group, topic) == {0: ck.OFFSET_INVALID}
    assert code_of(delete) == GROUP_NOT_FOUND


def test_offsets_go_with_their_topic(kit: Kit) -> None:
    topic, other, group, admin = kit.topic(), kit.topic(), kit.name(), kit.admin()
    places = [ck.TopicPartition(topic, 0, 1), ck.TopicPartition(other, 0, 2)]
    assert _alter(admin, group, places) == [None, None]
    admin.delete_topics([topic])[topic].result(SECONDS)
    eventually(lambda: _offsets(admin, group) == {(other, 0): 2})
