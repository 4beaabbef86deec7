"""When the event of a record happened: by the rule of its service, in ``event_time.toml``."""

from __future__ import annotations

import functools
import time
import tomllib
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final

from core.records.time_text import EventTime, parse_time

__all__ = ["NO_TIME", "EventTime", "event_time"]

NO_TIME: Final = "no_time"
"""Flag: the record holds no usable time; the message's own stands in."""

_Path = tuple[str, str]
"""A top-level name, and the name inside it or an empty one."""

_LAST_MS: Final = 253_402_300_799_999
"""End of the year 9999."""


def event_time(
    record: dict[str, Any],
    service: str,
    message_timestamp_ms: int,
    *,
    now_ms: int | None = None,
) -> EventTime:
    """When the event happened, for any JSON object.

    ``service`` is the record's ``event_service``. Without a usable time in the record it is
    ``message_timestamp_ms`` (epoch milliseconds), and where that is 0, negative or past the year
    9999 ``now_ms``, by default the clock.
    """
    for outer, inner in _PATHS.get(service, _ANY):
        value = record.get(outer)
        if inner:
            value = value.get(inner) if type(value) is dict else None
        if type(value) is str and value:
            moment = parse_time(value)
            if moment is not None:
                return moment
    folded = _folded(record, service)
    if folded is not None:
        return folded
    if 0 < message_timestamp_ms <= _LAST_MS:
        return _without_time(message_timestamp_ms)
    return _without_time(time.time_ns() // 1_000_000 if now_ms is None else now_ms)


def _folded(record: dict[str, Any], service: str) -> EventTime | None:
    """The time by the same table, names compared without case."""
    names = {name.lower(): name for name in reversed(record)}
    for outer, inner in _PATHS.get(service, _ANY):
        value = record.get(names.get(outer.lower(), outer))
        if inner:
            inside = value if type(value) is dict else {}
            wanted = inner.lower()
            value = next((held for name, held in inside.items() if name.lower() == wanted), None)
        if type(value) is str and value:
            moment = parse_time(value)
            if moment is not None:
                return moment
    return None


@functools.lru_cache(maxsize=1024)
def _without_time(milliseconds: int) -> EventTime:
    seconds, rest = divmod(milliseconds, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return EventTime(seconds, rest * 1_000_000, f"{text}.{rest:03}Z", (NO_TIME,))


def _path(text: str) -> _Path:
    outer, _, inner = text.partition(".")
    return outer, inner


def _load() -> tuple[tuple[_Path, ...], dict[str, tuple[_Path, ...]]]:
    """The paths for every service, and by service those with paths of its own."""
    table = tomllib.loads(
        resources.files("resources").joinpath("event_time.toml").read_text("utf-8")
    )
    common = [_path(text) for text in table["any"]["paths"]]
    by_service = {
        service: tuple(dict.fromkeys([*map(_path, own), *common]))
        for service, own in table["first"].items()
    }
    return tuple(common), by_service


_ANY, _PATHS = _load()
