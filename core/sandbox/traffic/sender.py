"""The producer of the traffic: hands messages to the hub as Azure does, and counts what arrived.

Azure sets no key and spreads its messages over the partitions in turn. Azure: "Use Azure Event Hubs
from Apache Kafka applications", section "Shared Access Signature (SAS)".
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.sandbox.traffic.generator import Message

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer
    from confluent_kafka import Message as Delivered

_DELIVERY_SECONDS = 120
_POLL_SECONDS = 0.1
_HURRY_SECONDS = 3.0


class DeliveryError(ConnectionError):
    """The hub did not acknowledge everything; what it was is not known to be lost either."""


@dataclass(frozen=True)
class Target:
    """The hub to send to. ``ca_file``: the authority that its certificate must come from."""

    bootstrap: str
    hub: str
    ca_file: Path
    connection_string_file: Path


class Sender:
    """A producer of one hub. Not thread-safe."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._producer: Producer | None = None
        self._partitions = 0
        self._turn = 0
        self._acknowledged: list[tuple[int, int]] = []
        self._failed: list[str] = []
        self._last_moment = math.inf

    def hand_over(self, messages: Iterable[Message]) -> tuple[int, int]:
        """Give ``messages`` to the producer; how many, and their bytes. Raises DeliveryError."""
        count = size = 0
        for message in messages:
            self._turn += 1
            self._produce(
                message.value, self._turn % self._connected_partitions(), message.first, message.end
            )
            count, size = count + 1, size + len(message.value)
        return count, size

    def send_raw(self, values: list[bytes], partition: int | None) -> list[tuple[int, int]]:
        """Send ``values`` as they are; partition and offset of each. Raises DeliveryError."""
        places: dict[int, tuple[int, int]] = {}

        def arrived(number: int, delivered: Delivered) -> None:
            places[number] = (delivered.partition() or 0, delivered.offset() or 0)

        for number, value in enumerate(values):
            self._turn += 1
            place = self._turn % self._connected_partitions() if partition is None else partition
            self._enqueue(value, place, lambda delivered, n=number: arrived(n, delivered))
        self.settle()
        return [places[number] for number in range(len(values))]

    def acknowledged(self) -> list[tuple[int, int]]:
        """The ranges of records that were acknowledged since the last call."""
        if self._producer is not None:
            self._producer.poll(0)
        ranges, self._acknowledged = self._acknowledged, []
        return ranges

    def settle(self) -> None:
        """Wait until each message is acknowledged or given up. Raises DeliveryError."""
        if self._producer is not None:
            deadline = time.monotonic() + _DELIVERY_SECONDS + 10
            while len(self._producer) and time.monotonic() < min(deadline, self._last_moment):
                self._producer.flush(_POLL_SECONDS)
            if len(self._producer):
                self._failed.append("no report in time")
        if self._failed:
            failed, self._failed = self._failed, []
            self.close()  # an idempotent producer may be past use now; the next one is fresh
            raise DeliveryError(f"{len(failed)} messages were not acknowledged: {failed[0]}")

    def hurry(self) -> None:
        """Let what waits for acknowledgements give up soon. From any thread."""
        self._last_moment = time.monotonic() + _HURRY_SECONDS

    def close(self) -> None:
        """Give up what is still queued."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(1)
            self._producer = None
        self._failed.clear()

    def _produce(self, value: bytes, partition: int, first: int, end: int) -> None:
        self._enqueue(value, partition, lambda _: self._acknowledged.append((first, end)))

    def _enqueue(self, value: bytes, partition: int, arrived: Any) -> None:
        from confluent_kafka import KafkaException

        def report(error: KafkaError | None, delivered: Delivered) -> None:
            if error is None:
                arrived(delivered)
            else:
                self._failed.append(error.str())

        producer = self._connected()
        while True:
            try:
                producer.produce(self._target.hub, value, partition=partition, on_delivery=report)
            except BufferError:
                if time.monotonic() >= self._last_moment:
                    self.close()
                    raise DeliveryError("the queue is full, and it is time to stop") from None
                producer.poll(_POLL_SECONDS)
            except KafkaException as error:
                self.close()
                raise DeliveryError(str(error.args[0])) from error
            else:
                producer.poll(0)
                return

    def _connected_partitions(self) -> int:
        self._connected()
        return self._partitions

    def _connected(self) -> Producer:
        """The producer, made on first use and after a failure."""
        if self._producer is None:
            from confluent_kafka import KafkaException, Producer

            producer = Producer(self._settings())
            try:
                topic = producer.list_topics(self._target.hub, timeout=30).topics[self._target.hub]
            except KafkaException as error:
                raise DeliveryError(f"no answer from the hub: {error.args[0]}") from error
            if topic.error is not None:
                raise DeliveryError(f"hub {self._target.hub}: {topic.error}")
            self._producer, self._partitions = producer, len(topic.partitions)
        return self._producer

    def _settings(self) -> dict[str, Any]:
        connection_string = self._target.connection_string_file.read_text("utf-8").strip()
        return {
            "bootstrap.servers": self._target.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": connection_string,
            "ssl.ca.location": str(self._target.ca_file),
            "client.id": "isthmus-traffic",
            "acks": "all",
            "enable.idempotence": True,
            "compression.type": "none",
            "linger.ms": 20,
            "message.timeout.ms": _DELIVERY_SECONDS * 1000,
            "queue.buffering.max.kbytes": 65_536,
        }
