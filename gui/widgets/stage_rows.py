"""Stages of a test, one below the other: shape, name, evidence, seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget
from typing_extensions import override

from gui.accessibility import name
from gui.figures import duration
from gui.theme import theme
from gui.type_scale import font, height
from gui.widgets.drawing import draw_icon, draw_ring, moves
from gui.widgets.layouts import column
from gui.words import tr

StageState = Literal["pending", "running", "ok", "empty", "warning", "failed", "not_reached"]
LOOK: dict[StageState, tuple[str, str]] = {
    "pending": ("pending", "faint"),
    "running": ("running", "accent-text"),
    "ok": ("done", "ok"),
    "empty": ("pending", "waiting"),
    "warning": ("warning", "warn"),
    "failed": ("failed", "fail"),
    "not_reached": ("dash", "faint"),
}
"""Shape and colour of each state."""
_NAME_WIDTH = 172
_LEFT = 46


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        title: what is tried.
        state: how it went.
        evidence: what was seen, or what refused; empty: the word of the state.
        seconds: how long it took, or has taken so far.
    """

    title: str
    state: StageState = "pending"
    evidence: str = ""
    seconds: float | None = None

    @property
    def word(self) -> str:
        """What stands in the middle."""
        if self.evidence:
            return self.evidence
        return {
            "pending": tr("Not started"),
            "running": tr("waiting for an answer"),
            "ok": tr("Done"),
            "empty": tr("Nothing there yet"),
            "warning": tr("Done, with a warning"),
            "failed": tr("Failed"),
            "not_reached": tr("Not reached"),
        }[self.state]

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        states = {
            "pending": tr("not started"),
            "running": tr("running"),
            "ok": tr("done"),
            "empty": tr("nothing there yet"),
            "warning": tr("done, with a warning"),
            "failed": tr("failed"),
            "not_reached": tr("not reached"),
        }
        time = f", {duration(self.seconds)}" if self.seconds is not None else ""
        return f"{self.title}, {states[self.state]}, {self.word}{time}"


class StageRow(QWidget):
    """One row; it can be focused, so that it can be read."""

    def __init__(self, stage: Stage, first: bool, last: bool) -> None:
        super().__init__()
        self._first, self._last = first, last
        self._angle = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setInterval(33)
        self._timer.timeout.connect(self._turn)
        self.show_stage(stage)

    def show_stage(self, stage: Stage) -> None:
        """Show how the stage is now."""
        self.stage = stage
        name(self, stage.spoken)
        self.setToolTip(stage.word)
        if stage.state == "running" and moves(self):
            self._timer.start()
        else:
            self._timer.stop()
            self._angle = 0.0
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(400, height(37))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours, stage = theme(), self.stage
        failed = stage.state == "failed"
        ground = "fail-soft" if failed else "surface"
        if failed:
            painter.fillPath(self._outline(), colours.color(ground))
        if not self._last:
            painter.fillRect(0, self.height() - 1, self.width(), 1, colours.color("hairline"))
        icon, tone = LOOK[stage.state]
        spot = QRectF(15, (self.height() - 1) / 2 - 9, 18, 18)
        draw_icon(painter, spot, icon, tone, ground, self._angle)
        quiet = stage.state in ("pending", "not_reached")
        self._paint_words(painter, quiet, failed)
        if self.hasFocus():
            draw_ring(painter, QRectF(self.rect()).adjusted(1, 1, -1, -2))
        painter.end()

    def _paint_words(self, painter: QPainter, quiet: bool, failed: bool) -> None:
        stage = self.stage
        middle = Qt.AlignmentFlag.AlignVCenter
        tall = self.height() - 1
        painter.setFont(font("name" if quiet else "strong"))
        painter.setPen(theme().color("muted" if quiet else "text"))
        painter.drawText(QRectF(_LEFT, 0, _NAME_WIDTH + 8, tall), middle, stage.title)
        right = 14.0
        caption = font("caption", tabular=True)
        if stage.seconds is not None:
            shown = duration(stage.seconds)
            painter.setFont(caption)
            painter.setPen(theme().color("muted"))
            place = QRectF(0, 0, self.width() - right, tall)
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, shown)
            right += QFontMetrics(caption).horizontalAdvance(shown) + 12
        left = _LEFT + _NAME_WIDTH + 12
        body = font("body")
        wide = int(self.width() - left - right)
        text = QFontMetrics(body).elidedText(stage.word, Qt.TextElideMode.ElideRight, wide)
        painter.setFont(body)
        painter.setPen(theme().color("fail" if failed else "muted"))
        painter.drawText(QRectF(left, 0, wide, tall), middle, text)

    def _outline(self) -> QPainterPath:
        """The row's shape: round where the frame is."""
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        place = QRectF(self.rect())
        path.addRoundedRect(place, 7, 7)
        if not self._first:
            path.addRect(QRectF(place.topLeft(), QPointF(place.right(), place.center().y())))
        if not self._last:
            path.addRect(QRectF(QPointF(place.left(), place.center().y()), place.bottomRight()))
        return path.simplified()

    def _turn(self) -> None:
        self._angle = (self._angle + 10) % 360
        self.update()


class StageRows(QFrame):
    """All stages in one frame."""

    def __init__(self, title: str, stages: tuple[str, ...]) -> None:
        super().__init__()
        self.setProperty("box", "plain")
        last = len(stages) - 1
        self.rows = tuple(
            StageRow(Stage(each), at == 0, at == last) for at, each in enumerate(stages)
        )
        self.setLayout(column(*self.rows, margin=1))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        name(self, title)

    def show_stage(self, place: int, **changes: object) -> None:
        """Change what stands at ``place``; ``changes`` are fields of Stage."""
        row = self.rows[place]
        row.show_stage(replace(row.stage, **changes))  # type: ignore[arg-type]

    def reset(self, state: StageState = "pending") -> None:
        """All stages as if nothing had been tried."""
        for row in self.rows:
            row.show_stage(Stage(row.stage.title, state))
