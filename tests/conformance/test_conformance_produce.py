"""Produce: what is stored, what is refused, what an idempotent producer may rely on."""

from __future__ import annotations

import time
from typing import Any

import confluent_kafka as ck
import pytest
from conformance.differences import differs
from conformance.kit import Kit, code_of
from conformance.wire import SECONDS, record_batch

UNKNOWN_TOPIC, TOO_LARGE, INVALID_ACKS = 3, 10, 21
OUT_OF_ORDER, OLD_EPOCH = 45, 47
HOUR_MS = 3_600_000


@pytest.mark.parametrize("acks", ["0", "1", "all"])
def test_what_was_produced_is_read_in_order(kit: Kit, acks: str) -> None:
    topic, values = kit.topic(), [f"value {n}".encode() for n in range(100)]
    kit.send(topic, values, acks=acks)
    assert [message.value() for message in kit.read(topic, 100)] == values


def test_keys_headers_timestamps_and_null_values_come_back_as_they_were(kit: Kit) -> None:
    topic, producer = kit.topic(), kit.producer()
    now = int(time.time() * 1000)
    sent: list[dict[str, Any]] = [
        {"value": b"plain", "timestamp": now - 1000},
        {"value": None, "key": b"deleted", "timestamp": now},
        {"value": b"", "key": b"", "timestamp": now - 5000},
        {"value": "größe".encode(), "headers": [("a", b"1"), ("a", b""), ("b", None)]},
    ]
    for message in sent:
        producer.produce(topic, partition=0, **({"timestamp": now} | message))
    assert producer.flush(SECONDS) == 0
    got = kit.read(topic, len(sent))
    for offset, (before, after) in enumerate(zip(sent, got, strict=True)):
        assert (after.key(), after.value()) == (before.get("key"), before["value"])
        assert after.headers() == before.get("headers")
        assert after.timestamp() == (ck.TIMESTAMP_CREATE_TIME, before.get("timestamp", now))
        assert after.offset() == offset


def test_a_key_chooses_the_partition(kit: Kit) -> None:
    topic, producer = kit.topic(4), kit.producer(partitioner="murmur2_random")
    placed: dict[bytes, set[int]] = {}

    def note(error: Any, message: ck.Message) -> None:
        assert error is None
        placed.setdefault(message.key(), set()).add(message.partition())

    for number in range(40):
        producer.produce(topic, b"v", key=f"key {number % 8}".encode(), on_delivery=note)
    assert producer.flush(SECONDS) == 0
    assert len(placed) == 8
    assert all(len(partitions) == 1 for partitions in placed.values())


def test_gzip_is_stored_and_read(kit: Kit) -> None:
    topic, values = kit.topic(), [b"compressible " * 50] * 200
    kit.send(topic, values, **{"compression.type": "gzip"})
    assert [message.value() for message in kit.read(topic, 200)] == values


@pytest.mark.parametrize("codec", ["snappy", "lz4", "zstd"])
def test_other_codecs(kit: Kit, codec: str) -> None:
    topic, producer = kit.topic(), kit.producer(**{"compression.type": codec})
    told: list[Any] = []
    producer.produce(
        topic, b"compressible " * 50, partition=0, on_delivery=lambda e, _: told.append(e)
    )
    assert producer.flush(SECONDS) == 0
    accepted = [error is None for error in told] == [True]
    assert accepted is differs("codecs", kit.broker)


def test_a_message_over_the_limit_is_refused_and_the_largest_is_not(kit: Kit) -> None:
    topic = kit.topic()
    producer = kit.producer(**{"message.max.bytes": 5_000_000})
    told: list[Any] = []
    for size in (1_100_000, 1_000_000):
        producer.produce(
            topic, b"x" * size, partition=0, on_delivery=lambda e, _: told.append(e and e.code())
        )
        assert producer.flush(SECONDS) == 0
    assert told == [TOO_LARGE, None]
    assert kit.watermarks(topic) == (0, 1)


def test_the_first_offset_of_each_batch_is_told(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic(2)
    assert client.produce(topic, record_batch([b"a", b"b", b"c"])) == (0, 0)
    assert client.produce(topic, record_batch([b"d"])) == (0, 3)
    assert client.produce(topic, record_batch([b"e"]), partition=1) == (0, 0)


def test_produce_to_what_is_not_there(kit: Kit) -> None:
    client, batch = kit.wire(), record_batch([b"v"])
    assert client.produce(kit.name("nowhere"), batch)[0] == UNKNOWN_TOPIC
    assert client.produce(kit.topic(1), batch, partition=1)[0] == UNKNOWN_TOPIC


def test_a_batch_with_a_wrong_checksum(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    error, _ = client.produce(topic, record_batch([b"v"], broken=True))
    assert error == differs("checksum", kit.broker)
    assert kit.watermarks(topic) == (0, 0 if error else 1)


def test_acknowledgements_that_do_not_exist_are_refused(kit: Kit) -> None:
    assert kit.wire().produce(kit.topic(), record_batch([b"v"]), acks=2)[0] == INVALID_ACKS


def test_a_timestamp_far_in_the_future(kit: Kit) -> None:
    ahead = int(time.time() * 1000) + 2 * HOUR_MS
    error, _ = kit.wire().produce(kit.topic(), record_batch([b"v"], timestamp=ahead))
    assert error == differs("future_timestamp", kit.broker)


def test_an_exact_duplicate_is_acknowledged_with_its_first_offset_and_not_stored(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    me = client.producer_id()

    def send(sequence: int, count: int = 2) -> tuple[int, int]:
        return client.produce(topic, record_batch([b"v"] * count, producer=(me, 0, sequence)))

    assert [send(n) for n in (0, 2, 4, 6, 8)] == [(0, 0), (0, 2), (0, 4), (0, 6), (0, 8)]
    assert [send(n) for n in (0, 8, 4)] == [(0, 0), (0, 8), (0, 4)]
    assert kit.watermarks(topic) == (0, 10)
    assert send(10) == (0, 10)


def test_a_gap_in_the_sequence_is_refused(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    me = client.producer_id()
    assert client.produce(topic, record_batch([b"v"], producer=(me, 0, 0))) == (0, 0)
    assert client.produce(topic, record_batch([b"v"], producer=(me, 0, 2)))[0] == OUT_OF_ORDER
    assert client.produce(topic, record_batch([b"v"], producer=(me, 0, 1))) == (0, 1)


def test_a_duplicate_older_than_the_last_five_batches(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    me = client.producer_id()
    for sequence in range(7):
        batch = record_batch([b"v"], producer=(me, 0, sequence))
        assert client.produce(topic, batch) == (0, sequence)
    error, _ = client.produce(topic, record_batch([b"v"], producer=(me, 0, 0)))
    assert error == differs("forgotten_duplicate", kit.broker)
    assert kit.watermarks(topic) == (0, 7)


def test_a_producer_of_an_older_epoch_is_fenced(kit: Kit) -> None:
    client, topic = kit.wire(), kit.topic()
    me = client.producer_id()
    assert client.produce(topic, record_batch([b"v"], producer=(me, 1, 0))) == (0, 0)
    assert client.produce(topic, record_batch([b"v"], producer=(me, 0, 0)))[0] == OLD_EPOCH
    assert client.produce(topic, record_batch([b"v"], producer=(me, 2, 5)))[0] == OUT_OF_ORDER
    assert client.produce(topic, record_batch([b"v"], producer=(me, 2, 0))) == (0, 1)


def test_producer_ids_are_given_once(kit: Kit) -> None:
    assert len({kit.wire().producer_id() for _ in range(3)}) == 3


def test_an_idempotent_client_delivers_each_message_once(kit: Kit) -> None:
    topic, values = kit.topic(), [str(n).encode() for n in range(2000)]
    kit.send(topic, values, **{"enable.idempotence": True, "batch.num.messages": 50})
    assert [message.value() for message in kit.read(topic, 2000)] == values
    assert kit.watermarks(topic) == (0, 2000)


def test_transactions(kit: Kit) -> None:
    producer = kit.producer(**{"transactional.id": kit.name("transactional")})
    refusal = differs("transactions", kit.broker)
    if refusal:
        assert code_of(lambda: producer.init_transactions(SECONDS)) == refusal
    else:
        producer.init_transactions(SECONDS)
