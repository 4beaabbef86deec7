"""A checked expression, changed in sqlglot's tree until DuckDB answers it as Log Service does.

Times have no zone and are read as UTC (assumption SLS-13).
"""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from core.sandbox.spl.json_text import duckdb_path, parse_path

NOW = "#now"
"""Column of the inner query that holds the run's moment."""
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
_GROUP = re.compile(r"([$\\](?=\d)|\\\$|\\)(\d)?")
_WHOLE_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT", "INT128"})
_RENAMED = {
    "json_size": "sls_json_size",
    "json_array_length": "sls_json_array_length",
    "codepoint": "spl_codepoint",
    "strrpos": "spl_strrpos",
    "is_json_scalar": "spl_is_json_scalar",
    "url_encode": "spl_url_encode",
    "url_decode": "spl_url_decode",
    "url_extract_parameter": "spl_url_extract_parameter",
    "arrays_overlap": "spl_arrays_overlap",
}


def rewritten(tree: Any) -> Any:
    """The tree with every difference between the two dialects removed."""
    holder = exp.Paren(this=tree)
    for node in reversed(list(tree.walk())):  # children before their parents
        changed = _changed(node)
        if changed is not node:
            node.replace(changed)
    return holder.this


def _changed(node: Any) -> Any:
    """What stands in the place of ``node``, whose children have been changed already."""
    match node:
        case exp.Lambda():
            for identifier in node.find_all(exp.Identifier):
                identifier.set("quoted", True)
        case exp.CurrentTimestamp() | exp.Localtimestamp():
            return exp.column(NOW, quoted=True)
        case exp.CurrentDate():
            return exp.cast(exp.column(NOW, quoted=True), "date")
        case exp.UnixToTime():
            return _call("sls_time", node.this)
        case exp.DateDiff():
            unit = exp.Literal.string(str(node.args.get("unit") or "day").lower())
            return _call("date_sub", unit, _time(node.expression), _time(node.this))
        case exp.JSONExtract() | exp.JSONExtractScalar():
            name = "sls_json_scalar" if isinstance(node, exp.JSONExtractScalar) else "sls_json"
            path = duckdb_path(parse_path(node.expression.name) or ())
            return _call(name, node.this, exp.Literal.string(path))
        case exp.JSONArrayContains():
            return _call("sls_json_array_contains", node.this, node.expression)
        case exp.RegexpExtract():
            group = node.args.get("group") or exp.Literal.number(0)
            return _call("sls_regexp_extract", node.this, node.expression, group)
        case exp.RegexpReplace() if node.args.get("replacement") is not None:
            _change_groups(node)
        case exp.SplitPart():
            part = node.args["part_index"]
            return _call("sls_split_part", node.this, node.args["delimiter"], part)
        case exp.SHA():
            return _call("unhex", _call("sha1", node.this))
        case exp.ArrayPosition():
            return _call("spl_array_position", node.this, node.expression)
        case exp.ArraySlice():
            return _call("spl_slice", node.this, node.args["start"], node.args["end"])
        case exp.ArrayIntersect():
            return _call("list_intersect", *node.expressions)
        case exp.Div():
            return _call("spl_div", node.this, node.expression)
        case exp.Mod():
            return _call("spl_mod", node.this, node.expression)
        case exp.Cast() | exp.TryCast():
            return _cast(node)
        case exp.Anonymous():
            return _named(node)
    if isinstance(node, _TIMED):
        node.set("this", _time(node.this))
    return node


def _cast(node: Any) -> Any:
    kind = node.to.this.value
    if kind in ("VARCHAR", "TEXT"):
        node.set("this", _call("spl_text", node.this))
    elif kind in _WHOLE_NUMBERS:
        name = "spl_try_whole" if isinstance(node, exp.TryCast) else "spl_whole"
        node.set("this", _call(name, node.this))
    return node


def _named(node: Any) -> Any:
    name = str(node.this).lower()
    if name in _RENAMED:
        return _call(_RENAMED[name], *node.expressions)
    if name.startswith("url_extract_"):
        return _call(f"sls_{name}", *node.expressions)
    if name in ("any_match", "all_match") and len(node.expressions) == 2:
        values, test = node.expressions
        if name == "all_match":
            test.set("this", exp.Not(this=exp.paren(test.this, copy=False)))
        found = _call("len", _call("list_filter", values, test))
        comparison = exp.GT if name == "any_match" else exp.EQ
        return exp.paren(comparison(this=found, expression=exp.Literal.number(0)), copy=False)
    return node


def _change_groups(node: Any) -> None:
    """``$1`` and ``\\1`` are both the first group; only the latter is to DuckDB."""

    def one(found: re.Match[str]) -> str:
        mark, digit = found[1], found[2]
        if digit is not None:
            return f"\\{digit}"
        return "$" if mark == "\\$" else mark.replace("\\", "\\\\")

    text = _GROUP.sub(one, node.args["replacement"].name)
    node.set("replacement", exp.Literal.string(text))


def _time(value: Any) -> Any:
    done = isinstance(value, exp.Anonymous) and value.name == "sls_time"
    return value if done else _call("sls_time", value)


def _call(name: str, *arguments: Any) -> Any:
    return exp.Anonymous(this=name, expressions=list(arguments))
