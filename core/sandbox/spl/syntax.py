"""A script, read: its instructions in order, each part with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where something stands in a script; line and column from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Name:
    """The name of a field, or a pattern of names; ``quoted`` if it stood in double quotes."""

    text: str
    place: Place
    quoted: bool = False


@dataclass(frozen=True)
class Text:
    """A string in single quotes, without them; escapes are not read."""

    text: str
    place: Place


@dataclass(frozen=True)
class Option:
    """``-name`` or ``-name=value``."""

    name: str
    value: Text | Name | None
    place: Place


@dataclass(frozen=True)
class Argument:
    """``field``, ``output=field`` or ``'string'``."""

    value: Name | Text
    output: Name | None = None


@dataclass(frozen=True)
class Instruction:
    """An instruction with options, arguments and the names after ``as``."""

    word: str
    place: Place
    options: tuple[Option, ...] = ()
    arguments: tuple[Argument, ...] = ()
    outputs: tuple[Name, ...] = ()


@dataclass(frozen=True)
class SqlInstruction:
    """``where`` or ``extend`` with its SQL as it was written; ``offset`` is where that begins."""

    word: str
    place: Place
    sql: str
    offset: int


Stage = Instruction | SqlInstruction


class Lines:
    """Places of offsets in a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def place(self, offset: int) -> Place:
        """The place of the character at ``offset``, from 0."""
        offset = max(0, min(offset, len(self._text)))
        line = self._text.count("\n", 0, offset) + 1
        return Place(line, offset - self._text.rfind("\n", 0, offset))
