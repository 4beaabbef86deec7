"""Fetch: from where, how much, how long it waits, and what it says when it cannot."""

from __future__ import annotations

import threading

import confluent_kafka as ck
import pytest
from conformance.kit import Kit, eventually, take
from conformance.wire import SECONDS, record_batch

OUT_OF_RANGE, UNKNOWN_TOPIC = 1, 3
LONGER_THAN_THE_SOCKET_WAITS = int(SECONDS * 3000)


def test_from_the_beginning_and_from_the_middle(kit: Kit) -> None:
    topic, values = kit.topic(), [str(n).encode() for n in range(50)]
    kit.send(topic, values, batch=10)
    consumer = kit.consumer()
    for start in (ck.OFFSET_BEGINNING, 17, 49):
        consumer.assign([ck.TopicPartition(topic, 0, start)])
        wanted = values[max(start, 0) :]
        assert [message.value() for message in take(consumer, len(wanted))] == wanted


def test_from_the_end_only_what_comes_later(kit: Kit) -> None:
    topic, consumer = kit.topic(), kit.consumer(**{"enable.partition.eof": True})
    kit.send(topic, [b"before"])
    consumer.assign([ck.TopicPartition(topic, 0, ck.OFFSET_END)])
    reached = consumer.poll(SECONDS)
    assert reached is not None
    assert reached.error().code() == ck.KafkaError._PARTITION_EOF
    kit.send(topic, [b"after"])
    (got,) = take(consumer, 1)
    assert (got.value(), got.offset()) == (b"after", 1)


def test_a_fetch_gives_whole_batches_up_to_its_size_and_the_first_whatever_its_size(
    kit: Kit,
) -> None:
    client, topic = kit.wire(), kit.topic()
    for _ in range(10):
        assert client.produce(topic, record_batch([b"x" * 2_000]))[0] == 0
    assert client.fetch(topic, 0, max_bytes=1).base_offsets() == [0]
    assert client.fetch(topic, 3, max_bytes=1).base_offsets() == [3]
    assert client.fetch(topic, 0, max_bytes=6_500).base_offsets() == [0, 1, 2]
    assert client.fetch(topic, 8, max_bytes=6_500).base_offsets() == [8, 9]
    assert client.fetch(topic, 0).base_offsets() == list(range(10))


def test_a_fetch_inside_a_batch_gives_the_whole_batch(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    client.produce(topic, record_batch([b"a", b"b", b"c"]))
    client.produce(topic, record_batch([b"d"]))
    assert client.fetch(topic, 2).base_offsets() == [0, 3]
    assert [message.value() for message in kit.read(topic, 2, offset=2)] == [b"c", b"d"]


def test_a_fetch_tells_where_the_log_begins_and_ends(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    client.produce(topic, record_batch([b"a", b"b"]))
    got = client.fetch(topic, 0)
    assert (got.error, got.low, got.high) == (0, 0, 2)


def test_a_fetch_at_the_end_is_empty(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    got = client.fetch(topic, 0)
    assert (got.error, got.high, got.records) == (0, 0, b"")
    client.produce(topic, record_batch([b"a"]))
    got = client.fetch(topic, 1, wait_ms=50)
    assert (got.error, got.high, got.records) == (0, 1, b"")


@pytest.mark.parametrize("offset", [-1, 4, 1000])
def test_an_offset_that_is_not_there(kit: Kit, offset: int) -> None:
    client, topic = kit.wire(), kit.topic()
    client.produce(topic, record_batch([b"a", b"b", b"c"]))
    got = client.fetch(topic, offset, wait_ms=LONGER_THAN_THE_SOCKET_WAITS)
    assert (got.error, got.records) == (OUT_OF_RANGE, b"")


def test_a_consumer_out_of_range_begins_where_its_reset_says(kit: Kit) -> None:
    topic = kit.topic()
    kit.send(topic, [b"a", b"b"])
    consumer = kit.consumer()
    consumer.assign([ck.TopicPartition(topic, 0, 99)])
    assert [message.value() for message in take(consumer, 2)] == [b"a", b"b"]
    strict = kit.consumer(**{"auto.offset.reset": "error"})
    strict.assign([ck.TopicPartition(topic, 0, 99)])
    told = strict.poll(SECONDS)
    assert told is not None
    assert told.error().code() == ck.KafkaError._AUTO_OFFSET_RESET


def test_what_is_not_there_cannot_be_fetched(kit: Kit) -> None:
    client = kit.wire()
    assert client.fetch(kit.name("nowhere"), 0).error == UNKNOWN_TOPIC
    assert client.fetch(kit.topic(1), 0, partition=3).error == UNKNOWN_TOPIC


def test_a_waiting_fetch_is_woken_by_new_data(kit: Kit) -> None:
    """It would wait longer than the socket does, so only being woken can end it."""
    topic, waiting, other = kit.topic(), kit.wire(), kit.wire()
    sent = threading.Timer(0.3, lambda: other.produce(topic, record_batch([b"wake up"])))
    sent.start()
    got = waiting.fetch(topic, 0, wait_ms=LONGER_THAN_THE_SOCKET_WAITS)
    sent.join()
    assert got.base_offsets() == [0]


def test_a_waiting_fetch_waits_for_as_many_bytes_as_it_asked_for(kit: Kit) -> None:
    topic, waiting, other = kit.topic(), kit.wire(), kit.wire()

    def send() -> None:
        for _ in range(4):
            other.produce(topic, record_batch([b"x" * 1000]))

    sent = threading.Timer(0.3, send)
    sent.start()
    got = waiting.fetch(topic, 0, wait_ms=LONGER_THAN_THE_SOCKET_WAITS, min_bytes=3500)
    sent.join()
    assert got.base_offsets() == [0, 1, 2, 3]


def test_a_topic_that_is_deleted_under_a_consumer_is_reported(kit: Kit) -> None:
    topic = kit.topic()
    settings = {"topic.metadata.refresh.interval.ms": 300, "topic.metadata.propagation.max.ms": 0}
    consumer = kit.consumer(kit.name(), **settings)
    kit.send(topic, [b"a"])
    consumer.subscribe([topic])
    take(consumer, 1)
    admin = kit.admin()
    admin.delete_topics([topic])[topic].result(SECONDS)

    def told() -> bool:
        message = consumer.poll(0.2)
        return message is not None and message.error().code() == UNKNOWN_TOPIC

    eventually(told)
