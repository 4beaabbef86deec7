"""How much comes through a hub: watermarks twice, some time apart, and what messages hold.

No group is joined and nothing is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import Code, problem_error
from core.kafka.past_messages import kafka_problems, past_messages
from core.kafka.settings import HubAccess, reader_settings
from core.records.envelope import MalformedMessageError, split

APART_SECONDS = 60.0

_GROUP = "isthmus-measure"
_ASK_SECONDS = 20.0
_READ_SECONDS = 20.0
_SAMPLE_MESSAGES = 200


@dataclass(frozen=True)
class FlowRate:
    """What was measured.

    Attributes:
        seconds: between the two looks.
        messages: that arrived between them.
        messages_per_s: their rate.
        sampled_messages: how many messages were read.
        sampled_records: how many records they hold.
        records_per_message: in the sample.
        mean_bytes: mean size of one record, its share of the message's envelope included.
    """

    seconds: float
    messages: int
    messages_per_s: float
    sampled_messages: int
    sampled_records: int
    records_per_message: float
    mean_bytes: float

    @property
    def records_per_s(self) -> float:
        """Records a second, by the messages' rate and what one holds."""
        return self.messages_per_s * self.records_per_message


def measure(
    access: HubAccess,
    apart: float = APART_SECONDS,
    wait: Callable[[float], None] = time.sleep,
) -> FlowRate:
    """Look at the hub, ``wait`` for ``apart`` seconds, look again, read its newest messages.

    Blocks. Raises ProblemError (kafka_failed, no_records_to_measure).
    """
    from confluent_kafka import Consumer

    consumer: Any = Consumer(reader_settings(access, _GROUP))
    try:
        with kafka_problems("kafka.bootstrap"):
            first, began = _ends(consumer, access.hub), time.monotonic()
            wait(apart)
            last, seconds = _ends(consumer, access.hub), time.monotonic() - began
            # Offsets of a hub that was made again meanwhile begin anew.
            messages = sum(
                max(0, high - first.get(part, (low, low))[1]) for part, (low, high) in last.items()
            )
            count, records, size = _sample(consumer, access.hub, last)
    finally:
        consumer.close()
    if not records:
        raise problem_error(Code.NO_RECORDS_TO_MEASURE, "event hub", hub=access.hub)
    return FlowRate(
        seconds=seconds,
        messages=messages,
        messages_per_s=messages / seconds if seconds > 0 else 0.0,
        sampled_messages=count,
        sampled_records=records,
        records_per_message=records / count,
        mean_bytes=size / records,
    )


def _ends(consumer: Any, hub: str) -> dict[int, tuple[int, int]]:
    """Low and high watermark of each partition."""
    from confluent_kafka import TopicPartition

    topic = consumer.list_topics(hub, timeout=_ASK_SECONDS).topics[hub]
    if topic.error is not None:
        raise problem_error(
            Code.KAFKA_FAILED, "kafka.topic", str(topic.error.str()), reason=topic.error.name()
        )
    return {
        number: consumer.get_watermark_offsets(TopicPartition(hub, number), timeout=_ASK_SECONDS)
        for number in topic.partitions
    }


def _sample(consumer: Any, hub: str, ends: dict[int, tuple[int, int]]) -> tuple[int, int, int]:
    """Messages, records and bytes of the newest messages; what cannot be read does not count."""
    filled = {number: (low, high) for number, (low, high) in ends.items() if high > low}
    share = _SAMPLE_MESSAGES // max(1, len(filled)) or 1
    newest = {part: (max(low, high - share), high) for part, (low, high) in filled.items()}
    count = records = size = 0
    for message in past_messages(consumer, hub, newest, _READ_SECONDS):
        held = _records_in(message.value())
        if held:
            count, records, size = count + 1, records + held, size + len(message.value())
    return count, records, size


def _records_in(value: bytes | None) -> int:
    try:
        return len(split(value).items)
    except MalformedMessageError:
        return 0
