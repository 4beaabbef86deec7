"""A Kafka import at work: messages of the hub become logs of the Logstore.

An offset is committed when its logs are in the Logstore, so that a job that is stopped, or dies,
goes on from there and loses nothing. Where its group has no commit, the resolved start is committed
at once (assumption SLS-39). A sign-in that is refused, a topic that is missing or denied, and a hub
that does not answer within 30 s of the start end the job (assumption SLS-35).
"""

from __future__ import annotations

import ipaddress
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.sandbox.log_service.jobs.job import Counts
from core.sandbox.log_service.jobs.kafka_logs import Message, logs_of
from core.sandbox.log_service.jobs.kafka_source import KafkaSource
from core.sandbox.log_service.jobs.run import JobFailedError, Run
from core.sandbox.log_service.jobs.stores import Stores
from core.sandbox.log_service.wire import ServiceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, TopicPartition
    from confluent_kafka import Message as Received

_MESSAGES = 500
_POLL_SECONDS = 0.2
_ASK_SECONDS = 10.0
_START_SECONDS = 30.0
_FATAL = {
    "_AUTHENTICATION": "the sign-in was refused",
    "_SSL": "the TLS connection failed",
    "SASL_AUTHENTICATION_FAILED": "the sign-in was refused",
    "TOPIC_AUTHORIZATION_FAILED": "the key or the client's address has no right to read the topic",
    "GROUP_AUTHORIZATION_FAILED": "the key has no right to use the consumer group",
    "UNKNOWN_TOPIC_OR_PART": "the topic does not exist",
    "_UNKNOWN_TOPIC": "the topic does not exist",
}


class KafkaRun(Run):
    """Consumes a hub."""

    kind = "kafka import"

    def __init__(
        self,
        source: KafkaSource,
        group: str,
        ca_file: Path,
        stores: Stores,
        target: tuple[str, str],
        counts: Counts,
    ) -> None:
        """``target``: project and Logstore to write to."""
        super().__init__()
        self._source = source
        self._group = group
        self._ca_file = ca_file
        self._stores = stores
        self._target = target
        self._counts = counts
        self._problem = ""
        self._last_trouble = ""
        self._uncommitted: dict[tuple[str, int], int] = {}

    def work(self) -> None:
        """Consume until it is told to stop. Raises JobFailedError."""
        from confluent_kafka import Consumer, KafkaException

        _check_reach(self._source.bootstrap)
        try:
            consumer = Consumer(self._settings())
        except KafkaException as error:
            raise JobFailedError(f"the client cannot be made: {error.args[0].str()}") from None
        started = time.monotonic()
        try:
            consumer.subscribe(
                list(self._source.topics), on_assign=self._assigned, on_revoke=self._revoked
            )
            while not self.leaves():
                try:
                    received = consumer.consume(_MESSAGES, _POLL_SECONDS)
                    if self.leaves():  # what came is not committed: the next one reads it again
                        break
                    self._take(received)
                    self._commit(consumer)
                except KafkaException as error:
                    self._report(error.args[0])
                if self._problem:
                    raise JobFailedError(self._problem)
                if not self.is_ready and time.monotonic() > started + _START_SECONDS:
                    raise JobFailedError(f"the hub does not answer: {self._last_trouble}")
        except JobFailedError as error:
            self.failure = str(error)  # at once: to close takes seconds when the hub is away
            raise
        finally:
            consumer.close()

    def _settings(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self._source.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": self._source.username,
            "sasl.password": self._source.password,
            "ssl.ca.location": str(self._ca_file),
            "client.id": "sls-kafka-ingestion",
            "group.id": self._group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": self._source.start,
            "allow.auto.create.topics": False,
            "topic.metadata.refresh.interval.ms": 10_000,
            "reconnect.backoff.max.ms": 2000,
            "session.timeout.ms": 6000,
            "queued.max.messages.kbytes": 16_384,
            "log_level": 0,
            "error_cb": self._report,
        }

    def _take(self, received: list[Received]) -> None:
        """Write the messages' logs, and remember what may be committed then."""
        now = time.time()
        messages: list[Message] = []
        ends: dict[tuple[str, int], int] = {}
        for each in received:
            error = each.error()
            if error is not None:
                self._report(error)
                continue
            kind, timestamp = each.timestamp()
            topic, partition = str(each.topic()), int(each.partition() or 0)
            ends[topic, partition] = int(each.offset() or 0) + 1
            messages.append(
                Message(topic, partition, each.value() or b"", timestamp if kind else None)
            )
        if not ends:
            return
        self.arrived()
        messages.sort(key=lambda message: (message.topic, message.partition))
        logs = (log for each in messages for log in logs_of(each, self._source, now, self._counts))
        try:
            self._counts.written += self._stores.write(*self._target, logs, int(now))
        except (ServiceError, OSError) as error:
            raise JobFailedError(f"the Logstore cannot be written: {error}") from None
        self._counts.read += len(messages)
        self._uncommitted |= ends

    def _commit(self, consumer: Consumer) -> None:
        from confluent_kafka import TopicPartition

        if not self._uncommitted:
            return
        places = [TopicPartition(*place, end) for place, end in self._uncommitted.items()]
        consumer.store_offsets(offsets=places)
        consumer.commit(asynchronous=False)
        self._uncommitted.clear()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Go on from the commits; commit the start of what has none."""
        from confluent_kafka import KafkaException

        self._uncommitted.clear()
        try:
            known = consumer.committed(partitions, timeout=_ASK_SECONDS)
            fresh = [each for each in known if each.offset < 0]
            for each in fresh:
                low, high = consumer.get_watermark_offsets(each, timeout=_ASK_SECONDS)
                each.offset = high if self._source.start == "latest" else low
            consumer.assign(known)
            if fresh:
                consumer.store_offsets(offsets=fresh)
                consumer.commit(asynchronous=False)
        except KafkaException as error:
            self._report(error.args[0])
            return  # librdkafka assigns them itself, and asks for the commits again
        self.arrived()

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Whoever gets them reads what was not committed again."""
        for each in partitions:
            self._uncommitted.pop((each.topic, each.partition), None)

    def _report(self, error: KafkaError) -> None:
        """Remember what went wrong; some of it ends the job."""
        name, text = str(error.name()), str(error.str())
        self._last_trouble = text
        # A hub that restarts can cut a TLS handshake: once it was reached, only a wrong one counts.
        passes = name == "_SSL" and self.is_ready and "certificate" not in text
        if name in _FATAL and not passes and not self._problem:
            self._problem = f"{_FATAL[name]}: {text}"


def _check_reach(bootstrap: str) -> None:
    """The sandbox never leaves this machine."""
    for each in bootstrap.split(","):
        host = each.strip().rpartition(":")[0].strip("[]")
        try:
            is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            is_here = False
        if not is_here:
            raise JobFailedError(f"{host} is not on this machine, and the sandbox goes no further")
