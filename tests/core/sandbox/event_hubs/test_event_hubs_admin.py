"""Administration of hubs and groups, with librdkafka's admin client and the parent's commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import confluent_kafka as ck
import pytest
from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, IsolationLevel
from confluent_kafka.admin import (
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from core.sandbox.process import EmulatorError


def _error(action: Callable[[], Any]) -> int:
    with pytest.raises(ck.KafkaException) as caught:
        action()
    code: int = caught.value.args[0].code()
    return code


def test_hubs_are_made_listed_and_deleted(namespace: Any) -> None:
    admin = namespace.admin()
    admin.create_topics([NewTopic("made", 3, 1)])["made"].result(20)
    assert len(admin.list_topics(timeout=10).topics["made"].partitions) == 3
    namespace.send("made", [b"x"], partition=2)
    again = admin.create_topics([NewTopic("made", 3, 1)])["made"]
    assert _error(lambda: again.result(20)) == ck.KafkaError.TOPIC_ALREADY_EXISTS
    admin.delete_topics(["made"])["made"].result(20)
    assert "made" not in admin.list_topics(timeout=10).topics
    gone = admin.delete_topics(["made"])["made"]
    assert _error(lambda: gone.result(20)) == ck.KafkaError.UNKNOWN_TOPIC_OR_PART


@pytest.mark.parametrize("name", ["bad name!", "-begins", "ends.", "a/b", "x" * 257])
def test_an_invalid_name_is_refused(namespace: Any, name: str) -> None:
    admin = namespace.admin()
    future = admin.create_topics([NewTopic(name, 1, 1)])[name]
    assert _error(lambda: future.result(20)) == ck.KafkaError.TOPIC_EXCEPTION
    with pytest.raises(EmulatorError, match="letters"):
        namespace.hub(name)


def test_a_request_to_validate_only_makes_nothing(namespace: Any) -> None:
    admin = namespace.admin()
    admin.create_topics([NewTopic("thought", 2, 1)], validate_only=True)["thought"].result(20)
    assert "thought" not in namespace.request("describe")["hubs"]


def test_partitions_are_added_and_the_old_ones_stay(namespace: Any) -> None:
    hub = namespace.hub("growing", 1)
    namespace.send(hub, [b"old"])
    admin = namespace.admin()
    admin.create_partitions([NewPartitions(hub, 3)])[hub].result(20)
    namespace.send(hub, [b"new"], partition=2)
    assert namespace.read(hub, 1, partition=0)[0].value() == b"old"
    assert namespace.read(hub, 1, partition=2)[0].value() == b"new"
    fewer = admin.create_partitions([NewPartitions(hub, 2)])[hub]
    assert _error(lambda: fewer.result(20)) == ck.KafkaError.INVALID_PARTITIONS


def test_settings_of_a_hub_can_be_given_and_read(namespace: Any) -> None:
    admin = namespace.admin()
    configs = {"retention.ms": "7200000", "retention.bytes": "1000000"}
    admin.create_topics([NewTopic("set", 1, 1, config=configs)])["set"].result(20)
    resource = ConfigResource(ResourceType.TOPIC, "set")
    found = admin.describe_configs([resource])[resource].result(20)
    assert {name: found[name].value for name in (*configs, "max.message.bytes")} == {
        **configs,
        "max.message.bytes": "1048576",
    }
    compact = NewTopic("compacted", 1, 1, config={"cleanup.policy": "compact"})
    refused = admin.create_topics([compact])["compacted"]
    assert _error(lambda: refused.result(20)) == ck.KafkaError.INVALID_CONFIG


def test_groups_are_listed_described_and_deleted(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("described", 2)
    namespace.send(hub, [b"x"] * 4)
    consumer = namespace.consumer("described-group", **{"client.id": "reader-1"})
    consumer.subscribe([hub])
    kit.take(consumer, 4)
    consumer.commit(asynchronous=False)
    admin = namespace.admin()

    def states() -> dict[str, ConsumerGroupState]:
        listed = admin.list_consumer_groups().result(20).valid
        return {group.group_id: group.state for group in listed}

    assert "described-group" in states()
    described = admin.describe_consumer_groups(["described-group"])["described-group"].result(20)
    assert described.state == ConsumerGroupState.STABLE
    assert described.partition_assignor == "range"
    assert described.members[0].client_id == "reader-1"
    assigned = described.members[0].assignment.topic_partitions
    assert sorted((p.topic, p.partition) for p in assigned) == [(hub, 0), (hub, 1)]

    busy = admin.delete_consumer_groups(["described-group"])["described-group"]
    assert _error(lambda: busy.result(20)) == ck.KafkaError.NON_EMPTY_GROUP
    consumer.unsubscribe()

    def left() -> bool:
        consumer.poll(0.01)  # leaving is done by polling
        group = namespace.request("describe")["groups"]["described-group"]
        return bool(group["state"] == "Empty")

    kit.eventually(left)
    admin.delete_consumer_groups(["described-group"])["described-group"].result(20)
    assert "described-group" not in states()
    missing = admin.delete_consumer_groups(["described-group"])["described-group"]
    assert _error(lambda: missing.result(20)) == ck.KafkaError.GROUP_ID_NOT_FOUND


def test_offsets_of_hubs_are_listed(namespace: Any) -> None:
    hub = namespace.hub("offsets")
    namespace.send(hub, [b"x"] * 20)
    where = ck.TopicPartition(hub, 0)
    admin = namespace.admin()

    def offset(spec: OffsetSpec) -> int:
        future = admin.list_offsets({where: spec}, isolation_level=IsolationLevel.READ_UNCOMMITTED)[
            where
        ]
        found: int = future.result(20).offset
        return found

    assert offset(OffsetSpec.earliest()) == 0
    assert offset(OffsetSpec.latest()) == 20


def test_offsets_of_groups_are_listed_and_altered(namespace: Any) -> None:
    hub = namespace.hub("altered", 2)
    namespace.send(hub, [b"x"] * 5)
    admin = namespace.admin()
    wanted = ConsumerGroupTopicPartitions("altered-group", [ck.TopicPartition(hub, 0, 3)])
    admin.alter_consumer_group_offsets([wanted])["altered-group"].result(20)
    found = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions("altered-group")])
    listed = found["altered-group"].result(20).topic_partitions
    assert [(p.topic, p.partition, p.offset) for p in listed] == [(hub, 0, 3)]


def test_records_are_deleted_up_to_an_offset(namespace: Any) -> None:
    hub = namespace.hub("trimmed")
    namespace.send(hub, [str(n).encode() for n in range(50)])
    admin = namespace.admin()
    where = ck.TopicPartition(hub, 0, 30)
    assert admin.delete_records([where])[where].result(20).low_watermark == 30
    consumer = namespace.consumer("trimmed")
    assert consumer.get_watermark_offsets(ck.TopicPartition(hub, 0)) == (30, 50)
    assert namespace.read(hub, 1, offset=30)[0].value() == b"30"
    beyond = ck.TopicPartition(hub, 0, 51)
    future = admin.delete_records([beyond])[beyond]
    assert _error(lambda: future.result(20)) == ck.KafkaError.OFFSET_OUT_OF_RANGE


def test_a_hub_made_again_is_empty_and_nobody_has_committed_for_it(namespace: Any) -> None:
    hub = namespace.hub("phoenix")
    namespace.send(hub, [b"x"] * 5)
    consumer = namespace.consumer("phoenix-group")
    consumer.commit(offsets=[ck.TopicPartition(hub, 0, 5)], asynchronous=False)
    namespace.request("delete_hub", name=hub)
    namespace.hub(hub)
    again = namespace.consumer("phoenix-group")
    assert again.get_watermark_offsets(ck.TopicPartition(hub, 0), 10) == (0, 0)
    assert again.committed([ck.TopicPartition(hub, 0)], 10)[0].offset == ck.OFFSET_INVALID


def test_commands_say_what_is_wrong(namespace: Any) -> None:
    with pytest.raises(EmulatorError, match="no command 'dance'"):
        namespace.request("dance")
    with pytest.raises(EmulatorError, match="partitions"):
        namespace.hub("many", 5000)
    with pytest.raises(EmulatorError, match="no hub"):
        namespace.request("put_policy", name="p", rights=["Listen"], hub="nowhere")
    with pytest.raises(EmulatorError, match="Read"):
        namespace.request("put_policy", name="p", rights=["Read"])


def test_making_a_hub_again_by_command_changes_nothing(namespace: Any) -> None:
    hub = namespace.hub("twice", 2)
    namespace.send(hub, [b"x"] * 3)
    namespace.hub(hub, 4)
    described = namespace.request("describe")["hubs"][hub]
    assert [(p["low"], p["high"]) for p in described] == [(0, 3), (0, 0)]
