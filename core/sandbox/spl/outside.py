"""The refusal of a part of an expression, and where such a part begins."""

from __future__ import annotations

from typing import Any


class OutsideError(Exception):
    """What is outside the subset, where in the SQL it begins (from 0), and what would fit."""

    def __init__(self, what: str, start: int, hint: str = "", prefix: bool = True) -> None:
        self.start, self.hint = start, hint
        super().__init__(f"outside the documented subset: {what}" if prefix else what)


def start_of(node: Any, default: int) -> int:
    """Where a node's text begins, or that of the first thing in it that knows."""
    if "start" in node.meta:
        return int(node.meta["start"])
    return min(
        (each.meta["start"] for each in node.walk() if "start" in each.meta), default=default
    )
