"""The search part of a query as text: where it ends, and its words, marks and quoted strings.

Alibaba Cloud: SLS "Search syntax and functions". A backslash makes a quotation mark plain; inside
quotation marks every character is; a word may hold the wildcards ``*`` and ``?``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.sandbox.log_service.wire import ServiceError

_LONGEST = 10_000
_MARKS = frozenset('()[]:<>="|')
_PAIRS = (">=", "<=")


class Wild(Enum):
    """A wildcard in a word."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Token:
    """A mark, a word or a quoted string.

    Attributes:
        kind: ``word``, ``quoted``, the mark itself, or ``end``.
        at: its column, from 1.
        text: as it stands in the query, quotes and backslashes resolved.
        letters: the characters and wildcards of a word or string.
    """

    kind: str
    at: int
    text: str = ""
    letters: tuple[str | Wild, ...] = ()


def refusal(message: str) -> ServiceError:
    """A query that cannot be answered: errorCode ParameterInvalid."""
    return ServiceError("ParameterInvalid", message)


def syntax_error(token: Token, hint: str = "") -> ServiceError:
    """The service's own form of a syntax error, with a hint of ours."""
    near = token.text or token.kind
    end = token.at + max(1, len(near))
    text = (
        "ErrorType:QueryParseError.ErrorMessage:syntax error error position is from "
        f"column:{token.at} to column:{end},error near < {near} >"
    )
    return refusal(f"{text}: {hint}" if hint else text)


def split_query(query: str) -> tuple[str, str | None]:
    """The search part, and what follows the first ``|`` outside quotation marks, None if nothing.

    Raises ServiceError ParameterInvalid.
    """
    try:
        size = len(query.encode())
    except UnicodeEncodeError:
        raise refusal("the query is not UTF-8 text") from None
    if "\0" in query:
        raise refusal("the query holds a NUL character")
    at = 0
    while at < len(query):
        if query[at] == "|":
            return _bounded(query[:at]), query[at + 1 :]
        at = _after(query, at)
    if size > _LONGEST:
        raise refusal(f"the search has over {_LONGEST} bytes")
    return query, None


def tokens_of(search: str) -> list[Token]:
    """The tokens of a search, an ``end`` last. Raises ServiceError ParameterInvalid."""
    tokens: list[Token] = []
    at = 0
    while at < len(search):
        letter = search[at]
        if letter.isspace():
            at += 1
            continue
        stop = _after(search, at)
        if letter == '"':
            tokens.append(_string(search, at, stop))
        elif search[at : at + 2] in _PAIRS:
            stop = at + 2
            tokens.append(Token(search[at:stop], at + 1))
        elif letter in _MARKS:
            tokens.append(Token(letter, at + 1))
        else:
            stop = _end_of_word(search, at)
            letters = _letters(search[at:stop])
            tokens.append(Token("word", at + 1, _plain(letters), letters))
        at = stop
    return [*tokens, Token("end", len(search) + 1)]


def _bounded(search: str) -> str:
    if len(search.encode()) > _LONGEST:
        raise refusal(f"the search has over {_LONGEST} bytes")
    return search


def _after(text: str, at: int) -> int:
    """Where the character, the escape or the whole string at ``at`` ends."""
    if text[at] == "\\":
        return min(at + 2, len(text))
    if text[at] != '"':
        return at + 1
    at += 1
    while at < len(text):
        if text[at] == '"':
            return at + 1
        at += 2 if text[at] == "\\" else 1
    raise refusal("unclosed string quote")


def _string(search: str, at: int, stop: int) -> Token:
    body = search[at + 1 : stop - 1]
    letters = tuple(body.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\"))
    return Token("quoted", at + 1, "".join(letters), letters)


def _end_of_word(search: str, at: int) -> int:
    while at < len(search) and not (search[at].isspace() or search[at] in _MARKS):
        at = _after(search, at)
    return at


def _letters(word: str) -> tuple[str | Wild, ...]:
    letters: list[str | Wild] = []
    at = 0
    while at < len(word):
        if word[at] == "\\" and word[at + 1 : at + 2] in ("\\", '"'):
            at += 1
            letters.append(word[at])
        elif word[at] in "*?":
            letters.append(Wild(word[at]))
        else:
            letters.append(word[at])
        at += 1
    return tuple(letters)


def _plain(letters: tuple[str | Wild, ...]) -> str:
    return "".join(each.value if isinstance(each, Wild) else each for each in letters)
