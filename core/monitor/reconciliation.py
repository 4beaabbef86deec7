"""``verify``: is every record of every committed message in the Logstore or a dead letter?

The hub is read again by ``assign()``, outside the group, from the resolved start to the committed
offset, and split; the Logstore is read by PullLogs. Records are matched by ``event_uid``, whose
parts (partition, offset, index, count) also tell what should be there where the hub's retention has
passed a message already.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.reader import read_logs
from core.engine.dead_letters import read_dead_letters
from core.engine.ledger import Ledger, Span
from core.engine.start_position import partitions_of, remembered_start
from core.errors import Code, problem_error
from core.kafka.past_messages import kafka_problems, past_messages
from core.kafka.settings import HubAccess, reader_settings
from core.records.envelope import MalformedMessageError, split
from core.records.repairs import is_repaired
from core.records.uid import EventUid, hub_id

_SECONDS = 15.0
_UNSPLITTABLE = -1

Place = tuple[int, int, int]
"""Partition, offset and timestamp (epoch milliseconds) of a message."""


@dataclass(frozen=True)
class Reconciliation:
    """What ``verify`` found; all counts are records but those named after messages."""

    sent: int
    stored: int
    missing: int
    duplicated: int
    repaired: int
    dead_lettered: int
    unverifiable_messages: int
    messages: int
    seconds: float

    @property
    def complete(self) -> bool:
        """Nothing is missing."""
        return self.missing == 0

    def as_json(self) -> dict[str, Any]:
        """The counts as the command line's JSON shows them."""
        return asdict(self) | {"seconds": round(self.seconds, 3)}


class _Found:
    """What the Logstore and the dead letters hold of one message."""

    __slots__ = ("buried", "copies", "count", "repaired", "stored")

    def __init__(self) -> None:
        self.stored: set[int] = set()
        self.buried: set[int] = set()
        self.copies = 0
        self.count = 0
        self.repaired = 0


def reconcile(
    hub: HubAccess,
    log_service: LogServiceAccess,
    group: str,
    state_folder: Path,
    on_progress: Callable[[str, int], None] | None = None,
) -> Reconciliation:
    """Compare hub, Logstore and dead letters. ``on_progress(stage, count so far)``.

    Raises ProblemError.
    """
    from confluent_kafka import Consumer

    began = time.monotonic()
    tell = on_progress or (lambda stage, count: None)
    identity = hub_id(hub.host, hub.port, hub.hub)
    consumer = Consumer(reader_settings(hub, group))
    try:
        with kafka_problems("event hub"):
            spans = _spans(consumer, hub.hub, Ledger(state_folder, identity, group))
            if not spans:
                raise problem_error(Code.NEVER_RUN, "state folder")
            found = _read_logstore(log_service, identity, tell)
            _read_letters(state_folder, identity, found)
            expected, low = _read_hub(consumer, hub.hub, spans, tell)
    finally:
        consumer.close()
    return _compare(spans, expected, found, low, time.monotonic() - began)


def _spans(consumer: Any, topic: str, ledger: Ledger) -> dict[int, Span]:
    """Start and committed offset of each partition: the ledger's, brought up to the group's."""
    from confluent_kafka import TopicPartition

    spans = dict(ledger.spans)
    found = partitions_of(consumer, topic)
    for each in consumer.committed([TopicPartition(topic, n) for n in found], timeout=_SECONDS):
        if each.error is not None or each.offset < 0:
            continue
        span = spans.get(each.partition)
        start = span.start if span else remembered_start(each.metadata, each.offset)
        committed = max(span.committed if span else 0, each.offset)
        spans[each.partition] = Span(start, committed)
    return spans


def _read_logstore(
    access: LogServiceAccess, identity: str, tell: Callable[[str, int], None]
) -> dict[Place, _Found]:
    found: dict[Place, _Found] = defaultdict(_Found)
    for number, fields in enumerate(read_logs(access), start=1):
        if number % 10_000 == 0:
            tell("logstore", number)
        try:
            uid = EventUid.parse(fields.get("event_uid", ""))
        except ValueError:
            continue  # another writer's log
        if uid.hub != identity:
            continue
        entry = found[uid.partition, uid.offset, uid.timestamp_ms]
        entry.stored.add(uid.index)
        entry.copies += 1
        entry.count = uid.count
        entry.repaired += is_repaired(fields.get("event_flags", ""))
    return found


def _read_letters(folder: Path, identity: str, found: dict[Place, _Found]) -> None:
    for letter in read_dead_letters(folder / "dead-letters"):
        if letter.hub_id == identity:
            entry = found[letter.partition, letter.offset, letter.timestamp_ms]
            entry.buried.update(letter.causes)


def _read_hub(
    consumer: Any, topic: str, spans: dict[int, Span], tell: Callable[[str, int], None]
) -> tuple[dict[Place, int], dict[int, int]]:
    """Records each message should give, and the low watermark by partition."""
    from confluent_kafka import TopicPartition

    low = {
        number: consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=_SECONDS)[0]
        for number in spans
    }
    held = {
        number: (max(span.start, low[number]), span.committed) for number, span in spans.items()
    }
    expected: dict[Place, int] = {}
    for message in past_messages(consumer, topic, held):
        place = (message.partition(), message.offset(), max(0, message.timestamp()[1]))
        expected[place] = _records_in(message.value())
        if len(expected) % 1000 == 0:
            tell("hub", len(expected))
    return expected, low


def _records_in(value: bytes | None) -> int:
    """Records of a message; ``_UNSPLITTABLE`` if it cannot be split."""
    try:
        return len(split(value).items)
    except MalformedMessageError:
        return _UNSPLITTABLE


def _compare(
    spans: dict[int, Span],
    expected: dict[Place, int],
    found: dict[Place, _Found],
    low: dict[int, int],
    seconds: float,
) -> Reconciliation:
    sent = stored = buried = duplicated = repaired = missing = 0
    for place, count in expected.items():
        entry = found.get(place) or _Found()
        records = 1 if count == _UNSPLITTABLE else count
        # A whole message in the dead letters (-1) stands for its records only if it has none.
        letters = {i for i in entry.buried if (i < 0) == (count == _UNSPLITTABLE)} - entry.stored
        sent += records
        stored += len(entry.stored)
        duplicated += entry.copies - len(entry.stored)
        buried += len(letters)
        missing += max(0, records - len(entry.stored) - len(letters))
        repaired += min(entry.repaired, len(entry.stored))
    unverifiable = 0
    for number, span in spans.items():
        unverifiable += max(0, min(low[number], span.committed) - span.start)
    for place, entry in found.items():
        known = spans.get(place[0])
        if place in expected or known is None or not known.start <= place[1] < known.committed:
            continue
        # Below the low watermark the hub cannot be asked: what the uids tell is all there is.
        letters = entry.buried - entry.stored
        records = entry.count or len(letters)
        sent += records
        stored += len(entry.stored)
        duplicated += entry.copies - len(entry.stored)
        buried += len(letters)
        missing += max(0, records - len(entry.stored) - len(letters))
        unverifiable -= 1
    return Reconciliation(
        sent=sent,
        stored=stored,
        missing=missing,
        duplicated=duplicated,
        repaired=repaired,
        dead_lettered=buried,
        unverifiable_messages=max(0, unverifiable),
        messages=len(expected),
        seconds=seconds,
    )
