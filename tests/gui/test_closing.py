"""Closing the window: what would be cut off is asked about, and nothing ends silently."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from helpers.view_loop import dialog_of, view_loop
from screens.import_pages import plan
from screens.samples import flow_at

from core.onboarding.action import State
from core.onboarding.steps import StepId
from gui import dialogs
from gui.closing import APPLY_JOBS
from gui.dialogs import Choice, Question
from gui.wizard.memory import Memory, memory_of
from gui.wizard.pages import plan_work


@pytest.fixture(autouse=True)
def _loop(qapp):
    with view_loop(qapp):
        yield


def until(qtbot, condition) -> None:
    qtbot.waitUntil(condition, timeout=10_000)


class Carrier:
    """Carries a plan out whose actions end when they are told to."""

    def __init__(self, draft) -> None:
        self.draft, self.begun, self.go_on = draft, [], asyncio.Event()

    async def apply(self, shown, on_action, progress):
        for action in shown.actions:
            on_action(replace(action, state=State.RUNNING))
            self.begun.append(action.id)
            while not self.go_on.is_set():
                await asyncio.sleep(0.01)
            on_action(replace(action, state=State.DONE))
        return ()


@pytest.fixture
def carrier(window, jobs, monkeypatch):
    """An apply that runs in the window."""
    window.show_flow(flow_at(StepId.KAFKA_TEST))
    draft = window.wizard.flow.draft
    made = Carrier(draft)
    monkeypatch.setattr(
        plan_work, "errand", lambda _draft, verb: lambda context: verb(made, context)
    )
    jobs.start(APPLY_JOBS[0], plan_work.carry_out(draft, plan(), memory_of(jobs, draft)), "")
    return made


def test_with_nothing_at_stake_it_closes_at_once(window):
    window.close()
    assert not window.isVisible()
    assert dialog_of() is None


def test_a_running_apply_is_asked_about_and_can_be_left_alone(window, qtbot, carrier, jobs):
    until(qtbot, lambda: len(carrier.begun) == 1)
    window.close()
    assert window.isVisible()
    until(qtbot, lambda: dialog_of(Choice) is not None)
    box = dialog_of(Choice)
    assert "resume" in box.accessibleDescription()
    window.close()  # once more, while it is asked
    box.leave.click()
    until(qtbot, lambda: dialog_of(Choice) is None)
    assert window.isVisible()
    assert jobs.running(APPLY_JOBS[0]) is not None


def test_it_closes_when_the_action_has_ended_and_begins_no_other(window, qtbot, carrier, jobs):
    until(qtbot, lambda: len(carrier.begun) == 1)
    window.close()
    until(qtbot, lambda: dialog_of(Choice) is not None)
    dialog_of(Choice).verb.click()
    until(qtbot, lambda: dialog_of(Choice) is None)
    until(qtbot, lambda: memory_of(jobs, window.wizard.flow.draft).stopping)
    assert window.isVisible()
    carrier.go_on.set()
    until(qtbot, lambda: not window.isVisible())
    assert len(carrier.begun) == 1


def test_it_can_be_stopped_at_once(window, qtbot, carrier, jobs):
    until(qtbot, lambda: len(carrier.begun) == 1)
    window.close()
    until(qtbot, lambda: dialog_of(Choice) is not None)
    dialog_of(Choice).second.click()
    until(qtbot, lambda: not window.isVisible())
    assert jobs.running(APPLY_JOBS[0]) is None
    assert len(carrier.begun) == 1


def test_an_import_of_the_sandbox_never_ends_silently(window, qtbot):
    window.closing.sandbox_imports = lambda: True
    window.close()
    until(qtbot, lambda: dialog_of(Question) is not None)
    dialog_of(Question).leave.click()
    until(qtbot, lambda: not window.closing._asking)
    assert window.isVisible()
    window.close()
    until(qtbot, lambda: dialog_of(Question) is not None)
    dialog_of(Question).verb.click()
    until(qtbot, lambda: not window.isVisible())


def test_the_stop_button_stops_first_after_the_action_then_at_once(qtbot):
    from gui.wizard.pages.apply_progress import ApplyProgress

    progress = ApplyProgress()
    qtbot.addWidget(progress)
    progress.begin(plan())
    asked = []
    progress.stop_asked.connect(asked.append)
    assert progress.stop.text() == "Stop after this one"
    progress.stop.click()
    progress.stop.click()
    assert asked == [False, True]
    assert progress.waiting.text().endswith("then it stops")
    progress.end()
    progress.begin(plan())
    progress.stop_after_this_one()
    progress.stop_after_this_one()
    assert asked == [False, True, False]
    progress.end()


def test_escape_leaves_things_as_they_are(window, qtbot):
    async def asked():
        return await dialogs.chosen(window, "Stop?", "x", ("After", "Now", "Leave it"))

    task = asyncio.ensure_future(asked())
    until(qtbot, lambda: dialog_of(Choice) is not None)
    dialog_of(Choice).reject()
    until(qtbot, task.done)
    assert task.result() == 2
    assert Memory().stopping is False
