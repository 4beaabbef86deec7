"""A scroll area whose bar lies over its right margin.

Qt's own bars are hidden for a reason: what Qt 6.11 tells assistive technology of a scroll area is
a list of its viewport and of the bars that are visible now, and a child is read from that list
without a look at its length. A screen reader that had counted two children, and asked for the
second one after the page was changed, ended the process (seen with AT-SPI under Xvfb, PySide6
6.11.3). With Qt's bars off the list always holds the viewport alone. Nothing moves when the bar
comes or goes, either.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QScrollBar, QWidget
from typing_extensions import override

_MARGIN = 16


class ScrollArea(QScrollArea):
    """Scrolls up and down what is as wide as itself; its content needs a margin for the bar.

    ``verticalScrollBar()`` is where it is, as with any scroll area; the keyboard goes to what is
    inside, never to the area.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown_bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._shown_bar.hide()
        place = self.verticalScrollBar()
        place.rangeChanged.connect(self._show_range)
        place.valueChanged.connect(self._shown_bar.setValue)
        self._shown_bar.valueChanged.connect(place.setValue)

    def reveal(self, widget: QWidget) -> None:
        """Scroll until the whole of ``widget`` is seen, once it has its place: it may be new."""
        QTimer.singleShot(0, widget, lambda: self.ensureWidgetVisible(widget, 0, _MARGIN))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar stays at the right edge."""
        super().resizeEvent(event)
        inside, width = self.contentsRect(), self._shown_bar.sizeHint().width()
        left = inside.left() if self.isRightToLeft() else inside.right() - width + 1
        self._shown_bar.setGeometry(left, inside.top(), width, inside.height())
        place = self.verticalScrollBar()
        self._show_range(place.minimum(), place.maximum())

    def _show_range(self, lowest: int, highest: int) -> None:
        bar, place = self._shown_bar, self.verticalScrollBar()
        bar.setPageStep(place.pageStep())
        bar.setSingleStep(place.singleStep())
        bar.setRange(lowest, highest)
        bar.setValue(place.value())
        bar.setVisible(highest > lowest)
        bar.raise_()
