"""JoinGroup, SyncGroup, Heartbeat and LeaveGroup: what members of a group send."""

from __future__ import annotations

from functools import partial

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.members import JoinRequest, JoinResult, SyncResult
from core.sandbox.event_hubs.request import Request, verdict
from core.sandbox.event_hubs.wire import Writer

# "Azure: recommended configurations for Apache Kafka clients", session.timeout.ms
_SESSION_MS = range(6_000, 300_001)
_MAX_REBALANCE_MS = 86_400_000
_MAX_SUBSCRIPTION_BYTES = 256 * 1024


async def join_group(request: Request) -> Writer:
    """Become or stay a member; answered when the next generation begins."""
    body, version = request.body, request.version
    name, session_ms = body.string(), body.int32()
    rebalance_ms = body.int32() if version >= 1 else session_ms
    member_id = body.string()
    instance_id = body.nullable_string() if version >= 5 else None
    kind = body.string()
    protocols = tuple(body.array(lambda: (body.string(), bytes(body.blob()))))
    wanted = JoinRequest(
        member_id,
        instance_id,
        request.client_id,
        request.session.client_host,
        session_ms / 1000,
        min(max(rebalance_ms, 0), _MAX_REBALANCE_MS) / 1000,
        kind,
        protocols,
    )
    try:
        request.check_group()
        if session_ms not in _SESSION_MS:
            raise RefusedError(ErrorCode.INVALID_SESSION_TIMEOUT)
        if sum(len(data) for _, data in protocols) > _MAX_SUBSCRIPTION_BYTES:
            raise RefusedError(ErrorCode.INVALID_REQUEST)
        coordinator = request.broker.coordinator
        group = coordinator.get(name) if member_id else coordinator.get_or_create(name)
        try:
            result = await group.join(wanted, announce_first=version >= 4)
        finally:
            coordinator.drop_if_idle(name)
    except RefusedError as refusal:
        result = JoinResult(refusal.code, member_id)
    return _joined(version, result)


def _joined(version: int, result: JoinResult) -> Writer:
    out = Writer()
    if version >= 2:
        out.int32(0)
    out.int16(result.error).int32(result.generation).string(result.protocol)
    out.string(result.leader).string(result.member_id)

    def member(item: tuple[str, str | None, bytes]) -> None:
        out.string(item[0])
        if version >= 5:
            out.string(item[1])
        out.blob(item[2])

    return out.array(result.members, member)


async def sync_group(request: Request) -> Writer:
    """Hand over (the leader) or learn (the others) which partitions a member reads."""
    body, version = request.body, request.version
    name, generation, member_id = body.string(), body.int32(), body.string()
    instance_id = body.nullable_string() if version >= 3 else None
    shares = dict(body.array(lambda: (body.string(), bytes(body.blob()))))
    try:
        request.check_group()
        group = request.broker.coordinator.get(name)
        result = await group.sync(member_id, instance_id, generation, shares)
    except RefusedError as refusal:
        result = SyncResult(refusal.code)
    out = Writer()
    if version >= 1:
        out.int32(0)
    return out.int16(result.error).blob(result.assignment)


async def heartbeat(request: Request) -> Writer:
    """Stay a member, and hear of a rebalance."""
    body, version = request.body, request.version
    name, generation, member_id = body.string(), body.int32(), body.string()
    instance_id = body.nullable_string() if version >= 3 else None
    coordinator = request.broker.coordinator

    def beat() -> None:
        request.check_group()
        coordinator.get(name).heartbeat(member_id, instance_id, generation)

    error, _ = verdict(beat)
    out = Writer()
    if version >= 1:
        out.int32(0)
    return out.int16(error)


async def leave_group(request: Request) -> Writer:
    """Cease to be a member."""
    body, version = request.body, request.version
    name = body.string()
    if version < 3:
        leaving: list[tuple[str, str | None]] = [(body.string(), None)]
    else:
        leaving = body.array(lambda: (body.string(), body.nullable_string()))
    rows = [(row, verdict(partial(_leave, request, name, *row))[0]) for row in leaving]
    out = Writer()
    if version >= 1:
        out.int32(0)
    if version < 3:
        return out.int16(rows[0][1])
    out.int16(ErrorCode.NONE)
    return out.array(rows, lambda item: out.string(item[0][0]).string(item[0][1]).int16(item[1]))


def _leave(request: Request, name: str, member_id: str, instance_id: str | None) -> None:
    request.check_group()
    request.broker.coordinator.get(name).leave(member_id, instance_id)
