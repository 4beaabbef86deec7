"""Rows of a detection query: which are the same finding as before, and when they happened.

A schedule's ranges overlap, so a finding comes again and again. What tells it from others (SC-27):
in a query that groups, the columns that it groups by; else the ``log_uuid`` of the log; else the
columns that entities are made of; else the whole row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.sandbox.security_center.model_detection import DetectionRule

Row = dict[str, str]
_MILLISECONDS = 10**11
_TIMES = frozenset({"start_time", "end_time", "log_time"})


@dataclass(frozen=True)
class Finding:
    """A row of the result.

    Attributes:
        key: what tells the finding from others of the rule.
        is_log: whether the finding is one log, which never changes.
        start: when it began, epoch seconds; 0: not known.
        end: when it ended; not before ``start``.
    """

    row: Row
    key: str
    is_log: bool
    start: int
    end: int


def findings_of(rule: DetectionRule, rows: list[Row]) -> list[Finding]:
    """The rows as findings."""
    groups = group_columns(rule.expression)
    return [_finding(rule, groups, row) for row in rows]


def _finding(rule: DetectionRule, groups: tuple[str, ...], row: Row) -> Finding:
    start = _moment(row.get("start_time", ""))
    end = max(_moment(row.get("end_time", "")), start)
    by_group = [name for name in groups if name in row]
    entities = [each.source for mapping in rule.entities for each in mapping.fields]
    is_log = not by_group and bool(row.get("log_uuid"))
    if by_group:
        names = by_group
    elif is_log:
        names = ["log_uuid"]
    elif any(row.get(name) for name in entities):
        names = entities
    else:
        names = sorted(row.keys() - _TIMES)
    return Finding(row, key_of(row, names), is_log, start, end)


def key_of(row: Row, names: list[str]) -> str:
    """Some columns of a row as one text."""
    return "\n".join(f"{name}={row.get(name, '')}" for name in dict.fromkeys(names))


def _moment(text: str) -> int:
    """Epoch seconds of a column that holds them, or milliseconds; 0 if it holds neither."""
    try:
        value = int(float(text))
    except (ValueError, OverflowError):
        return 0
    return value // 1000 if value > _MILLISECONDS else max(value, 0)


@lru_cache(maxsize=256)
def group_columns(expression: str) -> tuple[str, ...]:
    """Names of the columns that a query groups by; none if it cannot be read or does not group."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    sql = expression.strip().rstrip(";").partition("|")[2].rpartition(";")[2]
    try:
        trees: list[Any] = [t for t in sqlglot.parse(sql, read="presto") if t is not None]
    except (SqlglotError, RecursionError):
        return ()
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        return ()
    select = _grouping(trees[0])
    group = select.args.get("group") if select is not None else None
    names = [_name_of(by, select.expressions) for by in group.expressions] if group else []
    return tuple(dict.fromkeys(name for name in names if name))


def _grouping(select: Any) -> Any:
    """The query itself if it groups, else the one that it only filters; None if that is neither."""
    from sqlglot import exp

    named = {cte.alias: cte.this for cte in select.find_all(exp.CTE)}
    while isinstance(select, exp.Select) and select.args.get("group") is None:
        source = select.args.get("from_") or select.args.get("from")
        if source is None or select.args.get("joins"):
            return None
        inner = source.this
        select = inner.this if isinstance(inner, exp.Subquery) else named.pop(inner.name, None)
    return select if isinstance(select, exp.Select) else None


def _name_of(by: Any, chosen: list[Any]) -> str:
    """How a group's expression is called in the result."""
    from sqlglot import exp

    if isinstance(by, exp.Literal) and by.is_int:
        place = int(by.name) - 1
        return str(chosen[place].alias_or_name) if 0 <= place < len(chosen) else ""
    for each in chosen:
        if isinstance(each, exp.Alias) and each.this == by:
            return str(each.alias)
    return str(by.name) if isinstance(by, exp.Column) else ""
