"""When a detection rule runs: every so often, or by a cron expression, on the sandbox's clock.

A minute of a schedule may take less than a minute; only the pace of runs changes by it. The range
that a run looks back over, thresholds and aggregation are in real time, as the logs are (SC-26).
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_PART = re.compile(r"(\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/([0-9]{1,2}))?", re.ASCII)
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_SEARCHED_DAYS = 1500  # a 29th of February is at most eight years away, but for one century


class ScheduleError(ValueError):
    """A text that is no duration and no cron expression of the subset."""


def seconds_of(text: str) -> int:
    """A duration such as ``5m``. Raises ScheduleError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not int(found.group(1)):
        raise ScheduleError(f"{text!r} is not a duration such as 5m")
    return int(found.group(1)) * _UNITS[found.group(2)]


@dataclass(frozen=True)
class Cron:
    """Five fields: minute, hour, day of the month, month, day of the week (0 and 7: Sunday).

    Each a list of ``*``, a number or a range, with a step if wanted. UTC.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @classmethod
    def of(cls, text: str) -> Cron:
        """Read an expression. Raises ScheduleError."""
        parts = text.split()
        if len(parts) != len(_RANGES):
            raise ScheduleError(f"{text!r} has not five fields")
        values = [_values(part, *range_) for part, range_ in zip(parts, _RANGES, strict=True)]
        minutes, hours, days, months, weekdays = values
        sundays = frozenset(day % 7 for day in weekdays)
        return cls(minutes, hours, days, months, sundays, parts[2] == "*", parts[4] == "*")

    def next_after(self, moment: float) -> float:
        """The first whole minute after ``moment`` (epoch seconds) that matches."""
        minute = int(moment) // 60 * 60 + 60
        last = minute + _SEARCHED_DAYS * 86_400
        while minute < last:
            told = time.gmtime(minute)
            if not self._is_day(told):
                minute += 86_400 - minute % 86_400
            elif told.tm_hour not in self.hours:
                minute += 3600 - minute % 3600
            elif told.tm_min not in self.minutes:
                minute += 60
            else:
                return float(minute)
        raise ScheduleError("the expression never matches")

    def _is_day(self, told: time.struct_time) -> bool:
        if told.tm_mon not in self.months:
            return False
        day = told.tm_mday in self.days
        weekday = (told.tm_wday + 1) % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return day and weekday
        return day or weekday


def _values(text: str, lowest: int, highest: int) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise ScheduleError(f"{part!r} is outside the subset of cron")
        base, step = found.group(1), int(found.group(2) or 1)
        if base == "*":
            first, last = lowest, highest
        else:
            begin, _, end = base.partition("-")
            first = int(begin)
            last = int(end) if end else (highest if found.group(2) else first)
        if not lowest <= first <= last <= highest or not step:
            raise ScheduleError(f"{part!r} is not within {lowest} to {highest}")
        values.update(range(first, last + 1, step))
    return frozenset(values)


class Clock:
    """Real moments and those of schedules, in which a minute takes ``minute`` seconds."""

    def __init__(self, minute: float) -> None:
        self._factor = 60.0 / minute
        self._origin = time.time()

    def next_run(self, kind: str, expression: str, last: float) -> float:
        """When a rule runs again that ran at ``last``, both epoch seconds. Raises ScheduleError."""
        if kind == "cron":
            scheduled = self._origin + (last - self._origin) * self._factor
            following = Cron.of(expression).next_after(scheduled)
            return self._origin + (following - self._origin) / self._factor
        return last + seconds_of(expression) / self._factor
