"""A message becomes logs in the LogGroup of its partition, or a dead letter, or both."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from core.alibaba.log_service.put_logs import MAX_LOG_BYTES, NEWEST_SECONDS, OLDEST_SECONDS
from core.engine.batching import GroupBuilder
from core.engine.dead_letters import DeadLetter
from core.engine.encoder import Encoder
from core.records.envelope import (
    RECORD_NOT_AN_OBJECT,
    Envelope,
    MalformedMessageError,
    split,
)
from core.records.event_time import event_time
from core.records.repairs import Repair
from core.records.service import event_service
from core.records.uid import uid_prefix

_PAST_MARGIN = 3600
_FUTURE_MARGIN = 60


class Message(Protocol):
    """What is used of a Kafka message."""

    def value(self) -> bytes | None: ...  # noqa: D102
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102


class Transform:
    """Turns the messages of one hub into logs. One thread only.

    Attributes:
        received: records seen so far, broken ones counted.
        repaired: records that became logs and had to be repaired.
        repairs: of these, how many had each repair; the names are ``core.records.repairs.REPAIRS``.
    """

    def __init__(
        self,
        hub_id: str,
        close_batch: Callable[[GroupBuilder], None],
        dead_letter: Callable[[DeadLetter], None],
    ) -> None:
        """``close_batch`` is called for a builder that is full, before more is added to it."""
        self._hub_id = hub_id
        self._close_batch = close_batch
        self._dead_letter = dead_letter
        self._encoder = Encoder()
        self.received = 0
        self.repaired = 0
        self.repairs: dict[str, int] = {}

    def take(self, message: Message, builder: GroupBuilder) -> int:
        """Add the message's records to ``builder``.

        Returns how many acknowledgements finish the message: one for each LogGroup that holds one
        of its records, one for its dead letter.
        """
        value = message.value()
        timestamp = max(0, message.timestamp()[1])
        try:
            envelope = split(value)
        except MalformedMessageError as error:
            self.received += 1
            self._bury(message, timestamp, "parse", {-1: error.cause}, value or b"")
            return 1
        self.received += len(envelope.items)
        holds, causes = self._encode(message, timestamp, envelope, builder)
        if causes:
            self._bury(message, timestamp, "encode", causes, value or b"")
            holds += 1
        return holds

    def _encode(
        self,
        message: Message,
        timestamp: int,
        envelope: Envelope,
        builder: GroupBuilder,
    ) -> tuple[int, dict[int, str]]:
        items, flags, repaired, broken = envelope
        offset = message.offset()
        prefix = uid_prefix(self._hub_id, message.partition(), offset, timestamp)
        ending = f"/{len(items)}"
        now = int(time.time())
        oldest, newest = now - OLDEST_SECONDS + _PAST_MARGIN, now + NEWEST_SECONDS - _FUTURE_MARGIN
        encode, has_room, add = self._encoder.encode, builder.has_room, builder.add
        holds = 0
        causes: dict[int, str] = {}
        for index, record in enumerate(items):
            if type(record) is not dict:
                causes[index] = broken.get(index, RECORD_NOT_AN_OBJECT)
                continue
            service = event_service(record)
            moment = event_time(record, service, timestamp)
            stamp = moment.seconds if oldest <= moment.seconds <= newest else now
            uid = f"{prefix}.{index}{ending}"
            repair = repaired.get(index) if repaired else None
            try:
                if repair is None:
                    entry = encode(record, uid, service, moment, stamp, flags)
                else:
                    told = (*flags, *repair.flags)
                    entry = encode(record, uid, service, moment, stamp, told, repair.raw)
            except RecursionError:  # the parser's own bound on depth lies a little higher
                causes[index] = "too_deep"
                continue
            if len(entry) > MAX_LOG_BYTES:
                causes[index] = "too_large"
                continue
            if not has_room(entry):
                self._close_batch(builder)
            holds += add(entry, offset)
            if repair is not None:
                self._count(repair)
        return holds, causes

    def _count(self, repair: Repair) -> None:
        self.repaired += 1
        for name in repair.names:
            self.repairs[name] = self.repairs.get(name, 0) + 1

    def _bury(
        self, message: Message, timestamp: int, stage: str, causes: dict[int, str], raw: bytes
    ) -> None:
        self._dead_letter(
            DeadLetter(
                hub_id=self._hub_id,
                partition=message.partition(),
                offset=message.offset(),
                timestamp_ms=timestamp,
                stage=stage,
                causes=causes,
                raw=raw,
            )
        )
