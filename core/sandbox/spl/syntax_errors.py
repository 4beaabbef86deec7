"""What lark could not read, said in the words of SPL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from core.sandbox.spl.errors import SplError
from core.sandbox.spl.scene import Scene, refusal
from core.sandbox.spl.syntax import Lines
from core.sandbox.spl.words import check_word

_FITS = {
    "STAR": "* as the source",
    "VBAR": "|",
    "END": "; at the end",
    "<END-OF-FILE>": "the end of the script",
    "$END": "the end of the script",
    "WORD": "an instruction",
    "NAME": "a field",
    "STRING": "a string in single quotes",
    "COMMA": "a comma",
    "EQUAL": "=",
    "AS": "as",
    "OPTION": "an option",
    "FLAG": "an option",
    "SQL": "an SQL expression",
}
_ORDER = list(_FITS)
_PIECES = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|(?P<pipe>\|(?!\|))|\|\||.", re.DOTALL
)
_INSTRUCTION = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?P<word>\.?[A-Za-z][\w-]*)", re.DOTALL)
_UNCLOSED = {"'": "a string is not closed", '"': "a field name in double quotes is not closed"}


def explain(error: Any, text: str, scene: Scene) -> SplError:
    """The refusal for lark's ``UnexpectedInput``; an unknown instruction before it comes first."""
    lines = Lines(text)
    token = getattr(error, "token", None)
    at_end = token is not None and token.type == "$END"
    offset = len(text.rstrip()) if at_end else error.pos_in_stream
    try:
        for word, start in _words(text):
            if start <= offset:
                check_word(word, lines.place(start), scene)
    except SplError as unknown:
        return unknown
    place = lines.place(offset)
    rest = text[offset:]
    if offset == 0 or not text[:offset].strip():
        return _source(rest, place.line, place.column, scene)
    if rest.startswith("/*"):
        return SplError("a comment is not closed", place.line, place.column, "end it with */")
    if rest[:1] in _UNCLOSED and token is None:
        hint = f"a {'quote' if rest[0] == chr(39) else 'double quote'} inside is written twice"
        return SplError(_UNCLOSED[rest[0]], place.line, place.column, hint)
    expected = set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())
    found = "the end of the script" if not rest.strip() else _shown(rest)
    if expected <= {"$END", "<END-OF-FILE>"}:
        return SplError(
            f"{found} stands after the end of the statement",
            place.line,
            place.column,
            "one statement is run; named data sets are outside the documented subset",
        )
    hint = "a pattern of names is written in double quotes" if rest.startswith("*") else ""
    return SplError(
        f"{found} is not expected here", place.line, place.column, hint or _fits(expected)
    )


def _source(rest: str, line: int, column: int, scene: Scene) -> SplError:
    if rest.startswith("$") or re.match(r"\.let\b", rest):
        reason = refusal(".let", scene)
        cause = reason or "outside the documented subset: named data sets (.let, $name)"
        return SplError(cause, line, column, "begin with *; this emulator runs no named data sets")
    hint = "write * for all logs; a search is not run as a source here"
    if not rest.strip():
        return SplError("the script is empty", 1, 1, "write * for all logs")
    return SplError(f"{_shown(rest)} is not a source", line, column, hint)


def _words(text: str) -> Iterator[tuple[str, int]]:
    """The first word after each ``|``, with its offset."""
    for piece in _PIECES.finditer(text):
        if piece["pipe"]:
            found = _INSTRUCTION.match(text, piece.end())
            if found:
                yield found["word"], found.start("word")


def _shown(rest: str) -> str:
    found = re.match(r"[\w$.*-]+|.", rest, re.DOTALL)
    shown = found[0] if found else rest
    return f"{shown[:40]!r}"


def _fits(expected: set[str]) -> str:
    named = sorted(expected & set(_FITS), key=_ORDER.index)
    return "what fits: " + ", ".join(dict.fromkeys(_FITS[each] for each in named)) if named else ""
