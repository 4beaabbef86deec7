"""The live tail: a table fed ten times a second, follow and freeze, and figures that are exact."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget
from typing_extensions import override

from core.errors import Problem, ProblemError
from gui.accessibility import announce
from gui.figures import number
from gui.type_scale import font
from gui.widgets.badges import Health, HealthPill
from gui.widgets.buttons import Button
from gui.widgets.cells import Column
from gui.widgets.fields import Note
from gui.widgets.layouts import column, holder, row
from gui.widgets.live_model import CAPACITY, Keep, LiveModel, LiveRow
from gui.widgets.search_field import SearchField
from gui.widgets.table import Table
from gui.widgets.text import Label
from gui.words import tr

BATCH_MS = 100
"""Rows go to the table in batches of this length."""
BATCH_ROWS = 2000
"""And at most so many at once; what is left over comes with the next ones."""
_FILTER_MS = 200


class _Tail(Table):
    """Scrolling up, by wheel or bar, or Space asks to freeze, End asks to follow."""

    freeze_asked = Signal()
    follow_asked = Signal()

    def __init__(
        self, model: LiveModel, columns: tuple[Column, ...], title: str, row_height: int
    ) -> None:
        super().__init__(model, columns, title, row_height)
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)

    def _on_scrolled(self) -> None:
        """The user moved the bar; its value follows after this."""
        bar = self.verticalScrollBar()
        if bar.sliderPosition() < bar.value():
            self.freeze_asked.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home):
            self.freeze_asked.emit()
            if key == Qt.Key.Key_Space:
                return
        elif key == Qt.Key.Key_End:
            self.follow_asked.emit()
            return
        super().keyPressEvent(event)


class LiveTable(QWidget):
    """Filter, figures and table.

    Attributes:
        model: the rows.
        view: the table.
        filter: the field.
        tools: the row beside the filter, for buttons of the page.

    Signals:
        chosen: with the LiveRow that is selected now, or None.
        filter_changed: with the text of a filter that is in force.
    """

    chosen = Signal(object)
    filter_changed = Signal(str)

    def __init__(
        self,
        title: str,
        columns: tuple[Column, ...],
        compile_filter: Callable[[str], Keep],
        *,
        capacity: int = CAPACITY,
        placeholder: str = "",
    ) -> None:
        super().__init__()
        self._compile = compile_filter
        self._arrived: deque[tuple[list[LiveRow], int]] = deque()
        self._receives = True
        self.model = LiveModel(columns, capacity)
        self.view = _Tail(self.model, columns, title, 24)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.filter = SearchField(tr("Filter of {title}", title=title), placeholder, sign=False)
        self.filter.setFont(font("machine"))
        self.note = Note()
        self.pill = HealthPill(Health("play", "ok", tr("Following")))
        self.going_on = Label("", "caption", "muted")
        self.figures = Label("", "strong", tabular=True)
        self.dropped = Label("", "caption", "muted", tabular=True)
        self.new_button = Button("", "primary", "to-bottom")
        self.freeze_button = Button(tr("Freeze"), icon="pause")
        self.tools = row()
        self._build()
        self._connect()
        self._say()

    # Feeding it

    def push(self, rows: Iterable[LiveRow], dropped: int = 0) -> None:
        """Hand over rows as they come, and how many could not be had. GUI thread."""
        self._receives = True
        self._arrived.append((list(rows), dropped))
        if not self._beat.isActive():
            self._beat.start()

    def clear(self) -> None:
        """Forget everything."""
        self._arrived.clear()
        self.model.clear()
        self._say()

    def stop(self) -> None:
        """Take no more; what came stays."""
        while self._arrived:
            self._drain()
        self._beat.stop()

    def end(self) -> None:
        """Nothing comes any more, until it does; what came stays."""
        self.stop()
        self._receives = False
        self._say()

    # What the user does

    def freeze(self) -> None:
        """Stand still."""
        if not self.model.frozen:
            self.model.freeze()
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            self.pill.show_health(Health("pause", "quiet", tr("Frozen at {clock}", clock=clock)))
            self._say()
            goes_on = self._receives
            said = tr("Frozen. Reception goes on.") if goes_on else tr("Frozen.")
            announce(self.view, said)

    def follow(self) -> None:
        """Show what is new and follow again."""
        self.model.thaw()
        self.pill.show_health(Health("play", "ok", tr("Following")))
        self.view.scrollToBottom()
        self._say()

    def set_filter(self, text: str) -> None:
        """Filter by ``text``; what is wrong with it is said below the field."""
        self.filter.setText(text)
        self._pause.stop()
        self._apply_filter()

    @property
    def selected(self) -> LiveRow | None:
        """The selected row."""
        place = self.view.chosen
        return self.model.row_at(place) if 0 <= place < self.model.shown else None

    def _build(self) -> None:
        top = row(self.filter, self.tools)
        top.setStretch(0, 1)
        below = row(
            self.pill, self.going_on, None, self.figures, self.dropped, self.new_button,
            self.freeze_button,
        )  # fmt: skip
        box = QFrame()
        box.setProperty("box", "plain")
        box.setLayout(column(self.view, margin=(0, 0, 0, 4)))
        layout = column(top, self.note, holder(below), box, gap=8)
        layout.setStretch(3, 1)
        self.setLayout(layout)
        self._beat = QTimer(self)
        self._beat.setInterval(BATCH_MS)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_FILTER_MS)

    def _connect(self) -> None:
        self._beat.timeout.connect(self._drain)
        self._pause.timeout.connect(self._apply_filter)
        self.filter.textChanged.connect(lambda: self._pause.start())
        self.view.freeze_asked.connect(self.freeze)
        self.view.follow_asked.connect(self.follow)
        self.freeze_button.clicked.connect(self.freeze)
        self.new_button.clicked.connect(self.follow)
        self.pill.clicked.connect(lambda: self.follow() if self.model.frozen else self.freeze())
        self.view.selectionModel().selectionChanged.connect(self._on_chosen)

    def _drain(self) -> None:
        """One frame: at most BATCH_ROWS rows, in one insert and one removal."""
        batch: list[LiveRow] = []
        dropped = 0
        while self._arrived and len(batch) < BATCH_ROWS:
            rows, lost = self._arrived.popleft()
            dropped += lost
            room = BATCH_ROWS - len(batch)
            batch.extend(rows[:room])
            if len(rows) > room:
                self._arrived.appendleft((rows[room:], 0))
        self.model.add(batch, dropped)
        if not self.model.frozen:
            self.view.scrollToBottom()
        if not self._arrived:
            self._beat.stop()
        self._say()

    def _apply_filter(self) -> None:
        text = self.filter.text().strip()
        try:
            keep = self._compile(text) if text else None
        except ProblemError as error:
            self._say_filter(error.problem)
            return
        self._say_filter(None)
        self.model.keep_only(keep)
        if not self.model.frozen:
            self.view.scrollToBottom()
        self._say()
        self.filter_changed.emit(text)

    def _say_filter(self, found: Problem | None) -> None:
        text = f"{found.cause} {found.remedy}" if found else ""
        self.note.say(text, "failed", "fail", "fail")
        bad = found is not None
        if bool(self.filter.property("bad")) != bad:
            self.filter.setProperty("bad", bad)
            self.filter.style().unpolish(self.filter)
            self.filter.style().polish(self.filter)

    def _say(self) -> None:
        model = self.model
        self.figures.setText(
            tr("{shown} of {total} shown", shown=number(model.shown), total=number(model.held))
        )
        self.dropped.setText(tr("{n} dropped", n=number(model.dropped)))
        self.dropped.set_tone("warn" if model.dropped else "muted")
        goes_on = tr("reception goes on") if self._receives else tr("reception has ended")
        self.going_on.setText(goes_on)
        self.going_on.setVisible(model.frozen)
        self.freeze_button.setVisible(not model.frozen)
        self.new_button.setVisible(model.frozen)
        if model.frozen:
            self.new_button.setText(tr("{n} new", n=number(model.new)))

    def _on_chosen(self) -> None:
        self.chosen.emit(self.selected)
