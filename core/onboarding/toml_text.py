"""Tables as TOML text (TOML 1.0.0): just the values that a profile is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Value = str | int | bool | list[str]
Table = Mapping[str, "Value | Table | list[Table]"]

_MUST_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')


def toml_text(table: Table) -> str:
    """The text of ``table``: its values, then its tables in their order, lists of tables last."""
    return "\n".join(_lines(table, ())).lstrip("\n") + "\n"


def _lines(table: Table, place: tuple[str, ...]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    lists = {key: found for key, value in table.items() if (found := _tables_in(value))}
    for key, value in table.items():
        if key not in inner and key not in lists:
            yield f"{key} = {_value(value)}"
    for key, one in inner.items():
        yield f"\n[{'.'.join((*place, key))}]"
        yield from _lines(one, (*place, key))
    for key, several in lists.items():
        for each in several:
            yield f"\n[[{'.'.join((*place, key))}]]"
            yield from _lines(each, (*place, key))


def _tables_in(value: object) -> list[Table]:
    """The tables of a list of tables; of anything else none."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    escaped = _MUST_ESCAPE.sub(lambda found: f"\\u{ord(found.group()):04x}", str(value))
    return f'"{escaped}"'
