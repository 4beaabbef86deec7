"""AlterConfigs and IncrementalAlterConfigs: the retention of hubs. They need Manage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.hub_configs import DEFAULT_RETENTION, TOPIC, retention_of
from core.sandbox.event_hubs.hubs import HubTable
from core.sandbox.event_hubs.partition import Retention
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import Request, verdict
from core.sandbox.event_hubs.wire import Writer

_SET, _DELETE = 0, 1

Change = Callable[[Retention], Retention]
"""From the retention that a hub has to the one that it gets."""


async def alter_configs(request: Request) -> Writer:
    """Set what is named; what is not goes back to the default."""
    body = request.body

    def change() -> Change:
        configs = dict(body.array(lambda: (body.string(), body.nullable_string())))
        return lambda _: retention_of(configs, DEFAULT_RETENTION)

    return _alter(request, change)


async def incremental_alter_configs(request: Request) -> Writer:
    """Set what is named, or (a deletion) have it go back to the default."""
    body = request.body

    def change() -> Change:
        rows = body.array(lambda: (body.string(), body.int8(), body.nullable_string()))
        return lambda current: _changed(current, rows)

    return _alter(request, change)


def _changed(current: Retention, rows: list[tuple[str, int, str | None]]) -> Retention:
    for name, operation, value in rows:
        if operation == _SET:
            current = retention_of({name: value}, current)
        elif operation == _DELETE:
            current = _with_default(current, name)
        else:
            raise RefusedError(ErrorCode.INVALID_CONFIG, f"{name} is no list")
    return current


def _with_default(current: Retention, name: str) -> Retention:
    if name == "retention.ms":
        return Retention(DEFAULT_RETENTION.hours, current.bytes_per_partition)
    if name == "retention.bytes":
        return Retention(current.hours, DEFAULT_RETENTION.bytes_per_partition)
    raise RefusedError(ErrorCode.INVALID_CONFIG, f"{name} cannot be set")


def _alter(request: Request, change: Callable[[], Change]) -> Writer:
    body = request.body
    resources = body.array(lambda: (body.int8(), body.string(), change()))
    validate_only = body.boolean()
    out = Writer().int32(0)

    def alter(hubs: HubTable, kind: int, name: str, changed: Change) -> None:
        if kind != TOPIC:
            raise RefusedError(ErrorCode.INVALID_REQUEST, "only an event hub has such settings")
        retention = changed(request.hub(name, Right.MANAGE).settings.retention)
        if validate_only:
            hubs.check_retention(retention)
        else:
            hubs.set_retention(name, retention)

    def write(row: tuple[int, str, ErrorCode, str | None]) -> None:
        kind, name, error, text = row
        out.int16(error).string(text).int8(kind).string(name)

    with request.broker.changing_hubs() as hubs:
        rows = [(*item[:2], *verdict(partial(alter, hubs, *item))) for item in resources]
    return out.array(rows, write)
