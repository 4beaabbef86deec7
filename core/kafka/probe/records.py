"""The stages watermarks and records: how much the hub holds, and what its newest records are.

Records are taken out of their messages as the import does it, so that what would become a dead
letter is seen here first. A hub without a record is no fault: Azure may take 90 minutes to send the
first one after a diagnostic setting was made (Azure Monitor: "Diagnostic settings").
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from core.errors import Code, Problem, problem, problem_error
from core.kafka.connection_string import ConnectionString
from core.kafka.probe.client import ProbeClient
from core.kafka.probe.rights import no_listen, of_the_group
from core.kafka.probe.stages import Limits, SampleRow
from core.kafka.settings import HubAccess
from core.records.envelope import MalformedMessageError, split
from core.records.event_time import NO_TIME, event_time
from core.records.service import event_service
from core.secrets.redaction import redact_text

_EARLIEST, _LATEST = -2, -1  # Apache Kafka protocol: ListOffsets
_MESSAGES = 200
_PARTITIONS = 64
_BYTES = 16 * 1024 * 1024
_LAST_ANSWER_SECONDS = 1.0
_THROTTLED_MS = 100.0
_SHOWN = 8
_KEPT_ROWS = 12
_FIELDS = 4
_LONGEST_VALUE = 80
_LIKELY = ("operationName", "resultType", "callerIpAddress")
"""Fields that say most, where a record has them ("Azure Monitor: resource log schema")."""
_OWN_COLUMN = frozenset({"time", "category", "records"})


@dataclass(frozen=True)
class Span:
    """Messages of a partition: from offset ``low`` to before ``high``."""

    partition: int
    low: int
    high: int


@dataclass
class Sample:
    """What the newest messages hold.

    Attributes:
        messages: how many were read.
        unreadable: those without a record that can be read.
        services: records by service.
        newest: the latest event time, RFC 3339; empty: none of them has one.
        size: of the messages, bytes.
    """

    messages: int = 0
    unreadable: int = 0
    services: Counter[str] = field(default_factory=Counter)
    newest: str = ""
    size: int = 0
    _newest_at: tuple[int, int] = (0, 0)
    _kept: list[tuple[tuple[int, int], SampleRow]] = field(default_factory=list)

    @property
    def rows(self) -> tuple[SampleRow, ...]:
        """The newest records, the newest last; a bounded number."""
        return tuple(row for _, row in self._kept)

    def take(
        self, value: bytes | None, timestamp_ms: int, partition: int = 0, offset: int = 0
    ) -> None:
        """Add one message."""
        self.messages += 1
        self.size += len(value or b"")
        try:
            records = [item for item in split(value).items if type(item) is dict]
        except MalformedMessageError:
            records = []
        self.unreadable += not records
        for record in records:
            service = event_service(record)
            self.services[service] += 1
            moment = event_time(record, service, max(0, timestamp_ms))
            at = (moment.seconds, moment.nanoseconds)
            self._keep(at, moment.text, partition, offset, service, record)
            if NO_TIME not in moment.flags and (not self.newest or at > self._newest_at):
                self._newest_at, self.newest = at, moment.text

    def _keep(
        self,
        at: tuple[int, int],
        time: str,
        partition: int,
        offset: int,
        service: str,
        record: dict[str, Any],
    ) -> None:
        """Keep the record for the table if it is among the newest."""
        if len(self._kept) >= _KEPT_ROWS and at <= self._kept[0][0]:
            return
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)
        size = len(text.encode("utf-8", "surrogatepass"))
        row = SampleRow(time, partition, offset, service, size, _first_fields(record))
        self._kept.append((at, row))
        self._kept.sort(key=lambda each: each[0])
        del self._kept[:-_KEPT_ROWS]

    def words(self) -> str:
        """For the evidence."""
        counted = sum(self.services.values())
        named = ", ".join(f"{name} {count}" for name, count in self.services.most_common(_SHOWN))
        words = f"{counted} {_noun('record', counted)} in the newest {self.messages} "
        words += _noun("message", self.messages)
        words += f": {named}" if named else ""
        words += f"; newest event {self.newest}" if self.newest else ""
        return words + (f"; {self.unreadable} cannot be read" if self.unreadable else "")


def _first_fields(record: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The first plain fields of a record, short and redacted."""
    found = []
    likely = {name: record[name] for name in _LIKELY if name in record}
    for name, value in (likely | record).items():
        if name in _OWN_COLUMN or value is None or isinstance(value, (dict, list)) or value == "":
            continue
        text = redact_text(str(value))
        shown = text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
        found.append((name[:_LONGEST_VALUE], shown))
        if len(found) == _FIELDS:
            break
    return tuple(found)


def watermarks(
    access: HubAccess,
    parsed: ConnectionString,
    client: ProbeClient,
    partitions: list[int],
    limits: Limits,
) -> tuple[list[Span], str]:
    """What every partition holds, and the evidence. Raises ProblemError, CancelledError."""
    low = _offsets(access, parsed, client, partitions, _EARLIEST, limits)
    high = _offsets(access, parsed, client, partitions, _LATEST, limits)
    spans = [Span(number, low[number], high[number]) for number in partitions]
    held = sum(span.high - span.low for span in spans)
    shown = ", ".join(f"{span.partition}: {span.low}-{span.high}" for span in spans[:_SHOWN])
    more = ", ..." if len(spans) > _SHOWN else ""
    return spans, f"{held} {_noun('message', held)} (offsets by partition {shown}{more})"


def _offsets(
    access: HubAccess,
    parsed: ConnectionString,
    client: ProbeClient,
    partitions: list[int],
    which: int,
    limits: Limits,
) -> dict[int, int]:
    from confluent_kafka import KafkaError, KafkaException, TopicPartition

    wanted = [TopicPartition(access.hub, number, which) for number in partitions]
    try:
        found = client.ask(
            lambda left: client.consumer.offsets_for_times(wanted, timeout=left), limits.step
        )
    except TimeoutError:
        raise client.silent("a question for offsets", limits.step) from None
    except KafkaException as error:
        raise client.unnamed(error.args[0]) from None
    for each in found:
        if each.error is None:
            continue
        if each.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise no_listen(access, parsed, each.error)
        raise client.unnamed(each.error)
    return {each.partition: each.offset for each in found}


def sample(
    access: HubAccess, client: ProbeClient, spans: list[Span], limits: Limits
) -> tuple[str, Problem | None, tuple[SampleRow, ...]]:
    """The evidence of the newest records, a warning if there is reason for one, some of them.

    Raises ProblemError when messages are there and none can be had, CancelledError.
    """
    filled = [span for span in spans if span.high > span.low]
    if not filled:
        gone = sum(span.high for span in spans)
        if not gone:
            return "no record yet", None, ()
        noun = _noun("message", gone)
        return f"no record yet since retention removed the last of {gone} {noun}", None, ()
    found = _read(access, client, filled, limits)
    slowed = client.signs.throttled_ms
    if not found.messages:
        if slowed > 0:
            raise problem_error(Code.KAFKA_THROTTLED, "azure.namespace", _slowed_words(slowed))
        raise client.silent("a fetch of messages", limits.records)
    if found.unreadable == found.messages:
        warning = problem(
            Code.KAFKA_RECORDS_UNREADABLE, "event hub", messages=found.messages, hub=access.hub
        )
        return found.words(), warning, ()
    if slowed >= _THROTTLED_MS:
        words = _slowed_words(slowed)
        slow = problem(Code.KAFKA_THROTTLED, "azure.namespace", words)
        return f"{found.words()}; {words}", slow, found.rows
    return found.words(), None, found.rows


def _read(access: HubAccess, client: ProbeClient, spans: list[Span], limits: Limits) -> Sample:
    """The newest messages, and the answer to the fetch behind them: it says what was slowed."""
    from confluent_kafka import KafkaError

    places, ends = _newest(access, spans)
    client.consumer.assign(places)
    found = Sample()
    missing, open_ends = set(ends), set(ends)
    deadline = time.monotonic() + limits.records
    while open_ends and found.size < _BYTES:
        try:
            event = client.next_event(deadline)
        except TimeoutError:
            break
        number, error = event.partition(), event.error()
        if error is None and event.offset() < ends[number]:
            found.take(event.value(), event.timestamp()[1], number, event.offset())
            if event.offset() + 1 < ends[number]:
                continue
        elif error is not None and error.code() != KafkaError._PARTITION_EOF:
            passing = error.retriable() or of_the_group(error)
            if not passing and error.code() != KafkaError._AUTO_OFFSET_RESET:
                raise client.unnamed(error)
            continue
        else:
            open_ends.discard(number)
        missing.discard(number)
        if not missing:
            deadline = min(deadline, time.monotonic() + _LAST_ANSWER_SECONDS)
    client.consumer.unassign()
    return found


def _newest(access: HubAccess, spans: list[Span]) -> tuple[list[Any], dict[int, int]]:
    """Where to read from, and up to which offset, in the partitions that hold the most."""
    from confluent_kafka import TopicPartition

    chosen = sorted(spans, key=lambda span: span.low - span.high)[:_PARTITIONS]
    share = max(1, _MESSAGES // len(chosen))
    places = [
        TopicPartition(access.hub, span.partition, max(span.low, span.high - share))
        for span in chosen
    ]
    return places, {span.partition: span.high for span in chosen}


def _slowed_words(milliseconds: float) -> str:
    return f"the namespace held answers back for {milliseconds:,.0f} ms"


def _noun(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
