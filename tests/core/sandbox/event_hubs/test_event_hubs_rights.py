"""Rights of shared access policies: which operation needs which, on which event hubs it counts.

Each way to sign in (rights and scope) tries every operation with librdkafka; the table says what
must come of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import confluent_kafka as ck
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
)

TOPIC, GROUP = KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED
CLUSTER = KafkaError.CLUSTER_AUTHORIZATION_FAILED
RIGHTS = [("Send",), ("Listen",), ("Manage", "Send", "Listen")]
# of the policy, and the EntityPath; "own" is the hub that is tried
SCOPES = ["namespace", "namespace;own", "namespace;other", "own", "other"]

# operation -> right, whether it is about the hub, what the refusal is
NEEDS: dict[str, tuple[str, bool, int]] = {
    "see": ("any", True, TOPIC),
    "describe configs": ("any", True, TOPIC),
    "produce": ("Send", True, TOPIC),
    "fetch": ("Listen", True, TOPIC),
    "list offsets": ("Listen", True, TOPIC),
    "commit": ("Listen", True, TOPIC),
    "committed": ("Listen", True, TOPIC),
    "list groups": ("Listen", False, GROUP),
    "describe group": ("Listen", False, GROUP),
    "delete group": ("Manage", False, GROUP),
    "delete records": ("Manage", True, TOPIC),
    "alter configs": ("Manage", True, TOPIC),
    "create partitions": ("Manage", True, TOPIC),
    "delete topic": ("Manage", True, TOPIC),
}


def expected(rights: tuple[str, ...], scope: str) -> dict[str, int]:
    covers = scope in ("namespace", "namespace;own", "own")
    outcome = {}
    for operation, (right, about_hub, refusal) in NEEDS.items():
        has = right == "any" or right in rights
        outcome[operation] = 0 if has and (covers or not about_hub) else refusal
    if not covers:
        # the client cannot find the hub's leader and does not even ask
        outcome |= dict.fromkeys(("list offsets", "delete records"), KafkaError._NOENT)
    return outcome


def code_of(action: Callable[[], Any]) -> int:
    """0, or the code of the error that ``action`` raises."""
    try:
        action()
    except ck.KafkaException as error:
        code: int = error.args[0].code()
        return code
    return 0


def _password(namespace: Any, rights: tuple[str, ...], scope: str, hubs: dict[str, str]) -> str:
    level, _, path = scope.partition(";")
    password = namespace.policy(*rights, hub=hubs.get(level))
    return f"{password};EntityPath={hubs[path]}" if path else password


def _produced(producer: ck.Producer, hub: str) -> int:
    seen: list[int] = []
    producer.produce(hub, b"x", on_delivery=lambda e, _: seen.append(e.code() if e else 0))
    assert producer.flush(20) == 0
    return seen[0]


def _fetched(namespace: Any, kit: Any, hub: str, password: str) -> int:
    """Fetch asked for by hand: librdkafka never sends it for a hub that it cannot see."""
    head = struct.pack(">iiiibi", -1, 0, 1, 1_000_000, 0, 1) + kit.string(hub)
    client = namespace.raw(password=password)
    answer = client.call(1, 4, head + struct.pack(">iiqi", 1, 0, 0, 1_000_000))
    error: int = struct.unpack_from(">h", answer, 18 + len(hub))[0]
    assert (b"waiting" in answer) == (error == 0)
    return error


def _committed(consumer: ck.Consumer, where: ck.TopicPartition) -> None:
    for partition in consumer.committed([where], 10):
        if partition.error is not None:
            raise ck.KafkaException(partition.error)


def _result(futures: Any) -> Any:
    return (futures if isinstance(futures, Future) else next(iter(futures.values()))).result(20)


def _tried(namespace: Any, kit: Any, hub: str, password: str) -> dict[str, int]:
    secret = {"sasl.password": password}
    admin = namespace.admin(**secret)
    consumer = namespace.consumer(f"{hub}-group", **secret)
    where = ck.TopicPartition(hub, 0, 1)
    retention = ConfigResource(
        ConfigResource.Type.TOPIC,
        hub,
        incremental_configs=[
            ConfigEntry("retention.ms", "7200000", incremental_operation=AlterConfigOpType.SET)
        ],
    )

    def see() -> None:
        found = admin.list_topics(hub, timeout=20).topics[hub]
        if found.error is not None:
            raise ck.KafkaException(found.error)

    def groups() -> None:
        listed = admin.list_consumer_groups().result(20)
        for error in listed.errors:
            raise ck.KafkaException(error)

    group = f"{hub}-group"
    offsets = {where: OffsetSpec.latest()}
    resource = ConfigResource(ConfigResource.Type.TOPIC, hub)
    tried: dict[str, Callable[[], Any]] = {
        "see": see,
        "describe configs": lambda: _result(admin.describe_configs([resource])),
        "list offsets": lambda: _result(admin.list_offsets(offsets)),
        "commit": lambda: consumer.commit(offsets=[where], asynchronous=False),
        "committed": lambda: _committed(consumer, where),
        "list groups": groups,
        "describe group": lambda: _result(admin.describe_consumer_groups([group])),
        "delete group": lambda: _result(admin.delete_consumer_groups([group])),
        "delete records": lambda: _result(admin.delete_records([ck.TopicPartition(hub, 0, 0)])),
        "alter configs": lambda: _result(admin.incremental_alter_configs([retention])),
        "create partitions": lambda: _result(admin.create_partitions([NewPartitions(hub, 3)])),
    }
    outcome = {"produce": _produced(namespace.producer(**secret), hub)}
    outcome["fetch"] = _fetched(namespace, kit, hub, password)
    outcome |= {name: code_of(action) for name, action in tried.items()}
    return outcome | {"delete topic": code_of(lambda: _result(admin.delete_topics([hub])))}


@pytest.fixture(scope="module")
def other_hub(shared_namespace: Any) -> str:
    return str(shared_namespace.hub("other"))


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("rights", RIGHTS, ids="-".join)
def test_each_operation_needs_its_right_in_its_scope(
    namespace: Any, kit: Any, other_hub: str, rights: tuple[str, ...], scope: str
) -> None:
    hub = namespace.hub(f"{'-'.join(rights)}-{scope.replace(';', '-')}")
    namespace.send(hub, [b"waiting"])
    consumer = namespace.consumer(f"{hub}-group")
    consumer.commit(offsets=[ck.TopicPartition(hub, 0, 0)], asynchronous=False)
    password = _password(namespace, rights, scope, {"own": hub, "other": other_hub})
    assert _tried(namespace, kit, hub, password) == expected(rights, scope)


def test_a_list_of_all_hubs_shows_what_the_grant_may_see(namespace: Any, other_hub: str) -> None:
    hub = namespace.hub("seen")

    def listed(password: str) -> set[str]:
        return set(namespace.admin(**{"sasl.password": password}).list_topics(timeout=20).topics)

    anywhere = namespace.policy("Send")
    assert listed(anywhere) >= {hub, other_hub}
    assert listed(f"{anywhere};EntityPath={hub}") == {hub}
    assert listed(namespace.policy("Listen", hub=hub)) == {hub}


def test_hubs_are_made_with_manage_of_the_namespace_only(namespace: Any) -> None:
    own = namespace.hub("manager-of-one")

    def made(password: str, name: str) -> int:
        admin = namespace.admin(**{"sasl.password": password})
        return code_of(lambda: admin.create_topics([NewTopic(name, 1, 1)])[name].result(20))

    manage = ("Manage", "Send", "Listen")
    assert made(namespace.policy("Send", "Listen"), "made-0") == TOPIC
    assert made(namespace.policy(*manage, hub=own), "made-1") == TOPIC
    assert made(namespace.policy(*manage), "made-2") == 0


def test_a_hub_that_cannot_be_seen_is_closed_to_requests_made_by_hand(
    namespace: Any, kit: Any, other_hub: str
) -> None:
    hub = namespace.hub("closed")
    password = namespace.policy("Manage", "Send", "Listen", hub=other_hub)
    client = namespace.raw(password=password)
    assert (
        kit.produced(client.call(0, 7, kit.produce_body(hub, kit.record_batch([b"x"]))), hub)[0]
        == TOPIC
    )
    one = struct.pack(">i", 1) + kit.string(hub) + struct.pack(">i", 1)
    after = len(one) + 4  # the partition's number
    listed = client.call(2, 1, struct.pack(">i", -1) + one + struct.pack(">iq", 0, -1))
    assert struct.unpack_from(">h", listed, after) == (TOPIC,)
    deleted = client.call(21, 0, one + struct.pack(">iqi", 0, -1, 1000))
    assert struct.unpack_from(">h", deleted, 4 + after + 8) == (TOPIC,)
    assert namespace.request("describe")["hubs"][hub][0]["high"] == 0


@pytest.mark.parametrize("scope", ["namespace", "own"])
def test_an_idempotent_producer_without_send_gives_up_at_once(namespace: Any, scope: str) -> None:
    hub = namespace.hub(f"idempotent-{scope}")
    password = namespace.policy("Listen", hub=None if scope == "namespace" else hub)
    producer = namespace.producer(**{"sasl.password": password, "enable.idempotence": True})
    producer.produce(hub, b"x")
    with pytest.raises(ck.KafkaException) as caught:
        producer.flush(20)
    assert caught.value.args[0].code() == CLUSTER
    assert caught.value.args[0].fatal()
    sender = namespace.policy("Send", hub=None if scope == "namespace" else hub)
    namespace.send(hub, [b"x"], **{"sasl.password": sender, "enable.idempotence": True})


def test_a_group_is_joined_with_listen_only(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("joined")
    namespace.send(hub, [b"x"])

    def first(password: str) -> ck.Message:
        consumer = namespace.consumer("joined-group", **{"sasl.password": password})
        consumer.subscribe([hub])
        return kit.eventually(lambda: consumer.poll(0.1))

    assert first(namespace.policy("Send", hub=hub)).error().code() == GROUP
    assert first(namespace.policy("Listen", hub=hub)).value() == b"x"


def test_commits_of_all_hubs_are_listed_as_far_as_the_grant_goes(
    namespace: Any, other_hub: str
) -> None:
    hub = namespace.hub("listed")
    where = [ck.TopicPartition(hub, 0, 0), ck.TopicPartition(other_hub, 0, 0)]
    namespace.consumer("all-commits").commit(offsets=where, asynchronous=False)

    def listed(password: str) -> set[str]:
        admin = namespace.admin(**{"sasl.password": password})
        wanted = [ConsumerGroupTopicPartitions("all-commits")]
        found = _result(admin.list_consumer_group_offsets(wanted))
        return {place.topic for place in found.topic_partitions}

    assert listed(namespace.policy("Listen")) == {hub, other_hub}
    assert listed(namespace.policy("Listen", hub=hub)) == {hub}
    assert listed(namespace.policy("Send")) == set()
