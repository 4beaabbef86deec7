"""The search part of a query as a tree: keywords and field conditions joined by and, or, not.

``and`` and ``not`` bind tighter than ``or``; words that stand side by side are joined by and;
``in`` is written in lower case. (Alibaba Cloud: SLS "Search syntax and functions".)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.sandbox.log_service.search_text import Token, Wild, refusal, syntax_error, tokens_of

_DEEPEST = 50
_MOST_CONDITIONS = 128
_LONGEST_FUZZY = 64
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?")
_COMPARISONS = (">", ">=", "<", "<=", "=")
_RESERVED = frozenset({"sort", "asc", "desc", "group", "by", "avg", "sum", "min", "max", "limit"})
_QUOTE = 'wrap it in quotation marks "" if it is meant as text'


@dataclass(frozen=True)
class Everything:
    """``*`` or nothing: every log."""


@dataclass(frozen=True)
class Keyword:
    """Words in any field."""

    letters: tuple[str | Wild, ...]


@dataclass(frozen=True)
class Field:
    """``key: value``; without letters: the field is empty."""

    key: str
    letters: tuple[str | Wild, ...]


@dataclass(frozen=True)
class Present:
    """``key: *``: the field is there."""

    key: str


@dataclass(frozen=True)
class Bound:
    """``key > 5`` and its like; a range is two of them."""

    key: str
    comparison: str
    number: Decimal


@dataclass(frozen=True)
class Not:
    """What does not meet the part."""

    part: Node


@dataclass(frozen=True)
class All:
    """What meets every part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Any:
    """What meets one of the parts."""

    parts: tuple[Node, ...]


Node = Everything | Keyword | Field | Present | Bound | Not | All | Any


def parse_search(search: str) -> Node:
    """The tree of a search. Raises ServiceError ParameterInvalid."""
    if re.match(r"\s*select\s", search, re.IGNORECASE):
        raise refusal("sql query must follow search query,please read syntax doc")
    parser = _Parser(tokens_of(search))
    return parser.whole()


def terms_of(node: Node) -> Iterator[tuple[str, str]]:
    """Key and text of every keyword and field condition, as the answer's ``terms`` list them."""
    match node:
        case Everything():
            yield "", "*"
        case Keyword(letters):
            yield "", _text(letters)
        case Field(key, letters):
            yield key, _text(letters)
        case Present(key):
            yield key, "*"
        case Bound(key, _, number):
            yield key, str(number)
        case Not(part):
            yield from terms_of(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from terms_of(part)


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._conditions = 0

    def whole(self) -> Node:
        if self._next.kind == "end":
            return Everything()
        node = self._either()
        if self._next.kind != "end":
            raise syntax_error(self._next, _QUOTE)
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *kinds: str) -> Token:
        token = self._next
        if token.kind not in kinds:
            raise syntax_error(token, f"{' or '.join(kinds)} is expected; {_QUOTE}")
        self._at += 1
        return token

    def _is_operator(self, name: str) -> bool:
        return self._next.kind == "word" and self._next.text.lower() == name

    def _either(self) -> Node:
        parts = [self._every()]
        while self._is_operator("or"):
            self._at += 1
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _every(self) -> Node:
        parts = [self._one()]
        while not (self._next.kind in ("end", ")") or self._is_operator("or")):
            if self._is_operator("and"):
                self._at += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        negations = 0
        while self._is_operator("not"):
            self._at += 1
            negations += 1
        node = self._condition()
        return Not(node) if negations % 2 else node

    def _condition(self) -> Node:
        if self._next.kind == "(":
            return self._group()
        token = self._take("word", "quoted")
        self._conditions += 1
        if self._conditions > _MOST_CONDITIONS:
            raise refusal(f"the search has more than {_MOST_CONDITIONS} conditions")
        operator = self._next.kind
        if operator == ":":
            return self._field(token)
        if operator in _COMPARISONS:
            self._at += 1
            return Bound(_name(token), operator, self._number())
        if operator == "word" and self._next.text == "in":
            following = self._tokens[self._at + 1].kind
            if following in "[(":
                self._at += 1
                return self._range(_name(token))
        return _keyword(token)

    def _group(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise syntax_error(self._next, f"more than {_DEEPEST} brackets in each other")
        self._take("(")
        node = self._either()
        self._take(")")
        self._depth -= 1
        return node

    def _field(self, token: Token) -> Node:
        key = _name(token)
        self._take(":")
        if key == "__tag__" and token.kind == "word":
            key = f"{key}:{_name(self._take('word', 'quoted'))}"
            self._take(":")
        value = self._take("word", "quoted")
        if value.letters == (Wild.MANY,):
            return Present(key)
        _check_word(value)
        return Field(key, value.letters)

    def _range(self, key: str) -> Node:
        low = self._take("[", "(")
        first, second = self._number(), self._number()
        high = self._take("]", ")")
        above, below = (">=" if low.kind == "[" else ">"), ("<=" if high.kind == "]" else "<")
        return All((Bound(key, above, first), Bound(key, below, second)))

    def _number(self) -> Decimal:
        token = self._take("word")
        if not _NUMBER.fullmatch(token.text):
            raise syntax_error(token, "a number is expected")
        return Decimal(token.text)


def _keyword(token: Token) -> Node:
    if token.letters == (Wild.MANY,):
        return Everything()
    if token.kind == "word" and token.text.lower() in {*_RESERVED, "and", "or", "not", "in"}:
        raise syntax_error(token, f"{token.text} is an operator; {_QUOTE}")
    if not token.letters:
        raise syntax_error(token, "a keyword is empty")
    _check_word(token)
    return Keyword(token.letters)


def _check_word(token: Token) -> None:
    if token.kind == "word" and token.text == "#":
        raise refusal(f"outside the documented subset: phrase search at column {token.at}")
    if any(isinstance(letter, Wild) for letter in token.letters):
        if isinstance(token.letters[0], Wild):
            raise syntax_error(token, "a word cannot begin with a wildcard")
        if len(token.letters) > _LONGEST_FUZZY:
            raise syntax_error(token, f"a fuzzy word has at most {_LONGEST_FUZZY} characters")


def _name(token: Token) -> str:
    if not token.letters or any(isinstance(letter, Wild) for letter in token.letters):
        raise syntax_error(token, "this is no field name")
    return token.text


def _text(letters: tuple[str | Wild, ...]) -> str:
    return "".join(each.value if isinstance(each, Wild) else each for each in letters)
