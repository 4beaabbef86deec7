"""ApiVersions aside, what a client asks first: Metadata, FindCoordinator, ListOffsets."""

from __future__ import annotations

from core.sandbox.event_hubs.broker import NODE_ID
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.hubs import check_name
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import Request
from core.sandbox.event_hubs.wire import Writer
from core.sandbox.ports import HOST

_NO_OPERATIONS = -(2**31)  # "authorized operations" that were not asked for
_LATEST, _EARLIEST = -1, -2


async def metadata(request: Request) -> Writer:
    """Brokers, and hubs for which the client has any right. None is made by asking for it."""
    body, version, broker = request.body, request.version, request.broker
    names = body.nullable_array(body.string)
    if names is None or (version == 0 and not names):
        names = [name for name in broker.hubs.names if request.grant.sees(name)]
    out = Writer()
    if version >= 3:
        out.int32(0)
    out.int32(1).int32(NODE_ID).string(HOST).int32(broker.port)
    if version >= 1:
        out.string(None)
    if version >= 2:
        out.string(broker.cluster_id)
    if version >= 1:
        out.int32(NODE_ID)
    out.array(names, lambda name: _hub(out, request, name))
    if version >= 8:
        out.int32(_NO_OPERATIONS)
    return out


def _hub(out: Writer, request: Request, name: str) -> None:
    version = request.version
    error, partitions = ErrorCode.NONE, 0
    try:
        check_name(name)
        if not request.grant.sees(name):
            raise RefusedError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        partitions = len(request.broker.hubs.get(name).partitions)
    except RefusedError as refusal:
        error = refusal.code
    out.int16(error).string(name)
    if version >= 1:
        out.boolean(False)  # not an internal topic

    def partition(index: int) -> None:
        out.int16(ErrorCode.NONE).int32(index).int32(NODE_ID)
        if version >= 7:
            out.int32(-1)  # no leader epochs
        out.int32(1).int32(NODE_ID).int32(1).int32(NODE_ID)  # replicas, in sync
        if version >= 5:
            out.int32(0)  # none offline

    out.array(range(partitions), partition)
    if version >= 8:
        out.int32(_NO_OPERATIONS)


async def find_coordinator(request: Request) -> Writer:
    """The coordinator of a group: this broker. There is none for transactions.

    Anybody may ask: what needs a right is what is asked of the coordinator then (EH-09).
    """
    body, version = request.body, request.version
    body.string()
    kind = body.int8() if version >= 1 else 0
    out = Writer()
    if version >= 1:
        out.int32(0)
    if kind != 0:
        out.int16(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        return out.string("transactions are not offered").int32(-1).string("").int32(-1)
    out.int16(ErrorCode.NONE)
    if version >= 1:
        out.string(None)
    return out.int32(NODE_ID).string(HOST).int32(request.broker.port)


async def list_offsets(request: Request) -> Writer:
    """The first offset, the next one, or that of the first record not older than a time."""
    body, version = request.body, request.version
    body.int32()  # replica id
    if version >= 2:
        body.int8()  # isolation level

    def wanted() -> tuple[int, int]:
        index = body.int32()
        if version >= 4:
            body.int32()  # leader epoch
        return index, body.int64()

    topics = body.array(lambda: (body.string(), body.array(wanted)))
    out = Writer()
    if version >= 2:
        out.int32(0)

    def answer(name: str, index: int, timestamp: int) -> None:
        error, found = _offset(request, name, index, timestamp)
        out.int32(index).int16(error).int64(found[0]).int64(found[1])
        if version >= 4:
            out.int32(-1)  # no leader epochs

    return out.array(
        topics,
        lambda topic: out.string(topic[0]).array(topic[1], lambda row: answer(topic[0], *row)),
    )


def _offset(
    request: Request, hub: str, index: int, timestamp: int
) -> tuple[ErrorCode, tuple[int, int]]:
    try:
        partition = request.partition(hub, index, Right.LISTEN)
        if timestamp == _LATEST:
            return ErrorCode.NONE, (-1, partition.high)
        if timestamp == _EARLIEST:
            return ErrorCode.NONE, (-1, partition.low)
        if timestamp < 0:
            raise RefusedError(ErrorCode.INVALID_REQUEST)
        return ErrorCode.NONE, partition.offset_at(timestamp) or (-1, -1)
    except RefusedError as refusal:
        return refusal.code, (-1, -1)
    except OSError:
        return ErrorCode.KAFKA_STORAGE_ERROR, (-1, -1)
