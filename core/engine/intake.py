"""The Kafka consumer: opening it, its errors, pausing and resuming. One thread only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from core.engine.assignment import Assignment
from core.engine.start_position import partitions_of
from core.errors import Code, Problem, ProblemError, problem
from core.kafka.settings import USER, HubAccess, consumer_settings
from core.logs import event
from core.secrets.redaction import redact_text

_WATERMARK_SECONDS = 15.0
_LOOK_AHEAD_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_TROUBLE_SECONDS = 30.0
_KEY_LOOK_SECONDS = 2.0


class HubRestartedError(Exception):
    """The hub was deleted and made again: its offsets start over."""


class Intake:
    """One consumer and its assignment.

    Attributes:
        consumer: the Kafka client; only the engine's own thread may touch it.
        assignment: the partitions it owns.
        gap: the last span of messages that retention took before they were read.
    """

    _key_refused = False

    def __init__(
        self,
        hub: HubAccess,
        group: str,
        session_timeout_s: int,
        make_assignment: Callable[[Any], Assignment],
        kept_key: Callable[[], str],
    ) -> None:
        """Connect in the background and join the group.

        ``kept_key`` reads the connection string that is kept now: when the namespace refuses the
        one in use, a newer one takes its place without a restart.
        """
        from confluent_kafka import Consumer

        self._hub = hub
        self._kept_key = kept_key
        self._key = hub.connection_string
        self._next_key_look = 0.0
        self._pauses: set[str] = set()
        self._trouble: Problem | None = None
        self._trouble_since = 0.0
        self.gap: Problem | None = None
        self.highs: dict[int, int] = {}
        self._next_look = 0.0
        settings = consumer_settings(hub, group, session_timeout_s)
        self.consumer = Consumer(
            settings | {"error_cb": self._on_client_error, "on_commit": self._on_commit}
        )
        self.assignment = make_assignment(self.consumer)
        self.consumer.subscribe(
            [hub.hub],
            on_assign=self.assignment.on_assign,
            on_revoke=self.assignment.on_revoke,
            on_lost=self.assignment.on_lost,
        )

    @property
    def paused(self) -> bool:
        """Whether reading is paused, for any reason."""
        return bool(self._pauses)

    @property
    def trouble(self) -> Problem | None:
        """The client's last error of note; None once messages come or no more errors do.

        The client repeats an error whenever it tries to connect again, every ten seconds at most.
        """
        if time.monotonic() - self._trouble_since > _TROUBLE_SECONDS:
            return None
        return self._trouble

    def _note(self, trouble: Problem) -> None:
        self._trouble, self._trouble_since = trouble, time.monotonic()

    @property
    def pauses(self) -> set[str]:
        """The reasons why reading is paused: memory, disk, asked."""
        return set(self._pauses)

    def watermarks(self) -> dict[int, int]:
        """The high watermark of every partition of the hub. Raises KafkaException."""
        from confluent_kafka import TopicPartition

        topic = self._hub.hub
        found = partitions_of(self.consumer, topic)
        return {
            number: self.consumer.get_watermark_offsets(
                TopicPartition(topic, number), timeout=_WATERMARK_SECONDS
            )[1]
            for number in found
        }

    def look_ahead(self) -> None:
        """Ask for the high watermarks of the owned partitions, at most every few seconds.

        While reading is paused nothing is fetched, so the client hears of no new message itself.
        """
        from confluent_kafka import KafkaException, TopicPartition

        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_AHEAD_SECONDS
        for number in list(self.assignment.owned):
            place = TopicPartition(self._hub.hub, number)
            try:
                _, high = self.consumer.get_watermark_offsets(place, timeout=_LOOK_SECONDS)
            except KafkaException:
                return  # its trouble is told by the client's own errors
            self.highs[number] = high

    def committed_elsewhere(self, numbers: list[int]) -> dict[int, int]:
        """What the group has committed of partitions that other members own."""
        from confluent_kafka import TopicPartition

        places = [TopicPartition(self._hub.hub, number) for number in numbers]
        found = self.consumer.committed(places, timeout=_WATERMARK_SECONDS)
        return {each.partition: each.offset for each in found}

    def poll(self, messages: int, seconds: float) -> Iterator[Any]:
        """Up to ``messages`` good messages, in the order in which they came.

        Errors are dealt with here, each when its turn comes: what was read before it has been taken
        by then. Raises KafkaException, HubRestartedError.
        """
        self._renew_key()
        for message in self.consumer.consume(messages, seconds):
            if message.error() is None:
                self._trouble = None
                yield message
            else:
                self._on_error(message)

    def pause(self, reason: str) -> None:
        """Stop reading for ``reason``; polling goes on, so the group keeps its member."""
        if not self._pauses:
            self.consumer.pause(self.consumer.assignment())
        if reason not in self._pauses:
            event("intake.paused", reason=reason)
        self._pauses.add(reason)

    def resume(self, reason: str) -> None:
        """``reason`` is over; reading goes on when no other is left."""
        if reason not in self._pauses:
            return
        self._pauses.discard(reason)
        event("intake.resumed", reason=reason)
        if not self._pauses:
            self.consumer.resume(self.consumer.assignment())

    def close(self) -> None:
        """Leave the group; partitions are given back on the way."""
        self.consumer.close()

    def _renew_key(self) -> None:
        """Once the key in use was refused: sign in with the one that is kept now, if it differs."""
        if not self._key_refused or time.monotonic() < self._next_key_look:
            return
        self._next_key_look = time.monotonic() + _KEY_LOOK_SECONDS
        try:
            kept = self._kept_key()
        except ProblemError as error:
            event("kafka.key_not_readable", code=error.problem.code)
            return
        if kept != self._key:
            self._key, self._key_refused = kept, False
            self.consumer.set_sasl_credentials(USER, kept)
            event("kafka.key_renewed", hub=self._hub.hub)

    def _on_commit(self, error: Any, partitions: list[Any]) -> None:
        self.assignment.committed(error, partitions)

    def _on_client_error(self, error: Any) -> None:
        from confluent_kafka import KafkaError

        text = redact_text(error.str())
        event("kafka.error", code=error.name(), reason=text)
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
            self._key_refused = True
            self._note(problem(Code.KAFKA_SIGN_IN_REFUSED, "kafka.connection_string", text))
        elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            # At the sign-in this is how Event Hubs refuses an address.
            self._note(problem(Code.KAFKA_FIREWALL, "kafka.bootstrap", text))
        elif error.code() == KafkaError._ALL_BROKERS_DOWN:
            reason = "no connection to the namespace"
            self._note(problem(Code.KAFKA_FAILED, "kafka.bootstrap", text, reason=reason))

    def _on_error(self, message: Any) -> None:
        from confluent_kafka import KafkaError

        error = message.error()
        event(
            "kafka.message_error",
            code=error.name(),
            partition=message.partition(),
            reason=redact_text(error.str()),
        )
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            self._on_out_of_range(message.partition())
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            self._note(problem(Code.KAFKA_HUB_NOT_FOUND, "kafka.topic", hub=self._hub.hub))
        elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            self._note(problem(Code.KAFKA_HUB_DENIED, "kafka.topic", hub=self._hub.hub))
        elif error.code() != KafkaError._MAX_POLL_EXCEEDED and not error.retriable():
            text = redact_text(error.str())
            self._note(problem(Code.KAFKA_FAILED, "event hub", text, reason=error.name()))

    def _on_out_of_range(self, number: int) -> None:
        """The next offset is gone: retention passed it, or the hub was deleted and made again."""
        from confluent_kafka import TopicPartition

        owned = self.assignment.owned.get(number)
        if owned is None:
            return
        place = TopicPartition(self._hub.hub, number)
        low, high = self.consumer.get_watermark_offsets(place, timeout=_WATERMARK_SECONDS)
        position = owned.tracker.position
        if position > high:
            event("partition.restarted", partition=number, first=low, last=high)
            raise HubRestartedError
        self.gap = problem(
            Code.DATA_GAP, "event hub", first=position, last=low - 1, partition=number
        )
        event("partition.gap", partition=number, first=position, last=low - 1)
        owned.tracker.skip_to(low)
        # The client has stopped fetching this partition; only a new assignment starts it again.
        self.consumer.incremental_unassign([place])
        place.offset = low
        self.consumer.incremental_assign([place])
        if self._pauses:
            self.consumer.pause([place])
