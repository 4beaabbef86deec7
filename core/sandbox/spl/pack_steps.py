"""``pack-fields``: many fields into one, as a compact JSON object in the order of the fields.

A row without any such field gets ``{}`` (assumption SLS-54).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from core.sandbox.spl.batch import TEXT, Batch, Column, is_time
from core.sandbox.spl.options import Reader
from core.sandbox.spl.patterns import compile_pattern
from core.sandbox.spl.steps import Run
from core.sandbox.spl.syntax import Instruction, Place, Text


@dataclass(frozen=True)
class PackFields:
    """Packs the text fields whose whole name fits; never a time field ("Data transformation")."""

    place: Place
    output: str
    included: Callable[[str], object]
    excluded: Callable[[str], object] | None
    trimmed: str
    keep: bool

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        packed = [name for name, column in batch.columns.items() if self._fits(name, column)]
        keys = [name.removeprefix(self.trimmed) or name for name in packed]
        by_field = [batch.columns[name].values for name in packed]
        values = [
            msgspec.json.encode(
                {
                    key: each[at]
                    for key, each in zip(keys, by_field, strict=True)
                    if each[at] is not None
                }
            ).decode()
            for at in range(len(batch))
        ]
        gone = set() if self.keep else set(packed)
        columns = {name: column for name, column in batch.columns.items() if name not in gone}
        columns[batch.find(self.output)] = Column(list(values))
        return batch.with_columns(columns)

    def _fits(self, name: str, column: Column) -> bool:
        if is_time(name) or column.type != TEXT or not self.included(name):
            return False
        return self.excluded is None or not self.excluded(name)


def pack_fields(stage: Instruction) -> PackFields:
    """A ``pack-fields``. Raises SplError."""
    reader = Reader(stage, "keep ltrim include exclude")
    reader.no_arguments_after(0)
    exclude = reader.text("exclude")
    include = Text(reader.text("include", ".*"), reader.option_place("include"))
    excluded = Text(exclude, reader.option_place("exclude"))
    return PackFields(
        stage.place,
        reader.output(),
        compile_pattern(include).fullmatch,
        compile_pattern(excluded).fullmatch if exclude else None,
        reader.text("ltrim"),
        reader.flag("keep"),
    )
