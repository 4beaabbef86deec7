"""The road of a record in one drawing: five stations on a line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui.accessibility import name
from gui.theme import theme
from gui.type_scale import font
from gui.widgets.drawing import draw_icon
from gui.words import tr

_RADIUS = 22.0
_TOP = 2.0


class Road(QWidget):
    """Stations as (icon, name, what happens there); the one at ``here`` is filled."""

    def __init__(self, stations: tuple[tuple[str, str, str], ...], here: int) -> None:
        super().__init__()
        self._stations = stations
        self._here = here
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        spoken = ", ".join(f"{station[1]}: {station[2]}" for station in stations)
        name(self, tr("The road of a record"), spoken)

    @override
    def sizeHint(self) -> QSize:
        strong, caption = QFontMetrics(font("strong")), QFontMetrics(font("caption"))
        return QSize(640, round(2 * _RADIUS + _TOP) + 8 + strong.height() + 2 + caption.height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(480, self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = self.width() / len(self._stations)
        y = _TOP + _RADIUS
        line = theme().color("border-strong")
        for at in range(len(self._stations) - 1):
            left, right = wide * (at + 0.5) + _RADIUS, wide * (at + 1.5) - _RADIUS
            painter.fillRect(QRectF(left, round(y), right - left, 1), line)
        for at, (icon, title, below) in enumerate(self._stations):
            middle = QPointF(wide * (at + 0.5), y)
            own = at == self._here
            painter.setPen(QPen(theme().color("accent-text" if own else "border-strong"), 1.2))
            painter.setBrush(theme().color("accent-soft" if own else "surface"))
            painter.drawEllipse(middle, _RADIUS - 0.6, _RADIUS - 0.6)
            place = QRectF(middle.x() - 10, middle.y() - 10, 20, 20)
            draw_icon(painter, place, icon, "accent-text" if own else "text")
            self._write(painter, wide * at, wide, title, below)
        painter.end()

    def _write(self, painter: QPainter, left: float, wide: float, title: str, below: str) -> None:
        top = 2 * _RADIUS + _TOP + 7
        for text, role, tone in ((title, "strong", "text"), (below, "caption", "muted")):
            used = font(role)  # type: ignore[arg-type]
            metrics = QFontMetrics(used)
            painter.setFont(used)
            painter.setPen(theme().color(tone))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(wide) - 8)
            place = QRectF(left, top, wide, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, shown)
            top += metrics.height() + 2
