"""Columns and rows of widgets, in one line each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from gui.widgets.drawing import Line

Item = QWidget | QLayout | int | None
"""A widget, a layout, a distance in px, or None: what is left over."""
Margin = int | tuple[int, int, int, int]


def column(*items: Item, gap: int = 0, margin: Margin = 0) -> QVBoxLayout:
    """Items from top to bottom."""
    layout = QVBoxLayout()
    _fill(layout, items, gap, margin)
    return layout


def row(
    *items: Item, gap: int = 8, margin: Margin = 0, align: Qt.AlignmentFlag | None = None
) -> QHBoxLayout:
    """Items from left to right, in the middle of the height unless ``align`` says otherwise."""
    layout = QHBoxLayout()
    _fill(layout, items, gap, margin, align)
    return layout


def frame(box: str, layout: QLayout) -> QFrame:
    """A box of the kind ``box`` (plain, raised, sunken, fail, toast) around ``layout``."""
    made = QFrame()
    made.setProperty("box", box)
    made.setLayout(layout)
    return made


def holder(layout: QLayout, ground: str = "") -> QWidget:
    """A widget that holds ``layout``, on the ground ``ground``."""
    made = QWidget()
    if ground:
        set_ground(made, ground)
    made.setLayout(layout)
    return made


def set_ground(widget: QWidget, ground: str) -> None:
    """Have ``widget`` painted on window, surface or raised."""
    widget.setProperty("ground", ground)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


def take_out(layout: QLayout) -> None:
    """Take every widget out of ``layout``, for good; each is off the screen at once."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def line() -> Line:
    """A hairline across."""
    return Line()


def _fill(
    layout: QBoxLayout,
    items: tuple[Item, ...],
    gap: int,
    margin: Margin,
    align: Qt.AlignmentFlag | None = None,
) -> None:
    layout.setSpacing(gap)
    if isinstance(margin, int):
        margin = (margin, margin, margin, margin)
    layout.setContentsMargins(*margin)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            if align is None:
                layout.addWidget(item)
            else:
                layout.addWidget(item, 0, align)
        else:
            layout.addLayout(item)
