"""Which SQL is answered: a white list of syntax and functions, walked before anything runs.

What is on it behaves as Log Service's Presto dialect documents it; the rest is refused by name.
Nothing on it can reach a file, a setting or another Logstore.
"""

from __future__ import annotations

from sqlglot import exp

from core.sandbox.log_service.search_text import refusal
from core.sandbox.log_service.sql_rewriting import Tree

_SYNTAX = """
Select From Where Group Having Order Ordered Limit Offset Distinct Subquery Union Intersect Except
With CTE TableAlias Table Join Unnest Window WindowSpec Alias Column Identifier Star Literal Null
Boolean Paren Tuple And Or Not EQ NEQ GT GTE LT LTE Add Sub Mul Div Mod Neg Is In Between Like
Escape Exists DPipe Case If Cast TryCast DataType DataTypeParam Interval Var Lambda Array Bracket
JSONPath JSONPathRoot JSONPathKey JSONPathSubscript NullSafeEQ NullSafeNEQ Filter
"""
_FUNCTIONS = """
Count CountIf Sum Avg Min Max ApproxDistinct ApproxQuantile AnyValue ArgMax ArgMin ArrayAgg Stddev
StddevSamp StddevPop Variance VariancePop LogicalAnd LogicalOr
RowNumber Rank DenseRank Ntile Lag Lead FirstValue LastValue
Lower Upper Trim Length Substring Concat Replace Split SplitPart StrPosition Reverse Chr Pad
RegexpLike RegexpExtract RegexpReplace
Coalesce Nullif Greatest Least Try
JSONExtract JSONExtractScalar ParseJSON JSONFormat JSONArrayContains JSONArrayLength
ArraySize ArrayContains ArrayDistinct ArrayFilter Transform ArrayToString ArraySlice
Abs Ceil Floor Round Pow Sqrt Ln Exp Sign Sin Cos Tan Asin Acos Atan Atan2 Radians Degrees Pi
TimestampTrunc DateTrunc TimeToStr StrToTime TimeToUnix UnixToTime DateAdd DateDiff Year Month Day
Hour Minute Second CurrentTimestamp CurrentDate Localtimestamp
MD5Digest SHA2 SHA2Digest Encode Hex
"""
_BY_NAME = """
any_match all_match json_size json_format json_array_length element_at cardinality array_distinct
url_extract_protocol url_extract_host url_extract_port url_extract_path url_extract_query
url_extract_fragment lpad rpad
"""
_TYPES = """
VARCHAR TEXT CHAR BIGINT INT SMALLINT TINYINT DOUBLE FLOAT DECIMAL BOOLEAN DATE TIMESTAMP JSON ARRAY
"""
_ALLOWED = frozenset((_SYNTAX + _FUNCTIONS).split())
_NAMES = frozenset(_BY_NAME.split())
_TESTING = ("any_match", "all_match")
_TYPE_NAMES = frozenset(_TYPES.split())


def check_subset(tree: Tree, logstore: str) -> None:
    """Refuse what is not on the list. Raises ServiceError ParameterInvalid."""
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            if str(node.this).lower() not in _NAMES:
                raise outside(str(node.this))
        elif kind not in _ALLOWED:
            raise outside(node.sql_name().lower() if isinstance(node, exp.Func) else kind)
        if isinstance(node, exp.DataType) and node.this.value not in _TYPE_NAMES:
            raise outside(f"type {node.this.value}")
        if isinstance(node, exp.Offset) and node.parent is not tree:
            raise outside("LIMIT a,b in a subquery")
        if isinstance(node, exp.With) and node.args.get("recursive"):
            raise outside("WITH RECURSIVE")
        _check_arguments(node)
    _check_tables(tree, logstore)


def _check_arguments(node: Tree) -> None:
    """Functions of which only the plain form is answered; sqlglot would drop the rest silently."""
    given = {name for name, value in node.args.items() if value is not None and value is not False}
    if isinstance(node, exp.UnixToTime) and given - {"this"}:
        raise outside("from_unixtime with a time zone")
    if isinstance(node, exp.Split) and "limit" in given:
        raise outside("split with a limit")
    if isinstance(node, exp.SplitPart) and "part_index" not in given:
        raise outside("split_part without a number")
    is_test = isinstance(node, exp.Anonymous) and str(node.this).lower() in _TESTING
    if is_test and [isinstance(each, exp.Lambda) for each in node.expressions] != [False, True]:
        raise outside(f"{node.this} without an array and a lambda")
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar) and not isinstance(
        node.expression, exp.JSONPath
    ):
        raise outside("a JSON path that is not a string")


def outside(what: str) -> Exception:
    """The refusal of something that is not on the list."""
    return refusal(f"outside the documented subset: {what}")


def _check_tables(tree: Tree, logstore: str) -> None:
    """Tables are the Logstore, called by its name or ``log``, and named subqueries."""
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    if own & {"log", logstore.lower()}:
        raise outside("a named subquery with the Logstore's name")
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.args.get("db"):
            raise outside(f"table {table.sql(dialect='presto')}")
        name = table.name.lower()
        if name in ("log", logstore.lower()):
            alias = table.alias or table.name
            table.this.replace(exp.to_identifier("log"))
            if alias.lower() != "log":
                table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        elif name not in own:
            raise refusal(f"logstore {table.name} does not exist; the table is called log")
