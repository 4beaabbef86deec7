"""Shards as clients see and change them: ListShards, SplitShard, MergeShards.

A split or merge makes new shards with the next numbers; those that they replace stay readable.
(Alibaba Cloud: SLS "SplitShard", "MergeShards", "Manage shards".)
"""

from __future__ import annotations

import re
import time
from typing import Any

from core.sandbox.log_service.catalogue import (
    MAX_SHARDS,
    READ_ONLY,
    READ_WRITE,
    Logstore,
    ShardRange,
)
from core.sandbox.log_service.service import Service
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer

_KEY = re.compile(r"[0-9a-fA-F]{32}")


def list_shards(service: Service, call: Call, name: str) -> Answer:
    """``GET /logstores/{name}/shards``."""
    ranges = service.catalogue.logstore(call.project, name).ranges
    return json_answer([_shard(each) for each in ranges])


def change_shard(service: Service, call: Call, name: str, shard: str) -> Answer:
    """``POST /logstores/{name}/shards/{shard}?action=split&key=`` or ``?action=merge``.

    Answers the shards that the change touched and made.
    """
    logstore = service.catalogue.logstore(call.project, name)
    old = service.storage.shards(logstore).range_of(shard)
    if old.status != READ_WRITE:
        raise ServiceError("ParameterInvalid", f"shard {shard} is {READ_ONLY}")
    action = call.parameter("action", "")
    if action == "split":
        replaced, bounds = [old], [old.begin, _split_key(call, old), old.end]
    elif action == "merge":
        right = _neighbour(logstore, old)
        replaced, bounds = [old, right], [old.begin, right.end]
    else:
        raise ServiceError("ParameterInvalid", f"action {action} is not split or merge")
    made = _replace(service, logstore, replaced, bounds)
    return json_answer([_shard(each) for each in sorted_by_number([*replaced, *made])])


def sorted_by_number(ranges: list[ShardRange]) -> list[ShardRange]:
    """Shards in the order of their numbers."""
    return sorted(ranges, key=lambda each: each.number)


def _replace(
    service: Service, logstore: Logstore, replaced: list[ShardRange], bounds: list[str]
) -> list[ShardRange]:
    first = len(logstore.ranges)
    if first + len(bounds) - 1 > MAX_SHARDS:
        raise ServiceError("ShardQuotaExceed", f"a project has at most {MAX_SHARDS} shards")
    now = int(time.time())
    made = [
        ShardRange(first + place, bounds[place], bounds[place + 1], READ_WRITE, now)
        for place in range(len(bounds) - 1)
    ]
    logstore.ranges += made
    service.storage.open_new_shards(logstore)
    for each in replaced:
        each.status = READ_ONLY
    service.catalogue.save()
    return made


def _split_key(call: Call, old: ShardRange) -> str:
    """Where to split: the key that was given, or the middle."""
    begin, end = int(old.begin, 16), int(old.end, 16)
    key = call.parameter("key", "") or f"{(begin + end + 1) // 2:032x}"
    if not _KEY.fullmatch(key) or not begin < int(key, 16) < end:
        raise ServiceError("ParameterInvalid", f"key {key} does not lie inside shard {old.number}")
    return key.lower()


def _neighbour(logstore: Logstore, left: ShardRange) -> ShardRange:
    for each in logstore.ranges:
        if each.status == READ_WRITE and each.begin == left.end:
            return each
    raise ServiceError("ParameterInvalid", f"shard {left.number} has no right neighbour")


def _shard(each: ShardRange) -> dict[str, Any]:
    return {
        "shardID": each.number,
        "status": each.status,
        "inclusiveBeginKey": each.begin,
        "exclusiveEndKey": each.end,
        "createTime": each.created,
    }
