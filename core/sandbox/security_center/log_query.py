"""ExecuteLogQuery: a query of Log Service, in the name of Security Center."""

from __future__ import annotations

from core.sandbox.security_center.service import Service
from core.sandbox.security_center.state import now_ms
from core.sandbox.security_center.wire import Answer, Call

_HOUR_MS = 3_600_000


async def execute_log_query(service: Service, call: Call) -> Answer:
    """Times are epoch milliseconds, as text; the last hour if none are given."""
    service.logs.check_region(call.needed("LogRegionId"))
    project, logstore = call.needed("LogProjectName"), call.needed("LogStoreName")
    end = call.number("EndTime", now_ms())
    begin = call.number("StartTime", end - _HOUR_MS)
    text = _text(call.text("LogCondition"), call.text("LogQuery"))
    rows = await service.logs.query(project, logstore, text, begin // 1000, -(-end // 1000))
    return Answer({"QueryResult": rows})


def _text(condition: str, query: str) -> str:
    """Condition and query as one: SQL follows a condition after ``|`` (SC-18)."""
    if not condition or not query:
        return condition or query or "*"
    if "|" in query:
        search, _, analysis = query.partition("|")
        search = search.strip()
        both = condition if search in ("", "*") else f"({condition}) and ({search})"
        return f"{both} | {analysis.strip()}"
    if query.lstrip().lower().startswith(("select", "with", "set")):
        return f"{condition} | {query}"
    return f"({condition}) and ({query})"
