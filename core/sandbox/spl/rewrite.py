"""A checked expression, changed in sqlglot's tree until DuckDB answers it as Log Service does.

Times have no zone and are read as UTC (assumption SLS-13).
"""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from core.sandbox.log_service.sql_rewriting import call
from core.sandbox.log_service.sql_rewriting import rewritten as rewritten_in_sql
from core.sandbox.spl.json_text import duckdb_path, parse_path

NOW = "#now"
"""Column of the inner query that holds the run's moment."""
_GROUP = re.compile(r"([$\\](?=\d)|\\\$|\\)(\d)?")
_WHOLE_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT", "INT128"})
_OWN = frozenset(
    {
        "codepoint",
        "strrpos",
        "is_json_scalar",
        "url_encode",
        "url_decode",
        "url_extract_parameter",
        "arrays_overlap",
    }
)
"""Functions that SPL has and the analysis of Log Service has not; each is a macro ``spl_...``."""


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
            return call("sls_time", node.this)
        case exp.JSONExtract() | exp.JSONExtractScalar():
            name = "sls_json_scalar" if isinstance(node, exp.JSONExtractScalar) else "sls_json"
            path = duckdb_path(parse_path(node.expression.name) or ())
            return call(name, node.this, exp.Literal.string(path))
        case exp.RegexpReplace() if node.args.get("replacement") is not None:
            _change_groups(node)
        case exp.SHA():
            return call("unhex", call("sha1", node.this))
        case exp.ArrayPosition():
            return call("spl_array_position", node.this, node.expression)
        case exp.ArraySlice():
            return call("spl_slice", node.this, node.args["start"], node.args["end"])
        case exp.ArrayIntersect():
            return call("list_intersect", *node.expressions)
        case exp.Div():
            return call("spl_div", node.this, node.expression)
        case exp.Mod():
            return call("spl_mod", node.this, node.expression)
        case exp.Cast() | exp.TryCast():
            return _cast(node)
        case exp.Anonymous() if str(node.this).lower() in _OWN:
            return call(f"spl_{str(node.this).lower()}", *node.expressions)
    return rewritten_in_sql(node)


def _cast(node: Any) -> Any:
    kind = node.to.this.value
    if kind in ("VARCHAR", "TEXT"):
        node.set("this", call("spl_text", node.this))
    elif kind in _WHOLE_NUMBERS:
        name = "spl_try_whole" if isinstance(node, exp.TryCast) else "spl_whole"
        node.set("this", call(name, node.this))
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
