"""Badges, pills of health, and cards with one figure."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget
from shiboken6 import isValid
from typing_extensions import override

from gui.accessibility import name
from gui.theme import theme
from gui.type_scale import Role, font, height
from gui.widgets.drawing import draw_icon, draw_pill, draw_ring
from gui.widgets.layouts import column, row
from gui.widgets.text import Label


class Badge(QWidget):
    """A word on a soft ground, or outlined (``outline``); with a shape where it is a state."""

    def __init__(
        self, text: str, tone: str, *, ground: str = "", icon: str = "", role: Role = "badge"
    ) -> None:
        super().__init__()
        self._text, self._tone, self._icon, self._role = text, tone, icon, role
        self._ground = ground or f"{tone}-soft"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        name(self, text)

    def set_text(self, text: str) -> None:
        """Show another word."""
        self._text = text
        name(self, text)
        self.updateGeometry()
        self.update()

    def set_ground(self, ground: str) -> None:
        """Stand on another ground."""
        self._ground = ground
        self.update()

    def text(self) -> str:
        """The word."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font(self._role))
        shape = 18 if self._icon else 0
        return QSize(
            metrics.horizontalAdvance(self._text) + 12 + shape, max(20, metrics.height() + 4)
        )

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = QRectF(self.rect())
        outlined = self._ground == "outline"
        draw_pill(
            painter, place, "surface" if outlined else self._ground, 4, "border" if outlined else ""
        )
        if self._icon:
            spot = QRectF(6, place.center().y() - 7, 14, 14)
            draw_icon(
                painter, spot, self._icon, self._tone, "surface" if outlined else self._ground
            )
            place.adjust(18, 0, 0, 0)
        painter.setFont(font(self._role))
        painter.setPen(theme().color(self._tone))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


@dataclass(frozen=True)
class Health:
    """A state of the import: its shape, its colour, its words."""

    icon: str
    tone: str
    text: str


class HealthPill(QWidget):
    """The import's health; a click, or Enter, opens why.

    Signals:
        clicked: the user wants to know why.
    """

    clicked = Signal()

    def __init__(self, health: Health, tall: bool = False) -> None:
        super().__init__()
        self._tall = 32 if tall else 24
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_health(health)

    def show_health(self, health: Health) -> None:
        """Show another state."""
        self._health = health
        name(self, health.text)
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font("strong"))
        return QSize(metrics.horizontalAdvance(self._health.text) + 46, height(self._tall))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = QRectF(self.rect())
        radius = place.height() / 2
        ground = f"{self._health.tone}-soft"
        draw_pill(painter, place, ground, radius)
        spot = QRectF(12, place.center().y() - 8, 16, 16)
        draw_icon(painter, spot, self._health.icon, self._health.tone, ground)
        painter.setFont(font("strong"))
        painter.setPen(theme().color(self._health.tone))
        words = place.adjusted(34, 0, -10, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._health.text)
        if self.hasFocus():
            draw_ring(painter, place, radius)
        painter.end()


class Sparkline(QWidget):
    """A line of one pixel through the last values, from zero; a gap where nothing was measured."""

    def __init__(self, tone: str = "c1") -> None:
        super().__init__()
        self._tone = tone
        self._values: tuple[float | None, ...] = ()
        self.setFixedHeight(30)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: tuple[float | None, ...]) -> None:
        """Show these, the newest last."""
        self._values = values
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not isValid(self):  # an update that was asked for before the widget was deleted
            return
        known = [value for value in self._values if value is not None]
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("hairline"))
        if len(known) < 2:
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color(self._tone), 1))
        top, step = max(known) or 1.0, (self.width() - 6) / (len(self._values) - 1)
        run: list[QPointF] = []
        for at, value in enumerate((*self._values, None)):
            if value is None:
                if len(run) > 1:
                    painter.drawPolyline(QPolygonF(run))
                last, run = (run[-1] if run else None), []
                if at == len(self._values) and last is not None:
                    painter.setBrush(theme().color(self._tone))
                    painter.drawEllipse(last, 1.8, 1.8)
            else:
                run.append(
                    QPointF(2 + at * step, self.height() - 5 - value / top * (self.height() - 9))
                )
        painter.end()


class StatCard(QFrame):
    """One figure with its unit, how it went, and one line below."""

    def __init__(self, caption: str, tone: str = "c1") -> None:
        super().__init__()
        self.setProperty("box", "plain")
        self._caption = caption
        self.figure = Label("", "metric")
        self.unit = Label("", "body", "muted")
        self.line = Sparkline(tone)
        self.below = Label("", "caption", "muted")
        figures = row(self.figure, self.unit, None, gap=6)
        figures.setAlignment(self.unit, Qt.AlignmentFlag.AlignBottom)
        self.unit.setContentsMargins(0, 0, 0, 5)
        self.setLayout(
            column(
                Label(caption, "caption", "muted"),
                figures,
                self.line,
                6,
                self.below,
                margin=(13, 9, 13, 10),
            )
        )

    def show_figure(
        self, figure: str, unit: str, below: str, values: tuple[float | None, ...] = ()
    ) -> None:
        """Show another figure."""
        self.figure.setText(figure)
        self.unit.setText(unit)
        self.below.setText(below)
        self.line.show_values(values)
        name(self, f"{self._caption}: {figure} {unit}. {below}")
