"""What a query asks for, and the answer from one Logstore's rows. All of it blocks."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.sandbox.log_service.index_config import NUMBERS, IndexConfig, Key
from core.sandbox.log_service.search_condition import (
    as_number,
    condition_of,
    field_value,
    inner_value,
)
from core.sandbox.log_service.search_index import MOST_FIELD_NAMES, NANOSECONDS, Table
from core.sandbox.log_service.search_query import Node, parse_search, terms_of
from core.sandbox.log_service.search_text import refusal, split_query
from core.sandbox.log_service.search_words import literal
from core.sandbox.log_service.sql_result import column_type, text_of
from core.sandbox.log_service.wire import ServiceError

if TYPE_CHECKING:
    from core.sandbox.log_service.sql_translation import Translation

_MOST_BYTES = 32 * 1024 * 1024
_FETCH = 1000
_SESSIONS = {"mode": ("scan",), "parallel_sql": ("true", "false")}
_SESSION = re.compile(r"\s*set\s+session\s+(\w+)\s*=\s*(\w+)\s*;", re.IGNORECASE)
_UNKNOWN = re.compile(r'Referenced column "(.*?)" (?:not found|was not found)')
_UNGROUPED = re.compile(r'column "?(.*?)"? must appear in the GROUP BY clause')


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
    where = _where(query, index, window)
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
        f"WHERE {_where(query, index, window)} GROUP BY 1"
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


def run_sql(table: Table, index: IndexConfig, query: Query, window: Window, logstore: str) -> Rows:
    """The result of the SQL part over the logs that the search part finds."""
    from core.sandbox.log_service.sql_translation import translate  # a start need not wait for it

    columns = _columns(table, index, query.scan)
    texts = frozenset(name.lower() for name, each in columns.items() if each.is_text)
    translation = translate(query.sql, logstore, texts, time.time())
    listed = ", ".join(
        f'{value} AS "{name}"' for name, value in _chosen(columns, translation.columns).items()
    )
    table.run(
        f"CREATE TEMP VIEW log AS SELECT {listed} FROM {table.name} "  # noqa: S608
        f"WHERE {_where(query, index, window)}"
    )
    processed = table.select("SELECT count(*) FROM log")[0][0]
    try:
        result = table.run(translation.text)
    except ServiceError as error:
        raise _explained(error, translation) from None
    names = [each[0] for each in result.description]
    if len(set(names)) != len(names):
        raise refusal("two columns of the result have the same name")
    rows: list[str] = []
    size = 0
    fixed = {"__source__": "", "__time__": str(window.start_ns // NANOSECONDS)}
    while some := table.fetch(result, _FETCH):
        for row in some:
            values = fixed | dict(zip(names, map(text_of, row), strict=True))
            rows.append(json.dumps(values, ensure_ascii=False))
            size += len(rows[-1])
        if size > _MOST_BYTES:
            raise refusal(f"the result has over {_MOST_BYTES} characters")
    meta: dict[str, Any] = {
        "processedRows": processed,
        "keys": names,
        "columnTypes": [column_type(str(each[1])) for each in result.description],
    }
    if translation.limited:
        meta["limited"] = 100
    return Rows(rows, meta)


def _split_sessions(statement: str) -> tuple[dict[str, str], str]:
    """Settings of leading ``set session name=value;``, and the rest."""
    settings: dict[str, str] = {}
    while found := _SESSION.match(statement):
        settings[found.group(1).lower()] = found.group(2).lower()
        statement = statement[found.end() :]
    return settings, statement


def _where(query: Query, index: IndexConfig, window: Window) -> str:
    tests = [f"moment >= {window.start_ns:d} AND moment < {window.end_ns:d}"]
    if window.topic:
        tests.append(f"{field_value('__topic__')} = {literal(window.topic)}")
    if condition := condition_of(query.node, index):
        tests.append(condition)
    return " AND ".join(tests)


@dataclass(frozen=True)
class _Column:
    """The expression of a column, and whether it is a text."""

    value: str
    is_text: bool = True


def _columns(table: Table, index: IndexConfig, scan: bool) -> dict[str, _Column]:
    """The columns that SQL may use: indexed fields, or in scan mode all fields as text."""
    if scan:
        if len(table.field_names) > MOST_FIELD_NAMES:
            raise refusal(f"the Logstore has over {MOST_FIELD_NAMES} field names, too many to scan")
        columns = {name: _Column(field_value(name)) for name in table.field_names}
    else:
        tags = (name for name in table.field_names if name.startswith("__tag__:"))
        columns = {name: _Column(field_value(name)) for name in tags}
        columns |= _indexed(index)
    columns |= {name: _Column(field_value(name)) for name in ("__topic__", "__source__")}
    for name in ("__time__", "__time_ns_part__"):
        columns[name] = _Column(f"{field_value(name)}::BIGINT", is_text=False)
    return columns


def _chosen(columns: dict[str, _Column], wanted: frozenset[str] | None) -> dict[str, str]:
    """Expressions by quoted name, only of columns that are wanted; the time is always there."""
    chosen: dict[str, str] = {}
    spelled: set[str] = set()
    for name in sorted(columns):
        lower = name.lower()
        if wanted is not None and lower not in wanted and name != "__time__":
            continue
        if lower in spelled:
            raise refusal(f"duplicate column conflicts: {name}")
        spelled.add(lower)
        chosen[name.replace('"', '""')] = columns[name].value
    return chosen


def _indexed(index: IndexConfig) -> dict[str, _Column]:
    columns: dict[str, _Column] = {}
    for name, key in index.keys.items():
        if key.doc_value:
            columns[key.alias or name] = _typed(field_value(name), key, index)
        for path, inner in key.inner.items():
            if inner.doc_value:
                value = _typed(inner_value(name, path), inner, index)
                columns[inner.alias or f"{name}.{path}"] = value
    return columns


def _typed(value: str, key: Key, index: IndexConfig) -> _Column:
    if key.kind in NUMBERS:
        return _Column(as_number(value, key.kind), is_text=False)
    return _Column(f"left({value}, {index.text_length:d})")


def _explained(error: ServiceError, translation: Translation) -> ServiceError:
    """DuckDB's refusal in the words of the service, where it has some."""
    if unknown := _UNKNOWN.search(error.message):
        name = unknown.group(1)
        text = f"Column '{name}' cannot be resolved;please add the column in the index attribute"
        if name in translation.quoted:
            text += f"; if a string is meant, write it in single quotes: '{name}'"
        return refusal(text)
    if ungrouped := _UNGROUPED.search(error.message):
        return refusal(f"Column '{ungrouped.group(1)}' not in GROUP BY clause")
    return error
