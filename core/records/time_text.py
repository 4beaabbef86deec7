"""Texts of times, in the forms that Azure's services write, read to the nanosecond.

RFC 3339, section 5.6, is the form to keep; the others were found in published records (Azure
Functions and Entra ID Protection: US order; Event Hubs: US order with an offset; Entra ID
Protection: hours without a leading zero) and are rewritten.
"""

from __future__ import annotations

import functools
import re
from datetime import date
from typing import Final, NamedTuple

ZONE_ASSUMED: Final = "time_zone_assumed"
"""Flag: the time names no zone; it is taken for UTC."""

LONGEST: Final = 128
"""A longer text (characters) is no time."""


class EventTime(NamedTuple):
    """When an event happened.

    Attributes:
        seconds: whole seconds since 1970-01-01T00:00:00Z, rounded down.
        nanoseconds: what is left, 0 to 999,999,999; further digits stand in ``text`` only.
        text: RFC 3339, with every digit of the source.
        flags: ``time_zone_assumed``, ``no_time`` or nothing.
    """

    seconds: int
    nanoseconds: int
    text: str
    flags: tuple[str, ...]


_ZONE = r"Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?"
_CLOCK = r"(?P<hour>\d\d?): *(?P<minute>\d\d?): *(?P<second>\d\d?)(?:[.,](?P<fraction>\d+))?"
_ISO: Final = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)(?: *[Tt] *| +){_CLOCK}"
    rf" *(?P<zone>{_ZONE})?",
    re.ASCII,
)
_US: Final = re.compile(
    rf"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{{4}}) +{_CLOCK}"
    rf"(?: *(?P<half>[AaPp])[Mm])? *(?P<zone>{_ZONE})?",
    re.ASCII,
)
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_UNSET: Final = frozenset((date(year, 1, 1).toordinal() - _EPOCH_DAY) * 86400 for year in (1, 1601))
"""First second of .NET's and of Windows' calendar: what a service writes for a time it has not."""

_new = tuple.__new__
"""Half the cost of calling the class."""

_SCALE: Final = tuple(10 ** (9 - digits) for digits in range(10))
_SECONDS_KEPT: Final = 4096
_seconds: dict[str, int] = {}
"""``YYYY-MM-DDTHH:MM:SS`` -> epoch seconds in UTC. Neighbouring records share their second."""


def parse_time(text: str) -> EventTime | None:
    """The time that ``text`` names, or None when it names none."""
    seconds = _seconds.get(text[:19])
    if seconds is not None:
        fraction = text[20:-1] if text[-1] == "Z" else text[20:-6] if text[-6:] == "+00:00" else ""
        digits = len(fraction)
        if 0 < digits < 10 and text[19] == "." and fraction.isdigit() and fraction.isascii():
            return _new(EventTime, (seconds, int(fraction) * _SCALE[digits], text, ()))
    return _parse(text) if len(text) <= LONGEST else None


@functools.lru_cache(maxsize=4096)
def _parse(text: str) -> EventTime | None:
    """As ``parse_time``, for every form; fills the table of seconds.

    Kept, because the forms that come here are mostly to the second and repeat.
    """
    text = text.strip()
    match = _ISO.fullmatch(text) or _US.fullmatch(text)
    if match is None:
        return None
    part = match.groupdict()
    clock = _clock(part)
    if clock is None:
        return None
    hour, minute, second = clock
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]))
    except ValueError:
        return None
    zone = _zone(part["zone"])
    if zone is None:
        return None
    local = (day.toordinal() - _EPOCH_DAY) * 86400 + hour * 3600 + minute * 60 + second
    if local in _UNSET:
        return None
    fraction = part["fraction"] or ""
    nanoseconds = int(fraction[:9].ljust(9, "0"))
    flags = () if part["zone"] else (ZONE_ASSUMED,)
    if _RFC_3339.fullmatch(text):
        if text[10] == "T":
            _remember(text[:19], local)
        return EventTime(local - zone[1], nanoseconds, text, flags)
    moment = f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}"
    point = f".{fraction}" if fraction else ""
    return EventTime(local - zone[1], nanoseconds, f"{moment}{point}{zone[0]}", flags)


def _remember(head: str, seconds: int) -> None:
    if len(_seconds) >= _SECONDS_KEPT:
        _seconds.clear()
    _seconds[head] = seconds


def _clock(part: dict[str, str | None]) -> tuple[int, int, int] | None:
    """Hour, minute and second of a match; None when no clock shows them.

    Second 60 is a leap second; offsets are multiples of a quarter of an hour, so it is the last
    second of a quarter.
    """
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    half = part.get("half")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    leap = second == 60 and minute % 15 == 14
    if hour > 23 or minute > 59 or (second > 59 and not leap):
        return None
    return hour, minute, second


def _zone(text: str | None) -> tuple[str, int] | None:
    """Zone as RFC 3339 writes it, and its offset from UTC in seconds."""
    if text is None or text[0] not in "+-":
        return "Z", 0
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        return None
    offset = hours * 3600 + minutes * 60
    return f"{text[0]}{hours:02}:{minutes:02}", -offset if text[0] == "-" else offset
