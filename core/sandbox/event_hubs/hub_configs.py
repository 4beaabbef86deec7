"""A hub's settings in the names of Kafka's topic configuration, and DescribeConfigs."""

from __future__ import annotations

from dataclasses import dataclass

from core.sandbox.event_hubs.batches import MAX_RECORDS_BYTES
from core.sandbox.event_hubs.broker import NODE_ID
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.hubs import Hub
from core.sandbox.event_hubs.partition import Retention
from core.sandbox.event_hubs.request import Request
from core.sandbox.event_hubs.wire import Writer

DEFAULT_RETENTION = Retention(hours=1, bytes_per_partition=None)

TOPIC, _BROKER = 2, 4  # kinds of resource
_SOURCE_TOPIC, _SOURCE_DEFAULT = 1, 5  # where a value comes from
_STRING, _INT, _LONG = 2, 3, 5  # types of a value
_MS_PER_HOUR = 3_600_000

# What every hub has; a client may name it, with this very value.
_FIXED = {
    "cleanup.policy": "delete",
    "max.message.bytes": str(MAX_RECORDS_BYTES),
    "message.timestamp.type": "CreateTime",
}


@dataclass(frozen=True)
class _Config:
    name: str
    value: str
    fixed: bool
    kind: int


def retention_of(configs: dict[str, str | None], default: Retention) -> Retention:
    """The retention that ``configs`` ask for; ``RefusedError`` for what is not known.

    ``retention.ms`` and ``retention.bytes`` as in Kafka: -1 means without limit.
    """
    hours, size = default.hours, default.bytes_per_partition
    for name, value in configs.items():
        if name == "retention.ms":
            number = _number(name, value)
            hours = None if number < 0 else number / _MS_PER_HOUR
        elif name == "retention.bytes":
            number = _number(name, value)
            size = None if number < 0 else number
        elif _FIXED.get(name) != value:
            raise RefusedError(ErrorCode.INVALID_CONFIG, f"{name} cannot be set")
    return Retention(hours, size)


def _number(name: str, value: str | None) -> int:
    try:
        number = int(value or "")
    except ValueError:
        raise RefusedError(ErrorCode.INVALID_CONFIG, f"{name} must be a number") from None
    if not -1 <= number < 2**63:
        raise RefusedError(ErrorCode.INVALID_CONFIG, f"{name} is out of range")
    return number


async def describe_configs(request: Request) -> Writer:
    """The settings of hubs and of the broker."""
    body, version = request.body, request.version
    resources = body.array(lambda: (body.int8(), body.string(), body.nullable_array(body.string)))
    out = Writer().int32(0)

    def resource(row: tuple[int, str, list[str] | None]) -> None:
        kind, name, names = row
        configs: list[_Config] = []
        try:
            configs = [
                item for item in _configs(request, kind, name) if not names or item.name in names
            ]
            out.int16(ErrorCode.NONE).string(None)
        except RefusedError as refusal:
            out.int16(refusal.code).string(refusal.text)
        out.int8(kind).string(name)
        out.array(configs, lambda item: _write(out, version, item))

    return out.array(resources, resource)


def _configs(request: Request, kind: int, name: str) -> list[_Config]:
    if kind == TOPIC:
        if not request.grant.sees(name):
            raise RefusedError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        return _of_hub(request.broker.hubs.get(name))
    if kind == _BROKER and name == str(NODE_ID):
        if not request.grant.rights:
            raise RefusedError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
        return [
            _Config("auto.create.topics.enable", "false", True, _STRING),
            _Config("message.max.bytes", str(MAX_RECORDS_BYTES), True, _INT),
        ]
    raise RefusedError(ErrorCode.INVALID_REQUEST, "no such resource")


def _of_hub(hub: Hub) -> list[_Config]:
    retention = hub.settings.retention
    hours, size = retention.hours, retention.bytes_per_partition
    milliseconds = -1 if hours is None else round(hours * _MS_PER_HOUR)
    return [
        *(_Config(name, value, True, _STRING) for name, value in _FIXED.items()),
        _Config("retention.ms", str(milliseconds), False, _LONG),
        _Config("retention.bytes", str(-1 if size is None else size), False, _LONG),
    ]


def _write(out: Writer, version: int, item: _Config) -> None:
    out.string(item.name).string(item.value).boolean(item.fixed)
    if version == 0:
        out.boolean(item.fixed)
    else:
        out.int8(_SOURCE_DEFAULT if item.fixed else _SOURCE_TOPIC)
    out.boolean(False)  # no secret
    if version >= 1:
        out.int32(0)  # synonyms
    if version >= 3:
        out.int8(item.kind).string(None)
