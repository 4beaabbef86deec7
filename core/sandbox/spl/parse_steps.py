"""What ``parse-json``, ``parse-kv``, ``parse-csv`` and ``parse-regexp`` do: fields out of a text.

None of them fails on a row: what cannot be read leaves the row as it is. What they make is text;
a time field among it is left out ("SPL instructions and functions"). A null of JSON sets nothing,
nested values are compact JSON, and what is made overwrites by default (assumption SLS-53).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.spl.batch import TEXT, Batch, Column, is_time
from core.sandbox.spl.steps import Run
from core.sandbox.spl.syntax import Place
from core.sandbox.spl.types import text

Extraction = Callable[[str], list[tuple[str, str | None]] | None]
"""Names and values out of a text; None if it cannot be read."""


@dataclass(frozen=True)
class Parse:
    """Reads one field of each row and sets what comes out.

    Attributes:
        field: whose text is read; anything but text is skipped.
        extraction: gives names and values, later ones winning.
        prefix: put before every name.
        preserve: whether a field that a row has already keeps its value.
    """

    place: Place
    field: str
    extraction: Extraction
    prefix: str = ""
    preserve: bool = False

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        source = batch.values(self.field)
        if source.type != TEXT:
            return batch
        made: dict[str, list[str | None]] = {}
        for at, value in enumerate(source.values):
            found = None if value is None else self.extraction(value)
            for name, each in found or ():
                target = batch.find(self.prefix + name)
                if each is None or not target or is_time(target):
                    continue
                if target not in made:
                    made[target] = [None] * len(batch)
                made[target][at] = each
        columns = dict(batch.columns)
        for name, values in made.items():
            columns[name] = self._merged(columns.get(name), values)
        return batch.with_columns(columns)

    def _merged(self, old: Column | None, values: list[str | None]) -> Column:
        """The new values over the old ones, or under them; text, since the new ones are."""
        if old is None:
            return Column(list(values))
        pairs = zip(old.values, values, strict=True)
        if self.preserve:
            chosen = [new if there is None else there for there, new in pairs]
            changed = any(
                there is None and new is not None
                for there, new in zip(old.values, values, strict=True)
            )
        else:
            chosen = [there if new is None else new for there, new in pairs]
            changed = True
        if old.type == TEXT or not changed:
            return Column(chosen, old.type)
        return Column(
            [
                each if each is None or isinstance(each, str) else text(each, old.type)
                for each in chosen
            ]
        )
