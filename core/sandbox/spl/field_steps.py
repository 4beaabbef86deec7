"""``project``, ``project-away`` and ``project-rename``: which fields go on, and their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.sandbox.spl.batch import Batch, Column, is_time
from core.sandbox.spl.options import Reader
from core.sandbox.spl.steps import Run
from core.sandbox.spl.syntax import Argument, Instruction, Name, Place
from core.sandbox.spl.types import text


@dataclass(frozen=True)
class Pattern:
    """Names of fields: one exactly, or with ``*`` for any characters (``-wildcard``)."""

    text: str
    wildcard: bool = False

    def test(self, any_case: bool) -> Callable[[str], object]:
        """Whether a name fits."""
        source = re.escape(self.text)
        if self.wildcard:
            source = source.replace(r"\*", ".*")
        flags = re.DOTALL | (re.IGNORECASE if any_case else 0)
        return re.compile(source, flags).fullmatch


@dataclass(frozen=True)
class Project:
    """Keeps what fits and the time fields, then renames."""

    place: Place
    patterns: tuple[Pattern, ...]
    renames: tuple[tuple[str, str], ...]

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        patterns = [*self.patterns, *(Pattern(source) for _, source in self.renames)]
        tests = [pattern.test(batch.any_case) for pattern in patterns]
        kept = {
            name: column
            for name, column in batch.columns.items()
            if is_time(name) or any(test(name) for test in tests)
        }
        return renamed(batch.with_columns(kept), self.renames)


@dataclass(frozen=True)
class ProjectAway:
    """Drops what fits, never a time field."""

    place: Place
    patterns: tuple[Pattern, ...]

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        tests = [pattern.test(batch.any_case) for pattern in self.patterns]
        kept = {
            name: column
            for name, column in batch.columns.items()
            if is_time(name) or not any(test(name) for test in tests)
        }
        return batch.with_columns(kept)


@dataclass(frozen=True)
class ProjectRename:
    """Renames, and leaves all else."""

    place: Place
    renames: tuple[tuple[str, str], ...]

    def run(self, batch: Batch, run: Run) -> Batch:
        """See Step."""
        return renamed(batch, self.renames)


def renamed(batch: Batch, renames: Sequence[tuple[str, str]]) -> Batch:
    """Fields with other names, all at once; a row without the source keeps its target."""
    sources = [(target, batch.find(source)) for target, source in renames]
    moved = [
        (target, batch.columns[source]) for target, source in sources if source in batch.columns
    ]
    gone = {source for _, source in sources}
    columns = {name: column for name, column in batch.columns.items() if name not in gone}
    for target, column in moved:
        name = batch.find(target)
        columns[name if name in columns else target] = laid_over(columns.get(name), column)
    return batch.with_columns(columns)


def laid_over(old: Column | None, new: Column) -> Column:
    """The new values, and the old ones where there is no new one."""
    if old is None or None not in new.values:
        return new
    if old.type == new.type:
        values = [below if above is None else above for above, below in _pairs(new, old)]
        return Column(values, new.type)
    above = [None if each is None else text(each, new.type) for each in new.values]
    below = [None if each is None else text(each, old.type) for each in old.values]
    return laid_over(Column(below), Column(above))


def _pairs(new: Column, old: Column) -> zip[tuple[object, object]]:
    return zip(new.values, old.values, strict=True)


def project(stage: Instruction) -> Project:
    """A ``project``. Raises SplError."""
    reader = _reader(stage, "wildcard")
    wildcard = reader.flag("wildcard")
    patterns = tuple(
        Pattern(each.value.text, wildcard) for each in stage.arguments if each.output is None
    )
    return Project(stage.place, patterns, _renames(reader, stage.arguments))


def project_away(stage: Instruction) -> ProjectAway:
    """A ``project-away``. Raises SplError."""
    reader = _reader(stage, "wildcard")
    wildcard = reader.flag("wildcard")
    return ProjectAway(stage.place, tuple(Pattern(name.text, wildcard) for name in reader.fields()))


def project_rename(stage: Instruction) -> ProjectRename:
    """A ``project-rename``. Raises SplError."""
    reader = _reader(stage, "")
    for argument in stage.arguments:
        if argument.output is None:
            reader.fail(
                "project-rename gives each field a new name",
                argument.value.place,
                "write new=old",
            )
    return ProjectRename(stage.place, _renames(reader, stage.arguments))


def _reader(stage: Instruction, options: str) -> Reader:
    reader = Reader(stage, options)
    reader.no_outputs()
    if not stage.arguments:
        reader.fail(f"{stage.word} needs at least one field")
    for argument in stage.arguments:
        if not isinstance(argument.value, Name):
            reader.fail(
                "a string stands where a field is expected",
                argument.value.place,
                "a field with odd characters is written in double quotes",
            )
    return reader


def _renames(reader: Reader, arguments: Sequence[Argument]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for argument in arguments:
        target, source = argument.output, argument.value
        if target is None or not isinstance(source, Name):
            continue
        if is_time(target.text) or is_time(source.text):
            name = target if is_time(target.text) else source
            reader.fail(f"{name.text} cannot be renamed or covered", name.place, "use extend")
        if target.text in found:
            reader.fail(f"two fields are renamed to {target.text}", target.place)
        if source.text in found.values():
            reader.fail(f"{source.text} is renamed twice", source.place)
        found[target.text] = source.text
    return tuple(found.items())
