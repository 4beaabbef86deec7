"""How the window looks: same as system, light, dark, high contrast."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QSizePolicy, QWidget
from typing_extensions import override

from gui.jobs import Jobs
from gui.settings.page import SettingsPage
from gui.theme import Choice, theme
from gui.tokens import Scheme, tokens
from gui.type_scale import font
from gui.widgets.layouts import column, holder
from gui.widgets.text import Label
from gui.words import tr

_CHOICES = (
    (Choice.SYSTEM, "Same as system", "Follows the system, its high-contrast colours too"),
    (Choice.LIGHT, "Light", "Dark text on white"),
    (Choice.DARK, "Dark", "Light text on blue-grey"),
    (Choice.HIGH_CONTRAST, "High contrast", "White and bright colours on black"),
)
_WIDE, _TALL = 216, 132


class AppearancePage(SettingsPage):
    """A radio button with a small picture for each theme; it is shown at once.

    Attributes:
        radios: by the choice.

    Signals:
        chosen: with a Choice.
    """

    chosen = Signal(object)

    def __init__(self, jobs: Jobs) -> None:
        lead = tr("A choice is shown at once and kept. Text follows the system's font size.")
        super().__init__("appearance", tr("Appearance"), lead, jobs)
        self.radios: dict[Choice, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(24)
        self._tiles = []
        for choice, title, about in _CHOICES:
            radio = QRadioButton(tr(title))
            radio.setFont(font("name"))
            radio.setAccessibleDescription(tr(about))
            radio.clicked.connect(lambda _on, choice=choice: self.chosen.emit(choice))
            self._group.addButton(radio)
            self.radios[choice] = radio
            picture = Picture(choice)
            picture.pressed.connect(radio.click)
            radio.toggled.connect(picture.set_chosen)
            text = Label(tr(about), "caption", "muted", wrap=True)
            text.setContentsMargins(26, 0, 0, 0)
            tile = holder(column(picture, 8, radio, text, None))
            tile.setFixedWidth(_WIDE)
            self._tiles.append(tile)
        place = QWidget()
        place.setLayout(self._grid)
        self.body.addWidget(place)
        self._arrange(4)

    def show_choice(self, choice: Choice) -> None:
        """Show which one is chosen."""
        self.radios[choice].setChecked(True)

    @override
    def set_narrow(self, narrow: bool) -> None:
        super().set_narrow(narrow)
        if hasattr(self, "_tiles"):  # the base class begins with it
            self._arrange(2 if narrow else 4)

    def _arrange(self, across: int) -> None:
        for place, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, place // across, place % across)
        for at in range(5):
            self._grid.setColumnStretch(at, 1 if at == across else 0)


class Picture(QWidget):
    """The window in small, in the colours of a theme.

    Signals:
        pressed: the user clicked it.
    """

    pressed = Signal()

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._choice = choice
        self._chosen = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_chosen(self, chosen: bool) -> None:
        """Show that it is the chosen one."""
        self._chosen = chosen
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDE, _TALL)

    @override
    def mousePressEvent(self, event: object) -> None:
        self.pressed.emit()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outer = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(outer, 8, 8)
        painter.setClipPath(path)
        if self._choice is Choice.SYSTEM:  # one half of each
            _paint_window(painter, outer, Scheme.LIGHT)
            half = QRectF(outer)
            half.setLeft(outer.center().x())
            painter.setClipRect(half, Qt.ClipOperation.IntersectClip)
            _paint_window(painter, outer, Scheme.DARK)
            painter.setClipPath(path)
        else:
            _paint_window(painter, outer, Scheme(self._choice))
        painter.setClipping(False)
        wide = 2.0 if self._chosen else 1.0
        inset = (wide - 1) / 2
        line = QPainterPath()
        line.addRoundedRect(outer.adjusted(inset, inset, -inset, -inset), 8, 8)
        tone = "accent-text" if self._chosen else "border-strong"
        painter.setPen(QPen(theme().color(tone), wide))
        painter.drawPath(line)
        painter.end()


def _paint_window(painter: QPainter, place: QRectF, scheme: Scheme) -> None:
    """Rail, page, a table and the filled button."""
    colours = tokens(scheme)

    def box(
        left: float, top: float, wide: float, tall: float, tone: str, round_: float = 2
    ) -> None:
        path = QPainterPath()
        path.addRoundedRect(
            QRectF(place.left() + left, place.top() + top, wide, tall), round_, round_
        )
        painter.fillPath(path, QColor(colours[tone]))

    box(0, 0, place.width(), place.height(), "window", 0)
    box(46, 0, place.width() - 46, place.height() - 22, "surface", 0)
    box(46, 0, 1, place.height(), "border", 0)
    box(46, place.height() - 22, place.width() - 46, 1, "border", 0)
    box(6, 26, 34, 11, "selection")
    for at in range(5):
        tone = "accent-text" if at == 1 else "muted"
        box(12, 14 + at * 15, 22, 3, tone, 1.5)
    box(58, 14, 60, 6, "text", 2)
    box(58, 25, 96, 3, "muted", 1.5)
    box(58, 38, place.width() - 70, 54, "border", 4)
    box(59, 39, place.width() - 72, 52, "surface", 3)
    for at, tone in enumerate(("ok", "warn", "fail")):
        top = 46 + at * 15
        box(65, top, 6, 6, tone, 3)
        box(76, top + 1.5, 50, 3, "text", 1.5)
        box(place.width() - 42, top + 1.5, 22, 3, "muted", 1.5)
    box(place.width() - 50, place.height() - 17, 40, 12, "accent", 3)
