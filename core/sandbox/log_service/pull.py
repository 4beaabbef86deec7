"""Reading by shard: GetCursor, cursor_time and PullLogs."""

from __future__ import annotations

import re
import time

from core.sandbox.log_service.messages import Group
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.storage import cursor_of, position_of
from core.sandbox.log_service.wire import (
    Answer,
    Call,
    ServiceError,
    group_list,
    json_answer,
    packed_answer,
)

_MAX_GROUPS = 1000
_MAX_BYTES = 5 * 1024 * 1024  # a page ends when it has this much; its last LogGroup is whole
_SECONDS = re.compile(r"[0-9]{1,10}")


def get_cursor(call: Call, log: ShardLog) -> Answer:
    """``GET .../shards/{id}?type=cursor&from=begin|end|<epoch seconds>``."""
    start = call.parameter("from")
    if start == "begin":
        position = 0
    elif start == "end":
        position = log.end
    elif _SECONDS.fullmatch(start):
        position = log.position_at(int(start) * 1_000_000)
    else:
        raise ServiceError("ParameterInvalid", f"parameter from {start} is invalid")
    return json_answer({"cursor": cursor_of(position)})


def get_cursor_time(call: Call, log: ShardLog) -> Answer:
    """``GET .../shards/{id}?type=cursor_time&cursor=``; the clock's time for the end."""
    position = position_of(call.parameter("cursor"), log.end)
    if position == log.end:
        return json_answer({"cursor_time": int(time.time())})
    return json_answer({"cursor_time": log.received_us(position) // 1_000_000})


def pull_logs(call: Call, log: ShardLog) -> Answer:
    """``GET .../shards/{id}?type=log&cursor=&count=[&end_cursor=]``."""
    for name in ("query", "processor", "pullMode"):
        if call.parameter(name, ""):
            raise ServiceError("ParameterInvalid", f"parameter {name}: SPL is not supported yet")
    position = position_of(call.parameter("cursor"), log.end)
    end = log.end
    if call.parameter("end_cursor", ""):
        end = position_of(call.parameter("end_cursor"), log.end)
    groups = _page(log, position, min(end, position + _count(call)))
    headers = {
        "Content-Type": "application/x-protobuf",
        "x-log-count": str(len(groups)),
        "x-log-cursor": cursor_of(position + len(groups)),
    }
    return packed_answer(group_list(groups), call.headers.get("Accept-Encoding", ""), headers)


def _page(log: ShardLog, position: int, end: int) -> list[Group]:
    groups: list[Group] = []
    size = 0
    for group in log.read(position, end):
        groups.append(group)
        size += len(group.raw)
        if size >= _MAX_BYTES:
            break
    return groups


def _count(call: Call) -> int:
    text = call.parameter("count", str(_MAX_GROUPS))
    if not _SECONDS.fullmatch(text) or not 1 <= int(text) <= _MAX_GROUPS:
        raise ServiceError("ParameterInvalid", f"parameter count {text} is not 1 to {_MAX_GROUPS}")
    return int(text)
