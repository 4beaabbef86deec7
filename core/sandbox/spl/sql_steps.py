"""``where`` and ``extend``: their SQL evaluated over a batch in one statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.sandbox.spl.batch import TEXT, Batch, Column, is_time
from core.sandbox.spl.errors import SplError
from core.sandbox.spl.evaluation import Evaluation
from core.sandbox.spl.expression import Expression, Fields, translate
from core.sandbox.spl.outside import OutsideError
from core.sandbox.spl.sql_text import without_comments
from core.sandbox.spl.steps import Run
from core.sandbox.spl.syntax import Lines, Place, SqlInstruction
from core.sandbox.spl.types import WHOLE_NUMBERS, is_storable, kind_of, shown

_TARGET = re.compile(r'\s*(?:(?P<bare>[A-Za-z0-9_]+)|"(?P<quoted>(?:[^"]|"")+)")\s*=(?!=)')
_PIECES = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|.", re.DOTALL)


@dataclass(frozen=True)
class Where:
    """Keeps the rows for which the condition is true; NULL is not (assumption SLS-52)."""

    place: Place
    sql: Evaluation

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        (found,) = self.sql.evaluate(batch, run)
        if run.checking and kind_of(found.type) not in ("boolean", ""):
            place = self.sql.place(self.sql.expressions[0].offset)
            raise SplError(
                f"where needs a boolean, this is {shown(found.type)}", place.line, place.column
            )
        return batch.kept(found.values)


@dataclass(frozen=True)
class Extend:
    """Sets fields; NULL takes a field away.

    All expressions see the fields as they were before (assumption SLS-52). A time field that is
    NULL is not in the row; who stores the row gives it the time of then (assumption SLS-59).
    """

    place: Place
    targets: tuple[str, ...]
    sql: Evaluation

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        found = self.sql.evaluate(batch, run)
        if run.checking:
            self._check(found)
        columns = dict(batch.columns)
        for target, column in zip(self.targets, found, strict=True):
            columns[batch.find(target)] = Column(column.values, column.type.replace('"NULL"', TEXT))
        return batch.with_columns(columns)

    def _check(self, found: Sequence[Column]) -> None:
        for target, each, column in zip(self.targets, self.sql.expressions, found, strict=True):
            place = self.sql.place(each.offset)
            if is_time(target) and column.type not in WHOLE_NUMBERS:
                raise SplError(
                    f"{target} must be INTEGER or BIGINT, this is {shown(column.type)}",
                    place.line,
                    place.column,
                    "write cast(... as bigint)",
                )
            if not is_storable(column.type):
                raise SplError(
                    f"a field cannot hold a value of type {shown(column.type)}",
                    place.line,
                    place.column,
                    "turn it into text, for example with cast(... as varchar)",
                )


def where(stage: SqlInstruction, lines: Lines) -> Where:
    """A ``where``. Raises SplError."""
    sql = without_comments(stage.sql)
    fields = Fields()
    expression = _translate(sql, fields, 0, lines, stage.offset)
    return Where(stage.place, Evaluation((expression,), fields, lines, stage.offset))


def extend(stage: SqlInstruction, lines: Lines) -> Extend:
    """An ``extend``. Raises SplError."""
    sql = without_comments(stage.sql)
    fields = Fields()
    targets: list[str] = []
    expressions: list[Expression] = []
    for start, item in _items(sql):
        target = _TARGET.match(item)
        begin = start + len(item) - len(item.lstrip())
        place = lines.place(stage.offset + begin)
        if target is None:
            raise SplError(
                "extend sets fields",
                place.line,
                place.column,
                "write field=expression, with the field in double quotes if it has other "
                "characters than letters, digits and _",
            )
        name = target["bare"] or target["quoted"].replace('""', '"')
        if name in targets:
            raise SplError(f"{name} is set twice in one extend", place.line, place.column)
        targets.append(name)
        text = item[target.end() :]
        begin = start + target.end() + len(text) - len(text.lstrip())
        expressions.append(_translate(text.strip(), fields, begin, lines, stage.offset))
    sql_of_all = Evaluation(tuple(expressions), fields, lines, stage.offset)
    return Extend(stage.place, tuple(targets), sql_of_all)


def _translate(sql: str, fields: Fields, offset: int, lines: Lines, start: int) -> Expression:
    try:
        return translate(sql, fields, offset)
    except OutsideError as error:
        place = lines.place(start + error.start)
        raise SplError(str(error), place.line, place.column, error.hint) from None


def _items(sql: str) -> Iterator[tuple[int, str]]:
    """The parts between commas that stand in no brackets and no quotes, with their offsets."""
    depth = start = 0
    for piece in _PIECES.finditer(sql):
        if piece[0] in "([":
            depth += 1
        elif piece[0] in ")]":
            depth -= 1
        elif piece[0] == "," and depth <= 0:
            yield start, sql[start : piece.start()]
            start = piece.end()
    yield start, sql[start:]
