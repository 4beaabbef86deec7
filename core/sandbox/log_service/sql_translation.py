"""A query in Presto's dialect as one that DuckDB answers in the same way.

sqlglot parses and writes; what it leaves different is changed in the tree, here and in
``sql_rewriting``, mostly by the macros of ``sql_macros``. All times are without a zone, in UTC
(assumption SLS-13).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.sandbox.log_service.search_text import refusal
from core.sandbox.log_service.sql_rewriting import Tree, call, rewritten
from core.sandbox.log_service.sql_subset import check_subset, outside

DEFAULT_ROWS = 100
_MOST_ROWS = 1_000_000
_LONGEST = 20_000
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)


@dataclass(frozen=True)
class Translation:
    """A query that may run.

    Attributes:
        text: in the dialect of DuckDB, over a view ``log``.
        columns: names that it mentions, in lower case; None if it asks for all (``*``).
        quoted: names that stood in double quotes, for a hint.
        limited: whether it was cut to the default number of rows.
    """

    text: str
    columns: frozenset[str] | None
    quoted: frozenset[str]
    limited: bool


def translate(sql: str, logstore: str, texts: frozenset[str], now: float) -> Translation:
    """Translate one statement.

    ``texts`` are the columns of type varchar, in lower case; ``now``, epoch seconds, is the
    statement's current time.

    Raises ServiceError ParameterInvalid.
    """
    if len(sql) > _LONGEST:
        raise refusal(f"the SQL statement has over {_LONGEST} characters")
    try:
        tree = _parse(sql)
        check_subset(tree, logstore)
        _check_comparisons(tree, texts)
        _add_source(tree)
        limited = _limit(tree)
        names = _mentioned(tree)
        quoted = frozenset(
            column.name for column in tree.find_all(exp.Column) if column.this.args.get("quoted")
        )
        _name_columns(tree)
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        for node in reversed(list(tree.walk())):  # children before their parents
            changed = _changed(node, moment)
            if changed is not node:
                node.replace(changed)
        text = tree.sql(dialect="duckdb")
    except RecursionError:
        raise refusal("the SQL statement is nested too deeply") from None
    return Translation(text, names, quoted, limited)


def _parse(sql: str) -> Tree:
    try:
        tokens = sqlglot.tokenize(sql, read="presto")
        if any(token.token_type.name == "OFFSET" for token in tokens):
            raise outside("OFFSET; write LIMIT a,b")
        trees = [tree for tree in sqlglot.parse(sql, read="presto") if tree is not None]
    except SqlglotError as error:
        raise refusal(_where(error)) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise refusal("the SQL part must be one SELECT statement")
    return trees[0]


def _where(error: SqlglotError) -> str:
    for each in getattr(error, "errors", []):
        return f"line {each.get('line')}:{each.get('col')}: {each.get('description')}"
    return str(error).splitlines()[0]


def _add_source(tree: Tree) -> None:
    """The outermost query reads the Logstore if it does not say what it reads."""
    for select in tree.find_all(exp.Select):
        if select.args.get("from_", select.args.get("from")) is None:
            if select is not tree:
                raise refusal(
                    "you are using nested sql, please specify FROM LOGSTORE in the innermost sql"
                )
            select.from_("log", copy=False)


def _check_comparisons(tree: Tree, texts: frozenset[str]) -> None:
    """A text and a number are never equal by themselves, which DuckDB would try."""
    own = {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
    for node in tree.find_all(*_COMPARISONS):
        sides = [each for each in node.iter_expressions() if not isinstance(each, exp.Subquery)]
        has_number = any(isinstance(each, exp.Literal) and not each.is_string for each in sides)
        names = [each.name for each in sides if isinstance(each, exp.Column)]
        for name in names:
            if has_number and name.lower() in texts and name.lower() not in own:
                raise refusal(
                    f"column {name} is varchar and cannot be compared with a number; "
                    f"write cast({name} as bigint)"
                )


def _limit(tree: Tree) -> bool:
    limit = tree.args.get("limit")
    if limit is None:
        tree.limit(DEFAULT_ROWS, copy=False)
        return True
    if not limit.expression.is_int or int(limit.expression.name) > _MOST_ROWS:
        raise refusal(f"LIMIT must be a number up to {_MOST_ROWS}")
    return False


def _mentioned(tree: Tree) -> frozenset[str] | None:
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            return None
    return frozenset(column.name.lower() for column in tree.find_all(exp.Column))


def _name_columns(tree: Tree) -> None:
    """Columns without a name are called ``_col0`` and so on by their place."""
    for select in tree.find_all(exp.Select):
        named = [
            each
            if isinstance(each, exp.Alias | exp.Column | exp.Star)
            else exp.alias_(each, f"_col{at}")
            for at, each in enumerate(select.expressions)
        ]
        select.set("expressions", named)


def _changed(node: Tree, now: dt.datetime) -> Tree:
    """What stands in the place of ``node``, whose children have been changed already."""
    match node:
        case exp.CurrentTimestamp() | exp.Localtimestamp():
            moment = exp.Literal.string(now.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3])
            return exp.cast(moment, "timestamp")
        case exp.CurrentDate():
            return exp.cast(exp.Literal.string(now.strftime("%Y-%m-%d")), "date")
        case exp.UnixToTime():
            return call("make_timestamp", exp.cast(_micros(node.this), "bigint"))
        case exp.JSONExtract() | exp.JSONExtractScalar():
            name = "sls_json_scalar" if isinstance(node, exp.JSONExtractScalar) else "sls_json"
            path = node.expression.sql(dialect="duckdb")[1:-1].replace("''", "'")
            return call(name, node.this, exp.Literal.string(path))
        case exp.RegexpReplace():
            _change_groups(node)
    return rewritten(node)


def _change_groups(node: Tree) -> None:
    """``$1`` is ``\\1`` to DuckDB."""
    replacement = node.args.get("replacement")
    if isinstance(replacement, exp.Literal):
        text = re.sub(r"\\(?!\$)", r"\\\\", replacement.name)
        text = re.sub(r"(?<!\\)\$(\d)", r"\\\1", text).replace("\\$", "$")
        node.set("replacement", exp.Literal.string(text))
    elif replacement is not None:
        raise outside("regexp_replace with a replacement that is not a string")


def _micros(seconds: Tree) -> Tree:
    million = exp.cast(exp.Literal.number(1_000_000), "bigint")
    return exp.paren(exp.Mul(this=exp.paren(seconds, copy=False), expression=million), copy=False)
