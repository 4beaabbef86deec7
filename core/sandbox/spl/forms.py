"""Forms of a call: which arguments the functions of the subset take here."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from core.sandbox.spl.json_text import parse_path
from core.sandbox.spl.outside import OutsideError, start_of
from core.sandbox.spl.patterns import refusal_of

MOST_PADDING = 100_000
"""Characters; a larger number would take the memory of the emulator, which no limit counts."""
_REQUIRED = {
    exp.SplitPart: ("delimiter", "part_index"),
    exp.ArraySlice: ("start", "end"),
    exp.JSONFormat: ("this",),
}
_UNIT_NAMES = "millisecond second minute hour day week month quarter year"
_WITH_UNIT = (exp.DateAdd, exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc)
_UNITS = frozenset(_UNIT_NAMES.split())
_BARE = re.compile(r"[A-Za-z0-9_]+")
_WITH_PATTERN = (exp.RegexpLike, exp.RegexpExtract, exp.RegexpExtractAll, exp.RegexpReplace)


def check_field(column: Any, start: int) -> None:
    """Fields are bare words of letters, digits and ``_``, or stand in double quotes."""
    whole = ".".join(part.name for part in column.parts)
    dotted = bool(column.args.get("table"))
    if dotted or not (column.this.args.get("quoted") or _BARE.fullmatch(whole)):
        start = min(start_of(part, start) for part in column.parts)
        raise OutsideError(
            f"{whole} is not the name of a field", start, f'write "{whole}"', prefix=False
        )


def check_arguments(node: Any, start: int) -> None:
    """Forms of a function of which DuckDB knows only the plain one."""
    if isinstance(node, _WITH_PATTERN):
        _check_pattern(node.expression, start)
    given = {name for name, value in node.args.items() if value is not None and value is not False}
    if isinstance(node, exp.UnixToTime) and "zone" in given:
        raise OutsideError("from_unixtime with a time zone", start)
    missing = [name for name in _REQUIRED.get(type(node), ()) if node.args.get(name) is None]
    if missing:
        raise OutsideError("an argument is missing", start, prefix=False)
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
        raise OutsideError("is with anything but null", start, "write =")
    unit = node.args.get("unit")
    if isinstance(node, _WITH_UNIT) and str(unit or "").strip("'").lower() not in _UNITS:
        raise OutsideError(f"{unit} is not a unit of time", start, "write 'day'", prefix=False)
    if _is_lambda_call(node) and not _has_one_lambda(node):
        raise OutsideError(
            "this takes an array and a function of one value", start, "write x -> ...", prefix=False
        )
    if isinstance(node, exp.Pad) and not _is_number_up_to(node.expression, MOST_PADDING):
        raise OutsideError(f"padding to other than a number up to {MOST_PADDING}", start)
    if isinstance(node, exp.Split) and "limit" in given:
        raise OutsideError("split with a limit", start)
    if isinstance(node, exp.StrPosition) and "occurrence" in given:
        raise OutsideError("strpos with an instance", start)
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar) and not _is_plain_path(
        node.expression
    ):
        raise OutsideError("a JSON path that is not a plain one such as '$.a[0].b'", start)
    if isinstance(node, exp.TimeToStr | exp.StrToTime) and not _is_string(node.args.get("format")):
        raise OutsideError("a time format that is not a string", start)
    if isinstance(node, exp.RegexpReplace) and not (
        node.args.get("replacement") is None or _is_string(node.args["replacement"])
    ):
        raise OutsideError("regexp_replace with a replacement that is not a string", start)


def _check_pattern(pattern: Any, start: int) -> None:
    if not _is_string(pattern):
        return
    reason = refusal_of(pattern.name)
    if reason:
        raise OutsideError(
            f"RE2 does not take the expression: {reason}",
            start_of(pattern, start),
            "RE2 has no look-around and no back-references",
            prefix=False,
        )


def _is_lambda_call(node: Any) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in ("any_match", "all_match")
    return isinstance(node, exp.Transform | exp.ArrayFilter)


def _has_one_lambda(node: Any) -> bool:
    if isinstance(node, exp.Anonymous):
        given = list(node.expressions)
    else:
        given = [node.this, node.expression]
    return len(given) == 2 and isinstance(given[1], exp.Lambda) and len(given[1].expressions) == 1


def _is_plain_path(path: Any) -> bool:
    return _is_string(path) and parse_path(path.name) is not None


def _is_number_up_to(node: Any, most: int) -> bool:
    is_whole = isinstance(node, exp.Literal) and node.name.isdecimal()
    return is_whole and len(node.name) <= len(str(most)) and int(node.name) <= most


def _is_string(node: Any) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)
