"""A Kafka message becomes logs: one, or with ``parseArray`` one for each element of an array.

Of a JSON object each key is a field. What is not an object, or not JSON, is one log with the field
``content`` (assumption SLS-34): nothing gets lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.sandbox.log_service.jobs.job import Counts
from core.sandbox.log_service.jobs.json_fields import elements_of, fields_of
from core.sandbox.log_service.jobs.kafka_source import KafkaSource
from core.sandbox.log_service.jobs.stores import NewLog, Origin, is_key, log_size

MOST_LOG_BYTES = 3 * 1024 * 1024
"""A larger log is discarded. (Alibaba Cloud: SLS "Limits on data import from Kafka".)"""
_CONTENT = "content"
_TAG = "__tag__:"
_BOM = "\ufeff"


@dataclass(frozen=True)
class Message:
    """A message of a hub; ``timestamp_ms`` is None if it has none."""

    topic: str
    partition: int
    value: bytes
    timestamp_ms: int | None


def logs_of(message: Message, source: KafkaSource, now: float, counts: Counts) -> Iterator[NewLog]:
    """The logs of a message; what has to be discarded is counted."""
    text = message.value.decode(source.encoding, "replace").removeprefix(_BOM)
    for fields in _each(text, source):
        kept = {name: value for name, value in fields.items() if _is_field(name)}
        if len(kept) < len(fields):
            counts.note("fields with a reserved, empty or too long name were left out")
        if not kept:
            counts.failed += 1
            counts.note("logs without a field were discarded")
            continue
        if log_size(kept) > MOST_LOG_BYTES:
            counts.failed += 1
            counts.note(f"logs over {MOST_LOG_BYTES} bytes were discarded (Deliver Failed)")
            continue
        seconds, nanoseconds = _time(kept, message, source, now)
        origin = Origin()
        if source.context:
            origin = Origin(topic=message.topic)
            kept["__partition__"] = str(message.partition)
        yield NewLog(seconds, nanoseconds, kept, origin)


def _each(text: str, source: KafkaSource) -> Iterator[dict[str, str]]:
    if not source.is_json:
        yield {_CONTENT: text}
        return
    elements = elements_of(text) if source.splits_arrays else None
    for each in [text] if elements is None else elements:
        fields = fields_of(each)
        yield {_CONTENT: each} if fields is None else fields


def _is_field(name: str) -> bool:
    return is_key(name) and not name.startswith(_TAG)


def _time(
    fields: dict[str, str], message: Message, source: KafkaSource, now: float
) -> tuple[int, int | None]:
    if source.times is not None and (own := source.times.of(fields)) is not None:
        return own
    if source.kafka_time and message.timestamp_ms is not None:
        seconds, milliseconds = divmod(message.timestamp_ms, 1000)
        return seconds, milliseconds * 1_000_000
    return int(now), None
