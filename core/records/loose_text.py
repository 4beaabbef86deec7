"""Strings of broken JSON, read to their end and written as JSON has them.

Double-quoted strings may hold raw control characters, unknown escapes, half surrogate pairs and
bytes that are not UTF-8. Single-quoted ones, as Azure Functions writes them, may hold all that,
``\\'``, and apostrophes that nothing escapes.
"""

from __future__ import annotations

import re
from typing import Final

from core.records.repairs import (
    CONTROL_CHARACTER,
    ESCAPE,
    INVALID_UTF8,
    SINGLE_QUOTES,
    SURROGATE,
)

_CLEAN: Final = re.compile(r'"[^"\\\x00-\x1f\ud800-\udfff]*+"')
"""The usual string: nothing in it to look at."""
_RUNS: Final = {
    '"': re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*+'),
    "'": re.compile(r"""[^'"\\\x00-\x1f\ud800-\udfff]*+"""),
}
_UNICODE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
_AFTER_END: Final = re.compile(r"[ \t\r\n]{0,64}+(?:[,:}\]]|\Z)")
"""What follows the quote that ends a single-quoted string; another quote is an apostrophe."""
_SIMPLE: Final = re.compile(r'(?:\\["\\/bfnrt])++')
_CONTROLS: Final = re.compile(r"[\x00-\x1f]++")
_HALVES: Final = re.compile(r"[\ud800-\udfff]++")
_ESCAPED: Final = {code: f"\\u{code:04x}" for code in range(0x20)}
_REPLACEMENT: Final = "\ufffd"


class UnfinishedError(ValueError):
    """The text ends inside a string."""


def read_string(text: str, at: int, names: dict[str, None]) -> tuple[int, str | None]:
    """Read the string whose quote stands at ``at``.

    Returns where it ends and its JSON text, or None where the source may stay. The repairs go into
    ``names``. A byte that is not UTF-8 must stand in ``text`` as Python's surrogateescape has it.
    Raises UnfinishedError.
    """
    clean = _CLEAN.match(text, at)
    if clean is not None:
        return clean.end(), None
    quote = text[at]
    if quote == "'":
        names[SINGLE_QUOTES] = None
    run, size = _RUNS[quote], len(text)
    changed = quote == "'"
    parts = ['"']
    at += 1
    while True:
        end = run.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        if end > at:
            parts.append(text[at:end])
        if end >= size:
            raise UnfinishedError
        character = text[end]
        if character == quote:
            if quote == '"' or _AFTER_END.match(text, end + 1):
                parts.append('"')
                return end + 1, "".join(parts) if changed else None
            parts.append(character)
            at = end + 1
            continue
        if character == "\\":
            at, piece = _escape(text, end, quote, names)
        else:
            at, piece = _odd(text, end, names)
        changed = changed or piece != text[end:at]
        parts.append(piece)


def _odd(text: str, at: int, names: dict[str, None]) -> tuple[int, str]:
    """Characters at ``at`` that no JSON string holds: where they end, and what JSON writes."""
    character = text[at]
    if character == '"':
        return at + 1, '\\"'
    if character < " ":
        names[CONTROL_CHARACTER] = None
        end = _CONTROLS.match(text, at).end()  # type: ignore[union-attr]  # there is one
        return end, text[at:end].translate(_ESCAPED)
    names[INVALID_UTF8] = None
    end = _HALVES.match(text, at).end()  # type: ignore[union-attr]
    return end, _REPLACEMENT * (end - at)


def _escape(text: str, at: int, quote: str, names: dict[str, None]) -> tuple[int, str]:
    """The escape at ``at``: where it ends, and what JSON writes for it.

    Of an unknown one the backslash is kept: it is most likely that of a path.
    """
    if at + 1 >= len(text):
        raise UnfinishedError
    character = text[at + 1]
    run = _SIMPLE.match(text, at)
    if run is not None:
        return run.end(), run[0]
    if character == "u":
        found = _UNICODE.match(text, at)
        if found is not None:
            return _code_unit(text, at, int(found[1], 16), names)
    if character == "'":
        if quote == '"':
            names[ESCAPE] = None
        return at + 2, "'"
    names[ESCAPE] = None
    return at + 1, "\\\\"


def _code_unit(text: str, at: int, unit: int, names: dict[str, None]) -> tuple[int, str]:
    """A ``\\u`` escape; half a surrogate pair becomes U+FFFD."""
    if not 0xD800 <= unit <= 0xDFFF:
        return at + 6, text[at : at + 6]
    if unit < 0xDC00:
        second = _UNICODE.match(text, at + 6)
        if second is not None and 0xDC00 <= int(second[1], 16) <= 0xDFFF:
            return at + 12, text[at : at + 12]
    names[SURROGATE] = None
    return at + 6, "\\ufffd"
