"""Records as texts with gaps: written once as a dictionary, filled thousands of times a second.

In the dictionary ``<<name>>`` is a gap inside a text, and a text that is ``<<#name>>`` alone stands
for a bare JSON value. What fills a gap must be JSON already, a text without its quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_GAP = re.compile(r'"<<#(\w+)>>"|<<(\w+)>>')

Values = Mapping[bytes, bytes]
"""Name of a gap -> JSON that fills it."""


class Template:
    """One shape of a record."""

    def __init__(
        self, shape: Mapping[str, Any], *, spaced: bool = False, ascii_only: bool = False
    ) -> None:
        """``spaced``: blanks between the top-level fields, as Microsoft Entra ID writes them.

        ``ascii_only``: other characters are escaped.
        """

        def encode(value: Any) -> str:
            return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))

        between, after = (", ", ": ") if spaced else (",", ":")
        pairs = (encode(name) + after + encode(value) for name, value in shape.items())
        text = ("{ " if spaced else "{") + between.join(pairs) + "}"
        self._text = _GAP.sub(_hole, text.replace("%", "%%")).encode()

    def fill(self, values: Values) -> bytes:
        """The record as JSON. Raises KeyError for a gap that ``values`` does not fill."""
        return self._text % values


def _hole(match: re.Match[str]) -> str:
    return f"%({match[1] or match[2]})b"


def text(value: str, *, ascii_only: bool = False) -> bytes:
    """``value`` as the inside of a JSON text."""
    return json.dumps(value, ensure_ascii=ascii_only)[1:-1].encode()


def number(value: float) -> bytes:
    """``value`` as JSON."""
    return json.dumps(value).encode()
