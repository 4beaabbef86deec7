"""Regular expressions of a filter: RE2, whose time grows with the text and never explodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import re2

from core.records.filter_nodes import Pattern

MEMORY_BYTES: Final = 1024 * 1024
"""What RE2 may use for one expression (RE2: re2.h, Options.max_mem)."""

_NOT_IN_LINES: Final = re.compile(r"\\[AzQ]|\(\?(?![:P])")
"""What does not mean the same within joined lines: ends of the whole text, flags."""


class PatternRefusedError(ValueError):
    """RE2 does not take an expression; the text is RE2's reason."""


def compile_pattern(pattern: Pattern) -> Callable[[str], bool]:
    """A test whether ``pattern`` is found in a text. Raises PatternRefusedError."""
    found = _compile(pattern.source, pattern.ignore_case).search

    def test(text: str) -> bool:
        return found(text.encode("utf-8", "replace")) is not None

    return test


def compile_sieve(pattern: Pattern) -> Callable[[bytes], bool] | None:
    """A test of many texts at once, joined by line feeds and encoded.

    If it fails none of the texts matches; if not, one may. None: there is no such test.
    Raises PatternRefusedError.
    """
    if _NOT_IN_LINES.search(pattern.source):
        return None
    # (?m): the start and the end of each text are the start and the end of a line.
    found = _compile(f"(?m){pattern.source}", pattern.ignore_case).search
    return lambda joined: found(joined) is not None


def _compile(source: str, ignore_case: bool) -> Any:
    options = re2.Options()
    options.max_mem = MEMORY_BYTES
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternRefusedError(words) from None
    except UnicodeEncodeError:
        raise PatternRefusedError("it holds half of a surrogate pair") from None
