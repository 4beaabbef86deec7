"""What is in a Logstore: how many logs, and the newest ones."""

from __future__ import annotations

import time
from typing import Any

from core.alibaba.log_service.caller import Caller

_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0)
_LOGS_A_PULL = 100
_LOOK_BACK_SECONDS = (60, 3600)
"""Before the newest log (the cursor before the end has its receive time, SLS-48)."""


async def count_logs(
    caller: Caller, project: str, logstore: str, begin: int, end: int, query: str = "*"
) -> int:
    """How many logs ``query`` finds with a time from ``begin`` up to ``end``, epoch seconds.

    Needs an index. Raises ProblemError.
    """
    from aliyun.log import GetHistogramsRequest

    place = caller.place(
        f"count the logs of {logstore}", "GetLogStoreHistogram", project=project, logstore=logstore
    )
    request = GetHistogramsRequest(project, logstore, int(begin), int(end), "", query)

    def count(client: Any) -> int:
        for pause in (*_AGAIN_SECONDS, None):
            answer = client.get_histograms(request)
            if answer.is_completed() or pause is None:
                return int(answer.get_total_count())
            time.sleep(pause)
        raise AssertionError("the last look returns")

    return await caller.ask(place, count)


async def newest_logs(
    caller: Caller, project: str, logstore: str, limit: int = 1
) -> list[dict[str, str]]:
    """Up to ``limit`` of the logs that arrived last, the newest first; no index is needed.

    Of each shard the minute is read that ended with its newest log, however long ago, and the hour
    where that holds fewer than ``limit``. Fields ``__time__`` and, of each LogTag,
    ``__tag__:<name>`` come with them. Raises ProblemError.
    """
    place = caller.place(
        f"read the newest logs of {logstore}", "GetCursorOrData", project=project, logstore=logstore
    )

    def read(client: Any) -> list[dict[str, str]]:
        shards = client.list_shards(project, logstore).get_shards_info()
        found: list[tuple[int, dict[str, str]]] = []
        for shard in (int(each["shardID"]) for each in shards):
            found += _newest_of(client, (project, logstore, shard), limit)
        found.sort(key=lambda each: each[0], reverse=True)
        return [log for _, log in found[:limit]]

    return await caller.ask(place, read)


def _newest_of(
    client: Any, place: tuple[str, str, int], limit: int
) -> list[tuple[int, dict[str, str]]]:
    end = client.get_end_cursor(*place).get_cursor()
    if client.get_begin_cursor(*place).get_cursor() == end:
        return []
    received = int(client.get_previous_cursor_time(*place, end).get_cursor_time())
    found: list[tuple[int, dict[str, str]]] = []
    for back in _LOOK_BACK_SECONDS:
        cursor = client.get_cursor(*place, received - back).get_cursor()
        found = _last(client, place, cursor, end, limit)
        if len(found) >= limit:
            break
    return found


def _last(
    client: Any, place: tuple[str, str, int], cursor: str, end: str, limit: int
) -> list[tuple[int, dict[str, str]]]:
    """The last ``limit`` logs from ``cursor`` up to ``end``."""
    found: list[tuple[int, dict[str, str]]] = []
    while cursor != end:
        answer = client.pull_logs(*place, cursor, _LOGS_A_PULL, end)
        found += _logs(answer)
        found = found[-limit:]
        if answer.get_next_cursor() == cursor:
            break
        cursor = answer.get_next_cursor()
    return found


def _logs(answer: Any) -> list[tuple[int, dict[str, str]]]:
    logs = []
    for group in answer.get_loggroup_list().LogGroups:
        tags = {f"__tag__:{tag.Key}": tag.Value for tag in group.LogTags}
        for log in group.Logs:
            fields = {each.Key: each.Value for each in log.Contents}
            logs.append((log.Time, fields | tags | {"__time__": str(log.Time)}))
    return logs
