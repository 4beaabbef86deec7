"""Messages that a hub holds already, read once by ``assign()``: no group is joined, no commit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import Code, problem_error
from core.secrets.redaction import redact_text

STALL_SECONDS = 60.0
"""A hub that sends nothing for so long has failed."""

_BATCH = 500
_WAIT_SECONDS = 0.2


def past_messages(
    consumer: Any,
    topic: str,
    spans: Mapping[int, tuple[int, int]],
    stall_seconds: float = STALL_SECONDS,
) -> Iterator[Any]:
    """The messages of ``spans``: partition -> its first offset and the one after its last.

    In each partition's own order. An offset that the hub holds no more is passed over. Blocks.
    Raises KafkaException; ProblemError (kafka_failed) when nothing comes any more.
    """
    from confluent_kafka import KafkaException, TopicPartition

    ends = {part: end for part, (begin, end) in spans.items() if begin < end}
    if not ends:
        return
    consumer.assign([TopicPartition(topic, part, spans[part][0]) for part in ends])
    last = time.monotonic()
    while ends:
        batch = consumer.consume(_BATCH, _WAIT_SECONDS)
        if not batch and time.monotonic() - last > stall_seconds:
            reason = f"it sent nothing for {stall_seconds:.0f} seconds"
            raise problem_error(Code.KAFKA_FAILED, "event hub", reason=reason)
        for message in batch:
            part, error = message.partition(), message.error()
            if error is not None:
                if error.name() == "_PARTITION_EOF":
                    ends.pop(part, None)
                elif not error.retriable():
                    raise KafkaException(error)
                continue
            end = ends.get(part)
            if end is None:
                continue
            if message.offset() + 1 >= end:
                del ends[part]
            if message.offset() < end:
                yield message
            last = time.monotonic()  # after the caller's work on it, which is no stall


@contextmanager
def kafka_problems(where: str) -> Iterator[None]:
    """A KafkaException inside becomes a ProblemError (kafka_failed)."""
    from confluent_kafka import KafkaException

    try:
        yield
    except KafkaException as error:
        told = error.args[0]
        raise problem_error(
            Code.KAFKA_FAILED, where, redact_text(str(told.str())), reason=told.name()
        ) from None
