"""Values of a result as the text that Log Service answers (assumption SLS-14)."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from typing import Any

_LONGS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "UINTEGER"})


def column_type(kind: str) -> str:
    """The service's name of a DuckDB type."""
    if kind in _LONGS:
        return "long"
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        return "double"
    if kind == "BOOLEAN":
        return "boolean"
    return "timestamp" if kind.startswith("TIMESTAMP") else "varchar"


def text_of(value: Any) -> str:
    """A value as text; ``null`` for none."""
    match value:
        case None:
            return "null"
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        case list() | dict() | tuple():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=text_of)
        case bytes():
            return value.hex().upper()
        case float() | int() | decimal.Decimal():
            return str(value)
    return str(value)
