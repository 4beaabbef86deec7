"""Numbers, durations, times and money as they stand on screen (exports have plain digits).

Zero is 0, what was not measured is "not known yet", what does not apply is an en dash. Units are
set off by a narrow no-break space.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QDate, QLocale

from gui.words import tr

NARROW = "\u202f"
DASH = "\u2013"
"""What stands where nothing applies."""


def not_known() -> str:
    """What stands where nothing was measured so far."""
    return tr("not known yet")


def number(value: int | None) -> str:
    """A count with its group separators; None: not known yet."""
    return not_known() if value is None else QLocale().toString(value)


def with_unit(value: int | float, unit: str, digits: int = 1) -> str:
    """A figure and its unit: ``1.4 MB/s``."""
    shown = number(value) if isinstance(value, int) else QLocale().toString(value, "f", digits)
    return f"{shown}{NARROW}{unit}"


def duration(seconds: float | None) -> str:
    """``0.21 s``, ``4.2 s``, ``41 s``, ``1 min 45 s``, ``4 h 51 min``; None: not known yet."""
    if seconds is None:
        return not_known()
    if seconds < 1:
        return with_unit(float(seconds), "s", 2)
    if seconds < 10:
        return with_unit(float(seconds), "s", 1)
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if whole < 60:
        return with_unit(whole, "s")
    if hours == 0:
        tail = f" {with_unit(rest, 's')}" if rest else ""
        return with_unit(minutes, "min") + tail
    tail = f" {with_unit(minutes_left, 'min')}" if minutes_left else ""
    return with_unit(hours, "h") + tail


def age(since: datetime, now: datetime) -> str:
    """``38 s ago`` up to an hour, else the moment itself. Both times need their zone."""
    passed = (now - since).total_seconds()
    if 0 <= passed < 3600:
        return tr(
            "{duration} ago", duration=duration(float(int(passed))) if passed >= 1 else "0\u202fs"
        )
    return moment(since, now)


def moment(at: datetime, now: datetime) -> str:
    """The local time in prose: ``14:02``, ``yesterday 17:42``, ``22 Nov 2026 17:42``."""
    local, today = at.astimezone(), now.astimezone()
    clock = local.strftime("%H:%M")
    if local.date() == today.date():
        return clock
    if local.date() == (today - timedelta(days=1)).date():
        return tr("yesterday {clock}", clock=clock)
    day = QDate(local.year, local.month, local.day)
    return f"{QLocale().toString(day, 'd MMM yyyy')} {clock}"


def money(amount: float | None, currency: str = "USD") -> str:
    """``USD 43.80``; None: not known yet. Whole hundreds and more stand without cents."""
    if amount is None:
        return not_known()
    digits = 0 if amount >= 100 or amount == 0 else 2
    return f"{currency} {QLocale().toString(float(amount), 'f', digits)}"
