"""Reading by time and by content: GetLogs, in its two forms, GetHistograms and ListTopics."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from core.sandbox.log_service import log_query
from core.sandbox.log_service.catalogue import Logstore
from core.sandbox.log_service.index_config import read_index
from core.sandbox.log_service.log_query import Query, Rows, Window, read_query
from core.sandbox.log_service.search_index import NANOSECONDS, SearchIndex
from core.sandbox.log_service.storage import Shards
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer, packed_answer

_MAX_LINES = 100
_MAX_SECONDS = 0xFFFFFFFF
_INTERVALS = 60
_SCAN_SQL = 3
_NO_INDEX: dict[str, Any] = {"keys": {}}
_Found = TypeVar("_Found")


class Reader:
    """Answers questions about one Logstore."""

    def __init__(self, logstore: Logstore, shards: Shards, index: SearchIndex) -> None:
        """Without an index of the Logstore only a scan in SQL is answered."""
        self._name = logstore.name
        self._id = logstore.id
        self._shards = shards
        self._index = index
        self._has_index = logstore.index is not None
        self._config = read_index(logstore.index or _NO_INDEX)

    async def get_logs(self, call: Call) -> Answer:
        """``POST /logstores/{name}/logs``: JSON in, JSON out, compressed if the client can."""
        rows = await self._rows(call.json("ParameterInvalid"))
        meta = json.dumps(rows.meta, ensure_ascii=False)
        body = f'{{"meta":{meta},"data":[{",".join(rows.rows)}]}}'.encode()
        accepted = call.headers.get("Accept-Encoding", "")
        return packed_answer(body, accepted, {"Content-Type": "application/json"})

    async def get_logs_by_get(self, call: Call) -> Answer:
        """``GET /logstores/{name}?type=log``: the older form, a JSON array."""
        rows = await self._rows(dict(call.query))
        meta = rows.meta
        info = {name: meta[name] for name in ("keys", "terms", "limited", "mode") if name in meta}
        headers = {
            "Content-Type": "application/json",
            "x-log-progress": "Complete",
            "x-log-count": str(len(rows.rows)),
            "x-log-processed-rows": str(meta["processedRows"]),
            "x-log-elapsed-millisecond": str(meta["elapsedMillisecond"]),
            "x-log-has-sql": str(meta["hasSQL"]).lower(),
            "x-log-query-info": json.dumps(info),
        }
        for name, text in (("where", meta["whereQuery"]), ("agg", meta["aggQuery"])):
            if text.isascii() and text.isprintable():  # nothing else can stand in a header
                headers[f"x-log-{name}-query"] = text
        return Answer(f"[{','.join(rows.rows)}]".encode(), headers)

    async def get_histograms(self, call: Call) -> Answer:
        """``GET /logstores/{name}?type=histogram``: logs in each of up to 60 intervals."""
        asked = dict(call.query)
        window, query = _window(asked), _query(asked)
        windows = _intervals(window)
        step = windows[0].end_ns - windows[0].start_ns
        counts = await self._ask(log_query.count_logs, query, window, step)
        histograms = [
            {
                "from": each.start_ns // NANOSECONDS,
                "to": each.end_ns // NANOSECONDS,
                "count": counts.get(number, 0),
                "progress": "Complete",
            }
            for number, each in enumerate(windows)
        ]
        headers = {"x-log-progress": "Complete", "x-log-count": str(sum(counts.values()))}
        return json_answer(histograms, headers)

    async def list_topics(self, call: Call) -> Answer:
        """``GET /logstores/{name}?type=topic&token&line``: topics in order, by pages."""
        line = _number(dict(call.query), "line", _MAX_LINES, _MAX_LINES, "InvalidLine")
        token = call.parameter("token", "")
        self._need_index()
        found = await asyncio.to_thread(self._topics, token, line)
        following = found[-1] if len(found) == line else ""
        return json_answer(found, {"x-log-count": str(len(found)), "x-log-nexttoken": following})

    def _need_index(self) -> None:
        """Raises ServiceError IndexConfigNotExist for a Logstore without an index."""
        if not self._has_index:
            raise ServiceError("IndexConfigNotExist", f"logstore {self._name} without index config")

    def _topics(self, token: str, line: int) -> list[str]:
        with self._index.table(self._id, self._shards) as table:
            return log_query.list_topics(table, token, line)

    async def _ask(
        self, run: Callable[..., _Found], query: Query, window: Window, more: Any
    ) -> _Found:
        """Run one question in a thread, so that requests are answered meanwhile."""
        if query.needs_index:
            self._need_index()

        def answer() -> _Found:
            with self._index.table(self._id, self._shards) as table:
                return run(table, self._config, query, window, more)

        return await asyncio.to_thread(answer)

    async def _rows(self, asked: dict[str, Any]) -> Rows:
        """The logs or the SQL result that ``asked`` names."""
        started = time.monotonic()
        window, query = _window(asked), _query(asked)
        line = _number(asked, "line", _MAX_LINES, _MAX_LINES, "InvalidLine")
        offset = _number(asked, "offset", 0, 2**53, "InvalidOffset")
        page = (line, offset, _is_reverse(asked))
        if query.sql:
            from core.sandbox.log_service.sql_run import run_sql  # a start need not wait for it

            rows = await self._ask(run_sql, query, window, self._name)
        else:
            rows = await self._ask(log_query.find_logs, query, window, page)
        elapsed = int((time.monotonic() - started) * 1000)
        return Rows(rows.rows, _meta(query, rows, elapsed))


def _meta(query: Query, rows: Rows, milliseconds: int) -> dict[str, Any]:
    return {
        "progress": "Complete",
        "count": len(rows.rows),
        "elapsedMillisecond": milliseconds,
        "hasSQL": bool(query.sql),
        "whereQuery": query.search,
        "aggQuery": query.sql,
        "cpuSec": milliseconds / 1000,
        "cpuCores": 1,
        "mode": _SCAN_SQL if query.sql and query.scan else 0,
        "isAccurate": True,
        "powerSql": False,
        "telementryType": "logging",  # the service's spelling
        "telemetryType": "logging",
        "processedBytes": sum(map(len, rows.rows)),
        "keys": [],
        "terms": query.terms,
        **rows.meta,
    }


def _query(asked: dict[str, Any]) -> Query:
    text = asked.get("query") or ""
    if not isinstance(text, str):
        raise ServiceError("ParameterInvalid", "query must be a string")
    return read_query(text, str(asked.get("session") or ""))


def _window(asked: dict[str, Any]) -> Window:
    """The time range, its start included and its end not. Raises ServiceError."""
    start, end = (
        _number(asked, name, None, _MAX_SECONDS, "InvalidTimeRange") * NANOSECONDS
        + _number(asked, f"{name}Ns", 0, NANOSECONDS - 1, "InvalidTimeRange")
        for name in ("from", "to")
    )
    if start >= end:
        raise ServiceError("InvalidTimeRange", "from must be before to")
    topic = str(asked.get("topic") or "")
    if "\0" in topic:
        raise ServiceError("ParameterInvalid", "topic holds a NUL character")
    return Window(start, end, topic)


def _number(
    asked: dict[str, Any], name: str, default: int | None, largest: int, refusal: str
) -> int:
    value = asked.get(name, default)
    try:
        number = int(value) if not isinstance(value, bool) else -1  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not 0 <= number <= largest:
        raise ServiceError(refusal, f"{name} {value} is not 0 to {largest}")
    return number


def _is_reverse(asked: dict[str, Any]) -> bool:
    text = str(asked.get("reverse", False)).lower()
    if text not in ("true", "false"):
        raise ServiceError("InvalidReverse", f"reverse {text} is invalid")
    return text == "true"


def _intervals(window: Window) -> list[Window]:
    """The window in equal parts of whole seconds."""
    seconds = -(-(window.end_ns - window.start_ns) // NANOSECONDS)
    step = -(-seconds // _INTERVALS) * NANOSECONDS
    starts = range(window.start_ns, window.end_ns, step)
    return [Window(start, min(start + step, window.end_ns), window.topic) for start in starts]
