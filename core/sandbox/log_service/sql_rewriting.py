"""What sqlglot leaves different between Presto and DuckDB, changed in its tree.

Only what a statement of Log Service and an expression of SPL have in common: both are Presto's
dialect, and both run on the macros of ``sql_macros``.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlglot import exp

Tree = Any
"""A node of sqlglot's tree; its base class has another name in some versions."""

_TIMED = (
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.TimeToStr,
    exp.TimeToUnix,
    exp.DateAdd,
    exp.Year,
    exp.Quarter,
    exp.Month,
    exp.WeekOfYear,
    exp.Day,
    exp.Hour,
    exp.Minute,
    exp.Second,
    exp.DayOfWeekIso,
    exp.DayOfYear,
)
_CARRYING = (
    exp.Max,
    exp.Min,
    exp.AnyValue,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.Paren,
)
"""What gives one of the values that it is given."""
_TIMES = ("sls_time", "make_timestamp")
_RENAMED = ("json_size", "json_array_length")

logging.getLogger("sqlglot").addHandler(logging.NullHandler())
"""Its warnings quote the query, which does not belong on standard error."""


def rewritten(node: Tree) -> Tree:
    """What stands in the place of ``node``, whose children have been changed already."""
    match node:
        case exp.DateDiff():
            unit = exp.Literal.string(str(node.args.get("unit") or "day").lower())
            return call("date_sub", unit, _time(node.expression), _time(node.this))
        case exp.JSONArrayContains():
            return call("sls_json_array_contains", node.this, node.expression)
        case exp.RegexpExtract():
            group = node.args.get("group") or exp.Literal.number(0)
            return call("sls_regexp_extract", node.this, node.expression, group)
        case exp.SplitPart():
            part = node.args["part_index"]
            return call("sls_split_part", node.this, node.args["delimiter"], part)
        case exp.Anonymous():
            return _named(node)
    if isinstance(node, _TIMED):
        node.set("this", _time(node.this))
    return node


def call(name: str, *arguments: Tree) -> Tree:
    """A call of a function of DuckDB, or of a macro."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def _named(node: Tree) -> Tree:
    name = str(node.this).lower()
    if name in _RENAMED or name.startswith("url_extract_"):
        return call(f"sls_{name}", *node.expressions)
    if name in ("any_match", "all_match"):
        values, test = node.expressions
        if name == "all_match":
            test.set("this", exp.Not(this=exp.paren(test.this, copy=False)))
        found = call("len", call("list_filter", values, test))
        comparison = exp.GT if name == "any_match" else exp.EQ
        return exp.paren(comparison(this=found, expression=exp.Literal.number(0)), copy=False)
    return node


def _time(value: Tree) -> Tree:
    """``value`` as a timestamp.

    A macro cannot tell the type of an aggregate or of another row's value, so it goes inside.
    """
    if isinstance(value, exp.Anonymous) and value.name in _TIMES:
        return value
    if isinstance(value, exp.Lag | exp.Lead) and value.args.get("default"):
        value.set("default", _time(value.args["default"]))
    is_carrying = isinstance(value, _CARRYING)
    if isinstance(value, exp.Window):
        is_carrying = isinstance(value.this, _CARRYING)
    if is_carrying:
        value.set("this", _time(value.this))
        return value
    return call("sls_time", value)
