"""Where a tail comes from when no engine streams it: the hub itself, or the Logstore.

Both only look: the hub is read by ``assign()``, in no group and without commits; the Logstore by
PullLogs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.reader import follow_logs
from core.engine.batching import GroupBuilder
from core.engine.dead_letters import DeadLetter
from core.engine.start_position import partitions_of
from core.engine.tail_reader import Frame, TailReader
from core.engine.tail_reader import row as tail_row
from core.engine.tail_ring import TailRing
from core.engine.transform import Transform
from core.errors import Code, problem_error
from core.kafka.settings import HubAccess, reader_settings
from core.records.filters import Filter
from core.records.uid import hub_id
from core.secrets.redaction import redact_text

_SECONDS = 15.0
_MESSAGES = 200
_POLL_SECONDS = 0.2
_PULL_SECONDS = 1.0


def follow_hub(
    hub: HubAccess, wanted: Filter | None, rows_per_second: int, last: int = 0
) -> Iterator[Frame]:
    """Frames of what comes into the hub from now on, and of its ``last`` messages before.

    Never ends by itself. Raises ProblemError.
    """
    from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

    ring = TailRing()
    reader = TailReader(ring, wanted, rows_per_second)
    builders: dict[int, GroupBuilder] = {}
    buried: list[DeadLetter] = []

    def close(builder: GroupBuilder) -> None:
        batch = builder.close()
        ring.add(batch.raw, batch.count)

    transform = Transform(hub_id(hub.host, hub.port, hub.hub), close, buried.append)
    consumer: Any = Consumer(reader_settings(hub, "isthmus-tail"))
    try:
        places = []
        for number in partitions_of(consumer, hub.hub):
            place = TopicPartition(hub.hub, number)
            low, high = consumer.get_watermark_offsets(place, timeout=_SECONDS)
            place.offset = max(low, high - last)
            places.append(place)
        consumer.assign(places)
        while True:
            for message in consumer.consume(_MESSAGES, _POLL_SECONDS):
                error = message.error()
                if error is None:
                    number = message.partition()
                    builder = builders.setdefault(number, GroupBuilder(number, 0, b""))
                    transform.take(message, builder)
                    buried.clear()  # a tail buries nothing: the import does
                elif error.code() != KafkaError._PARTITION_EOF and not error.retriable():
                    raise KafkaException(error)
            for builder in builders.values():
                if builder.entries:
                    close(builder)
            yield reader.frame(1.0)
    except KafkaException as error:
        kafka_error = error.args[0]
        raise problem_error(
            Code.KAFKA_FAILED, "event hub", redact_text(str(kafka_error)), reason=kafka_error.name()
        ) from None
    finally:
        consumer.close()


def follow_logstore(
    access: LogServiceAccess, wanted: Filter | None, rows_per_second: int
) -> Iterator[Frame]:
    """Frames of what is stored in the Logstore from now on. Never ends. Raises ProblemError."""
    shown = hits = total = 0
    for logs in follow_logs(access):
        rows: list[dict[str, Any]] = []
        began = time.monotonic()
        for fields in logs:
            total += 1
            if wanted is not None and not wanted.matches(fields):
                continue
            hits += 1
            if len(rows) < rows_per_second:
                rows.append(tail_row(fields))
        shown += len(rows)
        yield Frame(rows, shown, hits, total, hits - shown)
        time.sleep(max(0.0, _PULL_SECONDS - (time.monotonic() - began)))
