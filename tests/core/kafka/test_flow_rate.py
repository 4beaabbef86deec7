"""How much comes through a hub, measured at the emulator; reading what a hub holds."""

from __future__ import annotations

import json

import pytest
from confluent_kafka import Consumer
from helpers.namespaces import open_namespace

from core.errors import Code, ProblemError
from core.kafka.flow_rate import measure
from core.kafka.past_messages import kafka_problems, past_messages
from core.kafka.settings import reader_settings


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    made = open_namespace(tmp_path_factory.mktemp("flow-rate"))
    yield made
    made.child.stop()


def batch(records: int) -> bytes:
    return json.dumps({"records": [{"category": "SignInLogs"}] * records}).encode()


def test_what_arrives_meanwhile_is_counted_and_what_messages_hold_is_read(namespace):
    hub = namespace.create_hub("flow", partitions=2)
    namespace.produce("flow", [batch(3), b"{not JSON", batch(5)])

    def arrive(seconds: float) -> None:
        namespace.produce("flow", [batch(4)] * 6)

    found = measure(hub, 1.0, arrive)
    assert found.messages == 6
    assert found.messages_per_s == pytest.approx(6 / found.seconds)
    assert (found.sampled_messages, found.sampled_records) == (8, 32)
    assert found.records_per_message == 4
    size = sum(map(len, [batch(3), batch(5), *[batch(4)] * 6]))
    assert found.mean_bytes == pytest.approx(size / 32)


def test_an_empty_hub_has_nothing_to_measure(namespace):
    hub = namespace.create_hub("empty", partitions=1)
    with pytest.raises(ProblemError) as caught:
        measure(hub, 0.0, lambda seconds: None)
    assert caught.value.problem.code is Code.NO_RECORDS_TO_MEASURE


def test_past_messages_are_those_of_the_spans_and_no_others(namespace):
    hub = namespace.create_hub("past", partitions=2)
    for part in (0, 1):
        namespace.produce("past", [f"{part}.{n}".encode() for n in range(6)], partition=part)
    consumer = Consumer(reader_settings(hub, "looks"))
    try:
        found = [m.value() for m in past_messages(consumer, "past", {0: (2, 4), 1: (5, 99)})]
        nothing = list(past_messages(consumer, "past", {0: (3, 3)}))
    finally:
        consumer.close()
    assert sorted(found) == [b"0.2", b"0.3", b"1.5"]
    assert nothing == []


def test_a_hub_that_goes_away_before_it_is_read_is_a_problem(tmp_path):
    namespace = open_namespace(tmp_path)
    hub = namespace.create_hub("gone", partitions=1)
    namespace.produce("gone", [b"one", b"two"])
    consumer = Consumer(reader_settings(hub, "looks"))
    try:
        assert consumer.list_topics("gone", timeout=10).topics["gone"].error is None
        namespace.child.kill()
        reading = past_messages(consumer, "gone", {0: (0, 2)}, stall_seconds=0.1)
        with pytest.raises(ProblemError) as caught, kafka_problems("event hub"):
            next(reading)
    finally:
        consumer.close()
    assert caught.value.problem.code is Code.KAFKA_FAILED
    assert hub.connection_string not in str(caught.value.problem)
