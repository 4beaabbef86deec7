"""Rows under way, by column: the value of each field in each row, None where a row has none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

TEXT = "VARCHAR"
TIME_FIELDS = ("__time__", "__time_ns_part__")
"""Integers, kept by every project, set by extend only ("SPL general reference")."""
_DIGITS = re.compile(r"-?[0-9]{1,18}")
_TIME_TYPE = "BIGINT"


@dataclass
class Column:
    """Values of one field; ``type`` is DuckDB's name of their type."""

    values: list[Any]
    type: str = TEXT


@dataclass
class Batch:
    """Some rows.

    Attributes:
        columns: by the name of the field, in the order in which fields appeared.
        origins: for each row the index of the input row that it came from.
        any_case: whether names that differ by case only are one field.
    """

    columns: dict[str, Column]
    origins: list[int]
    any_case: bool = False

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], any_case: bool) -> Batch:
        """Input rows as a batch: time fields as whole numbers (or their digits), the rest text."""
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: Column([row.get(name) for row in rows], type_of(name)) for name in names}
        for name in TIME_FIELDS:
            if name in columns:
                columns[name].values = [_whole(value) for value in columns[name].values]
        return cls(columns, list(range(len(rows))), any_case)

    def __len__(self) -> int:
        return len(self.origins)

    def find(self, name: str) -> str:
        """The field's name as it is spelt in this batch; ``name`` itself when there is none."""
        if not self.any_case or name in self.columns:
            return name
        folded = {each.lower(): each for each in self.columns}
        return folded.get(name.lower(), name)

    def values(self, name: str) -> Column:
        """The column of a field; one of nothing when no row has it."""
        found = self.columns.get(self.find(name))
        return found or Column([None] * len(self), type_of(name))

    def with_columns(self, columns: dict[str, Column]) -> Batch:
        """The same rows with other columns."""
        return Batch(columns, self.origins, self.any_case)

    def kept(self, chosen: Sequence[Any]) -> Batch:
        """The rows where ``chosen`` is true."""
        columns = {
            name: Column(list(compress(column.values, chosen)), column.type)
            for name, column in self.columns.items()
        }
        return Batch(columns, list(compress(self.origins, chosen)), self.any_case)

    def taken(self, places: Sequence[int]) -> Batch:
        """The rows at ``places``, in that order, some of them several times."""
        columns = {
            name: Column([column.values[at] for at in places], column.type)
            for name, column in self.columns.items()
        }
        return Batch(columns, [self.origins[at] for at in places], self.any_case)


def _whole(value: Any) -> int | None:
    """A time field's value; None if it is no whole number."""
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    return value if isinstance(value, int) else None


def type_of(name: str) -> str:
    """The type of a field that no instruction has made."""
    return _TIME_TYPE if name in TIME_FIELDS else TEXT


def is_time(name: str) -> bool:
    """Whether a field may be set by extend only."""
    return name in TIME_FIELDS
