"""SQL of a script, read by sqlglot in Presto's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.presto import Presto
from sqlglot.errors import ErrorLevel, SqlglotError

from core.sandbox.spl.functions import check_words
from core.sandbox.spl.outside import OutsideError

PREFIX = "SELECT "
"""Stands before an expression while it is read, so that none is taken for a statement."""
_COMMENT = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<comment>--[^\n]*|/\*.*?\*/)", re.DOTALL
)


class SplDialect(Presto):
    """Presto's dialect, with JSON paths left as they are written."""

    def to_json_path(self, path: Any) -> Any:
        """See sqlglot: the path itself, which ``json_text`` reads."""
        return path


def without_comments(sql: str) -> str:
    """The same text with spaces in the place of comments; every offset stays."""

    def blank(found: re.Match[str]) -> str:
        if found["comment"] is None:
            return found[0]
        return re.sub(r"[^\n]", " ", found[0])

    return _COMMENT.sub(blank, sql)


def read_expression(sql: str) -> Any:
    """The tree of one expression, its words checked. Raises OutsideError, counted with PREFIX."""
    text = PREFIX + sql
    try:
        tokens = sqlglot.tokenize(text, read=SplDialect)
    except SqlglotError:
        raise OutsideError(
            "the expression has a character or a quote that SQL does not know",
            len(PREFIX),
            prefix=False,
        ) from None
    if len(tokens) == 1:
        raise OutsideError("an expression is missing", len(PREFIX), prefix=False)
    check_words(tokens[1:])
    try:
        trees = sqlglot.parse(text, read=SplDialect, error_level=ErrorLevel.IMMEDIATE)
    except SqlglotError as error:
        raise _unread(error, text) from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Select) or set(_given(tree)) != {"expressions"}:
        raise OutsideError("this is not an expression", len(PREFIX), prefix=False)
    if len(tree.expressions) != 1 or isinstance(tree.expressions[0], exp.Alias):
        raise OutsideError("this is more than one expression", len(PREFIX), prefix=False)
    return tree.expressions[0]


def _given(tree: Any) -> Iterator[str]:
    return (name for name, value in tree.args.items() if value)


def _unread(error: SqlglotError, text: str) -> OutsideError:
    for each in getattr(error, "errors", []):
        line, column = int(each.get("line") or 1), int(each.get("col") or 1)
        start = sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column - 1
        found = str(each.get("highlight") or "").strip()
        what = str(each.get("description") or "").rstrip(".").lower()
        if what.startswith("required keyword"):
            what = "something is missing here"
        shown = f" at {found[:40]!r}" if found else ""
        start -= max(0, len(found) - 1)  # sqlglot counts to the end of a word
        return OutsideError(
            f"the expression cannot be read{shown}: {what}",
            start,
            "a field whose name is a word of SQL is written in double quotes",
            prefix=False,
        )
    return OutsideError("the expression cannot be read", len(PREFIX), prefix=False)
