"""The wizard's second half on an empty sandbox: Azure part, Kafka test, import, live tail."""

from __future__ import annotations

import json
import os

import pytest
from helpers.azure_halves import AzureHalf
from helpers.view_loop import dialog_of, view_loop
from helpers.wizard_road import Road

from core.errors import Code
from core.onboarding.steps import StepId
from core.sandbox.sandbox import Options, Sandbox
from gui.dialogs import Question
from gui.jobs import Jobs

NAMESPACE = "isthmus-logs"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("road")
    with Sandbox(folder / "sandbox", Options(empty=True, logstore=True)) as running:
        yield running


@pytest.fixture
def road(sandbox, jobs, qtbot, tmp_path):
    half = AzureHalf(sandbox, tmp_path / "state")  # the state folder that the tests' process has
    made = Road(sandbox, jobs, qtbot)
    yield made
    made.stop_engine()
    left = half.remove("--confirm-name", NAMESPACE)
    assert left.code == 0, left


@pytest.fixture(autouse=True)
def _loop(qapp):
    with view_loop(qapp):
        yield


def stop(road, task) -> None:
    """Press Stop, leave it once, then agree."""
    engine = task.engine
    for agree in (False, True):
        task.view.stop.click()
        road.until(lambda: dialog_of(Question) is not None)
        box = dialog_of(Question)
        assert "nothing is lost" in box.accessibleDescription()
        (box.verb if agree else box.leave).click()
        road.until(lambda: dialog_of(Question) is None)
        if not agree:
            road.settle()
            assert task.engine == engine


@pytest.mark.slow
def test_from_all_answers_given_to_records_in_the_tail(road, tmp_path):
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    assert road.writes() == [], "looking changes nothing"
    assert "does not exist yet" in page.lead.prose()
    assert {row.stage.state for row in page.stages.rows} == {"not_reached"}
    assert page.plan.list.table.model.total >= 7
    assert page.offer.text == "Create the Azure part now"
    road.shot("kafka-not-there")

    road.press_verb()
    road.until(lambda: page.applying.states and "running" in page.applying.head.text())
    road.shot("kafka-applying")
    road.until(lambda: page.stages.passed == 6)
    assert {each.state for each in page.applying.states} == {"done"}
    assert "changed in Azure" in road.footer()
    road.until(lambda: page.offer.reason == "" and not page.offer.verb)
    assert road.draft.kafka_test.result.value.verdict == "ok"
    road.shot("kafka-passed")

    road.press_on()
    task = road.page(StepId.IMPORT_TASK)
    road.until(lambda: task.setup.start.isEnabled())
    road.shot("import-setup")
    task.setup.start.click()
    road.until(lambda: task.engine is not None)
    road.until(lambda: task.view.figures and task.view.figures["records"]["stored"] > 0)
    road.until(lambda: task.view.tail.table.model.shown > 20)
    assert task.view.tail.table.model.dropped == 0
    task.view.tail.table.view.selectRow(4)
    road.settle()
    road.shot("import-running")
    record = task.view.tail.table.selected.data
    assert json.loads(task.view.tail.pane._as_json())["event_uid"] == record["event_uid"]

    task.view.tail.table.set_filter("activitylogs")
    road.until(lambda: 0 < task.view.tail.table.model.shown < task.view.tail.table.model.held)
    task.view.tail.table.set_filter("")

    road.window.wizard.go_back()
    road.window.wizard.go_next()
    held = task.view.tail.table.model.held
    assert held <= task.view.figures["records"]["received"] + 200, "nothing is shown twice"

    task.view.pause.click()
    road.until(lambda: task.view.is_paused)
    road.until(lambda: task.view.pause.isEnabled() and "Resume" in task.view.pause.text())
    road.shot("import-paused")
    task.view.pause.click()
    road.until(lambda: not task.view.is_paused)
    stop(road, task)
    road.until(lambda: task.engine is None)
    assert task.view.tail.table.model.shown > 20, "what was received stays"
    road.shot("import-stopped")


@pytest.mark.slow
def test_the_import_goes_on_without_the_window_and_the_next_window_finds_it(
    road, sandbox, jobs, runtime, qtbot
):
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    road.press_verb()
    road.until(lambda: page.stages.passed == 6 and page.offer.reason == "")
    answered = road.draft
    road.press_on()
    task = road.page(StepId.IMPORT_TASK)
    road.until(lambda: task.setup.start.isEnabled())
    task.setup.start.click()
    road.until(lambda: task.engine is not None)
    engine = task.engine
    road.window.close()
    jobs.close()
    os.kill(engine.pid, 0)

    later = Jobs(runtime)
    second = Road(sandbox, later, qtbot)
    found = second.open(StepId.IMPORT_TASK, answered)
    second.until(lambda: found.engine is not None)
    assert found.engine == engine
    second.until(lambda: found.view.tail.table.model.shown > 0)
    stop(second, found)
    second.until(lambda: found.engine is None)
    later.close()
    later.deleteLater()


@pytest.mark.slow
def test_a_firewall_is_named_and_the_test_goes_on_once_it_is_lifted(road, sandbox):
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    road.press_verb()
    road.until(lambda: page.stages.passed == 6 and not page._is_busy)

    sandbox.scenario("event_hubs.firewall", True, namespace=NAMESPACE)
    page.do_secondary()
    road.until(lambda: page.problem_panel.problem is not None)
    assert page.problem_panel.problem.code is Code.KAFKA_FIREWALL
    assert road.draft.kafka_test.result.value.verdict == "failed"
    assert page.offer.reason
    road.shot("kafka-firewall")
    failed = [row.stage.title for row in page.stages.rows if row.stage.state == "failed"]
    assert len(failed) == 1

    sandbox.scenario("event_hubs.firewall", False, namespace=NAMESPACE)
    page.do_secondary()
    road.until(lambda: page.stages.passed == 6 and not page._is_busy)
    assert page.problem_panel.problem is None
    assert page.offer.reason == ""


@pytest.mark.slow
def test_a_regenerated_key_is_fetched_by_its_button(road, sandbox):
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    road.press_verb()
    road.until(lambda: page.stages.passed == 6 and not page._is_busy)

    sandbox.scenario("event_hubs.key_rotated", True, namespace=NAMESPACE)
    page.do_secondary()
    road.until(lambda: page.problem_panel.problem is not None)
    assert page.problem_panel.problem.code is Code.KAFKA_KEY_ROTATED
    road.shot("kafka-key")
    fetch = page.problem_panel.buttons[0]
    assert fetch.text() == "Fetch key and test again"
    writes = len(road.writes())
    fetch.click()
    road.until(lambda: page.stages.passed == 6 and not page._is_busy)
    assert len(road.writes()) == writes, "fetching a key changes nothing in Azure"
    sandbox.scenario("event_hubs.key_rotated", False, namespace=NAMESPACE)


@pytest.mark.slow
def test_review_agrees_to_a_plan_and_apply_carries_out_that_one(road):
    page = road.open(StepId.REVIEW)
    road.until(lambda: page.offer.verb and not page.offer.reason)
    assert road.writes() == []
    assert page.offer.text.startswith("Create")
    road.shot("review")
    road.press_verb()
    apply = road.page(StepId.APPLY)
    road.until(lambda: apply.ended.isVisible())
    road.shot("apply-done")
    assert {each.state for each in apply.applying.states} == {"done"}
    assert road.draft.apply.result.value.changed >= 6
    road.window.wizard.go_back()
    road.until(lambda: page._found is not None and page._found.plan.changes == 0)
    road.press_on()
    assert road.draft.review.result.value.create == 0


@pytest.mark.slow
def test_a_test_of_a_silent_port_is_cancelled_at_once_and_can_be_made_again(road, sandbox):
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    road.press_verb()
    road.until(lambda: page.stages.passed == 6 and page.offer.reason == "")
    sandbox.scenario("event_hubs.silent_port", True, namespace=NAMESPACE)
    page.do_secondary()
    road.until(lambda: page.stages.rows[1].stage.state in ("running", "ok"))
    assert page.offer.secondary == "Cancel"
    page.do_secondary()
    assert not page._is_busy, "the view hears of it at once"
    assert "running" not in {row.stage.state for row in page.stages.rows}
    assert "stopped" in page.lead.prose()
    assert page.offer.secondary == "Test again"
    sandbox.scenario("event_hubs.silent_port", False, namespace=NAMESPACE)
    page.do_secondary()
    road.until(lambda: page.stages.passed == 6 and page.offer.reason == "")


@pytest.mark.slow
def test_a_hub_that_was_adopted_is_tested_without_any_change(road):
    """All is there and the key is kept, but nothing was applied on this machine."""
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    road.press_verb()
    road.until(lambda: page.stages.passed == 6 and page.offer.reason == "")
    (road.profile.state_folder / "applied.json").unlink()
    writes = len(road.writes())
    page.do_secondary()
    road.until(lambda: page.stages.passed == 6 and page.offer.reason == "")
    assert len(road.writes()) == writes
    assert road.draft.kafka_test.result.value.verdict == "ok"
