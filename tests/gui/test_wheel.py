"""The wheel over a field: it scrolls the page and changes nothing without the focus."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gui.widgets.fields import ChoiceField, NumberField
from gui.widgets.scroll import ScrollArea


@pytest.fixture
def page(qtbot):
    area = ScrollArea()
    content = QWidget()
    layout = QVBoxLayout(content)
    area.first = QLineEdit()
    area.number = NumberField("Units", 1, 40)
    area.number.show_value(4)
    area.choice = ChoiceField("Region")
    area.choice.show_choices({"a": "A", "b": "B", "c": "C"})
    area.choice.show_value("b")
    for each in (area.first, area.number, area.choice):
        layout.addWidget(each)
    layout.addSpacing(900)
    area.setWidget(content)
    qtbot.addWidget(area)
    area.resize(400, 300)
    area.show()
    qtbot.waitExposed(area)
    area.activateWindow()
    area.first.setFocus()
    return area


def turn(control: QWidget) -> None:
    """One notch towards the user, over ``control``, as the window system tells it."""
    window = control.window()
    at = QPointF(control.mapTo(window, control.rect().center()))
    QTest.wheelEvent(window.windowHandle(), at, QPoint(0, -120))


def test_without_the_focus_the_page_scrolls(page, qtbot):
    for control in (page.number.spin, page.choice.combo):
        before = page.verticalScrollBar().value()
        turn(control)
        qtbot.waitUntil(lambda before=before: page.verticalScrollBar().value() > before)
        page.verticalScrollBar().setValue(0)
        assert not control.hasFocus()
    assert (page.number.value(), page.choice.value()) == (4, "b")


def test_with_the_focus_the_value_changes(page, qtbot):
    page.number.spin.setFocus()
    qtbot.waitUntil(page.number.spin.hasFocus)
    turn(page.number.spin)
    qtbot.waitUntil(lambda: page.number.value() == 3)
