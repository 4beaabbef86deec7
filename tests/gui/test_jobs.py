"""Jobs: results on the GUI thread, at most one of a kind, and silence after a cancel."""

from __future__ import annotations

import asyncio
import threading

import pytest

from core.errors import Code, problem_error
from gui.jobs import CANCEL_AFTER_MS, SHOWN_AFTER_MS
from gui.widgets.progress_row import ProgressRow


async def _forever(context):
    await asyncio.Event().wait()


def _watch(job):
    """Everything that the view hears of ``job``, with the thread it hears it on."""
    heard = []
    for name in ("done", "failed", "cancelled", "ended", "arrived", "progressed"):
        getattr(job, name).connect(
            lambda *values, name=name: heard.append((name, values, threading.current_thread()))
        )
    return heard


def test_a_result_comes_back_on_the_gui_thread(jobs, qtbot):
    ran_on = []

    async def work(context):
        ran_on.append(threading.current_thread())
        return 42

    job = jobs.start("k", work, "nothing")
    heard = _watch(job)
    qtbot.waitUntil(lambda: job.state == "done")
    assert [(name, values) for name, values, _ in heard] == [("done", (42,)), ("ended", ())]
    assert {thread for _, _, thread in heard} == {threading.main_thread()}
    assert ran_on[0] is not threading.main_thread()


def test_progress_and_parts_arrive_in_order_before_the_result(jobs, qtbot):
    async def work(context):
        context.waiting_for("the first", 0.5)
        context.partial("a")
        context.partial("b")
        return "c"

    job = jobs.start("k", work, "nothing")
    heard = _watch(job)
    qtbot.waitUntil(lambda: job.state == "done")
    assert [name for name, _, _ in heard] == ["progressed", "arrived", "arrived", "done", "ended"]
    assert [values[0] for name, values, _ in heard if name == "arrived"] == ["a", "b"]
    assert (job.waiting, job.share) == ("the first", 0.5)


def test_a_problem_arrives_as_it_is(jobs, qtbot):
    async def work(context):
        raise problem_error(Code.PROFILE_NOT_FOUND, "x", path="p", folder="f")

    job = jobs.start("k", work, "nothing")
    with qtbot.waitSignal(job.failed) as failed:
        pass
    assert failed.args[0].code is Code.PROFILE_NOT_FOUND


def test_any_other_exception_becomes_the_problem_of_an_internal_fault(jobs, qtbot):
    async def work(context):
        raise ZeroDivisionError("of a value")

    job = jobs.start("k", work, "nothing")
    with qtbot.waitSignal(job.failed) as failed:
        pass
    assert failed.args[0].code is Code.INTERNAL
    assert "ZeroDivisionError" in failed.args[0].cause


def test_cancelling_is_heard_at_once_and_the_coroutine_is_told(jobs, qtbot):
    ended = threading.Event()
    began = threading.Event()

    async def work(context):
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    job = jobs.start("k", work, "nothing")
    heard = _watch(job)
    qtbot.waitUntil(began.is_set)
    job.cancel()
    assert [name for name, _, _ in heard] == ["cancelled", "ended"]
    assert ended.wait(5)
    job_heard = len(heard)
    qtbot.wait(20)
    assert len(heard) == job_heard


def test_a_job_that_ignores_its_cancel_is_heard_no_more(jobs, qtbot):
    go_on = threading.Event()
    finished = threading.Event()

    async def work(context):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.to_thread(go_on.wait)
            context.partial("too late")
            context.waiting_for("too late")
            finished.set()
            return "too late"

    job = jobs.start("k", work, "nothing")
    heard = _watch(job)
    qtbot.wait(20)
    job.cancel()
    go_on.set()
    assert finished.wait(5)
    qtbot.wait(20)
    assert [name for name, _, _ in heard] == ["cancelled", "ended"]


def test_a_new_start_replaces_what_runs_under_its_key_only(jobs, qtbot):
    async def second(context):
        return "second"

    first, other = jobs.start("k", _forever, "first"), jobs.start("other", _forever, "other")
    heard = _watch(first)
    job = jobs.start("k", second, "second")
    assert [name for name, _, _ in heard] == ["cancelled", "ended"]
    assert jobs.running("k") is job
    with qtbot.waitSignal(job.done) as done:
        pass
    assert done.args == ["second"]
    assert jobs.running("k") is None
    assert other.is_running
    assert jobs.running("other") is other


def test_a_wait_says_what_it_waits_for_and_offers_cancel_once_it_lasts(jobs, qtbot, monkeypatch):
    assert (SHOWN_AFTER_MS, CANCEL_AFTER_MS) == (300, 2000)
    monkeypatch.setattr("gui.jobs.CANCEL_AFTER_MS", 500)
    row = ProgressRow()
    qtbot.addWidget(row)
    job = jobs.start("k", _forever, "Waiting for Azure")
    row.follow(job)
    assert row.isHidden()
    with qtbot.waitSignal(job.lasts):
        pass
    assert not row.isHidden()
    assert row._what.text() == "Waiting for Azure"
    assert row.cancel.isHidden()
    with qtbot.waitSignal(job.cancellable):
        pass
    assert not row.cancel.isHidden()
    with qtbot.waitSignal(job.cancelled):
        row.cancel.click()
    assert row.isHidden()


def test_a_short_wait_shows_nothing(jobs, qtbot):
    async def work(context):
        return 1

    row = ProgressRow()
    qtbot.addWidget(row)
    job = jobs.start("k", work, "nothing")
    row.follow(job)
    with qtbot.assertNotEmitted(job.lasts), qtbot.waitSignal(job.done):
        pass
    assert row.isHidden()


def test_closing_cancels_everything_and_nothing_is_heard_after_it(jobs, qtbot):
    job = jobs.start("k", _forever, "nothing")
    heard = _watch(job)
    jobs.close()
    assert [name for name, _, _ in heard] == ["cancelled", "ended"]


@pytest.mark.parametrize("busy", ["waits", "computes"])
def test_the_window_goes_on_while_a_job_runs(jobs, qtbot, busy):
    """The GUI thread itself lets the job go on: a blocked one never would."""
    go_on = threading.Event()
    turns = []

    async def work(context):
        while not go_on.is_set():
            if busy == "waits":
                await asyncio.sleep(0.001)
            else:
                await asyncio.to_thread(sum, range(20_000))
        return len(turns)

    from PySide6.QtCore import QTimer

    timer = QTimer()
    timer.setInterval(1)
    timer.timeout.connect(lambda: turns.append(1) if len(turns) < 20 else go_on.set())
    timer.start()
    job = jobs.start("k", work, "nothing")
    with qtbot.waitSignal(job.done) as done:
        pass
    timer.stop()
    assert done.args[0] >= 20
