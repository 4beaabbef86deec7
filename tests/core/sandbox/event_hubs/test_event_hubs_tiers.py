"""What a tier allows: codecs, hubs, partitions, retention, sizes, throughput, idle connections."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import confluent_kafka as ck
import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import NewPartitions, NewTopic

from core.sandbox.process import EmulatorError

pytestmark = pytest.mark.slow

DAY_MS = 86_400_000


@pytest.fixture
def standard(namespace: Any) -> Iterator[Any]:
    made = namespace.another("contoso-standard")
    yield made
    made.close_clients()
    made.remove()


@pytest.fixture
def premium(namespace: Any) -> Iterator[Any]:
    made = namespace.another("contoso-premium", sku="Premium")
    yield made
    made.close_clients()
    made.remove()


def sent_compressed(namespace: Any, hub: str, codec: str) -> int:
    """0, or the error code that a batch compressed by ``codec`` meets."""
    seen: list[int] = []
    producer = namespace.producer(**{"compression.type": codec})
    producer.produce(
        hub, b"squeeze " * 500, on_delivery=lambda e, _: seen.append(e.code() if e else 0)
    )
    assert producer.flush(20) == 0
    return seen[0]


def created(namespace: Any, name: str, partitions: int = 1, **configs: str) -> int:
    config = {key.replace("_", "."): value for key, value in configs.items()}
    admin = namespace.admin()
    future = admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name]
    error = future.exception(20)
    return error.args[0].code() if error else 0


def test_the_sandboxs_own_namespace_is_a_standard_one_without_throttling(
    own_namespace: Any,
) -> None:
    described = own_namespace.request("describe")
    assert (described["name"], described["sku"]) == ("sandbox", "Standard")
    assert described["units"] is None
    assert described["idle_seconds"] == 240


@pytest.mark.parametrize("codec", ["gzip", "lz4", "zstd", "snappy"])
def test_a_standard_namespace_takes_no_compressed_batch(standard: Any, codec: str) -> None:
    hub = standard.hub("plain")
    assert sent_compressed(standard, hub, codec) == KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT
    assert sent_compressed(standard, hub, "none") == 0
    assert standard.request("describe")["hubs"][hub][0]["high"] == 1


def test_a_premium_namespace_takes_gzip_and_no_other_codec(premium: Any) -> None:
    hub = premium.hub("squeezed")
    assert sent_compressed(premium, hub, "gzip") == 0
    for codec in ("lz4", "zstd", "snappy"):
        assert sent_compressed(premium, hub, codec) == KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT
    assert premium.read(hub, 1)[0].value() == b"squeeze " * 500


def test_a_standard_namespace_has_room_for_ten_hubs(standard: Any) -> None:
    for number in range(10):
        standard.hub(f"hub-{number}")
    assert created(standard, "hub-10") == KafkaError.POLICY_VIOLATION
    with pytest.raises(EmulatorError, match="10 event hubs"):
        standard.hub("hub-10")
    standard.request("delete_hub", name="hub-3")
    assert created(standard, "hub-10") == 0


def test_partitions_and_retention_have_limits(standard: Any, premium: Any) -> None:
    for namespace, partitions, days in ((standard, 32, 7), (premium, 100, 90)):
        most = str(days * DAY_MS)
        assert created(namespace, "too-wide", partitions + 1) == KafkaError.INVALID_PARTITIONS
        longer = str(days * DAY_MS + 1)
        assert created(namespace, "too-long", retention_ms=longer) == KafkaError.INVALID_CONFIG
        assert created(namespace, "for-ever", retention_ms="-1") == KafkaError.INVALID_CONFIG
        assert created(namespace, "just", partitions, retention_ms=most) == 0


def test_a_standard_hub_keeps_its_number_of_partitions(standard: Any, premium: Any) -> None:
    def enlarged(namespace: Any) -> int:
        hub = namespace.hub("hub", 2)
        admin = namespace.admin()
        error = admin.create_partitions([NewPartitions(hub, 4)])[hub].exception(20)
        return error.args[0].code() if error else 0

    assert enlarged(standard) == KafkaError.INVALID_PARTITIONS
    assert enlarged(premium) == 0
    assert len(standard.request("describe")["hubs"]["hub"]) == 2
    premium.request("update_hub", name="hub", partitions=5, retention_hours=48)
    described = premium.request("describe")
    assert len(described["hubs"]["hub"]) == 5
    assert described["retention_hours"]["hub"] == 48


def test_a_namespace_of_the_basic_tier_shows_no_hub(namespace: Any, kit: Any) -> None:
    basic = namespace.another("contoso-basic", sku="Basic")
    hub = basic.hub("hub")
    found = basic.admin().list_topics(hub, timeout=20).topics[hub]
    assert found.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert basic.admin().list_topics(timeout=20).topics == {}
    body = kit.produce_body(hub, kit.record_batch([b"x"]))
    refused = kit.produced(basic.raw().call(0, 7, body), hub)
    assert refused[0] == KafkaError.TOPIC_AUTHORIZATION_FAILED
    basic.remove()


def test_a_message_has_at_most_1_mb(standard: Any) -> None:
    hub = standard.hub("large")
    seen: list[int] = []
    producer = standard.producer(**{"message.max.bytes": 2_000_000})
    for size in (1_048_000, 1_048_577):
        producer.produce(
            hub, b"x" * size, on_delivery=lambda e, _: seen.append(e.code() if e else 0)
        )
        assert producer.flush(20) == 0
    assert seen == [0, KafkaError.MSG_SIZE_TOO_LARGE]


def test_names_of_groups_and_hubs_have_at_most_256_characters(standard: Any) -> None:
    hub = standard.hub("h" * 256)
    where = ck.TopicPartition(hub, 0, 0)
    standard.consumer("g" * 256).commit(offsets=[where], asynchronous=False)
    with pytest.raises(ck.KafkaException) as caught:
        standard.consumer("g" * 257).commit(offsets=[where], asynchronous=False)
    assert caught.value.args[0].code() == KafkaError.INVALID_GROUP_ID
    with pytest.raises(EmulatorError, match="256"):
        standard.hub("h" * 257)


def _committed(kit: Any, client: Any, group: str, hub: str) -> int:
    body = kit.string(group) + struct.pack(">i", -1) + kit.string("") + struct.pack(">q", -1)
    body += struct.pack(">i", 1) + kit.string(hub) + struct.pack(">iiqh", 1, 0, 0, -1)
    answer = client.call(8, 2, body)
    error: int = struct.unpack_from(">h", answer, len(answer) - 2)[0]
    return error


def test_a_namespace_has_room_for_a_thousand_groups(standard: Any, kit: Any) -> None:
    hub, client = standard.hub("hub"), standard.raw()
    seen = {_committed(kit, client, f"group-{number}", hub) for number in range(1000)}
    assert seen == {0}
    assert _committed(kit, client, "one-more", hub) == KafkaError.POLICY_VIOLATION
    assert _committed(kit, client, "group-7", hub) == 0


def test_throughput_units_hold_producers_back_and_say_so(namespace: Any) -> None:
    slow = namespace.another("contoso-slow", units=0.5)
    hub = slow.hub("hub")
    told: list[float] = []
    producer = slow.producer(throttle_cb=lambda event: told.append(event.throttle_time))
    failed: list[Any] = []
    for _ in range(4):
        for _ in range(200):  # 500 events/s are allowed, after a second's worth at once
            producer.produce(hub, b"x", on_delivery=lambda e, _: e and failed.append(e))
        assert producer.flush(20) == 0
    producer.poll(0)
    assert not failed
    assert max(told) > 0.05
    slow.child.request("update_namespace", name="contoso-slow", units=None)
    slow.send(hub, [b"x"] * 200)
    assert slow.request("describe")["hubs"][hub][0]["high"] == 1000
    slow.remove()


def test_a_produce_that_would_wait_longer_than_its_timeout_is_refused(
    namespace: Any, kit: Any
) -> None:
    slow = namespace.another("contoso-slow", units=0.001)
    hub, client = slow.hub("hub"), slow.raw()
    body = kit.produce_body(hub, kit.record_batch([b"x"] * 100))  # a hundred seconds' worth
    assert kit.produced(client.call(0, 7, body), hub) == (0, 0)
    assert kit.produced(client.call(0, 7, body), hub)[0] == KafkaError.POLICY_VIOLATION
    assert slow.request("describe")["hubs"][hub][0]["high"] == 100
    slow.remove()


def test_a_fetch_over_the_allowance_is_late_and_empty_and_no_error(
    namespace: Any, kit: Any
) -> None:
    slow = namespace.another("contoso-slow", units=0.001)
    hub, client = slow.hub("hub"), slow.raw()
    client.call(0, 7, kit.produce_body(hub, kit.record_batch([b"needle"] * 100)))
    head = struct.pack(">iiiibi", -1, 50, 1, 1_000_000, 0, 1) + kit.string(hub)
    fetch = head + struct.pack(">iiqi", 1, 0, 0, 1_000_000)
    first, second = client.call(1, 4, fetch), client.call(1, 4, fetch)
    assert b"needle" in first
    assert struct.unpack_from(">i", first) == (0,)
    assert b"needle" not in second
    assert struct.unpack_from(">i", second)[0] > 1000  # ms
    assert struct.unpack_from(">h", second, 18 + len(hub)) == (0,)
    slow.remove()


def test_a_connection_without_requests_is_closed_and_a_busy_one_is_not(
    namespace: Any, kit: Any
) -> None:
    brief = namespace.another("contoso-brief", idle_seconds=0.4)
    hub = brief.hub("hub")
    idle, waiting = brief.raw(), brief.raw()
    head = struct.pack(">iiiibi", -1, 1500, 1, 1_000_000, 0, 1) + kit.string(hub)
    waiting.send(waiting.frame(1, 4, head + struct.pack(">iiqi", 1, 0, 0, 1_000_000)))
    assert idle.is_closed()
    assert waiting.receive()  # its fetch waited for longer than that
    brief.send(hub, [b"x"])
    brief.remove()
