"""Operations on consumer groups, their heartbeats and checkpoints.

Checkpoints are kept on disk. (Alibaba Cloud: SLS "CreateConsumerGroup", "HeartBeat",
"UpdateCheckPoint", "GetCheckPoint".)
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import Any

from core.sandbox.log_service.catalogue import ConsumerGroup, Logstore
from core.sandbox.log_service.service import Service
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer

_MOST_GROUPS = 20
_LONGEST_TIMEOUT = 24 * 3600


def create_group(service: Service, call: Call, name: str) -> Answer:
    """``POST /logstores/{name}/consumergroups``."""
    logstore = service.catalogue.logstore(call.project, name)
    asked = call.json("JsonInfoInvalid")
    group = asked.get("consumerGroup")
    if not isinstance(group, str) or not 0 < len(group) <= 64:
        raise ServiceError("JsonInfoInvalid", "consumerGroup is missing or too long")
    if group in logstore.groups:
        raise ServiceError("ConsumerGroupAlreadyExist", "consumer group already exist")
    if len(logstore.groups) >= _MOST_GROUPS:
        raise ServiceError(
            "ConsumerGroupQuotaExceed", f"a Logstore has at most {_MOST_GROUPS} groups"
        )
    timeout, order = _timeout(asked), bool(asked.get("order", False))
    logstore.groups[group] = ConsumerGroup(group, timeout, order)
    return _saved(service)


def list_groups(service: Service, call: Call, name: str) -> Answer:
    """``GET /logstores/{name}/consumergroups``."""
    groups = service.catalogue.logstore(call.project, name).groups.values()
    return json_answer([{"name": g.name, "timeout": g.timeout, "order": g.order} for g in groups])


def update_group(service: Service, call: Call, name: str, group: str) -> Answer:
    """``PUT /logstores/{name}/consumergroups/{group}``: timeout, order or both."""
    _, found = _find(service, call, name, group)
    asked = call.json("JsonInfoInvalid")
    if "timeout" in asked:
        found.timeout = _timeout(asked)
    found.order = bool(asked.get("order", found.order))
    return _saved(service)


def delete_group(service: Service, call: Call, name: str, group: str) -> Answer:
    """``DELETE /logstores/{name}/consumergroups/{group}``."""
    logstore, _ = _find(service, call, name, group)
    del logstore.groups[group]
    service.members.forget(logstore.id, group)
    return _saved(service)


def heart_beat(service: Service, call: Call, name: str, group: str) -> Answer:
    """``POST .../consumergroups/{group}?type=heartbeat&consumer=``; body: shards it holds."""
    logstore, found = _find(service, call, name, group)
    consumer = call.parameter("consumer")
    held = _shard_list(call)
    shards = [each.number for each in logstore.ranges]
    members = service.members.of(logstore.id, group)
    mine = members.beat(consumer, held, shards, found.timeout, time.monotonic())
    return json_answer(mine)


def update_checkpoint(service: Service, call: Call, name: str, group: str) -> Answer:
    """``POST .../consumergroups/{group}?type=checkpoint&consumer=&forceSuccess=``."""
    logstore, found = _find(service, call, name, group)
    asked = call.json("JsonInfoInvalid")
    shard, checkpoint = asked.get("shard"), asked.get("checkpoint")
    if not isinstance(shard, int) or not 0 <= shard < len(logstore.ranges):
        raise ServiceError("ShardNotExist", "shard not exist", 404)
    _check_checkpoint(checkpoint)
    consumer = call.parameter("consumer", "")
    forced = call.parameter("forceSuccess", "false").lower() == "true"
    owner = service.members.of(logstore.id, group).owners.get(shard)
    if not forced and (not consumer or owner != consumer):
        raise ServiceError("ConsumerNotMatch", f"shard {shard} is not this consumer's")
    found.checkpoints[str(shard)] = {
        "checkpoint": checkpoint,
        "updateTime": int(time.time() * 1_000_000),
        "consumer": consumer,
    }
    return _saved(service)


def get_checkpoint(service: Service, call: Call, name: str, group: str) -> Answer:
    """``GET .../consumergroups/{group}[?shard=]``; nothing for a shard that there is not."""
    logstore, found = _find(service, call, name, group)
    wanted = call.parameter("shard", "")
    nothing = {"checkpoint": "", "updateTime": 0, "consumer": ""}
    return json_answer(
        [
            {"shard": each.number, **found.checkpoints.get(str(each.number), nothing)}
            for each in logstore.ranges
            if wanted in ("", str(each.number))
        ]
    )


def _find(service: Service, call: Call, name: str, group: str) -> tuple[Logstore, ConsumerGroup]:
    logstore = service.catalogue.logstore(call.project, name)
    if group not in logstore.groups:
        raise ServiceError("ConsumerGroupNotExist", "consumer group not exist")
    return logstore, logstore.groups[group]


def _saved(service: Service) -> Answer:
    service.catalogue.save()
    return Answer()


def _timeout(asked: dict[str, Any]) -> int:
    timeout = asked.get("timeout")
    if isinstance(timeout, bool) or not isinstance(timeout, int):
        timeout = 0
    if not 0 < timeout <= _LONGEST_TIMEOUT:
        raise ServiceError("JsonInfoInvalid", f"timeout must be 1 to {_LONGEST_TIMEOUT} seconds")
    return timeout


def _shard_list(call: Call) -> list[int]:
    try:
        held = json.loads(call.body or b"[]")
    except ValueError:
        held = None
    if not isinstance(held, list) or not all(type(shard) is int for shard in held):
        raise ServiceError("JsonInfoInvalid", "the body is not a list of shard numbers")
    return held


def _check_checkpoint(checkpoint: Any) -> None:
    try:
        base64.b64decode(checkpoint, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ServiceError(
            "InvalidShardCheckPoint", "shard checkpoint not encoded by base64"
        ) from None
