"""Scrolling: the bar is ours, and what assistive technology counts does not change under it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QScrollBar, QToolButton, QVBoxLayout, QWidget

from gui.widgets.scroll import ScrollArea
from gui.widgets.search_field import SearchField

GUI = Path(__file__).parents[2] / "gui"


@pytest.fixture
def area(qtbot):
    made = ScrollArea()
    content = QLabel("words")
    made.setWidget(content)
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def the_bar(area: ScrollArea) -> QScrollBar:
    (bar,) = [
        each
        for each in area.findChildren(QScrollBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if each.orientation() is Qt.Orientation.Vertical
    ]
    return bar


def test_the_bar_is_there_while_there_is_more_than_fits(area, qtbot):
    assert not the_bar(area).isVisible()
    area.widget().setMinimumHeight(900)
    qtbot.waitUntil(lambda: the_bar(area).isVisible())
    area.widget().setMinimumHeight(50)
    qtbot.waitUntil(lambda: not the_bar(area).isVisible())


def test_the_bar_and_the_place_follow_each_other(area, qtbot):
    area.widget().setMinimumHeight(900)
    bar, place = the_bar(area), area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 700)
    assert (bar.pageStep(), bar.singleStep()) == (place.pageStep(), place.singleStep())
    bar.setValue(120)
    assert area.widget().y() == -120
    place.setValue(300)
    assert bar.value() == 300
    area.resize(300, 500)
    qtbot.waitUntil(lambda: bar.maximum() == 400 and bar.height() == area.contentsRect().height())
    assert bar.geometry().right() == area.contentsRect().right()


def test_assistive_technology_counts_one_child_whatever_is_visible(area, qtbot):
    """Qt reads the second of two children past its list's end once the bar went away."""
    counted = set()
    for height in (50, 900):
        area.widget().setMinimumHeight(height)
        qtbot.waitUntil(lambda: the_bar(area).isVisible() == (area.widget().height() > 200))
        counted.add(QAccessible.queryAccessibleInterface(area).childCount())
    area.hide()
    counted.add(QAccessible.queryAccessibleInterface(area).childCount())
    assert counted == {1}


def test_the_window_has_no_other_kind_of_scroll_area():
    makers = [
        str(path.relative_to(GUI))
        for path in sorted(GUI.rglob("*.py"))
        if "QScrollArea" in path.read_text("utf-8")
    ]
    assert makers == [str(Path("widgets", "scroll.py"))]


def test_the_small_buttons_of_a_search_field_have_names(qtbot):
    field = SearchField("Search in hubs", "Search")
    qtbot.addWidget(field)
    field.show()
    qtbot.keyClicks(field, "abc")
    buttons = field.findChildren(QToolButton)
    names = [
        QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name) for each in buttons
    ]
    assert sorted(names) == ["Clear: Search in hubs", "Search in hubs"]
    qtbot.mouseClick(buttons[names.index("Clear: Search in hubs")], Qt.MouseButton.LeftButton)
    assert field.text() == ""
    assert isinstance(field, QLineEdit)
    assert len(field.findChildren(QAction)) == 2


def test_what_was_just_shown_is_scrolled_to_as_a_whole(area, qtbot):
    content = QWidget()
    panel = QLabel("one\ntwo\nthree\nfour")
    panel.hide()
    layout = QVBoxLayout(content)
    above = QLabel("above")
    above.setMinimumHeight(400)
    layout.addWidget(above)
    layout.addWidget(panel)
    area.setWidget(content)
    panel.show()
    area.reveal(panel)
    seen = area.viewport().rect()
    qtbot.waitUntil(
        lambda: seen.contains(panel.rect().translated(panel.mapTo(area.viewport(), QPoint())))
    )
