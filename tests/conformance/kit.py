"""What a conformance test works with: clients of one broker that end with the test."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable
from typing import Any

import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from conformance.brokers import USER, Broker
from conformance.wire import SECONDS, WireClient
from helpers.waiting import eventually, take

__all__ = ["Kit", "code_of", "eventually", "settle", "take"]


class Kit:
    """Topics and clients of ``broker``; :meth:`close` ends all of them."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._closing = contextlib.ExitStack()
        self._topics: list[str] = []
        self._admin: AdminClient | None = None

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "bootstrap.servers": self.broker.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": USER,
            "sasl.password": self.broker.connection_string,
            "ssl.ca.location": str(self.broker.ca_file),
            "reconnect.backoff.max.ms": 500,
            "log_level": 2,
            **more,
        }

    def admin(self) -> AdminClient:
        """The one of this test."""
        self._admin = self._admin or AdminClient(self.settings())
        return self._admin

    def producer(self, **more: Any) -> ck.Producer:
        made = ck.Producer(self.settings(**{"linger.ms": 5, **more}))
        self._closing.callback(made.purge)
        return made

    def consumer(self, group: str = "reader", **more: Any) -> ck.Consumer:
        made = ck.Consumer(
            self.settings(
                **{
                    "group.id": group,
                    "auto.offset.reset": "earliest",
                    "enable.auto.commit": False,
                    "session.timeout.ms": 6000,
                    "heartbeat.interval.ms": 300,
                    "fetch.wait.max.ms": 100,
                    **more,
                }
            )
        )
        self._closing.callback(made.close)
        return made

    def wire(self, *, sign_in: bool = True) -> WireClient:
        client = WireClient(self.broker.bootstrap, self.broker.ca_file)
        self._closing.callback(client.close)
        if sign_in:
            assert client.sign_in(USER, self.broker.connection_string) == 0
        return client

    def name(self, kind: str = "group") -> str:
        """One that nobody has."""
        return f"{kind}-{secrets.token_hex(6)}"

    def topic(self, partitions: int = 1, **configs: str) -> str:
        """A fresh topic; an underscore in a setting's name stands for a dot."""
        name = self.name("topic")
        named = {key.replace("_", "."): value for key, value in configs.items()}
        admin = self.admin()
        admin.create_topics([NewTopic(name, partitions, 1, config=named)])[name].result(SECONDS)
        self._topics.append(name)
        # Apache Kafka answers before the partitions have their leaders.
        eventually(lambda: self._led(admin, name, partitions))
        return name

    def _led(self, admin: AdminClient, name: str, partitions: int) -> bool:
        wanted = {
            ck.TopicPartition(name, index): OffsetSpec.latest() for index in range(partitions)
        }
        try:
            for future in admin.list_offsets(wanted, request_timeout=SECONDS).values():
                future.result()
        except ck.KafkaException:
            return False
        return True

    def send(
        self, topic: str, values: list[Any], partition: int = 0, *, batch: int = 0, **more: Any
    ) -> None:
        """Produce ``values`` in order, ``batch`` of them a batch, until all are acknowledged."""
        producer = self.producer(**more)
        errors: list[Any] = []
        for index, value in enumerate(values, 1):
            producer.produce(
                topic, value, partition=partition, on_delivery=lambda e, _: e and errors.append(e)
            )
            if batch and index % batch == 0:
                assert producer.flush(SECONDS) == 0
        assert producer.flush(SECONDS) == 0
        assert errors == []

    def read(self, topic: str, count: int, partition: int = 0, offset: int = 0) -> list[ck.Message]:
        """``count`` messages of a partition, without a group."""
        consumer = self.consumer()
        consumer.assign([ck.TopicPartition(topic, partition, offset)])
        return take(consumer, count)

    def committed(self, group: str, topic: str, partitions: int = 1) -> dict[int, int]:
        """Committed offset by partition; -1001 where there is none."""
        wanted = [ck.TopicPartition(topic, index) for index in range(partitions)]
        found = self.consumer(group).committed(wanted, SECONDS)
        return {each.partition: each.offset for each in found}

    def watermarks(self, topic: str, partition: int = 0) -> tuple[int, int]:
        found = self.consumer().get_watermark_offsets(ck.TopicPartition(topic, partition), SECONDS)
        assert found is not None
        return found

    def close(self) -> None:
        self._closing.close()
        if self._topics:
            admin = self.admin()
            for future in admin.delete_topics(self._topics).values():
                with contextlib.suppress(ck.KafkaException):  # the test has deleted it
                    future.result(SECONDS)


def code_of(call: Callable[[], Any]) -> int:
    """The error code with which ``call`` fails."""
    try:
        call()
    except ck.KafkaException as error:
        return int(error.args[0].code())
    raise AssertionError("it was accepted")


def settle(consumers: list[ck.Consumer], partitions: int) -> list[set[int]]:
    """Poll until the consumers share all partitions, each exactly once; what each has.

    They must agree on it twice, a moment apart: an assignment that is about to be revoked is none.
    """
    wanted = set(range(partitions))
    deadline = time.monotonic() + SECONDS
    before: list[set[int]] = []
    while True:
        for consumer in consumers:
            message = consumer.poll(0.05)
            assert message is None or message.error() is None, message.error()
        now = [{each.partition for each in consumer.assignment()} for consumer in consumers]
        shared = sorted(index for share in now for index in share) == sorted(wanted)
        if shared and all(now) and now == before:
            return now
        before = now
        assert time.monotonic() < deadline, f"the shares are {now}"
