"""A search tree and an index configuration as one condition of DuckDB on a row's fields.

The condition is made of numbers, names of ours and escaped strings; it has no parameters, so that
it can stand in a view. What the index does not cover is refused as the service refuses it, instead
of searched for in another way.
"""

from __future__ import annotations

from decimal import Decimal

from core.sandbox.log_service.index_config import NUMBERS, RESERVED_WORDS, IndexConfig, Key, Words
from core.sandbox.log_service.search_query import (
    All,
    Any,
    Bound,
    Everything,
    Field,
    Keyword,
    Node,
    Not,
    Present,
)
from core.sandbox.log_service.search_text import refusal
from core.sandbox.log_service.search_words import Letters, has_words, literal

FIELDS = "fields"
"""The column that maps field names to values."""
_RESERVED = ("__topic__", "__source__")
_TAG = "__tag__:"
_LARGEST_LONG = 2**63 - 1
_LARGEST_EXPONENT = 300


def condition_of(node: Node, index: IndexConfig) -> str:
    """The condition; empty for every log. Raises ServiceError ParameterInvalid."""
    if isinstance(node, Everything):
        return ""
    return f"coalesce({_condition(node, index)}, false)"


def field_value(name: str) -> str:
    """The expression for a field's text, NULL without such a field."""
    return f"{FIELDS}[{literal(name)}]"


def inner_value(name: str, path: str) -> str:
    """The expression for the text at a dotted path inside a JSON field, NULL without one."""
    steps = (step.replace("\\", "\\\\").replace('"', '\\"') for step in path.split("."))
    place = "$" + "".join(f'."{step}"' for step in steps)
    return f"sls_json_scalar({field_value(name)}, {literal(place)})"


def as_number(value: str, kind: str) -> str:
    """The expression for a text as a long or double, NULL if it is none."""
    return f"sls_{kind}({value})"


def _condition(node: Node, index: IndexConfig) -> str:
    match node:
        case Everything():
            return "true"
        case Keyword(letters):
            return _keyword(letters, index)
        case Field(name, letters):
            return _field(name, letters, index)
        case Present(name):
            return f"({_resolve(name, index)[0]} IS NOT NULL)"
        case Bound(name, comparison, number):
            return _bound(name, comparison, number, index)
        case Not(part):
            return f"(NOT coalesce({_condition(part, index)}, false))"
        case All(parts):
            return "(" + " AND ".join(_condition(part, index) for part in parts) + ")"
        case Any(parts):
            tests = (f"coalesce({_condition(part, index)}, false)" for part in parts)
            return "(" + " OR ".join(tests) + ")"


def _resolve(name: str, index: IndexConfig) -> tuple[str, Key]:
    """The value's expression and the index of a field, or of a place inside a JSON field."""
    if name in index.keys:
        return field_value(name), index.keys[name]
    if name in _RESERVED or (name.startswith(_TAG) and name != _TAG):
        return field_value(name), Key("text", RESERVED_WORDS)
    if name == "source":  # the service's short form
        return field_value("__source__"), Key("text", RESERVED_WORDS)
    at = name.find(".")
    while at > 0:
        outer, path = name[:at], name[at + 1 :]
        if outer in index.keys and path and (inner := _inner(index.keys[outer], path)):
            return inner_value(outer, path), inner
        at = name.find(".", at + 1)
    raise refusal(
        f"key ({name}) is not config as key value config,"
        'if symbol : is in your log,please wrap : with quotation mark "'
    )


def _inner(outer: Key, path: str) -> Key | None:
    if path in outer.inner:
        return outer.inner[path]
    depth = path.count(".") + 1
    if (
        outer.kind == "json"
        and outer.index_all
        and (outer.max_depth == -1 or depth <= outer.max_depth)
    ):
        return Key("text", outer.words)
    return None


def _field(name: str, letters: Letters, index: IndexConfig) -> str:
    value, key = _resolve(name, index)
    if not letters:
        return f"({value} = '')"
    if key.kind not in NUMBERS:
        return f"({has_words(value, letters, key.words)})"
    text = "".join(each if isinstance(each, str) else each.value for each in letters)
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        raise refusal(f"{text} is no number; key ({name}) is of type {key.kind}")
    return _compare(value, key.kind, "=", number)


def _bound(name: str, comparison: str, number: Decimal, index: IndexConfig) -> str:
    value, key = _resolve(name, index)
    if key.kind not in NUMBERS:
        raise refusal(f"key ({name}) is not config as numberic column")
    return _compare(value, key.kind, comparison, number)


def _compare(value: str, kind: str, comparison: str, number: Decimal) -> str:
    if number and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise refusal(f"number {number} is out of range")
    if kind == "long" and number == number.to_integral_value() and abs(number) <= _LARGEST_LONG:
        wanted = f"{int(number)}::BIGINT"
    else:
        wanted = f"{literal(str(number))}::DOUBLE"
    return f"({as_number(value, kind)} {comparison} {wanted})"


def _keyword(letters: Letters, index: IndexConfig) -> str:
    """Words in an indexed text, or in any other field that the full-text index covers."""
    tests = [
        f"coalesce({has_words(field_value(name), letters, key.words)}, false)"
        for name, key in index.keys.items()
        if key.kind not in NUMBERS
    ]
    if index.line is not None:
        tests.append(_in_line(letters, index, index.line))
    if not tests:
        raise refusal("no field is indexed as text; a keyword needs one or a full-text index")
    return "(" + " OR ".join(tests) + ")"


def _in_line(letters: Letters, index: IndexConfig, words: Words) -> str:
    """A field's name counts like its value; reserved fields are not part of the text."""
    covered = ["NOT starts_with(e.key, '__')"]
    taken = [*index.keys, *index.excluded]
    if taken:
        covered.append(f"e.key NOT IN ({', '.join(map(literal, taken))})")
    if index.included is not None:
        covered.append(f"e.key IN ({', '.join(map(literal, sorted(index.included)))})")
    found = f"({has_words('e.value', letters, words)}) OR ({has_words('e.key', letters, words)})"
    rows = f"list_filter(map_entries({FIELDS}), lambda e: {' AND '.join(covered)} AND ({found}))"
    return f"len({rows}) > 0"
