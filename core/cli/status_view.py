"""A status in words, and as a panel for a terminal."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_COLOURS = {"running": "green", "paused": "yellow", "failing": "red"}
_MARKS = {"running": "●", "paused": "‖", "failing": "✗", "starting": "○", "stopping": "○"}
"""A state is told by its word and its mark; colour comes on top."""


def status_lines(status: dict[str, Any]) -> list[str]:
    """The status as a person reads it, the most important line first."""
    records, lag = status["records"], status["lag"]
    lines = [
        f"{state_words(status)}: {records['stored']:,} of {records['received']:,} records stored, "
        f"{records['repaired']:,} repaired, {records['dead_lettered']:,} dead-lettered; "
        f"{status['rate_records_per_s']:,.0f} records/s; {lag_words(lag)}"
    ]
    lines += [
        f"  partition {each['id']}: committed {_offset(each['committed'])} "
        f"of {_offset(each['high'])}, {each['lag']:,} messages behind"
        for each in status["partitions"]
    ]
    lines += [f"  repair {name}: {count:,} records" for name, count in status["repairs"].items()]
    found = status["problem"]
    if found:
        lines += [f"{found['severity']}: {found['cause']}", f"  do: {found['remedy']}"]
    return lines


def state_words(status: dict[str, Any]) -> str:
    """The state and, where there is one, its reason."""
    reason = f" ({status['reason']})" if status["reason"] else ""
    return f"{status['state']}{reason}"


def lag_words(lag: dict[str, Any]) -> str:
    """How far behind the import is."""
    if not lag["messages"]:
        return "caught up"
    age = "" if lag["seconds"] is None else f", {duration(lag['seconds'])} behind"
    return f"about {lag['records']:,} records to read{age}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: 4.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def status_panel(status: dict[str, Any]) -> RenderableType:
    """The status as a panel of a terminal that renews itself."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    records = status["records"]
    counts = Table.grid(padding=(0, 3))
    counts.add_column()
    counts.add_column(justify="right")
    for name, value in (
        ("received", f"{records['received']:,}"),
        ("stored", f"{records['stored']:,}"),
        ("repaired", f"{records['repaired']:,}"),
        ("dead-lettered", f"{records['dead_lettered']:,}"),
        ("records/s", f"{status['rate_records_per_s']:,.0f}"),
        ("lag", lag_words(status["lag"])),
        ("memory", f"{status['memory_bytes'] / 1024 / 1024:,.0f} MiB"),
    ):
        counts.add_row(Text(name, style="dim"), value)
    parts: list[RenderableType] = [counts, _partitions(status["partitions"])]
    found = status["problem"]
    if found:
        parts.append(Text(f"\n{found['severity']}: {found['cause']}", style="bold"))
        parts.append(Text(f"do: {found['remedy']}"))
    since = datetime.datetime.fromtimestamp(status["since"]).astimezone()
    colour = _COLOURS.get(status["state"], "default")
    title = Text(f"{_MARKS.get(status['state'], '?')} {state_words(status)}", style=colour)
    return Panel(
        Group(*parts),
        title=title,
        title_align="left",
        subtitle=f"since {since:%Y-%m-%d %H:%M:%S} · Ctrl+C leaves the import running",
        subtitle_align="left",
        expand=False,
        padding=(1, 2),
    )


def _partitions(partitions: list[dict[str, Any]]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), header_style="dim", show_edge=False)
    table.add_column("partition", justify="right")
    for name in ("committed", "stored", "high watermark", "messages behind"):
        table.add_column(name, justify="right")
    for each in partitions:
        offsets = [_offset(each[name]) for name in ("committed", "stored", "high")]
        table.add_row(str(each["id"]), *offsets, f"{each['lag']:,}")
    return table


def _offset(value: int) -> str:
    """An offset; a dash while it is not known."""
    return f"{value:,}" if value >= 0 else "-"
