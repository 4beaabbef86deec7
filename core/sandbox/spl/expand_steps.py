"""``expand-values``: one row becomes several.

Its options are recalled, not read: with -limit a row gives at most that many; without it all come
out, because the real default is not confirmed, and a notice says so (assumption SLS-51).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from core.sandbox.spl import json_text
from core.sandbox.spl.batch import TEXT, Batch, Column
from core.sandbox.spl.errors import SplRunError
from core.sandbox.spl.options import Reader
from core.sandbox.spl.steps import Run
from core.sandbox.spl.syntax import Instruction, Place
from core.sandbox.spl.types import text

RECALLED_LIMIT = 10
MOST_ROWS = 1_000_000
"""Rows that one instruction may make of a batch: the sandbox's own limit, for its memory."""
NO_LIMIT_NOTICE = (
    "expand-values without -limit gives every value here; the real default limit is not confirmed "
    f"and may be {RECALLED_LIMIT}"
)
LARGE_LIMIT_NOTICE = (
    f"expand-values -limit above {RECALLED_LIMIT} is not confirmed for the real service"
)


@dataclass(frozen=True)
class ExpandValues:
    """A row for each element of an array, or pair of an object, in a field.

    Rows that hold neither go on unchanged; an empty array or object gives no row.
    """

    place: Place
    field: str
    output: str
    path: json_text.Path
    limit: int | None
    keep: bool

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step. Raises SplRunError for too many rows."""
        source = batch.values(self.field)
        places: list[int] = []
        made: list[str | None] = []
        expanded: list[bool] = []
        most = 0
        for at, value in enumerate(source.values):
            parts = self._parts(value) if isinstance(value, str) else None
            if parts is None:
                places.append(at)
                made.append(None)
                expanded.append(False)
                continue
            most = max(most, len(parts))
            parts = parts[: self.limit]
            places.extend([at] * len(parts))
            made.extend(parts)
            expanded.extend([True] * len(parts))
            if len(places) > MOST_ROWS:
                raise SplRunError(
                    f"expand-values gives over {MOST_ROWS} rows, the most in the sandbox",
                    self.place.line,
                    self.place.column,
                )
        self._tell(run, most)
        rows = batch.taken(places)
        columns = dict(rows.columns)
        name, target = batch.find(self.field), batch.find(self.output)
        old = columns.get(name)
        if old is not None and not self.keep and name != target:
            values = [
                None if done else each for each, done in zip(old.values, expanded, strict=True)
            ]
            columns[name] = Column(values, old.type)
        below = columns.get(target)
        if below is not None:
            made = [
                new if done or each is None else text(each, below.type)
                for new, each, done in zip(made, below.values, expanded, strict=True)
            ]
        if any(expanded):
            columns[target] = Column(made, TEXT)
        return rows.with_columns(columns)

    def _tell(self, run: Run, most: int) -> None:
        if self.limit is None:
            run.notice(NO_LIMIT_NOTICE)
        elif self.limit > RECALLED_LIMIT:
            run.notice(LARGE_LIMIT_NOTICE)
        if self.limit is not None and most > self.limit:
            run.notice(f"expand-values -limit={self.limit} cut rows of up to {most} values")

    def _parts(self, value: str) -> list[str | None] | None:
        raw = json_text.value_at(value, self.path)
        if raw is None:
            return None
        found = json_text.elements(raw)
        if found is not None:
            return [json_text.text_of(each) for each in found]
        pairs = json_text.members(raw)
        if pairs is None:
            return None
        return [
            f"{{{msgspec.json.encode(name).decode()}:"
            f"{msgspec.json.format(each, indent=-1).decode()}}}"
            for name, each in pairs
        ]


def expand_values(stage: Instruction) -> ExpandValues:
    """An ``expand-values``. Raises SplError."""
    reader = Reader(stage, "path limit keep")
    path = json_text.read_path(reader.text("path", "$"), reader.option_place("path"))
    field = reader.field()
    reader.refuse_time(field)
    return ExpandValues(
        stage.place,
        field.text,
        reader.output(field.text),
        path,
        reader.number("limit"),
        reader.flag("keep"),
    )
