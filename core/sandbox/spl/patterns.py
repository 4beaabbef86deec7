"""Regular expressions of a script: RE2, as in the real engine."""

from __future__ import annotations

from typing import Any

import re2

from core.sandbox.spl.errors import SplError
from core.sandbox.spl.syntax import Text

_MEMORY_BYTES = 8 * 1024 * 1024


def compile_pattern(pattern: Text) -> Any:
    """A compiled expression. Raises SplError at its place."""
    found, reason = _compile(pattern.text)
    if found is None:
        raise SplError(
            f"RE2 does not take the expression: {reason}",
            pattern.place.line,
            pattern.place.column,
            "RE2 has no look-around and no back-references",
        )
    return found


def refusal_of(pattern: str) -> str:
    """RE2's reason against an expression; empty if it takes it."""
    return _compile(pattern)[1]


def _compile(pattern: str) -> tuple[Any, str]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    try:
        return re2.compile(pattern, options), ""
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else "it cannot be read"
        return None, reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
