"""Rows of the live tail: what a table shows of a stored log, and which rows a filter keeps."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from core.errors import Code, problem_error
from core.monitor.tail_export import stored_log
from core.records.filters import Filter, FilterError, parse
from gui.widgets.cells import Cell, Column
from gui.widgets.live_model import Keep, LiveRow
from gui.words import tr

_BARS = {
    "signinlogs": "c1",
    "activitylogs": "c2",
    "auditlogs": "c3",
    "riskdetection": "c5",
}
_OTHER_BAR = "c4"
_LEVELS = {
    "1": ("Critical", "fail"),
    "critical": ("Critical", "fail"),
    "2": ("Error", "fail"),
    "error": ("Error", "fail"),
    "high": ("High", "fail"),
    "3": ("Warn", "warn"),
    "warning": ("Warn", "warn"),
    "medium": ("Medium", "warn"),
    "4": ("Info", ""),
    "informational": ("Info", ""),
    "information": ("Info", ""),
    "low": ("Low", "quiet"),
}
"""Words of levels, and their tone ("Azure Monitor: common log schema", level; by number in Entra
ID's logs)."""


def columns() -> tuple[Column, ...]:
    """The columns of the tail."""
    return (
        Column(tr("Event time"), 106),
        Column(tr("Service"), 110),
        Column(tr("Level"), 66),
        Column(tr("Operation")),
        Column(tr("Address"), 112),
        Column(tr("Result"), 72),
    )


def bar_of(service: str) -> str:
    """The colour of a service's bar."""
    return _BARS.get(service, _OTHER_BAR)


def live_row(row: dict[str, Any]) -> LiveRow:
    """A row of the engine's stream for the table."""
    fields: dict[str, str] = row["fields"]
    service = row["event_service"]
    result = fields.get("resultType") or fields.get("resultSignature", "")
    operation = fields.get("operationName") or fields.get("category", "")
    cells = (
        Cell(clock(row["event_time"]), "machine", tooltip=row["event_time"]),
        Cell(service, bar=bar_of(service)),
        _level(fields.get("Level") or fields.get("level", "")),
        Cell(operation),
        Cell(fields.get("callerIpAddress", ""), "machine"),
        Cell(result, "machine"),
    )
    return LiveRow(cells, "", row)


def compile_filter(text: str) -> Keep:
    """The filter language of ``isthmus tail`` on rows of the table.

    Raises ProblemError (filter_invalid).
    """
    try:
        wanted: Filter = parse(text)
    except FilterError as error:
        hint = f": {error.hint}" if error.hint else ""
        raise problem_error(
            Code.FILTER_INVALID,
            "filter",
            error.show(),
            column=error.position + 1,
            reason=error.message,
            hint=hint,
        ) from None
    return lambda row: wanted.matches(stored_log(row.data))


def record_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a tree shows it: objects and arrays, which are stored as text, opened again."""
    return {name: _opened(text) for name, text in stored_log(row).items()}


def raw_of(row: dict[str, Any]) -> bytes:
    """The bytes behind a row: of a repaired record what the hub sent, else the stored log."""
    log = stored_log(row)
    text = log.get("event_raw") or json.dumps(log, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def hex_lines(data: bytes, limit: int = 16 * 1024) -> str:
    """``data`` as offset, bytes and text, 8 bytes a line; after ``limit`` bytes how many more."""
    lines = []
    for at in range(0, min(len(data), limit), 8):
        part = data[at : at + 8]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{at:05x}  {part.hex(' '):<23}  {shown}")
    if len(data) > limit:
        lines.append(tr("{n} bytes more", n=len(data) - limit))
    return "\n".join(lines)


def _opened(text: str) -> Any:
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _level(text: str) -> Cell:
    if not text:
        return Cell("")
    words, tone = _LEVELS.get(text.lower(), (text, ""))
    if tone:
        return Cell(tr(words), tone=tone, badge=f"{tone}-soft", tooltip=text)
    return Cell(tr(words), badge="outline", tooltip=text)


def clock(moment: str) -> str:
    """``14:02:13.528`` of an RFC 3339 time, local; what cannot be read stays as it is."""
    try:
        at = datetime.fromisoformat(_six_digits(moment)).astimezone()
    except ValueError:
        return moment
    return at.strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03d}"


def _six_digits(moment: str) -> str:
    """``moment`` with at most six digits of a second, which is what Python reads."""
    head, dot, rest = moment.partition(".")
    if not dot:
        return moment
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(digits, 6)].ljust(6, '0')}{rest[digits:]}"
