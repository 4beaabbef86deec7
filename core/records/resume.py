"""Where the next record begins behind one that is beyond repair.

Two independent answers. Forwards: brackets are counted from the error on, which holds if the broken
record opens as many as it closes. Backwards: from the end of the text, up to the last fault in it,
which holds if the text ends as it must. Each looks at a character once or twice per message.
"""

from __future__ import annotations

import re
from array import array
from typing import Final

_TOKENS: Final = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
    r"|(?<=[:,{\[\s])'[^'\\]*+(?:\\.[^'\\]*+)*+'"
    r"|[\[\]{}]",
    re.DOTALL,
)
_MARKS: Final = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
_NEIGHBOUR: Final = re.compile(r"\s*+(?:,\s*+)?(?=\{)")
_TAIL: Final = re.compile(r"\]\s*+\}?\s*+\Z")
_VALUE_BEFORE: Final = re.compile(r":\s*+\Z")
_CLOSERS: Final = {"[": "]", "{": "}"}
_WORDS: Final = re.compile(r"[^\s,:]++")
_PLAIN: Final = re.compile(r"-?[0-9][0-9.eE+-]*+|true|false|null")


class Resume:
    """Finds the starts of records in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._balanced = True
        self._starts: dict[int, list[int]] = {}

    def after(self, start: int, at: int, closers: str, levels: int) -> int | None:
        """Where a record begins behind the broken one, or None when that cannot be told.

        The broken one begins at ``start``; its error is at ``at``, where ``closers`` would end what
        is open of it, outermost first. ``levels`` objects and arrays are open around it. Successive
        questions must ascend.
        """
        answers = (self._forwards(at, closers), self._backwards(start, at, levels))
        return min((answer for answer in answers if answer is not None), default=None)

    def _forwards(self, at: int, closers: str) -> int | None:
        """Count from the error; once that has failed, it is not tried again."""
        if not self._balanced:
            return None
        if not closers:  # between records: the next bracket should begin one
            token = _TOKENS.search(self._text, at)
            return token.start() if token and token[0] == "{" else None
        open_ones = list(closers)
        for token in _TOKENS.finditer(self._text, at):
            character = token[0]
            if character in _CLOSERS:
                open_ones.append(_CLOSERS[character])
            elif character in "]}":
                if character != open_ones.pop():
                    break
                if not open_ones:
                    neighbour = _NEIGHBOUR.match(self._text, token.end())
                    return neighbour.end() if neighbour else None
        self._balanced = False
        return None

    def _backwards(self, start: int, at: int, levels: int) -> int | None:
        """The first start behind the error, or one before it that was taken for a string's text."""
        if levels not in self._starts:
            self._starts[levels] = self._read_backwards(levels)
        starts = self._starts[levels]
        while starts and starts[-1] <= start:
            starts.pop()
        strings = (
            token.span() for token in _TOKENS.finditer(self._text, start) if token[0] not in "[]{}"
        )
        begin = end = start
        while starts and starts[-1] < at:
            while end <= starts[-1] and begin < at:
                begin, end = next(strings, (at, at))
            if begin < starts[-1] < end:
                break
            starts.pop()  # an object inside the broken record
        return starts[-1] if starts else None

    def _read_backwards(self, levels: int) -> list[int]:
        """Starts of records, last one first, up to the last fault."""
        text = self._text
        if levels and not _TAIL.search(text, max(0, len(text.rstrip()) - 64)):
            return []
        found: list[int] = []
        depth, inside, before = 0, False, len(text)
        for at in reversed(array("I", (mark.start() for mark in _MARKS.finditer(text)))):
            character = text[at]
            if inside:
                if character == '"':
                    inside, before = False, at
                continue
            if not _only_plain(text[at + 1 : before]):
                break
            before = at
            if character == '"':
                inside = True
            elif character in "]}":
                depth += 1
            elif character == "\\":
                break
            else:
                depth -= 1
                if depth < levels:
                    return [] if character == "[" else found
                if depth == levels and character == "{":
                    if _VALUE_BEFORE.search(text, max(0, at - 64), at):
                        break
                    found.append(at)
        return found


def _only_plain(gap: str) -> bool:
    """Whether nothing but numbers, literals, commas, colons and blanks stands between tokens."""
    return all(_PLAIN.fullmatch(word) for word in _WORDS.findall(gap))
