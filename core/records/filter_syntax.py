"""Reading a filter: recursive descent over the query, at most ``MAX_DEPTH`` deep.

The language is described in docs/filters.md::

    any   = all ("or" all)*
    all   = term (["and"] term)*
    term  = ("not" | "-")* ( "(" any ")" | field | /regex/ | word )
    field = name (":" | "=" | "!=" | "<" | "<=" | ">" | ">=") value

A word is made of bare and of quoted pieces; in a bare piece ``*`` stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NoReturn

from core.records.filter_error import FilterError
from core.records.filter_match import NUMBER, number_of
from core.records.filter_nodes import (
    KEYWORDS,
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
    Pattern,
    Text,
    path_text,
)
from core.records.filter_regex import PatternRefusedError, compile_pattern, compile_sieve

MAX_BYTES: Final = 4096
"""Length of a query, as UTF-8."""
MAX_DEPTH: Final = 64
"""Parentheses and negations within one another."""
MAX_PATH: Final = 32
"""Parts of a dotted name."""
MAX_PATTERNS: Final = 16
"""Regular expressions in one query; each may take a bounded amount of memory."""

_KEYWORD: Final = re.compile(r"(and|or|not)(?=[\s()]|$)", re.IGNORECASE | re.ASCII)
_QUOTED: Final = r'"(?:\\["\\]|[^"\\]|\\(?!["\\]))*"'
_NAME: Final = re.compile(rf"(?:[^\W\d][\w$@-]*|{_QUOTED})(?:\.(?:[\w$@-]+|{_QUOTED}))*")
_SEGMENT: Final = re.compile(rf"[\w$@-]+|{_QUOTED}")
_ESCAPE: Final = re.compile(r'\\(["\\])')
_OPERATOR: Final = re.compile(r"\s*(>=|<=|!=|>|<|=)\s*")
_COMPARISON: Final = re.compile(r">=|<=|>|<")
_NO_FIELD: Final = re.compile(r"::|://")
_BARE: Final = re.compile(r'[^\s()"]+')
_QUOTED_PIECE: Final = re.compile(_QUOTED)
_REGEX: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([A-Za-z]*)(?=[\s()]|$)", re.DOTALL)
_REGEX_BODY: Final = re.compile(r"/(?:[^/\\]|\\.)*(/?)", re.DOTALL)

_QUOTE_HINT: Final = 'Put text in quotes: "like this".'


def read(text: str) -> Node:
    """The tree of the query ``text``. Raises FilterError."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        cut = len(text.encode("utf-8", "surrogatepass")[:MAX_BYTES].decode("utf-8", "ignore"))
        raise FilterError(
            cut,
            f"the filter is longer than {MAX_BYTES:,} bytes",
            "Shorten it, or run two.",
            text,
        )
    return _Reader(text).read()


class _Reader:
    """Reads one query from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._patterns = 0

    def read(self) -> Node:
        self._skip_space()
        if self._ended():
            return Everything()
        node = self._any()
        if not self._ended():  # only a parenthesis ends a filter early
            self._fail("there is no ( for this )", "Take it out, or open one before.")
        return node

    def _any(self) -> Node:
        items = [self._all()]
        while self._keyword("or"):
            items.append(self._all())
        return items[0] if len(items) == 1 else Or(_flat(items, Or))

    def _all(self) -> Node:
        items = [self._term()]
        while True:
            self._skip_space()
            if self._ended() or self._peek(")") or self._next_keyword() == "or":
                break
            self._keyword("and")
            items.append(self._term())
        return items[0] if len(items) == 1 else And(_flat(items, And))

    def _term(self) -> Node:
        self._skip_space()
        begin = self._at
        if self._peek("-"):
            self._at += 1
            if self._ended() or self._text[self._at].isspace():
                self._at = begin
                self._fail("a term should follow - at once", _QUOTE_HINT)
            return Not(self._deeper(begin, self._term))
        if self._keyword("not"):
            return Not(self._deeper(begin, self._term))
        if self._peek("("):
            self._at += 1
            return self._deeper(begin, lambda: self._group(begin))
        self._check_start()
        return self._field() or self._free()

    def _deeper(self, begin: int, inner: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._at = begin
            self._fail(f"this nests more than {MAX_DEPTH} deep", "Take parentheses out.")
        node = inner()
        self._depth -= 1
        return node

    def _group(self, begin: int) -> Node:
        node = self._any()
        if not self._peek(")"):
            self._at = begin
            self._fail("this ( is not closed", "Close it with ).")
        self._at += 1
        return node

    def _check_start(self) -> None:
        """Refuse what cannot begin a term."""
        word = self._next_keyword()
        if self._ended():
            self._fail("a term is missing at the end", "Add one, or take the last word out.")
        if word is not None:
            self._fail(
                f"a term should stand here, not {word}", f'To search for the word: "{word}".'
            )
        if self._peek(")"):
            self._fail("a term should stand here, not )", "Take empty parentheses out.")
        if self._text[self._at] in ":=<>":
            sign = self._text[self._at]
            self._fail(f"a field's name is missing before {sign}", _QUOTE_HINT)
        if self._peek("!"):
            self._fail("! is no sign of this language", f"Write not or -. {_QUOTE_HINT}")

    def _field(self) -> Node | None:
        """A term that names a field; None, and nothing is read, if it does not."""
        name = _NAME.match(self._text, self._at)
        if name is None:
            return None
        end = name.end()
        spaced = _OPERATOR.match(self._text, end)
        if spaced is not None and name[0].lower() in KEYWORDS and spaced[0][0].isspace():
            return None
        if spaced is None:
            if not self._text.startswith(":", end) or self._is_address(name[0], end):
                return None
            path = self._path(name[0])
            self._at = end + 1
            return self._after_colon(path)
        path = self._path(name[0])
        self._at = spaced.end()
        operator = spaced[1]
        if operator == "!=":
            return Not(self._equal(path))
        return self._equal(path) if operator == "=" else self._compare(path, operator)

    def _is_address(self, name: str, end: int) -> bool:
        """Whether it is ``https://...``, ``fe80::1`` or ``C:\\...`` that begins like a field."""
        drive = len(name) == 1 and self._text.startswith(":\\", end)
        return drive or _NO_FIELD.match(self._text, end) is not None

    def _path(self, name: str) -> Path:
        path = tuple(
            _unquoted(part) if part.startswith('"') else part for part in _SEGMENT.findall(name)
        )
        if "" in path:
            self._fail("a field's name is empty", "Name the field.")
        if len(path) > MAX_PATH:
            self._fail(f"a field's name has more than {MAX_PATH} parts", "Shorten it.")
        return path

    def _after_colon(self, path: Path) -> Node:
        operator = _COMPARISON.match(self._text, self._at)
        if operator is not None:
            self._at = operator.end()
            return self._compare(path, operator[0])
        begin = self._at
        if self._peek("/"):
            return Matches(path, self._regex())
        parts, bare = self._word(path)
        low, dots, high = bare.partition("..")
        if dots and (low or high) and all(NUMBER.fullmatch(each) for each in (low, high) if each):
            return self._between(path, low, high, begin)
        if len(parts) > 1:
            first, *between, last = parts
            parts = (first, *(part for part in between if part), last)
        return Exists(path) if parts == ("", "") else Is(path, parts)

    def _between(self, path: Path, low: str, high: str, begin: int) -> Node:
        if low and high and (number_of(low) or 0) > (number_of(high) or 0):
            self._at = begin
            self._fail("this range is empty", f"Write the smaller number first: {high}..{low}.")
        return Between(path, low, high)

    def _equal(self, path: Path) -> Node:
        """What follows ``=``: a number by its value, anything else as after a colon."""
        bare = _BARE.match(self._text, self._at)
        if bare is None or NUMBER.fullmatch(bare[0]) is None or self._quote_at(bare.end()):
            return self._after_colon(path)
        self._at = bare.end()
        return Compare(path, "=", bare[0])

    def _compare(self, path: Path, operator: str) -> Node:
        self._skip_space()
        begin = self._at
        bare = _BARE.match(self._text, begin)
        number = "" if bare is None or self._quote_at(bare.end()) else bare[0]
        if NUMBER.fullmatch(number) is None:
            self._fail(
                f"a number should follow {path_text(path)}{operator}",
                f"Write one, such as 1000 or 0.5. {_QUOTE_HINT}",
            )
        self._at = begin + len(number)
        return Compare(path, operator, number)

    def _free(self) -> Node:
        if self._peek("/"):
            return AnyMatches(self._regex())
        parts, _ = self._word(None)
        return Text(tuple(part for part in parts if part) or ("",))

    def _regex(self) -> Pattern:
        begin = self._at
        found = _REGEX.match(self._text, begin)
        if found is None:
            body = _REGEX_BODY.match(self._text, begin)
            if body is not None and body[1]:
                self._at = body.end()
                self._fail(
                    "a regular expression ended before this place",
                    r'A path needs quotes: "/a/b"; within an expression write \/ for /.',
                )
            self._fail("this regular expression is not closed", f"Close it with /. {_QUOTE_HINT}")
        source, flags = found.groups()
        self._patterns += 1
        if not source:
            self._fail("this regular expression is empty", "Write one between the slashes.")
        if flags not in ("", "i"):
            self._at = found.start(2)
            self._fail(
                f"a regular expression has no flag {flags}",
                f"The only one is i: any case. {_QUOTE_HINT}",
            )
        if self._patterns > MAX_PATTERNS:
            self._fail(
                f"there are more than {MAX_PATTERNS} regular expressions", "Join some: /a|b/."
            )
        pattern = Pattern(source, flags == "i")
        try:
            compile_pattern(pattern)
            compile_sieve(pattern)
        except PatternRefusedError as error:
            self._fail(
                f"the regular expression /{source}/ is refused: {error}",
                "Its syntax is RE2's: no look-around, no back-references.",
            )
        self._at = found.end()
        return pattern

    def _word(self, path: Path | None) -> tuple[tuple[str, ...], str]:
        """Literal parts of a word, split at its wildcards; and its text if no piece is quoted."""
        begin = self._at
        parts = [""]
        while not self._ended():
            if self._quote_at(self._at):
                piece = _QUOTED_PIECE.match(self._text, self._at)
                if piece is None:
                    self._fail('this " is not closed', r"Close it; write \" for one in the text.")
                parts[-1] += _unquoted(piece[0])
            else:
                piece = _BARE.match(self._text, self._at)
                if piece is None:
                    break
                first, *more = piece[0].split("*")
                parts[-1] += first
                parts.extend(more)
            self._at = piece.end()
        word = self._text[begin : self._at]
        if not word and path is not None:
            name = path_text(path)
            self._fail(
                f"a value should follow {name}: at once",
                f'Write {name}:value, {name}:"some text" or {name}:*. {_QUOTE_HINT}',
            )
        return tuple(parts), "" if '"' in word else word

    def _quote_at(self, place: int) -> bool:
        return self._text.startswith('"', place)

    def _ended(self) -> bool:
        return self._at >= len(self._text)

    def _peek(self, sign: str) -> bool:
        return self._text.startswith(sign, self._at)

    def _skip_space(self) -> None:
        while not self._ended() and self._text[self._at].isspace():
            self._at += 1

    def _next_keyword(self) -> str | None:
        found = _KEYWORD.match(self._text, self._at)
        return found[0].lower() if found else None

    def _keyword(self, word: str) -> bool:
        """Read ``word`` if it is what comes next."""
        self._skip_space()
        if self._next_keyword() != word:
            return False
        self._at += len(word)
        return True

    def _fail(self, message: str, hint: str) -> NoReturn:
        raise FilterError(self._at, message, hint, self._text)


def _flat(items: list[Node], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    flat: list[Node] = []
    for item in items:
        if isinstance(item, And | Or) and isinstance(item, kind):
            flat.extend(item.items)
        else:
            flat.append(item)
    return tuple(flat)


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(r"\1", text[1:-1])
