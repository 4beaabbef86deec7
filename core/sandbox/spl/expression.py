"""An SQL expression of ``where`` or ``extend``, translated once for DuckDB.

Fields become columns ``#0``, ``#1``, ... of an inner query, so that their names need not follow
the rules of SQL and differ by case.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from core.sandbox.spl.functions import check_tree
from core.sandbox.spl.operands import Operands, duckdb_sql, operands_of
from core.sandbox.spl.outside import OutsideError, start_of
from core.sandbox.spl.rewrite import NOW, rewritten
from core.sandbox.spl.sql_text import PREFIX, read_expression

_COMPARED = (exp.EQ, exp.NEQ, exp.In, exp.Like)


@dataclass(frozen=True)
class Expression:
    """An expression ready to run.

    Attributes:
        sql: in DuckDB's dialect.
        offset: where its text begins, in characters of the SQL it was cut from.
        operands: what the types of its parts are checked by.
        needs_now: whether it reads the run's moment.
    """

    sql: str
    offset: int
    operands: tuple[Operands, ...] = ()
    needs_now: bool = False


@dataclass
class Fields:
    """The fields that an instruction reads, numbered in the order in which they appear.

    Attributes:
        names: with their numbers.
        like_strings: those in double quotes that are compared, as a string would be.
    """

    names: dict[str, int] = field(default_factory=dict)
    like_strings: dict[str, None] = field(default_factory=dict)

    def column(self, column: Any) -> str:
        """The column for sqlglot's column of a field."""
        name = str(column.name)
        if column.this.args.get("quoted") and isinstance(column.parent, _COMPARED):
            self.like_strings[name] = None
        return f"#{self.names.setdefault(name, len(self.names))}"


def translate(sql: str, fields: Fields, offset: int = 0) -> Expression:
    """Translate one expression that begins ``offset`` characters into its instruction's SQL.

    Raises OutsideError, whose ``start`` counts as ``offset`` does.
    """
    try:
        return _translate(sql, fields, offset)
    except OutsideError as error:
        error.start = max(0, error.start - len(PREFIX)) + offset
        raise
    except RecursionError:
        raise OutsideError("the expression is nested too deeply", offset, prefix=False) from None


def _translate(sql: str, fields: Fields, offset: int) -> Expression:
    tree = read_expression(sql)
    check_tree(tree, len(PREFIX))
    for node in tree.walk():
        node.meta["begin"] = start_of(node, len(PREFIX))
    for column in list(tree.find_all(exp.Column)):
        name = fields.column(column)
        column.this.replace(exp.to_identifier(name, quoted=True, copy=False))
    tree = rewritten(tree)
    operands = tuple(
        replace(each, offset=each.offset - len(PREFIX) + offset)
        for each in operands_of(tree, len(PREFIX))
    )
    needs_now = any(column.name == NOW for column in tree.find_all(exp.Column))
    return Expression(duckdb_sql(tree), offset, operands, needs_now)
