"""How an emulator tells of an error that nobody foresaw, without anything that a client sent."""

from __future__ import annotations

import traceback


def place_of(error: BaseException) -> str:
    """Kind and place of a raised error; its text may hold data and is left out."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
