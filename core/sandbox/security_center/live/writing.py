"""Standard logs into a dataset's Logstore by PutLogs. It blocks: for a thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.sandbox.security_center.live.standardise import Log

_MOST_LOGS = 4096
_MOST_BYTES = 2 * 1024 * 1024
_BAD_LOG = frozenset(
    {"PostBodyInvalid", "PostBodyTooLarge", "InvalidKey", "InvalidEncoding", "InvalidTimestamp"}
)
"""Errors that a log in the LogGroup causes (SLS "PutLogs")."""


class Pending:
    """Logs that are not written yet; what was written is not written again.

    Attributes:
        logs: those that remain, in their order.
        written: how many were written.
        refused: by errorCode, how many Log Service did not take.
    """

    def __init__(self, logs: Sequence[Log]) -> None:
        self.logs = list(logs)
        self.written = 0
        self.refused: Counter[str] = Counter()

    def write(self, client: Any, project: str, logstore: str) -> None:
        """Write all that remain. Raises LogException, UnreachableError; some may be written then.

        A LogGroup that is refused because of a log in it is halved down to that log, which is
        counted and left out.
        """
        from aliyun.log import LogException

        most = _MOST_LOGS
        while self.logs:
            part = _first(self.logs, most)
            try:
                client.put_log_raw(project, logstore, _group(part))
            except LogException as error:
                code = str(error.get_error_code())
                if code not in _BAD_LOG:
                    raise
                if len(part) > 1:
                    most = len(part) // 2
                    continue
                self.refused[code] += 1
            else:
                self.written += len(part)
            del self.logs[: len(part)]
            most = _MOST_LOGS


def _first(logs: Sequence[Log], most: int) -> list[Log]:
    """As many logs as go into one call, at least one."""
    size = 0
    for place, log in enumerate(logs[:most]):
        size += log.size
        if place and size > _MOST_BYTES:
            return list(logs[:place])
    return list(logs[:most])


def _group(logs: Sequence[Log]) -> Any:
    from aliyun.log.proto import LogGroup

    group = LogGroup(Topic="", Source="security_center")
    for log in logs:
        item = group.Logs.add(Time=log.time)
        for name, value in log.fields:
            item.Contents.add(Key=name, Value=value)
    return group
