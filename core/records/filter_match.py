"""A filter's tree made into a function: it runs on every record beside the import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from core.records.filter_nodes import (
    And,
    AnyMatches,
    Between,
    Compare,
    Everything,
    Exists,
    Is,
    Matches,
    Node,
    Not,
    Or,
    Path,
    Text,
)
from core.records.filter_regex import compile_pattern, compile_sieve

NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""How a number is written, in a query and in a field."""

_KINDS = 1024
"""Distinct sets of field names remembered; hostile data cannot make it more."""
_DIGITS = 4000
"""Longest whole number that is compared exactly; Python reads no more than 4,300 digits."""

_COST: Final[tuple[type, ...]] = (Everything, Exists, Is, Compare, Between, Matches, Text)
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    "=": lambda value, bound: value == bound,
}

Check = Callable[[str], bool]
Test = Callable[["Row"], bool]
Names = dict[tuple[str, ...], dict[str, str]]


class Row:
    """One record, with what the tests of a filter learn about it, learnt once."""

    __slots__ = ("_documents", "_encoded", "_folded", "_joined", "_kinds", "_names", "fields")

    def __init__(self, fields: Mapping[str, str], kinds: Names) -> None:
        """``kinds`` remembers names between records."""
        self.fields = fields
        self._kinds = kinds
        self._joined: str | None = None
        self._folded: str | None = None
        self._encoded: bytes | None = None
        self._names: dict[str, str] | None = None
        self._documents: dict[str, Any] | None = None

    @property
    def joined(self) -> str:
        """All values, a line feed between them."""
        if self._joined is None:
            self._joined = "\n".join(self.fields.values())
        return self._joined

    @property
    def folded(self) -> str:
        """``joined`` without regard to case."""
        if self._folded is None:
            if self.joined.isascii():
                self._folded = self.joined.casefold()
            else:  # folding is slow beyond ASCII, where most values, and the long ones, are
                self._folded = "\n".join(map(str.casefold, self.fields.values()))
        return self._folded

    @property
    def encoded(self) -> bytes:
        """``joined`` as UTF-8."""
        if self._encoded is None:
            self._encoded = self.joined.encode("utf-8", "replace")
        return self._encoded

    def field(self, name: str, folded: str) -> str | None:
        """The field ``name``; ``folded`` is the same name without regard to case."""
        value = self.fields.get(name)
        if value is not None:
            return value
        names = self._names
        if names is None:
            kind = tuple(self.fields)
            names = self._kinds.get(kind)
            if names is None:
                if len(self._kinds) >= _KINDS:
                    self._kinds.clear()
                names = {each.casefold(): each for each in reversed(kind)}
                self._kinds[kind] = names
            self._names = names
        stored = names.get(folded)
        return None if stored is None else self.fields[stored]

    def document(self, name: str, text: str) -> Any:
        """The object or array in the field ``name``, whose text is ``text``; None if it is none."""
        if not text.startswith(("{", "[")):
            return None
        if self._documents is None:
            self._documents = {}
        if name not in self._documents:
            try:
                self._documents[name] = _decode(text)
            except (ValueError, RecursionError):
                self._documents[name] = None
        return self._documents[name]


def compile_node(node: Node) -> Test:
    """The test that ``node`` describes. Raises PatternRefusedError."""
    match node:
        case Everything():
            return lambda row: True
        case Text(parts):
            return _text_test(tuple(part.casefold() for part in parts))
        case AnyMatches(pattern):
            return _any_matches(compile_pattern(pattern), compile_sieve(pattern))
        case Is(path, parts):
            return _on_field(path, _is(tuple(part.casefold() for part in parts)))
        case Exists(path):
            return _on_field(path, lambda value: True)
        case Matches(path, pattern):
            return _on_field(path, compile_pattern(pattern))
        case Compare(path, operator, number):
            return _on_field(path, _compare(operator, number))
        case Between(path, low, high):
            return _on_field(path, _between(low, high))
        case Not(item):
            inner = compile_node(item)
            return lambda row: not inner(row)
        case And(items):
            return _all([compile_node(each) for each in sorted(items, key=_cost)])
        case Or(items):
            return _any([compile_node(each) for each in sorted(items, key=_cost)])


def _cost(node: Node) -> int:
    """Cheap tests come first; the result does not depend on the order."""
    if isinstance(node, Not):
        return _cost(node.item)
    dotted = len(getattr(node, "path", ())) > 1
    return len(_COST) if dotted or type(node) not in _COST else _COST.index(type(node))


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) and second(row)

    def test(row: Row) -> bool:
        for each in tests:  # noqa: SIM110  # a loop is faster than all()
            if not each(row):
                return False
        return True

    return test


def _any(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) or second(row)

    def test(row: Row) -> bool:
        for each in tests:  # noqa: SIM110  # a loop is faster than any()
            if each(row):
                return True
        return False

    return test


def _text_test(parts: tuple[str, ...]) -> Test:
    """Whether some value holds the folded ``parts``, one behind the other."""
    needles = [part for part in parts if part]
    if not needles:
        return lambda row: bool(row.fields)
    if len(needles) == 1 and "\n" not in needles[0]:
        needle = needles[0]
        if needle.isascii() and not any(map(str.isalpha, needle)):
            return lambda row: needle in row.joined  # nothing here has a case
        return lambda row: needle in row.folded

    def test(row: Row) -> bool:
        folded = row.folded
        if not all(needle in folded for needle in needles):
            return False
        return any(_holds(value.casefold(), needles) for value in row.fields.values())

    return test


def _holds(value: str, needles: list[str], at: int = 0) -> bool:
    for needle in needles:
        at = value.find(needle, at)
        if at < 0:
            return False
        at += len(needle)
    return True


def _any_matches(check: Check, sieve: Callable[[bytes], bool] | None) -> Test:
    def test(row: Row) -> bool:
        if sieve is not None and not sieve(row.encoded):
            return False
        return any(map(check, row.fields.values()))

    return test


def _is(parts: tuple[str, ...]) -> Check:
    """A test of one value against folded text, or against folded text between wildcards."""
    if len(parts) == 1:
        wanted = parts[0]
        size = len(wanted)

        def equal(value: str) -> bool:
            if value.isascii():
                return len(value) == size and value.lower() == wanted
            return value.casefold() == wanted

        return equal
    first, *between, last = parts
    shortest = sum(map(len, parts))

    def like(value: str) -> bool:
        folded = value.casefold()
        if len(folded) < shortest or not folded.startswith(first) or not folded.endswith(last):
            return False
        return not between or _holds(folded[: len(folded) - len(last)], between, len(first))

    return like


def number_of(text: str) -> float | None:
    """The number that ``text`` is; whole ones are exact. None if it is none."""
    if NUMBER.fullmatch(text) is None:
        return None
    if len(text) <= _DIGITS and text.lstrip("+-").isdigit():
        return int(text)
    return float(text)


def _compare(operator: str, number: str) -> Check:
    bound = number_of(number)
    holds = _OPERATORS[operator]

    def test(value: str) -> bool:
        found = number_of(value)
        return found is not None and bound is not None and holds(found, bound)

    return test


def _between(low: str, high: str) -> Check:
    lowest = number_of(low) if low else float("-inf")
    highest = number_of(high) if high else float("inf")

    def test(value: str) -> bool:
        found = number_of(value)
        if found is None or lowest is None or highest is None:
            return False
        return lowest <= found <= highest

    return test


def _on_field(path: Path, check: Check) -> Test:
    if len(path) > 1:
        return _on_path(path, check)
    name, folded = path[0], path[0].casefold()

    def test(row: Row) -> bool:
        value = row.field(name, folded)
        return value is not None and check(value)

    return test


def _on_path(path: Path, check: Check) -> Test:
    """A field may have a dot in its own name, so the longest name that there is counts."""
    places = []
    for size in range(len(path), 0, -1):
        name = ".".join(path[:size])
        places.append((name, name.casefold(), tuple(part.casefold() for part in path[size:])))

    def test(row: Row) -> bool:
        for name, folded, rest in places:
            text = row.field(name, folded)
            if text is None:
                continue
            if not rest:
                return check(text)
            return any(map(check, _texts(_walk(row.document(folded, text), rest))))
        return False

    return test


def _walk(value: Any, path: Path) -> Iterator[Any]:
    """What is at the folded ``path`` in ``value``; in an array each item, or the one numbered."""
    if not path:
        yield value
    elif type(value) is list:
        place = path[0]
        if place.isascii() and place.isdigit() and len(place) < 10:
            if int(place) < len(value):
                yield from _walk(value[int(place)], path[1:])
            return
        for item in value:
            if type(item) is dict:
                yield from _walk(item, path)
    elif type(value) is dict:
        for size in {1, len(path)}:  # a name may hold the rest of the dots itself
            name = ".".join(path[:size])
            for key, item in value.items():
                if key.casefold() == name:
                    yield from _walk(item, path[size:])


def _texts(values: Iterator[Any]) -> Iterator[str]:
    """How each value would be stored; of an array each item as well."""
    for value in values:
        yield _text(value)
        if type(value) is list:
            yield from map(_text, value)


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    try:
        return _encode(value).decode()
    except RecursionError:  # the parser's own bound on depth lies a little higher
        return ""


def _keep_text(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


_decode = msgspec.json.Decoder(float_hook=_keep_text).decode
_encode = msgspec.json.encode
