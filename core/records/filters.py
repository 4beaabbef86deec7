"""The filter language of ``isthmus tail --filter`` and of the window's tail.

:func:`parse` takes what an analyst typed, :meth:`Filter.matches` judges one stored log. The
language is described in docs/filters.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.records.filter_error import FilterError
from core.records.filter_match import Names, Row, Test, compile_node
from core.records.filter_nodes import Node, canonical
from core.records.filter_syntax import MAX_BYTES, read

__all__ = ["Filter", "FilterError", "parse"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A query, ready to judge records. Two filters are equal if they say the same.

    Attributes:
        node: what it says.
        text: its canonical form, which parses to an equal filter; empty: everything matches.
    """

    node: Node
    text: str = field(compare=False)
    _test: Test = field(compare=False, repr=False)
    _kinds: Names = field(compare=False, repr=False, default_factory=dict)

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether a stored log with these fields (docs/record.md) matches; never raises."""
        return self._test(Row(fields, self._kinds))


def parse(text: str) -> Filter:
    """The filter that ``text`` describes; an empty text matches everything.

    Raises FilterError, and nothing else for any text.
    """
    node = read(text)
    form = canonical(node)
    if len(form.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FilterError(
            0,
            f"the filter is longer than {MAX_BYTES:,} bytes when written out",
            "Shorten it, or run two.",
            text,
        )
    return Filter(node, form, compile_node(node))
