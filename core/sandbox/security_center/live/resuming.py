"""What was written already, where nobody knows: after a lost answer, after a ``kill -9``.

The same rows give the same ``log_uuid`` again, so the dataset itself tells what it has.
"""

from __future__ import annotations

import time
from typing import Any

from core.sandbox.security_center.live.standardise import Log
from core.sandbox.security_center.live.writing import Pending

_BACK_SECONDS = 8 * 24 * 3600
_AHEAD_SECONDS = 3600
"""A log's time lies between 7 days ago and 15 minutes ahead of when it was written."""
_AT_ONCE = 300
"""Ids in one query; a statement has at most 20,000 characters."""
_SELECT = "*|set session mode=scan;SELECT log_uuid FROM log"


def leave_out_stored(client: Any, project: str, logstore: str, pending: Pending) -> None:
    """Take the logs that the Logstore has for written. It blocks.

    Raises LogException, UnreachableError; nothing is changed then.
    """
    now = int(time.time())
    range_ = (now - _BACK_SECONDS, now + _AHEAD_SECONDS)
    stored: set[str] = set()
    names = [_uuid(log) for log in pending.logs]
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        listed = ", ".join(f"'{name}'" for name in some)
        query = f"{_SELECT} WHERE log_uuid IN ({listed}) LIMIT {len(some)}"
        answer = client.get_log(project, logstore, *range_, query=query)
        stored.update(str(log.get_contents()["log_uuid"]) for log in answer.get_logs())
    fresh = [log for log, name in zip(pending.logs, names, strict=True) if name not in stored]
    pending.written += len(pending.logs) - len(fresh)
    pending.logs = fresh


def _uuid(log: Log) -> str:
    return dict(log.fields)["log_uuid"]
