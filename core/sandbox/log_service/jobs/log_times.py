"""The time of a log, taken out of one of its fields.

``timeField`` names the field (of a text value: ``content``), ``timePattern`` a regular expression
whose match, or first group, is the time, ``timeFormat`` is ``epoch``, ``epochMillis``,
``epochMicro``, ``epochNano`` or a date pattern of Java, ``timeZone`` an offset like ``+0800``.
(Alibaba Cloud: KafkaIngestionConfigurationSource; SLS "Time formats".)
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from core.sandbox.log_service.jobs.reading import refused, text_of, unsupported

_PLACE = "configuration.source"
_EPOCHS = {"epoch": 1, "epochmillis": 10**3, "epochmicro": 10**6, "epochnano": 10**9}
_NANOSECONDS = 1_000_000_000
_LONGEST_FORMAT = 256
_ZONE = re.compile(r"(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})|(Z|GMT|UTC|)")
_LETTERS = {
    "yyyy": r"(?P<Y>[0-9]{4})",
    "MM": r"(?P<m>[0-9]{1,2})",
    "dd": r"(?P<d>[0-9]{1,2})",
    "HH": r"(?P<H>[0-9]{1,2})",
    "mm": r"(?P<M>[0-9]{1,2})",
    "ss": r"(?P<S>[0-9]{1,2})",
    "Z": r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})",
}
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']")


@dataclass(frozen=True)
class LogTimes:
    """How to take the time out of a log.

    Attributes:
        field: where it stands.
        pattern: what of it is the time; None for all.
        divisor: for numbers, how many of their unit make a second; 0 for a date.
        date: for dates, what matches one.
        zone: of dates that name none.
    """

    field: str
    pattern: Any
    divisor: int
    date: re.Pattern[str] | None
    zone: dt.timezone

    def of(self, fields: dict[str, str]) -> tuple[int, int] | None:
        """Seconds and nanoseconds; None if there is no such time."""
        text = fields.get(self.field, "").strip()
        if self.pattern is not None:
            found = self.pattern.search(text)
            text = (found.group(1) if found.re.groups else found.group(0)) if found else ""
        try:
            return self._number(text) if self.divisor else self._date(text)
        except (ValueError, OverflowError):
            return None

    def _number(self, text: str) -> tuple[int, int] | None:
        whole, _, rest = text.partition(".")
        if not (whole.isdecimal() and (not rest or rest.isdecimal())):
            return None
        nanoseconds = int(whole) * (_NANOSECONDS // self.divisor)
        if rest:
            nanoseconds += int((rest + "0" * 9)[:9]) // self.divisor
        return divmod(nanoseconds, _NANOSECONDS)

    def _date(self, text: str) -> tuple[int, int] | None:
        found = self.date.fullmatch(text) if self.date else None
        if found is None:
            return None
        part = found.groupdict()
        number = {name: int(part[name]) for name in "YmdHMS" if part.get(name)}
        zone = _offset(part["zone"]) if part.get("zone") else self.zone
        moment = dt.datetime(
            number.get("Y", 1970),
            number.get("m", 1),
            number.get("d", 1),
            number.get("H", 0),
            number.get("M", 0),
            number.get("S", 0),
            tzinfo=zone,
        )
        nanoseconds = int(((part.get("f") or "") + "0" * 9)[:9])
        return int(moment.timestamp()), nanoseconds


def read_times(source: dict[str, Any]) -> LogTimes | None:
    """Read the time fields of a source; None if it has none. Raises ServiceError."""
    field, pattern, form, zone = (
        text_of(source, name, _PLACE, needed=False)
        for name in ("timeField", "timePattern", "timeFormat", "timeZone")
    )
    if not field:
        return None
    if not form:
        raise refused("timeFormat is required with timeField")
    if len(form) > _LONGEST_FORMAT:
        raise refused(f"timeFormat has over {_LONGEST_FORMAT} characters")
    divisor = _EPOCHS.get(form.lower(), 0)
    date = None if divisor else _compiled(form)
    return LogTimes(field, _re2(pattern) if pattern else None, divisor, date, _zone(zone))


def _re2(pattern: str) -> Any:
    import re2  # a start need not wait for it

    options = re2.Options()
    options.log_errors = False  # RE2 would print the pattern on standard error
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError):
        raise refused("timePattern is not a regular expression of RE2") from None


def _compiled(form: str) -> re.Pattern[str]:
    """A date pattern of Java as a regular expression."""
    out: list[str] = []
    at = 0
    while at < len(form):
        token = _TOKEN.match(form, at)
        if token is None:
            raise refused(f"timeFormat {form!r} has an open quotation mark")
        at, text = token.end(), token.group(0)
        if text.startswith("'"):
            out.append(re.escape(token.group(1).replace("''", "'") or "'"))
        elif token.group(2) is None:
            out.append(re.escape(text))
        elif text[0] == "S":
            out.append(r"(?P<f>[0-9]{1,9})")
        else:
            letters = "Z" if text in ("X", "XX", "XXX", "Z", "ZZ") else text
            if letters not in _LETTERS:
                raise unsupported(f"{text} in timeFormat {form!r}")
            out.append(_LETTERS[letters])
    try:
        return re.compile("".join(out))
    except re.error:  # a letter twice
        raise refused(f"timeFormat {form!r} names a part of the time twice") from None


def _zone(text: str) -> dt.timezone:
    try:
        return _offset(text.strip())
    except ValueError:
        raise unsupported(f"timeZone {text!r}; it plays offsets like +0800") from None


def _offset(text: str) -> dt.timezone:
    """Raises ValueError for another form, and for 24 hours and more."""
    found = _ZONE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if found.group(1) is None:
        return dt.UTC
    offset = dt.timedelta(hours=int(found.group(2)), minutes=int(found.group(3)))
    return dt.timezone(offset if found.group(1) == "+" else -offset)
