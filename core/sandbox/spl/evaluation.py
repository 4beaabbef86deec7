"""Expressions of one instruction over the rows of a batch, in one statement of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.sandbox.spl.batch import Batch, Column
from core.sandbox.spl.database import QueryError
from core.sandbox.spl.errors import SplError, SplRunError
from core.sandbox.spl.expression import Expression, Fields
from core.sandbox.spl.operands import Operands
from core.sandbox.spl.steps import Run
from core.sandbox.spl.syntax import Lines, Place
from core.sandbox.spl.types import kind_of, shown

_CONVERSIONS = {
    "binary": "write to_utf8(value)",
    "json": "write json_parse(value)",
    "text": "write cast(value as varchar)",
    "boolean": "write a comparison",
}


@dataclass(frozen=True)
class Evaluation:
    """Expressions over the fields they read, in order, and where the SQL stands in the script."""

    expressions: tuple[Expression, ...]
    fields: Fields
    lines: Lines
    start: int

    def place(self, offset: int) -> Place:
        """The place of a character of the SQL."""
        return self.lines.place(self.start + offset)

    def evaluate(self, batch: Batch, run: Run) -> list[Column]:
        """One column for each expression. Raises SplError, SplRunError."""
        inputs = [batch.values(name) for name in self.fields.names]
        if run.checking:
            return self._check(inputs, run)
        for name in self.fields.like_strings:
            if batch.find(name) not in batch.columns:
                run.notice(
                    f"no log has the field {name!r}, which stands in double quotes; a string "
                    "stands in single quotes"
                )
        try:
            return self._ask(self.expressions, inputs, len(batch), run)
        except QueryError as error:
            raise self._failure(error, batch, inputs, run) from None

    def _ask(
        self, expressions: Sequence[Expression], inputs: Sequence[Column], count: int, run: Run
    ) -> list[Column]:
        now = run.now if any(each.needs_now for each in expressions) else None
        return run.database.evaluate([each.sql for each in expressions], inputs, count, now)

    def _check(self, inputs: Sequence[Column], run: Run) -> list[Column]:
        """The types of what comes out, each expression by itself so that an error has a place."""
        columns = []
        for each in self.expressions:
            try:
                self._check_operands(each, inputs, run)
                columns += self._ask([each], inputs, 0, run)
            except QueryError as error:
                place = self.place(each.offset)
                raise SplError(str(error), place.line, place.column, _hint(str(error))) from None
        return columns

    def _check_operands(self, each: Expression, inputs: Sequence[Column], run: Run) -> None:
        parts = [part for group in each.operands for part in group.parts]
        if not parts:
            return
        now = run.now if each.needs_now else None
        found = iter(run.database.evaluate(parts, inputs, 0, now))
        for group in each.operands:
            types = [next(found).type for _ in group.parts]
            cause, hint = _mismatch(group, types)
            if cause:
                place = self.place(group.offset)
                raise SplError(cause, place.line, place.column, hint)

    def _failure(
        self, error: QueryError, batch: Batch, inputs: Sequence[Column], run: Run
    ) -> SplRunError:
        """The error of the first row that fails, at the expression that fails on it."""
        place = self.place(self.expressions[0].offset)
        if not error.of_a_row or not len(batch):
            return SplRunError(str(error), place.line, place.column)
        low, high = 0, len(batch)
        message = str(error)
        while high - low > 1:
            middle = (low + high) // 2
            smaller = self._error_of(self.expressions, inputs, slice(low, middle), run)
            if smaller is None:
                low = middle
            else:
                high, message = middle, smaller
        for each in self.expressions:
            alone = self._error_of([each], inputs, slice(low, low + 1), run)
            if alone is not None:
                place, message = self.place(each.offset), alone
                break
        return SplRunError(message, place.line, place.column, batch.origins[low])

    def _error_of(
        self, expressions: Sequence[Expression], inputs: Sequence[Column], rows: slice, run: Run
    ) -> str | None:
        part = [Column(each.values[rows], each.type) for each in inputs]
        try:
            self._ask(expressions, part, rows.stop - rows.start, run)
        except QueryError as error:
            return str(error)
        return None


def _mismatch(group: Operands, types: Sequence[str]) -> tuple[str, str]:
    """Why parts of these types do not go together, and a hint; both empty if they do."""
    if group.kind:
        wrong = [each for each in types if kind_of(each) not in (group.kind, "")]
        if not wrong:
            return "", ""
        return f"this takes {group.kind} values, not {shown(wrong[0])}", _CONVERSIONS[group.kind]
    kinds = {kind_of(each): shown(each) for each in types if kind_of(each)}
    if len(kinds) <= 1:
        return "", ""
    first, second = list(kinds.values())[:2]
    hint = "log fields are varchar: cast one of them, for example cast(status as bigint)"
    return f"{first} and {second} do not go together", hint


def _hint(message: str) -> str:
    return (
        "cast the values, for example cast(status as bigint)" if "of these types" in message else ""
    )
