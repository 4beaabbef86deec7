"""A stored log beside what it must be, field by field."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

import msgspec

from core.sandbox.proof.expected import ExpectedLog
from core.sandbox.proof.logstore import StoredLog

ABSENT = "(absent)"
"""Stands for what is not there."""

_ADDED_AT_WILL = frozenset({"event_flags", "event_raw"})
_TAGS = ("hub", "partition")
_SHOWN = 300

_WEEK = 7 * 86_400
_WINDOW_MARGIN = 3_600
"""Log Service takes no log of more than a week ago; such a log has the time of its import."""


class Difference(NamedTuple):
    """Where a log is not what it must be: the field, and both texts, cut to 300 characters."""

    field: str
    expected: str
    found: str


def differences(expected: ExpectedLog, stored: StoredLog) -> list[Difference]:
    """All of them; none for a log that is right."""
    left = dict(stored.fields)
    found: list[Difference] = []
    if len(left) != len(stored.fields):
        found.append(Difference("(fields)", "each name once", "a name twice"))
    for name, text in expected.fields.items():
        _expect(found, name, text, left.pop(name, ABSENT))
    for name, text in expected.nested.items():
        value = left.pop(name, ABSENT)
        if value != text:
            found += _nested(name, text, value)
    _expect(found, "event_service", expected.service, left.pop("event_service", ABSENT))
    _expect(found, "event_time", expected.time, left.pop("event_time", ABSENT))
    if not left.pop("event_uid", ""):
        found.append(Difference("event_uid", "a text", ABSENT))
    found += [
        Difference(name, ABSENT, _cut(value))
        for name, value in left.items()
        if name not in _ADDED_AT_WILL
    ]
    return found + _times(expected, stored) + _tags(stored)


def _expect(into: list[Difference], name: str, expected: str, found: str) -> None:
    if expected != found:
        into.append(Difference(name, _cut(expected), _cut(found)))


def _times(expected: ExpectedLog, stored: StoredLog) -> list[Difference]:
    found: list[Difference] = []
    if stored.time == expected.seconds:
        _expect(found, "Time_ns", str(expected.nanoseconds), str(stored.time_ns))
    elif not expected.seconds + _WEEK - _WINDOW_MARGIN <= stored.time <= time.time() + 60:
        _expect(found, "Time", str(expected.seconds), str(stored.time))
    return found


def _tags(stored: StoredLog) -> list[Difference]:
    found = [
        Difference(f"LogTags.{name}", "a text", ABSENT)
        for name in _TAGS
        if not stored.tags.get(name)
    ]
    partition = stored.tags.get("partition")
    if partition and not partition.isdecimal():
        found.append(Difference("LogTags.partition", "a number", _cut(partition)))
    return found


def _nested(name: str, expected: str, found: str) -> list[Difference]:
    """JSON that is not the same text: other escapes and another order are no difference."""
    try:
        value = _parse(found)
    except (ValueError, RecursionError):
        return [Difference(name, _cut(expected), _cut(found))]
    place = _first_difference(name, _parse(expected), value)
    if place is not None:
        return [place]
    if msgspec.json.format(found.encode(), indent=-1).decode() != found:
        return [Difference(name, "compact JSON", _cut(found))]
    return []


def _first_difference(path: str, expected: Any, found: Any) -> Difference | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        names = [*expected, *(name for name in found if name not in expected)]
        pairs = [
            (f"{path}.{name}", expected.get(name, _NONE), found.get(name, _NONE)) for name in names
        ]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [
            (f"{path}[{n}]", *pair) for n, pair in enumerate(zip(expected, found, strict=True))
        ]
    elif type(expected) is type(found) and expected == found:
        return None
    else:
        return Difference(path, _shown(expected), _shown(found))
    parts = (_first_difference(*pair) for pair in pairs)
    return next((part for part in parts if part is not None), None)


class _Number(NamedTuple):
    """A number by its source text; equal to no text and no boolean."""

    text: str


_NONE = object()


def _parse(text: str) -> Any:
    return json.loads(
        text,
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=_refuse,
        object_pairs_hook=_object,
    )


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object holds a name twice")
    return made


def _shown(value: Any) -> str:
    if value is _NONE:
        return ABSENT
    if isinstance(value, _Number):
        return _cut(value.text)
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
