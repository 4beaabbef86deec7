"""A log that Log Service refuses, made into a dead letter again."""

from __future__ import annotations

from core.engine.dead_letters import DeadLetter
from core.engine.log_group import log_body
from core.records.uid import EventUid


def refused_letter(entry: bytes, code: str) -> DeadLetter:
    """The dead letter of the log in ``entry``, refused with errorCode ``code``.

    Its place in the hub is read back from its ``event_uid``; ``raw`` is the encoded log.
    """
    from aliyun.log.log_logs_pb2 import Log

    body = log_body(entry)
    log = Log.FromString(body)
    text = next(each.Value for each in reversed(log.Contents) if each.Key == "event_uid")
    uid = EventUid.parse(text)
    return DeadLetter(
        hub_id=uid.hub,
        partition=uid.partition,
        offset=uid.offset,
        timestamp_ms=uid.timestamp_ms,
        stage="put_logs",
        causes={uid.index: f"refused:{code}"},
        raw=body,
    )
