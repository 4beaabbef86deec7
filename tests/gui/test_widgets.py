"""Widgets that promise something: secrets, copies, searches, trees, tails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from screens.gallery import tiers
from screens.sample_pages import FoundPage, tail_row
from screens.samples import FOUND

from core.errors import Code, Problem, problem_error
from core.onboarding.steps import StepId
from gui.figures import age, duration, moment, money, number
from gui.widgets.badges import Sparkline, StatCard
from gui.widgets.buttons import Button
from gui.widgets.cells import Column
from gui.widgets.copy_button import CopyButton
from gui.widgets.copy_row import CopyRow
from gui.widgets.json_tree import JsonTree
from gui.widgets.live_table import LiveTable
from gui.widgets.problem_panel import ProblemPanel, Remedy
from gui.widgets.secret_field import KnownSecret, SecretField

CANARY = "canary-7f3a91c2-secret"
COLUMNS = tuple(Column(str(at), 60) for at in range(6))


def _all_texts(root: QWidget) -> str:
    texts = []
    for each in (root, *root.findChildren(QWidget)):
        texts += [each.accessibleName(), each.accessibleDescription(), each.toolTip()]
        if isinstance(each, (QLabel, QLineEdit)):
            texts.append(each.text())
    return "\n".join(texts)


def test_a_secret_goes_in_and_never_comes_out(qtbot):
    field = SecretField("Connection string")
    qtbot.addWidget(field)
    field.show()
    given = []
    field.given.connect(given.append)
    qtbot.keyClicks(field.entry, CANARY)
    assert CANARY not in field.entry.displayText()  # what a screen reader gets, too
    qtbot.keyClick(field.entry, Qt.Key.Key_Return)
    assert given == [CANARY]
    assert CANARY not in _all_texts(field)
    now = datetime(2026, 11, 24, tzinfo=UTC)
    known = KnownSecret("isthmus-listen", "7f3a 91c2", now - timedelta(minutes=12), "the keyring")
    field.show_known(known, now)
    assert field.shown.text() == "isthmus-listen, 7f3a 91c2, put there 12\u202fmin ago"
    field.replace.click()
    assert field.focusWidget() is field.entry
    assert field.entry.text() == ""
    field.leave.click()
    assert field.shown.isVisible()


def test_a_secret_is_copied_without_being_shown(qtbot):
    row = CopyRow("Password", "from the system keyring", secret=lambda: CANARY)
    qtbot.addWidget(row)
    row.copy.click()
    assert QGuiApplication.clipboard().text() == CANARY
    assert CANARY not in _all_texts(row)


def test_copy_says_so_and_forgets_it_again(qtbot, monkeypatch):
    monkeypatch.setattr("gui.widgets.copy_button.COPIED_MS", 50)
    button = CopyButton("Copy", "text")
    qtbot.addWidget(button)
    button.click()
    assert QGuiApplication.clipboard().text() == "text"
    assert button.text() == "Copied"
    qtbot.waitUntil(lambda: button.text() == "Copy", timeout=5000)


def test_the_search_says_what_it_shows_and_keeps_the_selected_row(jobs, qtbot):
    page = FoundPage(StepId.DISCOVERY, jobs)
    qtbot.addWidget(page)
    table = page.found
    assert table.shown.text() == "7 of 7 shown, 11 subscriptions"
    table.search.setText("SOC standard")
    qtbot.waitUntil(lambda: table.shown.text() == "2 of 7 shown, 11 subscriptions")
    assert table.table.selected == FOUND[0]
    table.search.setText("no such thing")
    qtbot.waitUntil(lambda: table.shown.text().startswith("0 of 7"))
    assert table.table.empty.text() == "None of the 7 matches. Clear the search or a filter."
    assert table.table.selected is None


def test_names_of_a_record_keep_their_order_and_values_their_kind(qtbot):
    tree = JsonTree("Record")
    qtbot.addWidget(tree)
    tree.show_value(
        {"z": 1, "a": {"y": None, "b": True, "c": "t", "n": 1.5}, "l": [1, 2]}, levels=3
    )
    root = tree.invisibleRootItem()
    assert [root.child(at).text(0) for at in range(root.childCount())] == ["z", "a", "l"]
    inner = root.child(1)
    assert [(inner.child(at).text(0), inner.child(at).text(1)) for at in range(4)] == [
        ("y", "null"), ("b", "true"), ("c", "t"), ("n", "1.5"),
    ]  # fmt: skip
    assert inner.text(1) == "4 fields"


def test_a_large_record_is_opened_lazily(qtbot):
    tree = JsonTree("Record")
    qtbot.addWidget(tree)
    tree.show_value({"many": {str(at): at for at in range(5000)}}, levels=1)
    many = tree.invisibleRootItem().child(0)
    assert many.childCount() == 0
    many.setExpanded(True)
    assert many.childCount() == 2001
    assert many.child(2000).text(1) == f"{number(3000)} more"


def _tail(qtbot, capacity=100):
    def compiled(text):
        if text == "bad":
            raise problem_error(Code.PROFILE_NOT_TOML, "filter", reason="it cannot be read")
        return lambda row: text in row.search

    made = LiveTable("Tail", COLUMNS, compiled, capacity=capacity)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def test_all_rows_are_shown_or_counted(qtbot):
    tail = _tail(qtbot, capacity=10_000)
    tail.push([tail_row(at, "a") for at in range(5000)], dropped=7)
    tail.push([tail_row(at, "b") for at in range(10)], dropped=1)
    qtbot.waitUntil(lambda: tail.model.received == 5010)
    assert tail.model.shown == 5010
    assert tail.model.dropped == 8
    assert tail.figures.text() == f"{number(5010)} of {number(5010)} shown"
    assert tail.dropped.text() == "8 dropped"


def test_a_frozen_tail_stands_still_and_receives(qtbot):
    tail = _tail(qtbot)
    tail.push([tail_row(at, "a") for at in range(50)])
    qtbot.waitUntil(lambda: tail.model.shown == 50)
    qtbot.keyClick(tail.view, Qt.Key.Key_Space)
    assert tail.model.frozen
    tail.push([tail_row(at, "b") for at in range(412)])
    qtbot.waitUntil(lambda: tail.model.received == 462)
    assert tail.model.shown == 50
    assert tail.new_button.text() == "100 new"  # as many as can be kept
    assert tail.model.dropped == 312  # and the rest is counted
    tail.new_button.click()
    assert not tail.model.frozen
    assert tail.model.shown == 100
    assert {tail.model.row_at(at).search.split()[1] for at in range(100)} == {"b"}


def test_scrolling_up_freezes_and_end_follows(qtbot):
    tail = _tail(qtbot)
    tail.push([tail_row(at, "a") for at in range(90)])
    qtbot.waitUntil(lambda: tail.model.shown == 90)
    qtbot.keyClick(tail.view, Qt.Key.Key_PageUp)
    assert tail.model.frozen
    qtbot.keyClick(tail.view, Qt.Key.Key_End)
    assert not tail.model.frozen


def _turn_wheel(tail, notches):
    view = tail.view.viewport()
    spot = view.rect().center()
    place, whole = spot.toPointF(), view.mapToGlobal(spot).toPointF()
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, whole, QPoint(), QPoint(0, 120 * notches), *none, False)
    QApplication.sendEvent(view, event)


def _drag(tail, to):
    bar = tail.view.verticalScrollBar()
    bar.setSliderDown(True)
    bar.setSliderPosition(to)
    bar.setSliderDown(False)


@pytest.mark.parametrize(
    ("up", "down"),
    [
        (lambda tail: _turn_wheel(tail, 1), lambda tail: _turn_wheel(tail, -1)),
        (lambda tail: _drag(tail, 3), lambda tail: _drag(tail, 10_000)),
    ],
    ids=["wheel", "bar"],
)
def test_only_scrolling_up_freezes_and_what_is_looked_at_stays(qtbot, up, down):
    tail = _tail(qtbot)
    tail.push([tail_row(at, "a") for at in range(90)])
    qtbot.waitUntil(lambda: tail.model.shown == 90)
    down(tail)
    assert not tail.model.frozen
    up(tail)
    assert tail.model.frozen
    place = tail.view.verticalScrollBar().value()
    assert place < tail.view.verticalScrollBar().maximum()
    tail.push([tail_row(at, "b") for at in range(60)])
    qtbot.waitUntil(lambda: tail.model.received == 150)
    assert tail.view.verticalScrollBar().value() == place


def test_what_waits_is_counted_by_the_filter_and_each_row_is_looked_at_once(qtbot):
    """Ten times a second the chip says how many are new: it must not look at all of them."""
    looked = []

    def compiled(text):
        def keep(row):
            looked.append(row)
            return text in row.search

        return keep

    tail = LiveTable("Tail", COLUMNS, compiled, capacity=100)
    qtbot.addWidget(tail)
    tail.set_filter("rare")
    tail.freeze()
    tail.push([tail_row(at, "rare" if at % 2 else "a") for at in range(60)])
    qtbot.waitUntil(lambda: tail.model.received == 60)
    assert tail.new_button.text() == "30 new"
    assert len(looked) == 60
    for _ in range(5):
        assert tail.model.new == 30
    assert len(looked) == 60
    tail.push([tail_row(at, "rare") for at in range(60)])  # twenty of the first have to go
    qtbot.waitUntil(lambda: tail.model.received == 120)
    assert tail.new_button.text() == "80 new"
    assert tail.model.dropped == 20
    tail.set_filter("a")
    assert tail.model.new == tail.model._count(tail.model._waiting) == 20 + 80


def test_a_filter_comes_before_the_bound_and_says_its_effect(qtbot):
    tail = _tail(qtbot)
    tail.push([tail_row(at, "a" if at % 4 else "rare") for at in range(80)])
    qtbot.waitUntil(lambda: tail.model.shown == 80)
    tail.set_filter("rare")
    assert tail.figures.text() == "20 of 80 shown"
    tail.push([tail_row(at, "rare") for at in range(40)])
    qtbot.waitUntil(lambda: tail.model.received == 120)
    assert tail.model.held == 100
    assert tail.model.shown == 20 + 40 - 5  # five of the twenty rows that had to go were rare
    tail.set_filter("")
    assert tail.figures.text() == "100 of 100 shown"


def test_a_filter_that_cannot_be_read_changes_nothing_and_says_why(qtbot):
    tail = _tail(qtbot)
    tail.push([tail_row(at, "a") for at in range(8)])
    qtbot.waitUntil(lambda: tail.model.shown == 8)
    tail.set_filter("bad")
    assert tail.model.shown == 8
    assert "it cannot be read" in tail.note.text()
    tail.set_filter("a")
    assert tail.note.text() == ""


def test_a_refused_card_can_be_read_and_picked(qtbot):
    cards = tiers()
    qtbot.addWidget(cards)
    cards.pick("Standard")
    picked = []
    cards.picked.connect(picked.append)
    refused = cards.cards[0]
    assert refused.radio.accessibleName() == "Basic, refused"
    assert "No Kafka endpoint" in refused.radio.accessibleDescription()
    qtbot.mouseClick(refused, Qt.MouseButton.LeftButton)
    assert picked == ["Basic"]
    assert cards.value() == "Basic"


def test_a_problem_panel_has_cause_remedy_button_and_details(qtbot):
    panel = ProblemPanel()
    qtbot.addWidget(panel)
    done = []
    found = Problem(Code.INTERNAL, "error", "x", "The cause.", "The remedy.", "raw text")
    panel.show()
    panel.show_problem(
        found, "Event Hubs refused it", (Remedy("Test again", lambda: done.append(1)),)
    )
    texts = _all_texts(panel)
    assert all(
        each in texts for each in ("Event Hubs refused it", "The cause.", "The remedy.", "raw text")
    )
    assert panel.focusWidget() is panel.title
    panel.buttons[0].click()
    assert done == [1]
    panel.clear()
    assert not panel.isVisible()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "not known yet"), (0, "0.00 s"), (0.21, "0.21 s"), (4.24, "4.2 s"), (41, "41 s"),
        (105, "1 min 45 s"), (120, "2 min"), (17_460, "4 h 51 min"),
    ],
)  # fmt: skip
def test_durations_as_the_design_writes_them(seconds, text):
    assert duration(seconds).replace("\u202f", " ") == text


def test_numbers_times_and_money():
    now = datetime(2026, 11, 22, 14, 2, tzinfo=UTC).astimezone()
    assert number(0) == "0"
    assert number(None) == "not known yet"
    assert age(now - timedelta(seconds=38), now).replace("\u202f", " ") == "38 s ago"
    assert moment(now, now) == now.strftime("%H:%M")
    assert moment(now - timedelta(days=1), now).startswith("yesterday ")
    assert "2026" in moment(now - timedelta(days=9), now)
    assert money(43.8) == "USD 43.80"
    assert money(0) == "USD 0"
    assert money(None) == "not known yet"


def test_a_line_whose_widget_is_gone_paints_nothing(qtbot):
    """An update may be asked for, and the widget deleted before it is painted."""
    line = Sparkline()
    line.show_values((1.0, None, 3.0))
    line.resize(120, 30)
    event = QPaintEvent(line.rect())
    shiboken6.delete(line)
    line.paintEvent(event)


def test_a_card_is_deleted_while_its_line_is_to_be_painted(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    card = StatCard("Stored")
    card.setParent(parent)
    parent.show()
    card.show_figure("1", "records", "", (1.0, 2.0, 3.0))
    card.line.update()
    card.deleteLater()
    qtbot.wait(20)
    assert not shiboken6.isValid(card.line)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_focused_button_is_pressed_by_enter_and_by_space(qtbot, key):
    button = Button("Resume")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked, timeout=2000):
        qtbot.keyClick(button, key)


def test_enter_presses_no_button_that_loses_something(qtbot):
    button = Button("Forget", "danger")
    qtbot.addWidget(button)
    pressed = []
    button.clicked.connect(lambda: pressed.append(True))
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert pressed == []
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert pressed == [True]
