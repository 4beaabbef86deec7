"""Where a partition begins, against the emulator over the wire, with real consumers."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from confluent_kafka import Consumer, TopicPartition
from helpers.namespaces import open_namespace

from core.engine.start_position import remembered_start, resolve_positions
from core.kafka.settings import consumer_settings


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    opened = open_namespace(tmp_path_factory.mktemp("namespace"))
    yield opened
    opened.child.stop()


@pytest.fixture
def consumer_of(namespace):
    opened = []

    def make(hub: str, group: str) -> Consumer:
        consumer = Consumer(consumer_settings(namespace.access(hub), group, 6))
        opened.append(consumer)
        return consumer

    yield make
    for consumer in opened:
        consumer.close()


def commit(consumer: Consumer, hub: str, partition: int, offset: int, metadata: str) -> None:
    place = TopicPartition(hub, partition, offset, metadata=metadata)
    consumer.assign([TopicPartition(hub, partition, 0)])
    consumer.store_offsets(offsets=[place])
    consumer.commit(asynchronous=False)
    consumer.unassign()


def offsets(positions) -> dict[int, tuple[int, int, bool]]:
    return {each.partition: (each.offset, each.start, each.fresh) for each in positions}


def test_a_new_group_begins_where_the_profile_says(namespace, consumer_of):
    namespace.create_hub("new", 2)
    namespace.produce("new", [b"{}"] * 5, partition=0)
    consumer = consumer_of("new", "g")
    earliest = resolve_positions(consumer, "new", [0, 1], "earliest")
    assert offsets(earliest) == {0: (0, 0, True), 1: (0, 0, True)}
    latest = resolve_positions(consumer, "new", [0, 1], "latest")
    assert offsets(latest) == {0: (5, 5, True), 1: (0, 0, True)}
    assert json.loads(latest[0].metadata) == {"start": 5, "partitions": 2}


def test_a_new_group_begins_at_a_time(namespace, consumer_of):
    namespace.create_hub("timed", 1)
    namespace.produce("timed", [b"{}"] * 3)
    between = time.time() + 0.002
    while time.time() <= between:
        pass
    moment = datetime.fromtimestamp(between, UTC).isoformat()
    later = between + 0.002
    while time.time() <= later:
        pass
    namespace.produce("timed", [b"{}"] * 4)
    consumer = consumer_of("timed", "g")
    assert offsets(resolve_positions(consumer, "timed", [0], moment)) == {0: (3, 3, True)}
    far = "2099-01-01T00:00:00Z"
    assert offsets(resolve_positions(consumer, "timed", [0], far)) == {0: (7, 7, True)}


def test_what_is_committed_is_where_to_go_on_and_the_start_is_remembered(namespace, consumer_of):
    namespace.create_hub("known", 2)
    namespace.produce("known", [b"{}"] * 9, partition=0)
    consumer = consumer_of("known", "g")
    commit(consumer, "known", 0, 4, '{"start": 2, "partitions": 2}')
    positions = resolve_positions(consumer, "known", [0], "latest")
    assert offsets(positions) == {0: (4, 2, False)}
    assert json.loads(positions[0].metadata) == {"start": 2, "partitions": 2}


def test_a_partition_that_appears_later_begins_at_its_beginning(namespace, consumer_of):
    namespace.create_hub("grown", 3)
    namespace.produce("grown", [b"{}"] * 6, partition=2)
    consumer = consumer_of("grown", "g")
    commit(consumer, "grown", 0, 0, '{"start": 0, "partitions": 2}')
    found = offsets(resolve_positions(consumer, "grown", [1, 2], "latest"))
    assert found == {1: (0, 0, True), 2: (0, 0, True)}


def test_a_partition_that_the_group_began_with_begins_as_the_profile_says(namespace, consumer_of):
    namespace.create_hub("slow", 2)
    namespace.produce("slow", [b"{}"] * 6, partition=1)
    consumer = consumer_of("slow", "g")
    commit(consumer, "slow", 0, 0, '{"start": 0, "partitions": 2}')
    assert offsets(resolve_positions(consumer, "slow", [1], "latest")) == {1: (6, 6, True)}


def test_beside_commits_of_another_program_nothing_is_skipped(namespace, consumer_of):
    namespace.create_hub("foreign", 2)
    namespace.produce("foreign", [b"{}"] * 6, partition=1)
    consumer = consumer_of("foreign", "g")
    commit(consumer, "foreign", 0, 0, "")
    assert offsets(resolve_positions(consumer, "foreign", [1], "latest")) == {1: (0, 0, True)}


def test_a_commit_past_the_end_is_of_a_hub_that_is_gone(namespace, consumer_of):
    namespace.create_hub("again", 1)
    namespace.produce("again", [b"{}"] * 3)
    consumer = consumer_of("again", "g")
    commit(consumer, "again", 0, 1000, '{"start": 900, "partitions": 1}')
    assert offsets(resolve_positions(consumer, "again", [0], "latest")) == {0: (0, 0, True)}


def test_partitions_known_to_be_of_a_new_hub_begin_at_its_beginning(namespace, consumer_of):
    namespace.create_hub("anew", 1)
    namespace.produce("anew", [b"{}"] * 9)
    consumer = consumer_of("anew", "g")
    commit(consumer, "anew", 0, 5, '{"start": 2, "partitions": 1}')
    found = resolve_positions(consumer, "anew", [0], "latest", restarted={0})
    assert offsets(found) == {0: (0, 0, True)}


def test_commits_that_are_gone_skip_nothing_where_an_import_was(namespace, consumer_of):
    namespace.create_hub("expired", 1)
    namespace.produce("expired", [b"{}"] * 9)
    consumer = consumer_of("expired", "g")
    found = resolve_positions(consumer, "expired", [0], "latest", begun={0})
    assert offsets(found) == {0: (0, 0, True)}


@pytest.mark.parametrize("metadata", ['{"start": null}', '{"partitions": "x"}', "[1]", "7", "x"])
def test_metadata_of_another_program_does_no_harm(namespace, consumer_of, metadata):
    namespace.create_hub("strange", 1)
    namespace.produce("strange", [b"{}"] * 4)
    consumer = consumer_of("strange", f"g{metadata}")
    commit(consumer, "strange", 0, 3, metadata)
    assert offsets(resolve_positions(consumer, "strange", [0], "latest")) == {0: (3, 3, False)}


@pytest.mark.parametrize(
    ("metadata", "start"), [(None, 7), ("", 7), ("x", 7), ("[]", 7), ('{"start": 3}', 3)]
)
def test_metadata_of_others_is_passed_over(metadata, start):
    assert remembered_start(metadata, 7) == start
