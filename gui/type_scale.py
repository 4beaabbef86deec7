"""The roles of text, relative to the font that the user's system has.

A larger system font makes every role larger and every row higher: ``height`` takes a measure of
the design at a font of 13 px and gives it for the user's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics
from PySide6.QtWidgets import QApplication

Role = Literal[
    "display", "metric", "title", "section", "strong", "name", "body", "head", "group", "caption",
    "badge", "machine",
]  # fmt: skip


@dataclass(frozen=True)
class _Style:
    offset: int
    weight: QFont.Weight = QFont.Weight.Normal
    mono: bool = False
    tabular: bool = False


_STYLES: dict[str, _Style] = {
    "display": _Style(15, QFont.Weight.DemiBold),
    "metric": _Style(13, QFont.Weight.DemiBold, tabular=True),
    "title": _Style(9, QFont.Weight.DemiBold),
    "section": _Style(2, QFont.Weight.DemiBold),
    "strong": _Style(0, QFont.Weight.DemiBold),
    "name": _Style(0, QFont.Weight.Medium),
    "body": _Style(0),
    "head": _Style(-1, QFont.Weight.Medium),
    "group": _Style(-1, QFont.Weight.DemiBold),
    "caption": _Style(-1),
    "badge": _Style(-2, QFont.Weight.Medium),
    "machine": _Style(-1, mono=True),
}
_DESIGN_LINE = 16
"""Height in px of a line of the design's font."""


def base_size() -> int:
    """The size of the application's font in px."""
    return QFontInfo(QApplication.font()).pixelSize()


def font(role: Role = "body", tabular: bool = False) -> QFont:
    """The font of ``role``; ``tabular`` figures stand in columns."""
    return QFont(_made(role, tabular, QApplication.font().key()))


@lru_cache(maxsize=64)
def _made(role: Role, tabular: bool, application: str) -> QFont:
    """``application``: of which font; a page asks some hundred times while it is made."""
    style = _STYLES[role]
    if style.mono:
        made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    else:
        made = QFont(QApplication.font())
    made.setPixelSize(max(9, base_size() + style.offset))
    made.setWeight(style.weight)
    if tabular or style.tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def height(measure: int) -> int:
    """A height of the design, for the user's font."""
    line = QFontMetrics(QApplication.font()).height()
    return measure + max(0, line - _DESIGN_LINE)


SPACE = (4, 8, 12, 16, 20, 24, 32)
"""The only distances there are, px."""
