"""The list of a plan: what happens, by shape and word, to what, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QWidget

from gui.figures import DASH, duration, money
from gui.widgets.badges import Badge
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column, row
from gui.widgets.table import RowTable
from gui.widgets.text import Label
from gui.words import tr

PlanKind = Literal["create", "reuse", "change", "delete", "blocked"]
_LOOK: dict[str, tuple[str, str, str]] = {
    "create": ("create", "ok", "Create"),
    "reuse": ("reuse", "quiet", "Reuse"),
    "change": ("change", "warn", "Change"),
    "delete": ("cross", "fail", "Delete"),
    "blocked": ("blocked", "fail", "Blocked"),
}


@dataclass(frozen=True)
class PlanRow:
    """One action of a plan as it is shown.

    Attributes:
        kind: what happens.
        what: to what.
        about: its kind and more, in one line.
        cost: a month; None: not known yet. ``usage`` says that it depends on use.
        usage: what it costs follows from what flows through it.
    """

    kind: PlanKind
    what: str
    about: str = ""
    cost: float | None = 0.0
    usage: bool = False


class PlanList(QWidget):
    """The actions of one cloud, with the identity that is used."""

    def __init__(self, title: str, currency: str = "USD") -> None:
        super().__init__()
        self._currency = currency
        columns = (
            Column(tr("Action"), 96),
            Column(tr("What")),
            Column(tr("Kind")),
            Column(tr("{currency} a month", currency=currency), 124, right=True),
        )
        self.title = Label(title, "strong")
        self.table: RowTable[PlanRow] = RowTable(
            title, columns, self._cells, row_height=31, selectable=False, fits=True,
            empty=tr("Nothing to do here."),
        )  # fmt: skip
        self.setLayout(column(self.title, self.table, gap=6))

    def show_rows(self, rows: tuple[PlanRow, ...]) -> None:
        """Show these actions."""
        self.table.show_rows(rows)

    def _cells(self, each: PlanRow) -> tuple[Cell, ...]:
        icon, tone, word = _LOOK[each.kind]
        if each.kind in ("blocked", "delete"):
            cost = DASH
        elif each.usage and not each.cost:
            cost = tr("by use")
        else:
            cost = money(each.cost, "").strip()
        return (
            Cell(tr(word), tone=tone, icon=icon, icon_tone=tone),
            Cell(each.what, "name"),
            Cell(each.about, tone="muted"),
            Cell(cost, tone="text" if each.cost else "muted"),
        )


def plan_badges(counts: dict[str, int]) -> QWidget:
    """The counts of a plan, zeros included; ``counts`` by kind."""
    made = QWidget()
    badges = []
    for kind in ("create", "reuse", "change", "delete", "blocked"):
        if kind == "delete" and not counts.get(kind):
            continue
        icon, tone, word = _LOOK[kind]
        count = counts.get(kind, 0)
        text = f"{count} {tr(word).lower()}"
        lively = count > 0
        badges.append(
            Badge(
                text,
                tone if lively else "muted",
                ground="" if lively else "outline",
                icon=icon,
                role="caption",
            )
        )
    made.setLayout(row(*badges))
    return made


@dataclass(frozen=True)
class ActionRow:
    """One action while a plan is carried out.

    Attributes:
        what: it.
        where: which cloud or service.
        state: waiting, running, done, failed or skipped.
        result: what came of it, or what it waits for.
        seconds: so far.
        share: how much is done, where it is known.
    """

    what: str
    where: str
    state: Literal["waiting", "running", "done", "failed", "skipped"]
    result: str = ""
    seconds: float | None = None
    share: float | None = None


_STATES: dict[str, tuple[str, str]] = {
    "waiting": ("pending", "faint"),
    "running": ("running", "accent-text"),
    "done": ("done", "ok"),
    "failed": ("failed", "fail"),
    "skipped": ("dash", "faint"),
}


def action_table(title: str) -> RowTable[ActionRow]:
    """A table of actions that are carried out."""
    columns = (
        Column(tr("Action")),
        Column(tr("Where"), 126),
        Column(tr("Result")),
        Column(tr("Time"), 84, right=True),
    )
    return RowTable(title, columns, _action_cells, row_height=32, selectable=False, fits=True)


def _action_cells(each: ActionRow) -> tuple[Cell, ...]:
    icon, tone = _STATES[each.state]
    quiet = each.state in ("waiting", "skipped")
    share = each.share if each.state == "running" else None
    return (
        Cell(each.what, "name", "muted" if quiet else "text", icon, tone),
        Cell(each.where, tone="muted"),
        Cell(each.result, tone="fail" if each.state == "failed" else "muted", progress=share),
        Cell(duration(each.seconds) if each.seconds is not None else "", tone="muted"),
    )
