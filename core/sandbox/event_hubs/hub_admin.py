"""CreateTopics, DeleteTopics, CreatePartitions and DeleteRecords: event hubs by Kafka's API.

All of them need Manage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.hub_configs import DEFAULT_RETENTION, retention_of
from core.sandbox.event_hubs.hubs import HubTable
from core.sandbox.event_hubs.partition import Retention
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import Request, verdict
from core.sandbox.event_hubs.wire import Reader, Writer


@dataclass(frozen=True)
class _NewHub:
    name: str
    partitions: int
    replicas: int
    assigned: int
    configs: dict[str, str | None]


async def create_topics(request: Request) -> Writer:
    """Make hubs; -1 partitions means 1."""
    body, version = request.body, request.version
    wanted = body.array(lambda: _new_hub(body))
    body.int32()  # timeout
    validate_only = body.boolean() if version >= 1 else False
    rows = []
    with request.broker.changing_hubs() as hubs:
        for new in wanted:
            make = partial(_make, request, hubs, new, validate_only=validate_only)
            rows.append((new.name, *verdict(make)))
    out = Writer()
    if version >= 2:
        out.int32(0)
    return _named(out, rows, with_text=version >= 1)


def _make(request: Request, hubs: HubTable, new: _NewHub, *, validate_only: bool) -> None:
    request.check(Right.MANAGE, new.name)
    count, retention = _check(new)
    if validate_only:
        hubs.check_new(new.name, count, retention)
    else:
        hubs.create(new.name, count, retention)


def _new_hub(body: Reader) -> _NewHub:
    name, partitions, replicas = body.string(), body.int32(), body.int16()
    assigned = body.array(lambda: (body.int32(), body.array(body.int32)))
    configs = body.array(lambda: (body.string(), body.nullable_string()))
    return _NewHub(name, partitions, replicas, len(assigned), dict(configs))


def _check(new: _NewHub) -> tuple[int, Retention]:
    """Number of partitions and retention; how often Event Hubs replicates is its own affair."""
    if new.replicas == 0 or new.replicas < -1:
        raise RefusedError(ErrorCode.INVALID_REPLICATION_FACTOR)
    count = new.assigned or (1 if new.partitions == -1 else new.partitions)
    return count, retention_of(new.configs, DEFAULT_RETENTION)


async def create_partitions(request: Request) -> Writer:
    """Give hubs more partitions."""
    body = request.body

    def wanted() -> tuple[str, int]:
        name, count = body.string(), body.int32()
        body.nullable_array(lambda: body.array(body.int32))
        return name, count

    topics = body.array(wanted)
    body.int32()  # timeout
    validate_only = body.boolean()
    rows = []
    with request.broker.changing_hubs() as hubs:
        enlarge: Callable[[str, int], None] = hubs.check_enlarge if validate_only else hubs.enlarge

        def change(name: str, count: int) -> None:
            request.check(Right.MANAGE, name)
            enlarge(name, count)

        for name, count in topics:
            rows.append((name, *verdict(partial(change, name, count))))
    return _named(Writer().int32(0), rows, with_text=True)


async def delete_topics(request: Request) -> Writer:
    """Delete hubs with their data, policies and committed offsets."""
    names = request.body.array(request.body.string)
    request.body.int32()  # timeout

    def delete(name: str) -> None:
        request.check(Right.MANAGE, name)
        request.broker.delete_hub(name)

    rows = [(name, *verdict(partial(delete, name))) for name in names]
    out = Writer()
    if request.version >= 1:
        out.int32(0)
    return _named(out, rows, with_text=False)


def _named(
    out: Writer, rows: list[tuple[str, ErrorCode, str | None]], *, with_text: bool
) -> Writer:
    def write(row: tuple[str, ErrorCode, str | None]) -> None:
        out.string(row[0]).int16(row[1])
        if with_text:
            out.string(row[2])

    return out.array(rows, write)


async def delete_records(request: Request) -> Writer:
    """Move the log start of partitions; -1 means the high watermark."""
    body = request.body
    topics = body.array(lambda: (body.string(), body.array(lambda: (body.int32(), body.int64()))))
    out = Writer().int32(0)

    def partition(name: str, index: int, offset: int) -> None:
        low, error = -1, ErrorCode.NONE
        try:
            found = request.partition(name, index, Right.MANAGE)
            wanted = found.high if offset == -1 else offset
            if not 0 <= wanted <= found.high:
                raise RefusedError(ErrorCode.OFFSET_OUT_OF_RANGE)
            found.delete_before(wanted)
            low = found.low
        except RefusedError as refusal:
            error = refusal.code
        except OSError:
            error = ErrorCode.KAFKA_STORAGE_ERROR
        out.int32(index).int64(low).int16(error)

    return out.array(
        topics,
        lambda topic: out.string(topic[0]).array(topic[1], lambda row: partition(topic[0], *row)),
    )
