"""What is wrong with a filter, and where."""

from __future__ import annotations

import unicodedata
from typing import Final

_BEFORE: Final = 48
_AFTER: Final = 24


class FilterError(ValueError):
    """A query that is no filter.

    Attributes:
        position: index of the character at which it goes wrong, from 0.
        message: what is wrong, a sentence without its full stop.
        hint: what to write instead, a sentence with its full stop; may be empty.
        text: the query; may be empty when it is not known.
    """

    def __init__(self, position: int, message: str, hint: str = "", text: str = "") -> None:
        super().__init__(f"column {position + 1}: {message}")
        self.position = position
        self.message = message
        self.hint = hint
        self.text = text

    @property
    def column(self) -> int:
        """The place, counted from 1."""
        return self.position + 1

    def show(self) -> str:
        """The query, or the part around the place, with a caret below; message and hint follow.

        Control characters of the query are shown as dots, so it is safe on a terminal.
        """
        start = max(0, self.position - _BEFORE)
        end = self.position + _AFTER
        before = ("..." if start else "") + _shown(self.text[start : self.position])
        after = _shown(self.text[self.position : end]) + ("..." if end < len(self.text) else "")
        lines = [before + after, " " * _width(before) + "^", str(self)]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "." for each in text)


def _width(text: str) -> int:
    """Columns of a terminal that ``text`` takes."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )
