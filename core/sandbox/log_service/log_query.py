"""What a query asks for, and the answer from one Logstore's rows. All of it blocks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from core.sandbox.log_service.index_config import IndexConfig
from core.sandbox.log_service.search_condition import condition_of, field_value
from core.sandbox.log_service.search_index import Table
from core.sandbox.log_service.search_query import Everything, Node, parse_search, terms_of
from core.sandbox.log_service.search_text import refusal, split_query
from core.sandbox.log_service.search_words import literal

_SESSIONS = {"mode": ("scan",), "parallel_sql": ("true", "false")}
_SESSION = re.compile(r"\s*set\s+session\s+(\w+)\s*=\s*(\w+)\s*;", re.IGNORECASE)


@dataclass(frozen=True)
class Window:
    """Which logs are asked for: from ``start_ns`` on, before ``end_ns``, of a topic if given."""

    start_ns: int
    end_ns: int
    topic: str = ""


@dataclass(frozen=True)
class Query:
    """A query, read.

    Attributes:
        search: its search part, as text and as a tree.
        sql: its SQL part, empty without one.
        scan: whether SQL sees all fields as text, without an index.
    """

    search: str
    node: Node
    sql: str = ""
    scan: bool = False

    @property
    def terms(self) -> list[dict[str, str]]:
        """As the answer lists them."""
        return [{"key": key, "term": term} for key, term in terms_of(self.node)]

    @property
    def needs_index(self) -> bool:
        """Whether it asks for more than a scan of all logs of the time range."""
        return not (self.scan and isinstance(self.node, Everything))


@dataclass(frozen=True)
class Rows:
    """An answer: JSON objects, and what its ``meta`` says about them."""

    rows: list[str]
    meta: dict[str, Any] = field(default_factory=dict)


def read_query(text: str, session: str = "") -> Query:
    """Read a query; ``session`` is the request's own setting. Raises ServiceError."""
    search, rest = split_query(text)
    node = parse_search(search)
    if session.replace(" ", "") not in ("", "mode=scan"):
        raise refusal(f"outside the documented subset: session {session}")
    if rest is None:
        return Query(search.strip(), node)
    settings, sql = _split_sessions(rest)
    for name, value in settings.items():
        if value not in _SESSIONS.get(name, ()):
            raise refusal(f"outside the documented subset: set session {name}={value}")
    if not re.match(r"\s*(select|with)\b", sql, re.IGNORECASE):
        word = sql.split(None, 1)[0] if sql.strip() else "nothing"
        raise refusal(f"invalid pipe line operator; outside the documented subset: | {word}")
    scan = settings.get("mode") == "scan" or bool(session)
    return Query(search.strip(), node, sql.strip().rstrip(";"), scan)


def find_logs(
    table: Table, index: IndexConfig, query: Query, window: Window, page: tuple[int, int, bool]
) -> Rows:
    """The logs of a page: ``line`` logs from the ``offset``-th on, the newest first if reversed."""
    line, offset, reverse = page
    way = "DESC" if reverse else "ASC"
    order = ", ".join(f"{name} {way}" for name in ("moment", "shard", "position", "place"))
    where = where_of(query, index, window)
    found = table.select(
        f"SELECT fields FROM {table.name} WHERE {where} ORDER BY {order} "  # noqa: S608
        f"LIMIT {line:d} OFFSET {offset:d}"
    )
    rows = [json.dumps(row, ensure_ascii=False) for (row,) in found]
    return Rows(rows, {"processedRows": len(rows)})


def count_logs(
    table: Table, index: IndexConfig, query: Query, window: Window, step_ns: int
) -> dict[int, int]:
    """How many logs each step of the window has, by its number; empty steps are left out."""
    found = table.select(
        f"SELECT (moment - {window.start_ns:d}) // {step_ns:d}, count(*) FROM {table.name} "  # noqa: S608
        f"WHERE {where_of(query, index, window)} GROUP BY 1"
    )
    return {int(step): int(count) for step, count in found}


def list_topics(table: Table, after: str, line: int) -> list[str]:
    """Topics in order, those past ``after``."""
    topic = field_value("__topic__")
    found = table.select(
        f"SELECT DISTINCT {topic} AS t FROM {table.name} "  # noqa: S608
        f"WHERE {topic} > {literal(after)} ORDER BY t LIMIT {line:d}"
    )
    return [row[0] for row in found]


def where_of(query: Query, index: IndexConfig, window: Window) -> str:
    """The condition of the search part and the time range. Raises ServiceError."""
    tests = [f"moment >= {window.start_ns:d} AND moment < {window.end_ns:d}"]
    if window.topic:
        tests.append(f"{field_value('__topic__')} = {literal(window.topic)}")
    if condition := condition_of(query.node, index):
        tests.append(condition)
    return " AND ".join(tests)


def _split_sessions(statement: str) -> tuple[dict[str, str], str]:
    """Settings of leading ``set session name=value;``, and the rest."""
    settings: dict[str, str] = {}
    while found := _SESSION.match(statement):
        settings[found.group(1).lower()] = found.group(2).lower()
        statement = statement[found.end() :]
    return settings, statement
