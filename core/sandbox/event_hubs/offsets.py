"""OffsetCommit, OffsetFetch and OffsetDelete: for hubs that the client may listen to.

For others each item is answered TOPIC_AUTHORIZATION_FAILED (azure-event-hubs-for-kafka's OAuth
sample shows that code for OffsetFetch without a role; for policies it is EH-09).
"""

from __future__ import annotations

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.committed import Commit
from core.sandbox.event_hubs.coordinator import Committer
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import Request
from core.sandbox.event_hubs.wire import Writer

_DENIED = ErrorCode.TOPIC_AUTHORIZATION_FAILED


def _may(request: Request, hub: str) -> bool:
    return request.grant.allows(Right.LISTEN, hub)


async def offset_commit(request: Request) -> Writer:
    """Keep offsets with their metadata."""
    body, version = request.body, request.version
    name, generation, member_id = body.string(), body.int32(), body.string()
    if version <= 4:
        body.int64()  # retention time: Event Hubs sets its own
    instance_id = body.nullable_string() if version >= 7 else None

    def partition() -> tuple[int, Commit]:
        index, offset = body.int32(), body.int64()
        leader_epoch = body.int32() if version >= 6 else -1
        return index, Commit(offset, leader_epoch, body.nullable_string() or "")

    topics = body.array(lambda: (body.string(), body.array(partition)))
    commits = {(hub, index): commit for hub, rows in topics for index, commit in rows}
    try:
        if any(commit.offset < 0 for commit in commits.values()):
            raise RefusedError(ErrorCode.INVALID_REQUEST)
        allowed = {key: item for key, item in commits.items() if _may(request, key[0])}
        verdicts = dict.fromkeys(commits, _DENIED)
        if allowed:
            who = Committer(name, member_id, instance_id, generation)
            verdicts |= request.broker.coordinator.commit(who, allowed)
    except RefusedError as refusal:
        verdicts = dict.fromkeys(commits, refusal.code)
    out = Writer()
    if version >= 3:
        out.int32(0)
    return out.array(
        topics,
        lambda topic: out.string(topic[0]).array(
            topic[1], lambda row: out.int32(row[0]).int16(verdicts[topic[0], row[0]])
        ),
    )


async def offset_fetch(request: Request) -> Writer:
    """Committed offsets; -1 where there is none, all of them for null."""
    body, version = request.body, request.version
    name = body.string()
    topics = body.nullable_array(lambda: (body.string(), body.array(body.int32)))
    commits = request.broker.coordinator.offsets.of(name)
    if topics is None:
        by_hub: dict[str, list[int]] = {}
        for hub, index in filter(lambda key: _may(request, key[0]), commits):
            by_hub.setdefault(hub, []).append(index)
        topics = list(by_hub.items())
    out = Writer()
    if version >= 3:
        out.int32(0)

    def partition(hub: str, index: int) -> None:
        error, commit = _DENIED, Commit(-1, -1, "")
        if _may(request, hub):
            error, commit = ErrorCode.NONE, commits.get((hub, index), commit)
        out.int32(index).int64(commit.offset)
        if version >= 5:
            out.int32(commit.leader_epoch)
        out.string(commit.metadata).int16(error)

    out.array(
        topics,
        lambda topic: out.string(topic[0]).array(
            topic[1], lambda index: partition(topic[0], index)
        ),
    )
    return out.int16(ErrorCode.NONE) if version >= 2 else out


async def offset_delete(request: Request) -> Writer:
    """Take committed offsets away."""
    body = request.body
    name = body.string()
    topics = body.array(lambda: (body.string(), body.array(body.int32)))
    keys = [(hub, index) for hub, rows in topics for index in rows]
    allowed = [key for key in keys if _may(request, key[0])]
    verdicts = dict.fromkeys(keys, _DENIED)
    out = Writer()
    try:
        request.check_group()
        verdicts |= request.broker.coordinator.delete_offsets(name, allowed)
    except RefusedError as refusal:
        return out.int16(refusal.code).int32(0).int32(0)
    out.int16(ErrorCode.NONE).int32(0)
    return out.array(
        topics,
        lambda topic: out.string(topic[0]).array(
            topic[1], lambda index: out.int32(index).int16(verdicts[topic[0], index])
        ),
    )
