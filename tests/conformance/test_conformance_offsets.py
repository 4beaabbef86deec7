"""Where a partition begins, ends, and which offset belongs to a time."""

from __future__ import annotations

import time

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient, OffsetSpec
from conformance.kit import Kit, code_of
from conformance.wire import SECONDS

OUT_OF_RANGE = 1
FIRST_MS = int(time.time() * 1000) - 1_800_000
"""Half an hour ago: younger than the retention."""
LAG_MS = 10_000


def _sent_with_times(kit: Kit, codec: str = "none") -> str:
    """A topic of three batches of ten records, each ten seconds after the one before."""
    topic, producer = kit.topic(), kit.producer(**{"compression.type": codec})
    for number in range(30):
        producer.produce(topic, b"v" * 50, partition=0, timestamp=FIRST_MS + number * LAG_MS)
        if number % 10 == 9:
            assert producer.flush(SECONDS) == 0
    return topic


def _by_time(kit: Kit, topic: str, timestamp: int) -> int:
    wanted = ck.TopicPartition(topic, 0, timestamp)
    (found,) = kit.consumer().offsets_for_times([wanted], SECONDS)
    assert found.error is None
    return int(found.offset)


def _listed(admin: AdminClient, topic: str, spec: OffsetSpec, partition: int = 0) -> int:
    where = ck.TopicPartition(topic, partition)
    return int(admin.list_offsets({where: spec}, request_timeout=SECONDS)[where].result().offset)


def test_an_empty_partition_begins_and_ends_at_0(kit: Kit) -> None:
    assert kit.watermarks(kit.topic()) == (0, 0)


def test_each_partition_has_its_own_watermarks(kit: Kit) -> None:
    topic = kit.topic(3)
    for partition, count in enumerate((0, 3, 1500)):
        kit.send(topic, [b"v"] * count, partition)
    assert [kit.watermarks(topic, partition) for partition in range(3)] == [
        (0, 0),
        (0, 3),
        (0, 1500),
    ]


def test_earliest_and_latest(kit: Kit) -> None:
    topic, admin = kit.topic(), kit.admin()
    kit.send(topic, [b"v"] * 7)
    assert _listed(admin, topic, OffsetSpec.earliest()) == 0
    assert _listed(admin, topic, OffsetSpec.latest()) == 7


def test_offsets_of_what_is_not_there(kit: Kit) -> None:
    topic, admin = kit.topic(), kit.admin()
    code = code_of(lambda: _listed(admin, topic, OffsetSpec.latest(), partition=5))
    assert code == ck.KafkaError._NOENT


@pytest.mark.parametrize("codec", ["none", "gzip"])
def test_the_first_record_that_is_not_older_than_a_time(kit: Kit, codec: str) -> None:
    topic = _sent_with_times(kit, codec)
    for number in (0, 1, 9, 10, 15, 29):
        assert _by_time(kit, topic, FIRST_MS + number * LAG_MS) == number
        assert _by_time(kit, topic, FIRST_MS + number * LAG_MS - 1) == number
        admin = kit.admin()
        spec = OffsetSpec.for_timestamp(FIRST_MS + number * LAG_MS)
        assert _listed(admin, topic, spec) == number
    assert _by_time(kit, topic, 0) == 0


def test_a_time_after_the_last_record_gives_the_end(kit: Kit) -> None:
    topic = _sent_with_times(kit)
    assert _by_time(kit, topic, FIRST_MS + 29 * LAG_MS + 1) == ck.OFFSET_END


def test_a_time_in_an_empty_partition_gives_the_end(kit: Kit) -> None:
    assert _by_time(kit, kit.topic(), FIRST_MS) == ck.OFFSET_END


def test_deleted_records_move_the_beginning(kit: Kit) -> None:
    topic, admin = _sent_with_times(kit), kit.admin()

    def delete_before(offset: int) -> int:
        where = ck.TopicPartition(topic, 0, offset)
        (future,) = admin.delete_records([where], operation_timeout=SECONDS).values()
        return int(future.result(SECONDS).low_watermark)

    assert delete_before(13) == 13
    assert kit.watermarks(topic) == (13, 30)
    assert [message.offset() for message in kit.read(topic, 17, offset=13)] == [*range(13, 30)]
    assert kit.wire().fetch(topic, 12).error == OUT_OF_RANGE
    assert _by_time(kit, topic, FIRST_MS) == 13
    assert delete_before(5) == 13
    assert code_of(lambda: delete_before(31)) == OUT_OF_RANGE
    assert delete_before(ck.OFFSET_END) == 30
    assert kit.watermarks(topic) == (30, 30)
    kit.send(topic, [b"v"])
    assert kit.watermarks(topic) == (30, 31)
