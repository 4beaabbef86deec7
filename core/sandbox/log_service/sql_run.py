"""The SQL part of a query, run over the logs that its search part finds. It blocks.

In scan mode every field is a text and no index is needed; a field that no log has is NULL, since
nothing says which fields there are (assumption SLS-30). A name in double quotes is a column: one
that does not exist is refused with a hint, for it is most often meant as a string.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from core.sandbox.log_service.index_config import NUMBERS, IndexConfig, Key
from core.sandbox.log_service.log_query import Query, Rows, Window, where_of
from core.sandbox.log_service.search_condition import as_number, field_value, inner_value
from core.sandbox.log_service.search_index import MOST_FIELD_NAMES, NANOSECONDS, Table
from core.sandbox.log_service.search_text import refusal
from core.sandbox.log_service.sql_result import column_type, text_of
from core.sandbox.log_service.sql_translation import Translation, translate
from core.sandbox.log_service.wire import ServiceError

_MOST_BYTES = 32 * 1024 * 1024
_FETCH = 1000
_MOST_ABSENT = 200
_UNKNOWN = re.compile(
    r'Referenced column "(.*?)" (?:not found|was not found)'
    r'|(?:Table|Values list) ".*?" does not have a column named "(.*?)"'
)
_UNGROUPED = re.compile(r'column "?(.*?)"? must appear in the GROUP BY clause')


@dataclass(frozen=True)
class _Column:
    """The expression of a column, and whether it is a text."""

    value: str
    is_text: bool = True


def run_sql(table: Table, index: IndexConfig, query: Query, window: Window, logstore: str) -> Rows:
    """The result of the SQL part. Raises ServiceError."""
    columns = _columns(table, index, query.scan)
    texts = frozenset(name.lower() for name, each in columns.items() if each.is_text)
    translation = translate(query.sql, logstore, texts, time.time())
    chosen = _chosen(columns, translation.columns)
    source = f"FROM {table.name} WHERE {where_of(query, index, window)}"
    result, processed = _execute(table, translation, chosen, source, query.scan)
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


def _execute(
    table: Table, translation: Translation, columns: dict[str, str], source: str, scan: bool
) -> tuple[Any, int]:
    """The result, and how many logs were looked at.

    In scan mode names that DuckDB cannot resolve become fields without a value, one after the
    other: only DuckDB knows which names are aliases or belong to a sub-query.
    """
    absent: dict[str, str] = {}
    while True:
        listed = ", ".join(f'{value} AS "{name}"' for name, value in (columns | absent).items())
        table.run(f"CREATE OR REPLACE TEMP VIEW log AS SELECT {listed} {source}")
        processed = table.select("SELECT count(*) FROM log")[0][0]
        try:
            return table.run(translation.text), processed
        except ServiceError as error:
            name = _unknown(error).replace('"', '""')
            is_field = name and name not in absent and _unknown(error) not in translation.quoted
            if not (scan and is_field and len(absent) < _MOST_ABSENT):
                raise _explained(error, translation) from None
            absent[name] = "NULL::VARCHAR"


def _columns(table: Table, index: IndexConfig, scan: bool) -> dict[str, _Column]:
    """The columns that SQL may use: indexed fields, or in scan mode all fields as text."""
    if scan:
        if len(table.field_names) > MOST_FIELD_NAMES:
            raise refusal(f"the Logstore has over {MOST_FIELD_NAMES} field names, too many to scan")
        spelled = {name.lower() for name in table.field_names}
        indexed = (name for name in index.keys if name.lower() not in spelled)
        columns = {name: _Column(field_value(name)) for name in [*table.field_names, *indexed]}
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


def _unknown(error: ServiceError) -> str:
    """The name that DuckDB could not resolve, empty for another error."""
    found = _UNKNOWN.search(error.message)
    return (found.group(1) or found.group(2)) if found else ""


def _explained(error: ServiceError, translation: Translation) -> ServiceError:
    """DuckDB's refusal in the words of the service, where it has some."""
    if name := _unknown(error):
        text = f"Column '{name}' cannot be resolved;please add the column in the index attribute"
        if name in translation.quoted:
            text += f"; if a string is meant, write it in single quotes: '{name}'"
        return refusal(text)
    if ungrouped := _UNGROUPED.search(error.message):
        return refusal(f"Column '{ungrouped.group(1)}' not in GROUP BY clause")
    return error
