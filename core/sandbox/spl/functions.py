"""Which expressions are run: documented functions, operators and types; the rest is refused.

The list is that of functions which the collector's own tests call in SPL, as far as DuckDB can
answer them as Log Service does ("SPL general reference"; loongcollector, SPL tests). Nothing on
it reaches a file, a setting or another table.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from core.sandbox.spl.forms import check_arguments, check_field
from core.sandbox.spl.outside import OutsideError, start_of

_FUNCTION_NAMES = """
chr codepoint concat length lower upper lpad rpad ltrim rtrim trim replace reverse split
split_part strpos strrpos substr substring to_utf8
regexp_extract regexp_extract_all regexp_like regexp_replace
json_extract json_extract_scalar json_parse json_format json_size json_array_contains
json_array_length is_json_scalar
if coalesce nullif greatest least cast try_cast
date now from_unixtime to_unixtime date_trunc date_add date_diff date_format date_parse
year quarter month week day hour minute second dow day_of_week doy day_of_year
url_extract_protocol url_extract_host url_extract_port url_extract_path url_extract_query
url_extract_fragment url_extract_parameter url_encode url_decode
md5 sha1 sha256 to_base64 from_base64 to_hex from_hex
cardinality contains element_at array_join array_distinct array_except array_intersect
array_max array_min array_position array_sort array_sum arrays_overlap slice transform filter
any_match all_match
abs ceil ceiling floor round truncate mod power pow sqrt ln log2 log10 exp sign
"""
_BRACKET_WORDS = """
in and or not is when then else case between like escape as array varchar where distinct
from interval values on
"""
_NODE_NAMES = """
Alias Column Identifier Literal Null Boolean Paren Tuple And Or Not EQ NEQ GT GTE LT LTE Add Sub
Mul Div Mod Neg Is In Between Like Escape Case If Cast TryCast DataType DataTypeParam Interval
Var Lambda Array Bracket NullSafeEQ NullSafeNEQ
Chr Concat Length Lower Upper Pad Trim Replace Reverse Split SplitPart StrPosition Substring
Encode RegexpExtract RegexpExtractAll RegexpLike RegexpReplace JSONExtract JSONExtractScalar
ParseJSON JSONFormat JSONArrayContains Coalesce Nullif Greatest Least Date CurrentDate
CurrentTimestamp Localtimestamp UnixToTime TimeToUnix TimestampTrunc DateTrunc DateAdd DateDiff
TimeToStr StrToTime Year Quarter Month WeekOfYear Week Day Hour Minute Second DayOfWeekIso
DayOfYear MD5Digest SHA SHA2Digest ToBase64 FromBase64 Hex Unhex ArraySize ArrayContains
ArrayToString ArrayDistinct ArrayExcept ArrayIntersect ArrayMax ArrayMin ArrayPosition ArraySort
ArraySum ArraySlice Transform ArrayFilter Abs Ceil Floor Round Trunc Pow Sqrt Ln Log Exp Sign
Anonymous
"""
_TYPE_NAMES = """
BOOLEAN TINYINT SMALLINT INT BIGINT INT128 FLOAT DOUBLE TIMESTAMP DATE VARCHAR TEXT VARBINARY
ARRAY JSON
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
"""Names of functions, in small letters."""
_WORDS_BEFORE_BRACKETS = frozenset(_BRACKET_WORDS.split())
_NODES = frozenset(_NODE_NAMES.split())
_TYPES = frozenset(_TYPE_NAMES.split())

_OPERATORS = {
    "||": "write concat(a, b)",
    "::": "write cast(value as type)",
    "==": "write =",
    "<=>": "write is not distinct from",
    "~": "write regexp_like(value, pattern)",
}
_WORD_OPERATORS = {
    "rlike": "write regexp_like(value, pattern)",
    "ilike": "write lower(value) like pattern",
    "similar": "write regexp_like(value, pattern)",
    "glob": "write like",
    "div": "write /",
}


_QUERY_WORDS = frozenset({"select", "exists", "with"})
_SIGNS = frozenset("?:@{}")
_INSTEAD = {
    "try": "write try_cast(value as type)",
    "nvl": "write coalesce(a, b)",
    "ifnull": "write coalesce(a, b)",
    "json_array_get": "write json_extract(value, '$[0]')",
    "from_iso8601_timestamp": "write date_parse(value, format)",
}


def check_words(tokens: list[Any]) -> None:
    """Refuse calls and operators by what is written, before anything is parsed."""
    for at, token in enumerate(tokens):
        kind = token.token_type.name
        following = tokens[at + 1].token_type.name if at + 1 < len(tokens) else ""
        if kind == following == "STRING":
            raise OutsideError("two strings side by side", token.start, "write concat(a, b)")
        if kind in ("IDENTIFIER", "STRING"):
            continue
        word = token.text.lower()
        called = following == "L_PAREN"
        if word in _QUERY_WORDS:
            raise OutsideError("a query inside an expression", token.start)
        if word in _SIGNS:
            raise OutsideError(word, token.start)
        if word in _OPERATORS:
            raise OutsideError(token.text, token.start, _OPERATORS[word])
        if word in _WORD_OPERATORS and not called:
            raise OutsideError(word, token.start, _WORD_OPERATORS[word])
        is_word = bool(word) and (word[0].isalpha() or word[0] == "_")
        if called and is_word and word not in FUNCTIONS and word not in _WORDS_BEFORE_BRACKETS:
            raise OutsideError(word, token.start, _INSTEAD.get(word, ""))


def check_tree(tree: Any, default: int) -> None:
    """Refuse syntax by the nodes of sqlglot's tree. ``default`` is where its text begins."""
    for node in tree.walk():
        name = type(node).__name__
        start = start_of(node, start_of(node.parent, default) if node.parent else default)
        if name not in _NODES:
            raise OutsideError(_called(node), start)
        if isinstance(node, exp.DataType) and node.this.value not in _TYPES:
            raise OutsideError(f"type {node.this.value}", start)
        if isinstance(node, exp.Column):
            check_field(node, start)
        check_arguments(node, start)


def _called(node: Any) -> str:
    if isinstance(node, exp.Func):
        return str(node.sql_name()).lower()
    return {"Star": "*", "Select": "a query", "Subquery": "a query in brackets"}.get(
        type(node).__name__, type(node).__name__.lower()
    )
