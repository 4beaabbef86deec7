"""Types of values between instructions, by DuckDB's names, and their text at the end."""

from __future__ import annotations

import json
from typing import Any

from core.sandbox.log_service.sql_result import text_of

WHOLE_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})
_NUMBERS = WHOLE_NUMBERS | {"HUGEINT", "UBIGINT", "UINTEGER", "UHUGEINT", "FLOAT", "DOUBLE"}
_KINDS = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "time",
    "DATE": "time",
    "BLOB": "binary",
    "JSON": "json",
}
_SHOWN = {"BLOB": "varbinary", "FLOAT": "real", '"NULL"': "null"}


def kind_of(name: str) -> str:
    """Types of one kind may be compared; empty for NULL, which goes with all."""
    if name in _NUMBERS or name.startswith("DECIMAL"):
        return "number"
    if name.endswith("[]"):
        inner = kind_of(name[:-2])
        return f"array of {inner}" if inner else "array"
    return "" if name == '"NULL"' else _KINDS.get(name, name)


def shown(name: str) -> str:
    """A type as Log Service calls it."""
    if name.endswith("[]"):
        return f"array({shown(name[:-2])})"
    return _SHOWN.get(name, name.lower())


def is_storable(name: str) -> bool:
    """Whether a field may hold values of a type."""
    inner = name
    while inner.endswith("[]"):
        inner = inner[:-2]
    return kind_of(inner) in {"number", "", *_KINDS.values()}


def text(value: Any, name: str = "VARCHAR") -> str:
    """A value of a type as the text of a log field (assumption SLS-55)."""
    if name.endswith("[]"):
        return f"[{','.join(_element(each, name[:-2]) for each in value)}]"
    return value if isinstance(value, str) else text_of(value)


def _element(value: Any, name: str) -> str:
    if value is None:
        return "null"
    bare = name.endswith("[]") or kind_of(name) in ("number", "boolean", "json")
    shown_text = text(value, name)
    return shown_text if bare else json.dumps(shown_text, ensure_ascii=False)
