"""Keeps the window from starting on a Qt binding that would abort the process later.

PySide6 6.12 drops references to None on Python 3.10 and 3.11 in most calls that return nothing; at
zero Python ends the process. Newer Pythons cannot lose that reference.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

_BROKEN_FROM = (6, 12)
_SAFE_PYTHON = (3, 12)


def complaint(
    binding: tuple[int, ...] | None = None, python: tuple[int, ...] = tuple(sys.version_info[:2])
) -> str:
    """Why the window cannot start, in one sentence; empty: it can."""
    found = _installed() if binding is None else binding
    if not found:
        return "The window needs PySide6-Essentials. Install isthmus[gui]."
    if found[:2] >= _BROKEN_FROM and python < _SAFE_PYTHON:
        shown = ".".join(str(part) for part in found)
        return (
            f"PySide6 {shown} ends the process on Python {python[0]}.{python[1]}. "
            "Install PySide6-Essentials 6.11, or use Python 3.12 or newer."
        )
    return ""


def _installed() -> tuple[int, ...]:
    try:
        parts = version("PySide6-Essentials").split(".")
    except PackageNotFoundError:
        return ()
    return tuple(int(part) for part in parts if part.isdigit())
