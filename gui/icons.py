"""Own icons: SVG on a grid of 20, one colour, rendered for each ratio of device pixels.

In ``resources/icons`` a file has ``{c}`` where the line's colour goes and ``{k}`` for what is
knocked out of a filled shape. An icon never stands alone where a word is possible.
"""

from __future__ import annotations

import functools
from importlib import resources

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


def source(name: str, color: str, knocked_out: str) -> str:
    """The SVG of icon ``name`` in these ``#RRGGBB`` colours. Raises FileNotFoundError."""
    return _template(name).replace("{c}", color).replace("{k}", knocked_out)


def pixmap(name: str, tone: str, size: int = 16, on: str = "surface") -> QPixmap:
    """Icon ``name`` in the colour ``tone``, ``size`` px wide, standing on the ground ``on``."""
    from gui.theme import theme

    ratio = _ratio()
    return _render(name, theme().hex(tone), theme().hex(on), size, ratio)


def icon(name: str, tone: str = "text", size: int = 16, on: str = "surface", gap: int = 0) -> QIcon:
    """Icon ``name`` for a control, faint while the control is disabled.

    ``gap`` px of nothing stand at its right, or at its left where it is negative.
    """
    made = QIcon()
    made.addPixmap(_apart(pixmap(name, tone, size, on), gap), QIcon.Mode.Normal)
    made.addPixmap(_apart(pixmap(name, "faint", size, on), gap), QIcon.Mode.Disabled)
    return made


def _apart(picture: QPixmap, gap: int) -> QPixmap:
    if gap == 0:
        return picture
    ratio = picture.devicePixelRatio()
    wide, tall = picture.deviceIndependentSize().toTuple()
    made = QPixmap(round((wide + abs(gap)) * ratio), round(tall * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawPixmap(QPointF(max(-gap, 0), 0), picture)
    painter.end()
    return made


def names() -> tuple[str, ...]:
    """The names of all icons."""
    folder = resources.files("resources").joinpath("icons")
    found = (each.name for each in folder.iterdir())
    return tuple(sorted(name.removesuffix(".svg") for name in found if name.endswith(".svg")))


def forget() -> None:
    """Forget what was rendered: the colours are new."""
    _render.cache_clear()


@functools.cache
def _template(name: str) -> str:
    return resources.files("resources").joinpath("icons", f"{name}.svg").read_text("utf-8")


def _ratio() -> float:
    screens = QGuiApplication.screens()
    return max((screen.devicePixelRatio() for screen in screens), default=1.0)


@functools.lru_cache(maxsize=1024)
def _render(name: str, color: str, knocked_out: str, size: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(source(name, color, knocked_out).encode()))
    pixels = round(size * ratio)
    made = QPixmap(pixels, pixels)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
