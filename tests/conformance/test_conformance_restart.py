"""A broker that is stopped or killed keeps topics, messages, committed offsets and producers."""

from __future__ import annotations

import confluent_kafka as ck
import pytest
from conformance.kit import Kit, eventually, settle, take
from conformance.wire import SECONDS, record_batch

pytestmark = pytest.mark.clients
NOT_YET = (14, 15, 16)  # the group's coordinator is being loaded, looked for, or another


@pytest.mark.parametrize("how", ["restart", "kill_and_restart"])
def test_everything_is_there_again(kit: Kit, how: str) -> None:
    topic, group = kit.topic(2, retention_ms="7200000"), kit.name()
    kit.send(topic, [str(n).encode() for n in range(100)], partition=1)
    client = kit.wire()
    me = client.producer_id()
    batch = record_batch([b"once"], producer=(me, 0, 0))
    assert client.produce(topic, batch) == (0, 0)
    consumer = kit.consumer(group)
    consumer.commit(
        offsets=[ck.TopicPartition(topic, 1, 40, metadata="read so far")], asynchronous=False
    )
    consumer.close()

    getattr(kit.broker, how)()

    assert len(kit.admin().list_topics(timeout=SECONDS).topics[topic].partitions) == 2
    none, kept = eventually(lambda: _committed(kit, group, topic))
    assert none.offset == ck.OFFSET_INVALID
    assert (kept.offset, kept.metadata) == (40, "read so far")
    assert [kit.watermarks(topic, index) for index in (0, 1)] == [(0, 1), (0, 100)]
    assert kit.wire().produce(topic, batch) == (0, 0)
    assert kit.watermarks(topic, 0) == (0, 1)
    assert [message.value() for message in kit.read(topic, 1, partition=1, offset=99)] == [b"99"]


def _committed(kit: Kit, group: str, topic: str) -> list[ck.TopicPartition] | None:
    """None while the broker is still loading its groups."""
    wanted = [ck.TopicPartition(topic, index) for index in (0, 1)]
    try:
        return kit.consumer(group).committed(wanted, SECONDS)
    except ck.KafkaException as error:
        if error.args[0].code() not in NOT_YET:
            raise
        return None


def test_running_clients_find_their_way_back_and_nothing_is_lost_or_doubled(kit: Kit) -> None:
    topic, group = kit.topic(), kit.name()
    producer = kit.producer(**{"enable.idempotence": True})
    consumer = kit.consumer(group)
    consumer.subscribe([topic])
    settle([consumer], 1)
    failed: list[object] = []
    for number in range(200):
        if number == 100:
            assert [message.offset() for message in take(consumer, 50)] == list(range(50))
            consumer.commit(asynchronous=False)
            kit.broker.kill_and_restart()
        producer.produce(
            topic, str(number).encode(), on_delivery=lambda error, _: error and failed.append(error)
        )
        producer.poll(0)
        if number == 99:
            assert producer.flush(SECONDS) == 0
    assert producer.flush(SECONDS * 2) == 0
    assert failed == []
    assert kit.watermarks(topic) == (0, 200)
    consumer.close()
    again = kit.consumer(group)
    again.subscribe([topic])
    rest = take(again, 150)
    assert [message.value() for message in rest] == [str(n).encode() for n in range(50, 200)]
