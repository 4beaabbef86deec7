"""What a filter says, as a tree, and its canonical text.

The language is described in docs/filters.md. The text of a node parses to an equal node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

KEYWORDS: Final = frozenset({"and", "or", "not"})

_SAFE_SEGMENT: Final = re.compile(r"[^\W\d][\w$@-]*")
_SAFE_LATER_SEGMENT: Final = re.compile(r"[\w$@-]+")
_SAFE_WORD: Final = re.compile(r"\w[\w.@/\\-]*")
_SAFE_VALUE: Final = re.compile(r"\w[\w.@/\\:+-]*")

Path = tuple[str, ...]
"""Name of a field, taken apart at its dots; more than one part may lead into an object."""


@dataclass(frozen=True)
class Everything:
    """Matches every record."""


@dataclass(frozen=True)
class Text:
    """Some value holds ``parts``, one behind the other, in any case."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Pattern:
    """A regular expression in the syntax of RE2, found anywhere in a value."""

    source: str
    ignore_case: bool = False


@dataclass(frozen=True)
class AnyMatches:
    """Some value matches ``pattern``."""

    pattern: Pattern


@dataclass(frozen=True)
class Is:
    """The field at ``path`` is ``parts[0]``, in any case.

    With more parts: it begins with the first, ends with the last and holds the others between.
    """

    path: Path
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Exists:
    """The record has the field."""

    path: Path


@dataclass(frozen=True)
class Matches:
    """The field matches ``pattern``."""

    path: Path
    pattern: Pattern


@dataclass(frozen=True)
class Compare:
    """The field is a number and stands to ``number`` (as it was written) as ``operator`` says."""

    path: Path
    operator: str
    number: str


@dataclass(frozen=True)
class Between:
    """The field is a number from ``low`` to ``high``, both included; an empty one is no bound."""

    path: Path
    low: str
    high: str


@dataclass(frozen=True)
class Not:
    """``item`` does not match."""

    item: Node


@dataclass(frozen=True)
class And:
    """All of ``items`` match."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """One of ``items`` matches."""

    items: tuple[Node, ...]


Node = Everything | Text | AnyMatches | Is | Exists | Matches | Compare | Between | Not | And | Or


def canonical(node: Node) -> str:
    """The text that stands for ``node``; it parses to an equal one."""
    match node:
        case Everything():
            return ""
        case Text(parts):
            return _word(parts, _SAFE_WORD)
        case AnyMatches(pattern):
            return _pattern(pattern)
        case Is(path, parts):
            return f"{path_text(path)}:{_word(parts, _SAFE_VALUE)}"
        case Exists(path):
            return f"{path_text(path)}:*"
        case Matches(path, pattern):
            return f"{path_text(path)}:{_pattern(pattern)}"
        case Compare(path, operator, number):
            return f"{path_text(path)}{operator}{number}"
        case Between(path, low, high):
            return f"{path_text(path)}:{low}..{high}"
        case Not(item):
            return f"not {_inside(item, And, Or)}"
        case And(items):
            return " and ".join(_inside(item, Or) for item in items)
        case Or(items):
            return " or ".join(map(canonical, items))


def path_text(path: Path) -> str:
    """The name of a field as one writes it in a filter."""
    return ".".join(
        part if (_SAFE_LATER_SEGMENT if place else _SAFE_SEGMENT).fullmatch(part) else quoted(part)
        for place, part in enumerate(path)
    )


def quoted(text: str) -> str:
    """``text`` in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _inside(node: Node, *weaker: type) -> str:
    """The text of ``node`` within one that binds stronger than those named ``weaker``."""
    text = canonical(node)
    return f"({text})" if isinstance(node, weaker) else text


def _word(parts: tuple[str, ...], safe: re.Pattern[str]) -> str:
    """Literal parts joined by wildcards; what could be read otherwise stands in quotes."""
    if len(parts) > 1:
        return "*".join(_literal(part, _SAFE_WORD) if part else "" for part in parts)
    return _literal(parts[0], safe)


def _literal(text: str, safe: re.Pattern[str]) -> str:
    plain = safe.fullmatch(text) and ".." not in text and text.lower() not in KEYWORDS
    return text if plain else quoted(text)


def _pattern(pattern: Pattern) -> str:
    return f"/{pattern.source}/{'i' if pattern.ignore_case else ''}"
