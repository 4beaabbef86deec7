"""Topics made, changed and deleted by Kafka's own admin API."""

from __future__ import annotations

from typing import Any

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
from conformance.differences import differs
from conformance.kit import Kit, code_of, eventually
from conformance.wire import SECONDS

pytestmark = pytest.mark.clients
UNKNOWN_TOPIC, INVALID_TOPIC, ALREADY_EXISTS = 3, 17, 36
INVALID_PARTITIONS, INVALID_REPLICATION, INVALID_CONFIG = 37, 38, 40


def _create(admin: AdminClient, new: NewTopic, **more: Any) -> None:
    admin.create_topics([new], **more)[new.topic].result(SECONDS)


def _configs(admin: AdminClient, topic: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    (future,) = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in future.result(SECONDS).items()}


def test_a_deleted_topic_is_gone_and_a_new_one_of_its_name_is_empty(kit: Kit) -> None:
    topic, admin = kit.topic(), kit.admin()
    kit.send(topic, [b"old"] * 5)
    admin.delete_topics([topic])[topic].result(SECONDS)
    eventually(lambda: topic not in admin.list_topics(timeout=SECONDS).topics)
    # A name is free again once the broker has let go of it, which Apache Kafka does a little later.
    eventually(lambda: _created(admin, topic))
    eventually(lambda: topic in admin.list_topics(timeout=SECONDS).topics)
    kit.send(topic, [b"new"])
    assert [message.value() for message in kit.read(topic, 1)] == [b"new"]
    assert kit.watermarks(topic) == (0, 1)


def _created(admin: AdminClient, topic: str) -> bool:
    future = admin.create_topics([NewTopic(topic, 1, 1)])[topic]
    error = future.exception(SECONDS)
    return error is None or code_of(future.result) != ALREADY_EXISTS


def test_a_name_can_be_taken_once(kit: Kit) -> None:
    topic, admin = kit.topic(), kit.admin()
    assert code_of(lambda: _create(admin, NewTopic(topic, 1, 1))) == ALREADY_EXISTS


@pytest.mark.parametrize("name", ["", "bad name", "a/b", ".", "..", "x" * 257, "größe"])
def test_names_that_are_refused(kit: Kit, name: str) -> None:
    admin = kit.admin()
    assert code_of(lambda: _create(admin, NewTopic(name, 1, 1))) == INVALID_TOPIC


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "x" * 249])
def test_names_that_are_accepted(kit: Kit, name: str) -> None:
    admin = kit.admin()
    _create(admin, NewTopic(name, 1, 1))
    admin.delete_topics([name])[name].result(SECONDS)


@pytest.mark.parametrize(
    ("name", "difference"),
    [("_x", "names_at_their_ends"), ("x-", "names_at_their_ends"), ("x" * 256, "long_names")],
)
def test_names_that_only_one_of_them_accepts(kit: Kit, name: str, difference: str) -> None:
    admin, code = kit.admin(), 0
    try:
        _create(admin, NewTopic(name, 1, 1))
    except ck.KafkaException as error:
        code = error.args[0].code()
    else:
        admin.delete_topics([name])[name].result(SECONDS)
    assert code == differs(difference, kit.broker)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewTopic("refused", 0, 1), INVALID_PARTITIONS),
        (NewTopic("refused", 1, 0), INVALID_REPLICATION),
        (NewTopic("refused", 1, 1, config={"no.such.setting": "1"}), INVALID_CONFIG),
        (NewTopic("refused", 1, 1, config={"retention.ms": "soon"}), INVALID_CONFIG),
    ],
)
def test_a_topic_that_cannot_be(kit: Kit, new: NewTopic, code: int) -> None:
    admin = kit.admin()
    assert code_of(lambda: _create(admin, new)) == code
    assert "refused" not in admin.list_topics(timeout=SECONDS).topics


def test_a_trial_makes_nothing(kit: Kit) -> None:
    admin, name = kit.admin(), kit.name("trial")
    _create(admin, NewTopic(name, 1, 1), validate_only=True)
    assert name not in admin.list_topics(timeout=SECONDS).topics
    taken = kit.topic()
    code = code_of(lambda: _create(admin, NewTopic(taken, 1, 1), validate_only=True))
    assert code == ALREADY_EXISTS


def test_deleting_what_is_not_there(kit: Kit) -> None:
    admin, name = kit.admin(), kit.name("nowhere")
    assert code_of(lambda: admin.delete_topics([name])[name].result(SECONDS)) == UNKNOWN_TOPIC


def test_settings_of_a_topic(kit: Kit) -> None:
    admin = kit.admin()
    topic = kit.topic(retention_ms="7200000", retention_bytes="5000000")
    told = _configs(admin, topic)
    assert told["retention.ms"] == "7200000"
    assert told["retention.bytes"] == "5000000"
    assert told["cleanup.policy"] == "delete"
    assert told["max.message.bytes"] == "1048576"
    assert told["message.timestamp.type"] == "CreateTime"
    nowhere = kit.name("nowhere")
    assert code_of(lambda: _configs(admin, nowhere)) == UNKNOWN_TOPIC


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_retention_can_be_changed(kit: Kit) -> None:
    topic, admin = kit.topic(retention_ms="7200000"), kit.admin()
    wanted = ConfigResource(
        ConfigResource.Type.TOPIC, topic, set_config={"retention.ms": "3600000"}
    )
    admin.alter_configs([wanted])[wanted].result(SECONDS)
    eventually(lambda: _configs(admin, topic)["retention.ms"] == "3600000")
    wrong = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config={"no.such.setting": "1"})
    assert code_of(lambda: admin.alter_configs([wrong])[wrong].result(SECONDS)) == INVALID_CONFIG


def test_a_retention_without_limit(kit: Kit) -> None:
    admin, name = kit.admin(), kit.name("topic")
    trial = NewTopic(name, 1, 1, config={"retention.ms": "-1"})
    error = admin.create_topics([trial], validate_only=True)[name].exception(SECONDS)
    assert (error.args[0].code() if error else 0) == differs("unlimited_retention", kit.broker)


def test_more_partitions_but_not_fewer(kit: Kit) -> None:
    topic, admin = kit.topic(2), kit.admin()
    kit.send(topic, [b"kept"], partition=1)

    def grow(name: str, count: int) -> None:
        admin.create_partitions([NewPartitions(name, count)])[name].result(SECONDS)

    grow(topic, 5)
    eventually(lambda: len(admin.list_topics(topic, timeout=SECONDS).topics[topic].partitions) == 5)
    assert kit.watermarks(topic, 1) == (0, 1)
    assert code_of(lambda: grow(topic, 3)) == INVALID_PARTITIONS
    assert code_of(lambda: grow(topic, 5)) == INVALID_PARTITIONS
    assert code_of(lambda: grow(kit.name("nowhere"), 3)) == UNKNOWN_TOPIC
