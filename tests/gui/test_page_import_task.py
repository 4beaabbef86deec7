"""The live tail and the figures of the import; over a sandbox: test_page_import_road.py."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace

import psutil
import pytest
from helpers.drafts import GOOD, LOGSTORE
from PySide6.QtCore import Qt

from core.engine.running import RunningEngine
from core.errors import Code, ProblemError, problem
from core.onboarding.steps import StepId
from gui.widgets.problem_panel import Remedy
from gui.wizard.pages import page_import_task
from gui.wizard.pages.import_view import ImportView
from gui.wizard.pages.page_import_task import ImportTaskPage
from gui.wizard.pages.tail_rows import compile_filter, hex_lines, live_row, raw_of, record_of
from gui.wizard.pages.tail_view import TailView


def row(at: int, **fields: str) -> dict:
    return {
        "event_uid": f"486562d5.3.{at}.mwv8u5dm.1/4",
        "event_service": "signinlogs",
        "event_time": "2026-11-22T14:02:13.5281774Z",
        "fields": {"operationName": "Sign-in activity", "Level": "4", "resultType": "0"} | fields,
        "matches": [],
    }


def frame(rows: list[dict], dropped: int) -> dict:
    return {"rows": rows, "shown": 0, "hits": 0, "total": 0, "dropped": dropped}


def status(**changes) -> dict:
    return {
        "state": "running",
        "reason": "",
        "since": 1_790_000_000.0,
        "records": {"received": 12, "stored": 10, "repaired": 0, "dead_lettered": 0},
        "rate_records_per_s": 4.0,
        "lag": {"records": 0, "seconds": None, "messages": 0},
        "partitions": [{"id": 0, "low": 0, "high": 9, "committed": 9, "stored": 9, "lag": 0}],
        "problem": None,
    } | changes


@pytest.fixture
def tail(qtbot):
    made = TailView()
    qtbot.addWidget(made)
    yield made
    made.table.stop()


def test_what_could_not_be_shown_is_counted_exactly(tail):
    tail.take(frame([row(1)], 5))
    tail.take(frame([row(2)], 7))
    tail.table.stop()
    assert (tail.table.model.shown, tail.table.model.dropped) == (2, 7)
    tail.begin()  # another engine counts from zero
    tail.take(frame([row(3)], 2))
    tail.table.stop()
    assert tail.table.model.dropped == 9


def test_the_filter_is_the_language_of_the_command_line():
    sign_in, other = live_row(row(1, resultType="50126")), live_row(row(2))
    keep = compile_filter("signinlogs and resultType:50126")
    assert keep(sign_in)
    assert not keep(other)
    with pytest.raises(ProblemError):
        compile_filter("resultType:(")


def test_the_selected_record_is_shown_as_a_tree_and_as_bytes(tail):
    tail.take(frame([row(1, properties='{"status":{"errorCode":50126}}')], 0))
    tail.table.stop()
    tail.table.view.selectRow(0)
    pane = tail.pane
    assert pane.title._whole == "Sign-in activity"
    assert pane.place._whole == "partition 3, offset 1, record 2 of 4"
    copied = json.loads(pane._as_json())
    assert copied["properties"] == {"status": {"errorCode": 50126}}
    assert pane.raw.toPlainText().startswith("00000  7b 22")
    tail.table.view.clearSelection()
    assert pane.nothing.isVisibleTo(pane)


def test_of_a_repaired_record_the_bytes_are_what_the_hub_sent():
    repaired = row(1, event_raw='{"broken": ')
    assert raw_of(repaired) == b'{"broken": '
    assert hex_lines(b"ab\x00") == "00000  61 62 00                 ab."
    assert record_of(row(1, note="[not json"))["note"] == "[not json"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_export_has_what_the_table_shows(tail, tmp_path, kind):
    tail.take(frame([row(1, resultType="50126"), row(2)], 0))
    tail.table.stop()
    tail.table.set_filter("resultType:50126")
    path = tmp_path / f"tail.{kind}"
    assert asyncio.run(tail.write(kind, path)) == 1
    text = path.read_text("utf-8")
    assert "486562d5.3.1." in text
    assert "486562d5.3.2." not in text


@pytest.mark.parametrize(
    ("changes", "icon", "words"),
    [
        ({}, "done", "Healthy"),
        ({"state": "paused"}, "pause", "Paused"),
        ({"state": "failing", "problem": None}, "failed", "Failing"),
        ({"lag": {"records": 480, "seconds": 74.0, "messages": 16}}, "behind", "Behind by 480"),
        (
            {"records": {"received": 0, "stored": 0, "repaired": 0, "dead_lettered": 0}},
            "pending",
            "Waiting for the first record",
        ),
        (
            {"records": {"received": 3, "stored": 0, "repaired": 0, "dead_lettered": 3}},
            "warning",
            "Nothing but dead letters so far",
        ),
        (
            {"records": {"received": 3, "stored": 0, "repaired": 0, "dead_lettered": 0}},
            "pending",
            "Waiting for the first record",
        ),
    ],
)
def test_each_state_of_the_import_has_its_own_shape_and_words(qtbot, changes, icon, words):
    view = ImportView()
    qtbot.addWidget(view)
    view.show_status(status(**changes))
    assert view.health._health.icon == icon
    assert words in view.health._health.text


def test_zero_is_zero_and_unknown_is_not_known_yet(qtbot):
    view = ImportView()
    qtbot.addWidget(view)
    assert view.stored.figure.text() == "not known yet"
    view.show_status(status())
    assert view.dead.figure.text() == "0"
    assert view.behind.figure.text() == "0"


def test_once_it_has_stopped_nothing_says_that_it_goes_on(qtbot):
    view = ImportView()
    qtbot.addWidget(view)
    view.begin("hub to Logstore", 1)
    view.show_status(status())
    view.tail.take(frame([row(1)], 0))
    view.tail.table.freeze()
    assert view.tail.table.going_on.text() == "reception goes on"
    view.show_stopped()
    assert view.rate.figure.text() == "0"
    assert view.stored.figure.text() == "10", "what was done stays"
    assert view.tail.table.going_on.text() == "reception has ended"
    view.tail.take(frame([row(2)], 0))
    view.tail.table.stop()
    assert view.tail.table.going_on.text() == "reception goes on"
    assert (view.tail.table.model.received, view.tail.table.model.new) == (2, 2)


def test_start_is_off_and_says_what_is_missing(jobs, qtbot):
    page = ImportTaskPage(StepId.IMPORT_TASK, jobs)
    qtbot.addWidget(page)
    page.show_draft(GOOD)
    assert page.setup.why_not.text() == "Name the Logstore first"
    page.show_draft(replace(GOOD, import_task=LOGSTORE))
    assert "secret" in page.setup.why_not.text()
    assert not page.setup.start.isEnabled()


def test_the_view_of_an_engine_is_made_for_the_first_one(jobs, qtbot):
    page = ImportTaskPage(StepId.IMPORT_TASK, jobs)
    qtbot.addWidget(page)
    page.show_draft(replace(GOOD, import_task=LOGSTORE))
    page.set_narrow(True)
    assert page.stack.count() == 1
    assert page.view.tail.orientation() is Qt.Orientation.Vertical, "it knows that room is short"
    assert page.stack.count() == 2


def test_an_engine_that_does_not_answer_is_said_once_and_can_be_watched_again(
    jobs, qtbot, monkeypatch
):
    """Status and tail both fail; the second must not take the way back with it."""
    silent = RunningEngine(os.getpid(), psutil.Process().create_time(), 9, "token")
    page = ImportTaskPage(StepId.IMPORT_TASK, jobs)
    qtbot.addWidget(page)
    page.show_draft(replace(GOOD, import_task=LOGSTORE))
    monkeypatch.setattr(page_import_task, "_ENDING_SECONDS", 0.05)
    page._watch(silent)
    qtbot.waitUntil(lambda: page.problem_panel.problem is not None, timeout=20_000)
    qtbot.waitUntil(lambda: jobs.is_idle, timeout=20_000)
    assert page.engine is None
    again = page.problem_panel.buttons[0]
    assert again.text() == "Watch it again"
    again.click()
    assert page.engine == silent
    assert page.problem_panel.problem is None
    qtbot.waitUntil(lambda: page.problem_panel.problem is not None, timeout=20_000)


def test_a_problem_of_the_engine_leads_to_where_it_is_put_right(qtbot):
    view = ImportView()
    qtbot.addWidget(view)
    asked = []
    view.ways_on = lambda problem: (Remedy("Go there", lambda: asked.append(problem.code)),)
    told = problem(Code.KAFKA_KEY_ROTATED, "kafka", policy="p", namespace="n", host="h", hub="b")
    view.show_status(status(state="failing", problem=told.as_json()))
    banner = view.notice.itemAt(0).widget()
    view.show_status(status(state="failing", problem=told.as_json()))
    assert view.notice.itemAt(0).widget() is banner, "its button keeps the focus"
    banner.button.click()
    assert asked == [Code.KAFKA_KEY_ROTATED]
    view.show_status(status(state="failing", problem=told.as_json() | {"code": "of_the_future"}))
    assert view.notice.itemAt(0).widget().button.isHidden()
    view.show_status(status())
    assert view.notice.count() == 0
