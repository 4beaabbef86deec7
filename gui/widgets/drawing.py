"""Small painted things: hairlines, shapes of state, the arc that says that work goes on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget
from typing_extensions import override

from gui import icons
from gui.theme import theme
from gui.tokens import Scheme

_FRAME_MS = 33
_TURN_MS = 1200


class Line(QWidget):
    """A line of one pixel, across or down, in the colour ``tone``."""

    def __init__(self, tone: str = "border", down: bool = False) -> None:
        super().__init__()
        self._tone = tone
        self._down = down
        if down:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color(self._tone))
        painter.end()


class Shape(QWidget):
    """An icon or a shape of state, ``size`` px wide. ``running`` turns, where motion is wanted."""

    def __init__(self, icon: str, tone: str = "muted", size: int = 16, on: str = "surface") -> None:
        super().__init__()
        self._size = size
        self._on = on
        self._angle = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._turn)
        self.setFixedSize(size, size)
        self.show_shape(icon, tone)

    def show_shape(self, icon: str, tone: str) -> None:
        """Show another shape."""
        self.icon = icon
        self._tone = tone
        self._run()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._run()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_icon(painter, QRectF(self.rect()), self.icon, self._tone, self._on, self._angle)
        painter.end()

    def _run(self) -> None:
        if self.icon == "running" and self.isVisible() and moves(self):
            self._timer.start()
        else:
            self._timer.stop()
            self._angle = 0.0

    def _turn(self) -> None:
        self._angle = (self._angle + 360 * _FRAME_MS / _TURN_MS) % 360
        self.update()


def moves(widget: QWidget) -> bool:
    """Whether the user's system wants things to move."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return widget.style().styleHint(hint, None, widget) > 0


def draw_icon(
    painter: QPainter,
    place: QRectF,
    icon: str,
    tone: str,
    on: str = "surface",
    angle: float = 0.0,
    size: int | None = None,
) -> None:
    """Draw an icon in the middle of ``place``, turned by ``angle`` degrees."""
    wide = size or round(min(place.width(), place.height()))
    picture = icons.pixmap(icon, tone, wide, on)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(place.center())
    if angle:
        painter.rotate(angle)
    painter.drawPixmap(QRectF(-wide / 2, -wide / 2, wide, wide), picture, QRectF(picture.rect()))
    painter.restore()


def draw_pill(
    painter: QPainter, place: QRectF, ground: str, radius: float, outline: str = ""
) -> None:
    """A rounded ground; in high contrast, or with ``outline``, with a line of one pixel."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not outline and theme().scheme is Scheme.HIGH_CONTRAST:
        outline = ground.removesuffix("-soft")
    path = QPainterPath()
    inset = 0.5 if outline else 0.0
    path.addRoundedRect(place.adjusted(inset, inset, -inset, -inset), radius, radius)
    if ground:
        painter.fillPath(path, theme().color(ground))
    if outline:
        painter.setPen(QPen(theme().color(outline), 1))
        painter.drawPath(path)
    painter.restore()


def draw_ring(painter: QPainter, place: QRectF, radius: float = 4) -> None:
    """The ring of focus, just inside ``place``."""
    width = theme().ring
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().color("focus"), width))
    half = width / 2
    painter.drawRoundedRect(place.adjusted(half, half, -half, -half), radius, radius)
    painter.restore()


def transparent() -> QColor:
    """No colour at all."""
    return QColor(0, 0, 0, 0)
