"""JSON inside a field: a path into it, its first level, and compact text of what is there.

Numbers stay as they are written. What is not JSON is an answer (None), not an error: the
instructions that read JSON go on with the row.
"""

from __future__ import annotations

import re

import msgspec

from core.sandbox.spl.errors import SplError
from core.sandbox.spl.syntax import Place

Path = tuple[str | int, ...]
_STEP = re.compile(
    r"\.(?P<position>[0-9]{1,9})(?![\w\-:])|\.(?P<key>[\w\-:]+)|\[(?P<index>[0-9]{1,9})\]"
    r'|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]'
)
_ESCAPED = re.compile(r'(["\\])')
_BACKSLASH = r"\\\1"
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_ERRORS = (msgspec.MsgspecError, RecursionError, UnicodeError)


def parse_path(text: str) -> Path | None:
    """The steps of ``$.key``, ``$["a.b"]``, ``$[0]`` and ``$.0``; None for anything else.

    Bare keys are of letters, digits, ``_``, ``-`` and ``:`` (Presto: json_extract).
    """
    if text[:1] != "$":
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return None
        number = found["index"] or found["position"]
        if number is not None:
            steps.append(int(number))
        elif found["key"] is not None:
            steps.append(found["key"])
        else:
            steps.append(re.sub(r"\\(.)", r"\1", found["quoted"]))
        at = found.end()
    return tuple(steps)


def read_path(text: str, place: Place) -> Path:
    """As ``parse_path``. Raises SplError."""
    steps = parse_path(text)
    if steps is None:
        raise SplError(
            f"{text!r} is not a JSON path",
            place.line,
            place.column,
            "write for example '$.body.values[0]' or '$[\"a.b\"]'; * is not supported",
        )
    return steps


def duckdb_path(steps: Path) -> str:
    """A path as DuckDB writes it."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f'."{_ESCAPED.sub(_BACKSLASH, step)}"'
        for step in steps
    )


def value_at(text: str, path: Path) -> bytes | None:
    """The JSON text of the value at ``path``; None if there is none, or no JSON."""
    try:
        raw = bytes(text, "utf-8")
        for step in path:
            if isinstance(step, str):
                raw = bytes(_OBJECT.decode(raw)[step])
            else:
                raw = bytes(_ARRAY.decode(raw)[step])
    except (*_ERRORS, KeyError, IndexError):
        return None
    return raw.strip()


def members(raw: bytes) -> list[tuple[str, bytes]] | None:
    """The pairs of an object; None for anything else."""
    try:
        return [(name, bytes(value)) for name, value in _OBJECT.decode(raw).items()]
    except _ERRORS:
        return None


def elements(raw: bytes) -> list[bytes] | None:
    """The elements of an array; None for anything else."""
    try:
        return [bytes(value) for value in _ARRAY.decode(raw)]
    except _ERRORS:
        return None


def text_of(raw: bytes) -> str | None:
    """A value as the text of a field: a string bare, null as none, all else compact."""
    if raw == b"null":
        return None
    if raw[:1] == b'"':
        return _STRING.decode(raw)
    return msgspec.json.format(raw, indent=-1).decode()
