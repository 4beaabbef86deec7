"""Reading by time: GetLogs, in its two forms, and GetHistograms."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from core.sandbox.log_service.catalogue import Logstore
from core.sandbox.log_service.search_index import SearchIndex, Window
from core.sandbox.log_service.storage import Shards
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer, packed_answer

_NANOSECONDS = 1_000_000_000
_MAX_LINES = 100
_MAX_SECONDS = 0xFFFFFFFF
_INTERVALS = 60


class Reader:
    """Answers questions about one Logstore."""

    def __init__(self, logstore: Logstore, shards: Shards, index: SearchIndex) -> None:
        """Raises ServiceError IndexConfigNotExist for a Logstore without an index."""
        if logstore.index is None:
            raise ServiceError(
                "IndexConfigNotExist", f"logstore {logstore.name} without index config"
            )
        self._id = logstore.id
        self._shards = shards
        self._index = index

    async def get_logs(self, call: Call) -> Answer:
        """``POST /logstores/{name}/logs``: JSON in, JSON out, compressed if the client can."""
        asked = call.json("ParameterInvalid")
        rows, milliseconds = await self._rows(asked)
        meta = {
            "progress": "Complete",
            "count": len(rows),
            "processedRows": len(rows),
            "elapsedMillisecond": milliseconds,
            "hasSQL": False,
            "whereQuery": asked.get("query") or "",
            "aggQuery": "",
            "cpuSec": 0,
            "cpuCores": 0,
            "mode": 0,
            "isAccurate": True,
        }
        body = f'{{"meta":{json.dumps(meta)},"data":[{",".join(rows)}]}}'.encode()
        accepted = call.headers.get("Accept-Encoding", "")
        return packed_answer(body, accepted, {"Content-Type": "application/json"})

    async def get_logs_by_get(self, call: Call) -> Answer:
        """``GET /logstores/{name}?type=log``: the older form, a JSON array."""
        rows, milliseconds = await self._rows(dict(call.query))
        headers = {
            "Content-Type": "application/json",
            "x-log-progress": "Complete",
            "x-log-count": str(len(rows)),
            "x-log-processed-rows": str(len(rows)),
            "x-log-elapsed-millisecond": str(milliseconds),
            "x-log-has-sql": "false",
        }
        return Answer(f"[{','.join(rows)}]".encode(), headers)

    async def get_histograms(self, call: Call) -> Answer:
        """``GET /logstores/{name}?type=histogram``: logs in each of up to 60 intervals."""
        window = _window(dict(call.query))
        windows = _intervals(window)
        counts = await asyncio.to_thread(self._index.counts, self._id, self._shards, windows)
        histograms = [
            {
                "from": each.start_ns // _NANOSECONDS,
                "to": each.end_ns // _NANOSECONDS,
                "count": count,
                "progress": "Complete",
            }
            for each, count in zip(windows, counts, strict=True)
        ]
        return json_answer(
            histograms, {"x-log-progress": "Complete", "x-log-count": str(sum(counts))}
        )

    async def _rows(self, asked: dict[str, Any]) -> tuple[list[str], int]:
        """The logs that ``asked`` names, and how many milliseconds it took."""
        started = time.monotonic()
        window = _window(asked)
        line = _number(asked, "line", 100, _MAX_LINES, "InvalidLine")
        offset = _number(asked, "offset", 0, 2**53, "InvalidOffset")
        rows = await asyncio.to_thread(
            self._index.rows, self._id, self._shards, window, _reverse(asked), line, offset
        )
        return rows, int((time.monotonic() - started) * 1000)


def _window(asked: dict[str, Any]) -> Window:
    """The time range, its start included and its end not. Raises ServiceError."""
    query = str(asked.get("query") or "").strip()
    if query not in ("", "*"):
        raise ServiceError("ParameterInvalid", "search comes later: query must be empty or *")
    start, end = (
        _number(asked, name, None, _MAX_SECONDS, "InvalidTimeRange") * _NANOSECONDS
        + _number(asked, f"{name}Ns", 0, _NANOSECONDS - 1, "InvalidTimeRange")
        for name in ("from", "to")
    )
    if start >= end:
        raise ServiceError("InvalidTimeRange", "from must be before to")
    return Window(start, end, str(asked.get("topic") or ""))


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


def _reverse(asked: dict[str, Any]) -> bool:
    text = str(asked.get("reverse", False)).lower()
    if text not in ("true", "false"):
        raise ServiceError("InvalidReverse", f"reverse {text} is invalid")
    return text == "true"


def _intervals(window: Window) -> list[Window]:
    """The window in equal parts of whole seconds."""
    seconds = -(-(window.end_ns - window.start_ns) // _NANOSECONDS)
    step = -(-seconds // _INTERVALS) * _NANOSECONDS
    starts = range(window.start_ns, window.end_ns, step)
    return [Window(start, min(start + step, window.end_ns), window.topic) for start in starts]
