"""Parts of an expression that Presto wants of one type, where DuckDB would convert silently.

They are checked when a script is read, as a save would (assumption SLS-57).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from core.sandbox.spl.outside import OutsideError

_GROUPS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Nullif)
_ALIKE = (
    *_GROUPS,
    exp.Coalesce,
    exp.Greatest,
    exp.Least,
    exp.Concat,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
)
_TEXTUAL = (
    exp.Lower,
    exp.Upper,
    exp.Length,
    exp.Trim,
    exp.Replace,
    exp.Substring,
    exp.Split,
    exp.StrPosition,
    exp.Pad,
    exp.RegexpLike,
    exp.RegexpReplace,
    exp.RegexpExtractAll,
    exp.Encode,
    exp.FromBase64,
    exp.Unhex,
    exp.StrToTime,
)
_BINARY = (exp.MD5Digest, exp.SHA2Digest, exp.ToBase64, exp.Hex)


@dataclass(frozen=True)
class Operands:
    """Parts that must be of one kind (or of ``kind``), and where they stand in the script's SQL."""

    parts: tuple[str, ...]
    offset: int
    kind: str = ""


def operands_of(tree: Any, default: int) -> tuple[Operands, ...]:
    """The operands of a rewritten tree; a node's ``begin`` says where it stands."""
    return tuple(
        Operands(parts, int(node.meta.get("begin", default)), kind)
        for node, parts, kind in _operands(tree)
    )


def _operands(tree: Any) -> Iterator[tuple[Any, tuple[str, ...], str]]:
    """Nodes whose parts Presto wants of one kind; what reads a lambda's variable is left out."""
    for node in tree.walk():
        if _in_lambda(node):
            continue
        if isinstance(node, exp.Case):
            branches = [each.args["true"] for each in node.args["ifs"]]
            if node.this is None:
                yield node, _sqls([each.this for each in node.args["ifs"]]), "boolean"
            yield node, _sqls([*branches, node.args.get("default")]), ""
            if node.this is not None:
                yield node, _sqls([node.this, *(each.this for each in node.args["ifs"])]), ""
        elif isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
            yield node, _sqls([node.args["true"], node.args.get("false")]), ""
            yield node, _sqls([node.this]), "boolean"
        elif isinstance(node, _ALIKE):
            yield node, _sqls(list(node.iter_expressions())), ""
        elif isinstance(node, _BINARY):
            yield node, (duckdb_sql(node.this),), "binary"
        elif isinstance(node, exp.And | exp.Or):
            yield node, _sqls([node.this, node.expression]), "boolean"
        elif isinstance(node, exp.Not):
            yield node, (duckdb_sql(node.this),), "boolean"
        elif isinstance(node, _TEXTUAL):
            yield node, (duckdb_sql(node.this),), "text"
        elif isinstance(node, exp.Like):
            yield node, _sqls([node.this, node.expression]), "text"
        elif isinstance(node, exp.JSONFormat):
            yield node, (duckdb_sql(node.this),), "json"


def _sqls(trees: list[Any]) -> tuple[str, ...]:
    return tuple(duckdb_sql(each) for each in trees if each is not None)


def _in_lambda(node: Any) -> bool:
    return node.find_ancestor(exp.Lambda) is not None


def duckdb_sql(tree: Any) -> str:
    """The text for DuckDB. Raises OutsideError for a form that it has not."""
    try:
        return str(tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE))
    except SqlglotError as error:
        raise OutsideError(f"a form of a function ({error})", 0) from None
