"""Cards of choice: a real radio button in a frame, its price, and facts in the same order."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
    QWidget,
)
from typing_extensions import override

from gui.accessibility import name
from gui.theme import theme
from gui.type_scale import font
from gui.widgets.badges import Badge
from gui.widgets.drawing import Line, Shape
from gui.widgets.layouts import column, row
from gui.widgets.text import Label
from gui.words import tr

GAP = 12
_NARROW = {1: 0, 2: 520, 3: 760, 4: 920}
"""So much room do so many cards need side by side, px; more where a title is long."""


@dataclass(frozen=True)
class Fact:
    """One line of a card: ``good``, ``plain`` or ``bad``."""

    text: str
    kind: str = "good"


@dataclass(frozen=True)
class Option:
    """What a card offers.

    Attributes:
        value: of the choice.
        title: its name.
        price: one line.
        facts: three to five; the reason comes first where it is refused.
        suggested: it gets a badge; the page says why.
        refused: it can be picked and read, but not used.
    """

    value: str
    title: str
    price: str
    facts: tuple[Fact, ...]
    suggested: bool = False
    refused: bool = False


class ChoiceCard(QWidget):
    """One card."""

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.option = option
        self.radio = QRadioButton(option.title)
        self.radio.setFont(font("section"))
        self.radio.setProperty("refused", option.refused)
        said = [option.price, *(fact.text for fact in option.facts)]
        title = f"{option.title}, {tr('refused')}" if option.refused else option.title
        name(self.radio, title, ". ".join(said))
        badge: tuple[QWidget, ...] = ()
        if option.refused:
            badge = (Badge(tr("Refused"), "fail"),)
        elif option.suggested:
            badge = (Badge(tr("Suggested"), "accent-text", ground="accent-soft"),)
        self._badge = badge
        head = row(self.radio, None, *badge, gap=6)
        price = Label(option.price, "name", "muted" if option.refused else "text", wrap=True)
        self._body = column(head, 0, price, 9, Line(), 9, margin=(15, 11, 13, 14))
        for fact in option.facts:
            self._body.addLayout(_fact_row(fact, option.refused))
            self._body.addSpacing(5)
        self._body.addStretch(1)
        self.setLayout(self._body)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.radio.toggled.connect(self._on_toggled)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.radio.setFocus(Qt.FocusReason.MouseFocusReason)
        self.radio.click()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        picked, refused = self.radio.isChecked(), self.option.refused
        wide = 2.0 if picked else 1.0
        tone = ("fail" if refused else "accent-text") if picked else "border"
        ground = "sunken" if refused else "accent-soft" if picked else "surface"
        half = wide / 2
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 8, 8)
        painter.fillPath(path, theme().color(ground))
        painter.setPen(QPen(theme().color(tone), wide))
        painter.drawPath(path)
        painter.end()

    def _on_toggled(self, picked: bool) -> None:
        for badge in self._badge:
            if isinstance(badge, Badge) and not self.option.refused:
                badge.set_ground("surface" if picked else "accent-soft")
        self.update()


class ChoiceCards(QWidget):
    """Cards side by side, two by two where there is little room; one of them is picked.

    Signals:
        picked: with the value, by the user.
    """

    picked = Signal(str)

    def __init__(self, title: str, options: tuple[Option, ...]) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setLayout(self._grid)
        self.cards = tuple(ChoiceCard(option) for option in options)
        self._across = 0
        for card in self.cards:
            self._group.addButton(card.radio)
            card.radio.clicked.connect(lambda _on, card=card: self.picked.emit(card.option.value))
        name(self, title)
        self.setMinimumWidth(1)  # else all of them in one row would keep it from getting narrow
        self._arrange(len(self.cards))

    def pick(self, value: str) -> None:
        """Show ``value`` as picked."""
        for card in self.cards:
            card.radio.setChecked(card.option.value == value)
        chosen = self.value()
        for card in self.cards:  # Tab leads to the picked one, arrows to the others
            can = card.option.value == chosen or not chosen
            policy = Qt.FocusPolicy.StrongFocus if can else Qt.FocusPolicy.ClickFocus
            card.radio.setFocusPolicy(policy)

    def value(self) -> str:
        """What is picked; empty: nothing."""
        return next((card.option.value for card in self.cards if card.radio.isChecked()), "")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        few = max(1, (len(self.cards) + 1) // 2) if len(self.cards) > 3 else 1
        count = len(self.cards)
        widest = max(card.minimumSizeHint().width() for card in self.cards)
        enough = max(_NARROW.get(count, max(_NARROW.values())), count * (widest + GAP) - GAP)
        self._arrange(len(self.cards) if self.width() >= enough else few)

    def _arrange(self, across: int) -> None:
        if across == self._across:
            return
        self._across = across
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // across, place % across)
        for at in range(len(self.cards)):
            self._grid.setColumnStretch(at, 1 if at < across else 0)


def _fact_row(fact: Fact, refused: bool) -> QHBoxLayout:
    icon, icon_tone, tone = {
        "good": ("check", "ok", "text"),
        "bad": ("cross", "fail", "text"),
        "plain": ("minus", "muted", "muted"),
    }[fact.kind]
    words = Label(fact.text, "caption", tone, wrap=True)
    sign = column(1, Shape(icon, icon_tone, 14, "sunken" if refused else "surface"), None)
    line = row(sign, words, gap=8)
    line.setStretch(1, 1)
    return line
