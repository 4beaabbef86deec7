"""A running import: its state, four figures, its partitions and the live tail."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

from PySide6.QtWidgets import QGridLayout, QTabWidget, QVBoxLayout, QWidget

from core.errors import Code, Problem
from gui.accessibility import announce, name
from gui.figures import duration, not_known, number
from gui.type_scale import font
from gui.widgets.badges import Health, HealthPill, StatCard
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column, holder, row, take_out
from gui.widgets.problem_panel import Remedy
from gui.widgets.table import RowTable
from gui.widgets.text import Elided, Label
from gui.wizard.pages.tail_view import TailView
from gui.words import tr

_POINTS = 120
_TABS, _TALL_TABS = 260, 520
_QUIET_SECONDS = 120.0
_BEHIND_SECONDS = 5.0

Partition = dict[str, Any]


class ImportView(QWidget):
    """Everything about one engine.

    Attributes:
        health: the pill.
        pause, stop, start: the buttons; start is there once it has stopped.
        tail: the live tail.
        partitions: their table.
        figures: what was told last; None: nothing so far.
        ways_on: buttons that lead to where a problem is put right; set by the page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[str, Any] | None = None
        self.ways_on: Callable[[Problem], tuple[Remedy, ...]] = lambda problem: ()
        self._found: dict[str, Any] | None = None
        self._rates: deque[float | None] = deque(maxlen=_POINTS)
        self._lags: deque[float | None] = deque(maxlen=_POINTS)
        self._counts: deque[float | None] = deque(maxlen=_POINTS)
        self._deaths: deque[float | None] = deque(maxlen=_POINTS)
        self._received, self._since = -1, monotonic()
        self._last_record = datetime.now().astimezone()
        self._said = ""
        self.health = HealthPill(Health("pending", "waiting", tr("Starting")), tall=True)
        self.since = Label("", "caption", "muted")
        self.way = Elided("", "machine")
        self.pause = Button(tr("Pause import"), icon="pause")
        self.stop = Button(tr("Stop import…"), icon="stop")
        self.start = Button(tr("Start again"), icon="play")
        self.change = Button(tr("Change the Logstore"), "quiet")
        self.start.hide()
        self.change.hide()
        bar = row(
            self.health, self.since, 8, self.way, self.pause, self.stop, self.change, self.start
        )
        bar.setStretch(3, 1)
        self.notice: QVBoxLayout = column()
        self.stored = StatCard(tr("Stored"), "c1")
        self.rate = StatCard(tr("Delivered"), "c1")
        self.behind = StatCard(tr("Behind"), "behind")
        self.dead = StatCard(tr("Dead letters"), "c2")
        self._cards = QGridLayout()
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(12)
        self.tail = TailView()
        self.partitions: RowTable[Partition] = RowTable(
            tr("Partitions"),
            (
                Column(tr("No."), 64, right=True),
                Column(tr("State")),
                Column(tr("Committed offset"), 150, right=True),
                Column(tr("Newest offset"), 150, right=True),
                Column(tr("Messages behind"), 150, right=True),
            ),
            _partition_cells,
            row_height=28,
            empty=tr("No partition is assigned yet."),
            selectable=False,
        )
        self.tabs = QTabWidget()
        self.tabs.addTab(holder(column(self.tail, margin=(0, 10, 0, 0))), tr("Live tail"))
        self.tabs.addTab(holder(column(self.partitions, margin=(0, 10, 0, 0))), tr("Partitions"))
        name(self.tabs, tr("Views of the import"))
        self.tabs.tabBar().setFont(font("body"))
        layout = column(bar, self.notice, self._cards, self.tabs, gap=12)
        layout.setStretch(3, 1)
        self.setLayout(layout)
        self.show_narrow(False)
        self._show_figures()

    def show_narrow(self, narrow: bool) -> None:
        """Two cards beside each other instead of four, and the record below the table."""
        across = 2 if narrow else 4
        for place, card in enumerate((self.rate, self.stored, self.behind, self.dead)):
            self._cards.removeWidget(card)
            self._cards.addWidget(card, place // across, place % across)
        for place in range(4):
            self._cards.setColumnStretch(place, 1 if place < across else 0)
        self.tail.show_narrow(narrow)
        self.tabs.setMinimumHeight(_TALL_TABS if narrow else _TABS)

    def begin(self, way: str, pid: int) -> None:
        """Another engine is watched from now on."""
        self.way.set_whole(way)
        self.way.setToolTip(tr("Process {pid} on this machine", pid=pid))
        self.tail.begin()
        self._set_running(True)

    def show_status(self, status: dict[str, Any]) -> None:
        """Show what the engine tells of itself."""
        self.figures = status
        if status["records"]["received"] != self._received:
            self._received = status["records"]["received"]
            self._since, self._last_record = monotonic(), datetime.now().astimezone()
        self._rates.append(status["rate_records_per_s"])
        lag = status["lag"]
        self._lags.append(0.0 if not lag["messages"] else lag["seconds"])
        self._counts.append(status["records"]["stored"])
        self._deaths.append(status["records"]["dead_lettered"])
        self._show_health(self._health(status))
        at = datetime.fromtimestamp(status["since"]).astimezone()
        self.since.setText(tr("since {clock}", clock=at.strftime("%H:%M")))
        paused = status["state"] == "paused"
        self.pause.setText(tr("Resume import") if paused else tr("Pause import"))
        self.pause.set_icon("play" if paused else "pause")
        self.partitions.show_rows(status["partitions"])
        self._show_problem(status["problem"])
        self._show_figures()

    def show_stopped(self) -> None:
        """The engine has ended; what was received stays."""
        self._show_health(Health("stop", "waiting", tr("Stopped")))
        clock = datetime.now().astimezone().strftime("%H:%M")
        self.since.setText(tr("at {clock}", clock=clock))
        for each in (self._rates, self._lags, self._counts, self._deaths):
            each.append(None)
        if self.figures is not None:
            self.figures = self.figures | {"rate_records_per_s": 0.0}
        self.tail.table.end()
        self._set_running(False)
        self._show_figures()

    def show_killed(self) -> None:
        """It had not been asked to end: said with what that means and the way on."""
        self._show_health(Health("warning", "warn", tr("Ended unexpectedly")))
        banner = Banner(
            "warn",
            tr("The import's process ended without being asked to"),
            tr(
                "Nothing is lost: Start again goes on after the last record that was confirmed; "
                "some may be stored twice, with one event_uid. engine.log in its state folder has "
                "its last words; none means that the system ended it."
            ),
        )
        take_out(self.notice)
        self._found = {"code": "killed"}  # so that the next thing that is told takes its place
        self.notice.addWidget(banner)
        banner.announced()

    def forget(self) -> None:
        """Another import is shown: nothing is known of it."""
        self.figures = None
        self._received = -1
        for each in (self._rates, self._lags, self._counts, self._deaths):
            each.clear()
        self.tail.clear()
        self.partitions.show_rows(())
        self._show_figures()

    @property
    def is_paused(self) -> bool:
        """Whether the engine is paused, as it told last."""
        return self.figures is not None and self.figures["state"] == "paused"

    def _set_running(self, running: bool) -> None:
        self.pause.setVisible(running)
        self.stop.setVisible(running)
        self.start.setVisible(not running)
        self.change.setVisible(not running)

    def _show_health(self, health: Health) -> None:
        self.health.show_health(health)
        if health.icon != self._said:
            self._said = health.icon
            announce(self.health, health.text)

    def _health(self, status: dict[str, Any]) -> Health:
        """One of the states, by shape, word and colour."""
        state, lag = status["state"], status["lag"]
        if state == "failing":
            where = (status["problem"] or {}).get("where", "")
            return Health("failed", "fail", tr("Failing at {where}", where=where))
        if state == "paused":
            return Health("pause", "quiet", tr("Paused"))
        if state == "stopping":
            return Health("running", "waiting", tr("Stopping"))
        if state == "starting":
            return Health("pending", "waiting", tr("Starting"))
        if not status["records"]["stored"]:  # green is for a record that was parsed and stored
            if status["records"]["dead_lettered"]:
                return Health("warning", "warn", tr("Nothing but dead letters so far"))
            return Health("pending", "waiting", tr("Waiting for the first record"))
        if lag["messages"] and (lag["seconds"] or 0) > _BEHIND_SECONDS:
            text = tr(
                "Behind by {n} records, {time}",
                n=number(lag["records"]), time=duration(lag["seconds"]),
            )  # fmt: skip
            return Health("behind", "behind", text)
        if monotonic() - self._since > _QUIET_SECONDS:
            clock = self._last_record.strftime("%H:%M")
            return Health("quiet", "quiet", tr("Quiet since {clock}", clock=clock))
        return Health("done", "ok", tr("Healthy"))

    def _show_problem(self, found: dict[str, Any] | None) -> None:
        if found == self._found:  # else its button would lose the focus every second
            return
        self._found = found
        take_out(self.notice)
        if found:
            tone = "fail" if found["severity"] == "error" else "warn"
            known = found["code"] in set(Code)  # an engine of another version may have others
            way = next(iter(self.ways_on(_problem(found))), None) if known else None
            text = way.text if way else ""
            banner = Banner(tone, found["cause"], found["remedy"], text)  # type: ignore[arg-type]
            if way is not None:
                banner.pressed.connect(lambda: way.act())
            self.notice.addWidget(banner)

    def _show_figures(self) -> None:
        status, rates, lags = self.figures, tuple(self._rates), tuple(self._lags)
        if status is None:
            for card in (self.stored, self.rate, self.behind, self.dead):
                card.show_figure(not_known(), "", "")
            return
        records, lag = status["records"], status["lag"]
        rate = number(round(status["rate_records_per_s"]))
        self.rate.show_figure(rate, tr("records/s"), tr("into the Logstore"), rates)
        received = tr("of {n} read from the hub", n=number(records["received"]))
        self.stored.show_figure(
            number(records["stored"]), tr("records"), received, tuple(self._counts)
        )
        waits = tr("{n} messages wait in the hub", n=number(lag["messages"]))
        seconds = lag["seconds"]
        if not lag["messages"]:
            self.behind.show_figure("0", tr("records"), tr("caught up"), lags)
        else:
            beside = "" if seconds is None else f", {duration(seconds)}"
            about = tr("records{beside}", beside=beside)
            self.behind.show_figure(number(lag["records"]), about, waits, lags)
        dead = records["dead_lettered"]
        below = tr("none yet") if not dead else tr("kept aside, none is lost")
        self.dead.show_figure(number(dead), tr("records"), below, tuple(self._deaths))


def _problem(found: dict[str, Any]) -> Problem:
    """What the engine tells, as a Problem."""
    return Problem(
        Code(found["code"]), found["severity"], found["where"], found["cause"], found["remedy"],
        found.get("detail", ""),
    )  # fmt: skip


def _partition_cells(each: Partition) -> tuple[Cell, ...]:
    behind = each["lag"] > 0
    state = (
        Cell(tr("Behind"), icon="behind", icon_tone="behind")
        if behind
        else Cell(tr("Caught up"), icon="done", icon_tone="ok")
    )

    def offset(value: int) -> Cell:
        return Cell(number(value) if value >= 0 else not_known(), "body")

    return (
        Cell(str(each["id"]), "name"),
        state,
        offset(each["committed"]),
        offset(each["high"]),
        Cell(number(each["lag"])),
    )
