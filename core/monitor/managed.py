"""``verify`` on the managed route: hub and Logstores compared by count, minute by minute.

Log Service's import job writes no ``event_uid``, so records cannot be told apart: what can be
compared is how many there are for each minute of the messages' own time, which the job takes over
as ``__time__`` (``defaultTimeSource`` kafka) and which single records inherit from their message
(SLS-43). Where a batch of records became fewer logs than it holds, the difference shows as missing
records while no message is missing: the split has cut it.

A message that is not strict JSON (Azure sends some) cannot be split on this route, which repairs
nothing: it stays one log. Such messages are counted apart, with the records that are in them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.reader import count_by_time
from core.engine.start_position import partitions_of
from core.errors import Code, Problem, problem, problem_error
from core.kafka.past_messages import kafka_problems, past_messages
from core.kafka.settings import HubAccess, reader_settings
from core.records.envelope import MalformedMessageError, split

WINDOW_SECONDS = 60

_ASK_SECONDS = 15.0
_TOLD_EACH = 5000


@dataclass(frozen=True)
class Window:
    """One minute of the messages' time.

    Attributes:
        begin: epoch seconds.
        messages: in the hub.
        message_logs: in the Logstore of whole messages.
        records: logs of single records that the messages must become.
        record_logs: in the Logstore of single records; None: the split makes none there.
    """

    begin: int
    messages: int
    message_logs: int
    records: int
    record_logs: int | None

    @property
    def differs(self) -> bool:
        """Whether the counts do not agree."""
        records_differ = self.record_logs is not None and self.record_logs != self.records
        return self.message_logs != self.messages or records_differ


@dataclass(frozen=True)
class ManagedComparison:
    """What the comparison found.

    Attributes:
        windows: every minute, oldest first.
        split: where messages become records.
        unverifiable_messages: committed messages that the hub holds no more.
        unsplit_messages: messages that are not strict JSON and stay whole.
        unsplit_records: records that are in those.
        seconds: how long it took.
    """

    windows: tuple[Window, ...]
    split: Literal["transformation", "realtime_rule", "none"]
    unverifiable_messages: int
    unsplit_messages: int
    unsplit_records: int
    seconds: float

    @property
    def messages(self) -> int:
        """Messages in the hub that the job has read."""
        return sum(each.messages for each in self.windows)

    @property
    def message_logs(self) -> int:
        """Logs of whole messages."""
        return sum(each.message_logs for each in self.windows)

    @property
    def sent(self) -> int:
        """Logs of single records that those messages must become."""
        return sum(each.records for each in self.windows)

    @property
    def stored(self) -> int:
        """Logs of single records; of whole messages where nothing splits them here."""
        if self.split != "transformation":
            return self.message_logs
        return sum(each.record_logs or 0 for each in self.windows)

    @property
    def missing_messages(self) -> int:
        """By window, so that one minute's surplus hides no other minute's loss."""
        return sum(max(0, each.messages - each.message_logs) for each in self.windows)

    @property
    def missing(self) -> int:
        """Records, where there is a Logstore of single records; else messages."""
        if self.split != "transformation":
            return self.missing_messages
        return sum(max(0, each.records - (each.record_logs or 0)) for each in self.windows)

    @property
    def duplicated(self) -> int:
        """Logs that are there more often than they should be."""
        if self.split != "transformation":
            return sum(max(0, each.message_logs - each.messages) for each in self.windows)
        return sum(max(0, (each.record_logs or 0) - each.records) for each in self.windows)

    @property
    def problem(self) -> Problem | None:
        """What is wrong, if anything is."""
        if self.missing_messages:
            return problem(
                Code.RECORDS_MISSING, "verify", missing=self.missing_messages, sent=self.messages
            )
        if self.missing:
            return problem(Code.SPLIT_CUTS_BATCHES, "verify", missing=self.missing, sent=self.sent)
        return None

    def as_json(self) -> dict[str, Any]:
        """The comparison as the command line's JSON shows it."""
        return {
            "compared": "counts by minute",
            "split": self.split,
            "sent": self.sent,
            "stored": self.stored,
            "missing": self.missing,
            "duplicated": self.duplicated,
            "repaired": 0,
            "dead_lettered": 0,
            "unverifiable_messages": self.unverifiable_messages,
            "unsplit_messages": self.unsplit_messages,
            "unsplit_records": self.unsplit_records,
            "messages": self.messages,
            "message_logs": self.message_logs,
            "missing_messages": self.missing_messages,
            "windows": len(self.windows),
            "differing": [
                {
                    "begin": each.begin,
                    "messages": each.messages,
                    "message_logs": each.message_logs,
                    "records": each.records,
                    "record_logs": each.record_logs,
                }
                for each in self.windows
                if each.differs
            ],
            "seconds": round(self.seconds, 3),
        }


def compare_managed(
    hub: HubAccess,
    whole: LogServiceAccess,
    single: LogServiceAccess | None,
    group: str,
    split_by: Literal["transformation", "realtime_rule", "none"],
    on_progress: Callable[[str, int], None] | None = None,
) -> ManagedComparison:
    """Compare what ``group``, the managed job's, has read with what is in its Logstores.

    ``whole`` holds one log for each message, ``single`` one for each record (None: there is no such
    Logstore). The Logstores are read before the hub, so that what arrives meanwhile cannot look
    like a surplus. Blocks. Raises ProblemError.
    """
    from confluent_kafka import Consumer

    began = time.monotonic()
    tell = on_progress or (lambda stage, count: None)
    consumer = Consumer(reader_settings(hub, group))
    try:
        with kafka_problems("event hub"):
            spans, gone = _read_by_group(consumer, hub.hub)
            message_logs = count_by_time(whole, WINDOW_SECONDS)
            tell("logstore", message_logs.total())
            record_logs = count_by_time(single, WINDOW_SECONDS) if single is not None else None
            found = _InHub()
            for count, message in enumerate(past_messages(consumer, hub.hub, spans), start=1):
                found.take(message.value(), message.timestamp()[1])
                if count % _TOLD_EACH == 0:
                    tell("hub", count)
    finally:
        consumer.close()
    # Logs of other minutes are of messages that the hub holds no more.
    windows = tuple(
        Window(
            begin,
            found.messages[begin],
            message_logs[begin],
            found.records[begin],
            None if record_logs is None else record_logs[begin],
        )
        for begin in sorted(found.messages)
    )
    return ManagedComparison(
        windows,
        split_by,
        gone,
        found.unsplit_messages,
        found.unsplit_records,
        time.monotonic() - began,
    )


class _InHub:
    """What the hub holds, by minute; and what of it cannot be split on this route."""

    def __init__(self) -> None:
        self.messages: Counter[int] = Counter()
        self.records: Counter[int] = Counter()
        self.unsplit_messages = 0
        self.unsplit_records = 0

    def take(self, value: bytes | None, timestamp_ms: int) -> None:
        """Count a message."""
        seconds = max(0, timestamp_ms) // 1000
        window = seconds - seconds % WINDOW_SECONDS
        self.messages[window] += 1
        held = _records_in(value)
        if _is_json(value):
            self.records[window] += held
            return
        self.records[window] += 1
        self.unsplit_messages += 1
        self.unsplit_records += held


def _read_by_group(consumer: Any, topic: str) -> tuple[dict[int, tuple[int, int]], int]:
    """By partition, the offsets that the group has read and the hub still holds; those it does not.

    Raises ProblemError (import_job_not_begun) for a group without a commit.
    """
    from confluent_kafka import TopicPartition

    wanted = [TopicPartition(topic, number) for number in partitions_of(consumer, topic)]
    spans: dict[int, tuple[int, int]] = {}
    gone = 0
    for each in consumer.committed(wanted, timeout=_ASK_SECONDS):
        if each.error is not None or each.offset < 0:
            continue
        low, _ = consumer.get_watermark_offsets(
            TopicPartition(topic, each.partition), timeout=_ASK_SECONDS
        )
        spans[each.partition] = (low, each.offset)
        gone += min(low, each.offset)
    if not spans:
        raise problem_error(Code.IMPORT_JOB_NOT_BEGUN, "import.managed_group")
    return spans, gone


def _is_json(value: bytes | None) -> bool:
    try:
        msgspec.json.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _records_in(value: bytes | None) -> int:
    """Records in a message; one that holds none that can be read counts as one."""
    try:
        return len(split(value).items)
    except MalformedMessageError:
        return 1
