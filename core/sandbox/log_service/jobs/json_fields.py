"""The top level of a JSON text: its values as text, nested ones as the JSON that they are.

Numbers and nested values keep every character that their sender wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\n\r]*")


def fields_of(text: str) -> dict[str, str] | None:
    """The keys of an object with their values as text; None for what is not an object.

    A key that comes twice has its last value; ``null`` is the text ``null``.
    """
    try:
        return dict(_pairs(text))
    except (ValueError, RecursionError):
        return None


def elements_of(text: str) -> list[str] | None:
    """The elements of an array, each as JSON; None for what is not an array."""
    try:
        return list(_elements(text))
    except (ValueError, RecursionError):
        return None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    at = _past(text, 0, "{")
    if _is(text, at, "}"):
        return _ended(text, at)
    while True:
        key, end = _DECODER.raw_decode(text, at)
        if not isinstance(key, str):
            raise ValueError("a key is not a string")
        at = _past(text, end, ":")
        value, end = _DECODER.raw_decode(text, at)
        yield key, value if isinstance(value, str) else text[at:end]
        after = _space(text, end)
        if _is(text, after, "}"):
            return _ended(text, after)
        at = _past(text, after, ",")


def _elements(text: str) -> Iterator[str]:
    at = _past(text, 0, "[")
    if _is(text, at, "]"):
        return _ended(text, at)
    while True:
        _, end = _DECODER.raw_decode(text, at)
        yield text[at:end]
        after = _space(text, end)
        if _is(text, after, "]"):
            return _ended(text, after)
        at = _past(text, after, ",")


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _is(text: str, at: int, mark: str) -> bool:
    return text[at : at + 1] == mark


def _past(text: str, at: int, mark: str) -> int:
    """The place of what follows ``mark``, which must come next."""
    at = _space(text, at)
    if not _is(text, at, mark):
        raise ValueError(f"{mark} is missing")
    return _space(text, at + 1)


def _ended(text: str, at: int) -> None:
    """``at`` is the closing mark; nothing may follow it."""
    if _space(text, at + 1) != len(text):
        raise ValueError("something follows")
