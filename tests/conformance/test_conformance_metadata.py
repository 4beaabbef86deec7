"""What a client learns first: the versions, the broker, the topics."""

from __future__ import annotations

import confluent_kafka as ck
import pytest
from conformance.differences import differs
from conformance.kit import Kit, code_of
from conformance.wire import API_VERSIONS, METADATA, PRODUCE, SECONDS, WireClient

UNKNOWN_TOPIC, INVALID_TOPIC, UNSUPPORTED_VERSION = 3, 17, 35

# API -> a version that both brokers must offer; no client of the suite needs others.
NEEDED = {
    0: 7,
    1: 11,
    2: 5,
    3: 8,
    8: 7,
    9: 5,
    10: 2,
    11: 5,
    12: 3,
    13: 3,
    14: 3,
    15: 4,
    16: 2,
    17: 1,
    18: 2,
    19: 4,
    20: 3,
    21: 1,
    22: 1,
    32: 3,
    33: 1,
    36: 1,
    37: 1,
    42: 1,
    47: 0,
}


def _offered(client: WireClient, version: int, body: bytes = b"") -> dict[int, tuple[int, int]]:
    answer = client.call(API_VERSIONS, version, body)
    error, count = answer.numbers("hi")
    assert error == (0 if version == 0 else UNSUPPORTED_VERSION)
    rows = [answer.numbers("hhh") for _ in range(count)]
    return {key: (oldest, newest) for key, oldest, newest in rows}


def test_both_brokers_offer_the_versions_that_clients_need(kit: Kit) -> None:
    offered = _offered(kit.wire(sign_in=False), 0)
    lacking = {
        api: offered.get(api)
        for api, version in NEEDED.items()
        if api not in offered or not offered[api][0] <= version <= offered[api][1]
    }
    assert lacking == {}


def test_a_client_of_the_future_learns_what_there_is_and_goes_on(kit: Kit) -> None:
    client = kit.wire(sign_in=False)
    offered = _offered(client, 90, b"\0\0\0\0")
    assert offered[API_VERSIONS][1] >= NEEDED[API_VERSIONS]
    assert (len(offered) > 1) is differs("versions_of_the_future", kit.broker)
    assert client.sign_in("$ConnectionString", kit.broker.connection_string) == 0


@pytest.mark.parametrize(("api", "version"), [(METADATA, 99), (PRODUCE, 99), (999, 0)])
def test_a_request_in_a_version_that_is_not_offered_ends_the_connection(
    kit: Kit, api: int, version: int
) -> None:
    client = kit.wire()
    client.send(api, version, b"")
    assert client.is_closed()


def test_metadata_tells_topics_partitions_and_leaders(kit: Kit) -> None:
    one, many = kit.topic(1), kit.topic(5)
    cluster = kit.admin().list_topics(timeout=SECONDS)
    assert [str(node).split("/")[0] for node in cluster.brokers.values()] == [kit.broker.bootstrap]
    assert {one, many} <= set(cluster.topics)
    assert set(cluster.topics[many].partitions) == set(range(5))
    (node,) = cluster.brokers
    for partition in cluster.topics[many].partitions.values():
        assert (partition.leader, partition.replicas, partition.isrs) == (node, [node], [node])


def test_asking_for_an_unknown_topic_says_so_and_does_not_make_it(kit: Kit) -> None:
    name, admin = kit.name("nowhere"), kit.admin()
    assert admin.list_topics(name, timeout=SECONDS).topics[name].error.code() == UNKNOWN_TOPIC
    assert name not in admin.list_topics(timeout=SECONDS).topics


@pytest.mark.parametrize("name", ["bad name", "a/b", "."])
def test_asking_for_a_name_that_no_topic_can_have(kit: Kit, name: str) -> None:
    found = kit.admin().list_topics(name, timeout=SECONDS).topics[name]
    assert found.error.code() == INVALID_TOPIC


def test_reading_an_unknown_topic_is_reported_to_the_consumer(kit: Kit) -> None:
    consumer = kit.consumer(kit.name())
    consumer.subscribe([kit.name("nowhere")])
    message = consumer.poll(SECONDS)
    assert message is not None
    assert message.error().code() == UNKNOWN_TOPIC


def test_watermarks_of_an_unknown_partition(kit: Kit) -> None:
    wanted = ck.TopicPartition(kit.topic(1), 7)
    code = code_of(lambda: kit.consumer().get_watermark_offsets(wanted, SECONDS))
    assert code == ck.KafkaError._UNKNOWN_PARTITION
