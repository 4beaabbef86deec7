"""What producers and consumers see of an event hub, with librdkafka."""

from __future__ import annotations

import json
from typing import Any

import confluent_kafka as ck
import pytest

pytestmark = pytest.mark.slow

HOUR_MS = 3_600_000


def _errors_of(namespace: Any, **settings: Any) -> list[ck.KafkaError]:
    """What the client reports while it cannot get in."""
    seen: list[ck.KafkaError] = []
    client = ck.Producer(namespace.settings(error_cb=seen.append, **settings))
    for _ in range(200):
        client.poll(0.05)
        if any(error.code() != ck.KafkaError._ALL_BROKERS_DOWN for error in seen):
            break
    return [error for error in seen if error.code() != ck.KafkaError._ALL_BROKERS_DOWN]


@pytest.mark.parametrize("codec", ["none", "gzip"])
def test_what_is_produced_is_consumed_in_order_with_keys_and_headers(
    namespace: Any, kit: Any, codec: str
) -> None:
    hub = namespace.hub(f"roundtrip-{codec}")
    producer = namespace.producer(**{"compression.type": codec})
    for number in range(500):
        producer.produce(hub, f"value {number}", f"key {number}", headers={"n": str(number)})
    assert producer.flush(20) == 0
    messages = namespace.read(hub, 500)
    assert [m.value() for m in messages] == [f"value {n}".encode() for n in range(500)]
    assert messages[7].key() == b"key 7"
    assert messages[7].headers() == [("n", b"7")]
    assert [m.offset() for m in messages] == list(range(500))


def test_a_consumer_starts_in_the_middle_of_a_batch(namespace: Any) -> None:
    hub = namespace.hub("middle")
    namespace.send(hub, [str(n).encode() for n in range(100)], **{"linger.ms": 200})
    assert [m.value() for m in namespace.read(hub, 3, offset=57)] == [b"57", b"58", b"59"]


def test_the_watermarks_count_messages(namespace: Any) -> None:
    hub = namespace.hub("watermarks", 2)
    namespace.send(hub, [b"x"] * 1000, partition=1)
    consumer = namespace.consumer("watermarks")
    assert consumer.get_watermark_offsets(ck.TopicPartition(hub, 0)) == (0, 0)
    assert consumer.get_watermark_offsets(ck.TopicPartition(hub, 1)) == (0, 1000)


@pytest.mark.parametrize("codec", ["none", "gzip"])
def test_a_time_is_found_exactly_inside_a_batch(namespace: Any, codec: str) -> None:
    hub = namespace.hub(f"times-{codec}")
    base = 1_700_000_000_000
    producer = namespace.producer(**{"compression.type": codec, "linger.ms": 200})
    for number in range(300):
        producer.produce(hub, b"x", timestamp=base + 1000 * number)
    assert producer.flush(20) == 0
    consumer = namespace.consumer("times")

    def offset_at(time_ms: int) -> int:
        found = consumer.offsets_for_times([ck.TopicPartition(hub, 0, time_ms)], 10)
        return found[0].offset

    assert offset_at(base - HOUR_MS) == 0
    assert offset_at(base + 123_000) == 123
    assert offset_at(base + 123_001) == 124
    assert offset_at(base + 299_000) == 299
    assert offset_at(base + 300_000) == ck.OFFSET_END


def test_the_producers_timestamp_is_kept(namespace: Any) -> None:
    hub = namespace.hub("create-time")
    producer = namespace.producer()
    producer.produce(hub, b"x", timestamp=1_600_000_000_123)
    assert producer.flush(20) == 0
    assert namespace.read(hub, 1)[0].timestamp() == (ck.TIMESTAMP_CREATE_TIME, 1_600_000_000_123)


def test_commits_come_back_with_their_metadata(namespace: Any) -> None:
    hub = namespace.hub("metadata")
    namespace.send(hub, [b"x"] * 10)
    text = json.dumps({"segments": [1, 2], "name": "é"})
    consumer = namespace.consumer("metadata-group")
    where = ck.TopicPartition(hub, 0, 7, metadata=text)
    consumer.commit(offsets=[where], asynchronous=False)
    found = namespace.consumer("metadata-group").committed([ck.TopicPartition(hub, 0)], 10)[0]
    assert (found.offset, found.metadata) == (7, text)


def test_metadata_may_have_1024_bytes_and_no_more(namespace: Any) -> None:
    hub = namespace.hub("metadata-size")
    consumer = namespace.consumer("metadata-size-group")
    # This client sends the terminating zero byte of its C string along: it counts.
    fits = ck.TopicPartition(hub, 0, 1, metadata="é" * 511 + "x")
    consumer.commit(offsets=[fits], asynchronous=False)
    with pytest.raises(ck.KafkaException) as caught:
        consumer.commit(
            offsets=[ck.TopicPartition(hub, 0, 2, metadata="é" * 512)], asynchronous=False
        )
    assert caught.value.args[0].code() == ck.KafkaError.OFFSET_METADATA_TOO_LARGE
    assert consumer.committed([ck.TopicPartition(hub, 0)], 10)[0].offset == 1


def test_an_offset_outside_the_hub_is_out_of_range(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("range")
    namespace.send(hub, [b"x"] * 5)
    consumer = namespace.consumer("range", **{"auto.offset.reset": "error"})
    consumer.assign([ck.TopicPartition(hub, 0, 6)])
    message = kit.eventually(lambda: consumer.poll(0.2))
    assert message.error().code() == ck.KafkaError._AUTO_OFFSET_RESET


def test_a_hub_that_is_not_there_is_unknown_and_not_made(namespace: Any, kit: Any) -> None:
    consumer = namespace.consumer("unknown")
    consumer.subscribe(["no-such-hub"])
    message = kit.eventually(lambda: consumer.poll(0.2))
    assert message.error().code() == ck.KafkaError.UNKNOWN_TOPIC_OR_PART
    producer = namespace.producer(
        **{"message.timeout.ms": 1500, "topic.metadata.propagation.max.ms": 200}
    )
    failed: list[ck.KafkaError] = []
    producer.produce("no-such-hub", b"x", on_delivery=lambda error, _: failed.append(error))
    producer.flush(20)
    assert failed[0].code() in (ck.KafkaError._UNKNOWN_TOPIC, ck.KafkaError.UNKNOWN_TOPIC_OR_PART)
    assert "no-such-hub" not in namespace.request("describe")["hubs"]


def test_a_message_may_have_a_megabyte_and_no_more(namespace: Any) -> None:
    hub = namespace.hub("size")
    producer = namespace.producer(**{"message.max.bytes": 4_000_000, "compression.type": "none"})
    outcomes: list[tuple[int, int | None]] = []
    for size in (1_048_000, 1_100_000, 10):
        producer.produce(
            hub,
            b"x" * size,
            on_delivery=lambda error, message: outcomes.append(
                (len(message), error.code() if error else None)
            ),
        )
        assert producer.flush(20) == 0
    assert outcomes == [
        (1_048_000, None),
        (1_100_000, ck.KafkaError.MSG_SIZE_TOO_LARGE),
        (10, None),
    ]
    assert [len(m.value()) for m in namespace.read(hub, 2)] == [1_048_000, 10]


def test_large_messages_pass_a_client_with_small_fetches(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("small-fetches")
    values = [bytes([n]) * (1_000_000 if n % 3 else 20) for n in range(12)]
    namespace.send(hub, values, **{"message.max.bytes": 1_048_000})
    consumer = namespace.consumer(
        "small", **{"fetch.message.max.bytes": 5000, "fetch.max.bytes": 1_048_576}
    )
    consumer.assign([ck.TopicPartition(hub, 0, 0)])
    assert [m.value() for m in kit.take(consumer, 12)] == values


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"sasl.password": "{cs}x"}, "no shared access policy has this name and key"),
        ({"sasl.username": "someone"}, "the user name must be $ConnectionString"),
        ({"sasl.password": "hunter2"}, "the password is not a connection string"),
        ({"sasl.mechanism": "SCRAM-SHA-256"}, "PLAIN"),
    ],
)
def test_a_wrong_sign_in_is_refused_with_its_reason(
    namespace: Any, settings: dict[str, str], text: str
) -> None:
    wrong = {
        name: value.replace("{cs}", namespace.connection_string) for name, value in settings.items()
    }
    errors = _errors_of(namespace, **wrong)
    assert errors[0].code() == ck.KafkaError._AUTHENTICATION
    assert text in errors[0].str()
    key = namespace.connection_string.partition("SharedAccessKey=")[2]
    assert key not in namespace.log()
    assert "hunter2" not in namespace.log()


def test_a_client_that_does_not_trust_the_authority_refuses(namespace: Any, kit: Any) -> None:
    settings = namespace.settings()
    del settings["ssl.ca.location"]
    seen: list[ck.KafkaError] = []
    client = ck.Producer({**settings, "error_cb": seen.append})

    def refused() -> bool:
        client.poll(0.05)
        return any(error.code() == ck.KafkaError._SSL for error in seen)

    kit.eventually(refused)


def test_a_policy_of_a_hub_signs_in_with_its_entity_path(namespace: Any) -> None:
    hub = namespace.hub("with-policy")
    made = namespace.request("put_policy", name="listen", rights=["Listen", "Send"], hub=hub)
    assert made["connection_string"].endswith(f";EntityPath={hub}")
    namespace.send(hub, [b"x"], **{"sasl.password": made["connection_string"]})
    without_path = made["connection_string"].partition(";EntityPath")[0]
    errors = _errors_of(namespace, **{"sasl.password": without_path})
    assert errors[0].code() == ck.KafkaError._AUTHENTICATION


def test_a_policy_keeps_its_key_when_it_is_put_again(namespace: Any) -> None:
    first = namespace.request("put_policy", name="again", rights=["Listen"])
    second = namespace.request("put_policy", name="again", rights=["Listen", "Send"])
    assert first == second
    assert {"name": "again", "rights": ["Listen", "Send"], "hub": None} in namespace.request(
        "describe"
    )["policies"]


def test_transactions_are_refused_at_once(namespace: Any) -> None:
    producer = namespace.producer(**{"transactional.id": "t"})
    with pytest.raises(ck.KafkaException) as caught:
        producer.init_transactions(20)
    error = caught.value.args[0]
    assert error.code() == ck.KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    assert error.fatal()


def test_dropped_connections_come_back_by_themselves(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("dropped")
    producer = namespace.producer()
    consumer = namespace.consumer("dropped")
    consumer.assign([ck.TopicPartition(hub, 0, 0)])
    producer.produce(hub, b"before")
    assert producer.flush(20) == 0
    assert kit.take(consumer, 1)[0].value() == b"before"
    assert namespace.request("drop_connections") >= 2
    producer.produce(hub, b"after")
    assert producer.flush(20) == 0
    assert kit.take(consumer, 1)[0].value() == b"after"
