"""The Kafka test's rows and the plan's words; over a sandbox: test_page_import_road.py."""

from __future__ import annotations

import pytest
from helpers.drafts import GOOD

from core.errors import Code, problem
from core.kafka.probe import SampleRow, Stage
from core.onboarding.action import Action, Kind, Plan, State
from gui.figures import number
from gui.jobs import Jobs
from gui.widgets.stage_rows import LOOK
from gui.wizard.memory import memory_of
from gui.wizard.pages.first_records import FirstRecords
from gui.wizard.pages.kafka_stages import ROWS, KafkaStages
from gui.wizard.pages.kafka_words import title_of
from gui.wizard.pages.plan_view import PlanView, counts_of, sentence_of, verb_of
from gui.wizard.pages.plan_view import title_of as title_of_action


@pytest.fixture
def stages(qtbot):
    made = KafkaStages()
    qtbot.addWidget(made)
    made.begin()
    yield made
    made.end()


def states(stages: KafkaStages) -> list[str]:
    return [row.stage.state for row in stages.rows]


def test_a_row_is_ok_once_its_last_stage_is_and_the_next_one_runs(stages):
    assert states(stages) == ["running", *["pending"] * 5]
    stages.take(Stage("parse", "ok", 0.1, "policy x"))
    assert states(stages)[0] == "running"
    stages.take(Stage("resolve", "ok", 0.2, "10.0.0.1"))
    assert states(stages)[:2] == ["ok", "running"]
    assert stages.rows[0].stage.evidence == "policy x; 10.0.0.1"
    assert stages.rows[0].stage.seconds == pytest.approx(0.3)


def test_one_row_fails_and_the_later_ones_are_not_reached(stages):
    for name in ("parse", "resolve", "connect", "tls"):
        stages.take(Stage(name, "ok", 0.1))
    stages.take(Stage("sign_in", "failed", 0.2, "no"))
    stages.end()
    assert states(stages) == ["ok", "ok", "ok", "failed", "not_reached", "not_reached"]
    assert (stages.failed, stages.passed) == ("Sign in", 3)


def test_a_stage_of_a_row_that_fails_ends_the_row_at_once(stages):
    for name in ("parse", "resolve", "connect", "tls", "sign_in", "hub"):
        stages.take(Stage(name, "ok", 0.1))
    stages.take(Stage("rights", "failed", 0.1, "no Listen"))
    assert states(stages)[4] == "failed"
    assert stages.rows[4].stage.evidence == "no Listen"


@pytest.mark.parametrize(("empty", "state"), [(True, "empty"), (False, "warning")])
def test_a_test_that_read_no_record_is_not_green(stages, empty, state):
    for name in (each for _, names in ROWS for each in names):
        stages.take(Stage(name, "ok", 0.1, "seen"))
    assert stages.has_record
    stages.say_unseen(empty=empty)
    assert (states(stages)[-1], stages.passed, stages.has_record) == (state, 6, False)
    icon, tone = LOOK[state]
    assert tone != LOOK["ok"][1]
    assert icon != LOOK["ok"][0]


def test_a_title_names_what_refused_whom():
    refused = problem(Code.KAFKA_SIGN_IN_REFUSED, "kafka", host="h", policy="isthmus-listen")
    assert "isthmus-listen" in title_of(refused, "Sign in", GOOD)
    hidden = problem(Code.KAFKA_FIREWALL, "kafka", namespace="n", host="h")
    assert "network rules" in title_of(hidden, "Sign in", GOOD)


PLAN = Plan(
    (
        Action("azure/namespace/n", "namespace", Kind.CREATE, "create the namespace n: Standard"),
        Action("azure/event_hub/n/h", "event_hub", Kind.REUSE, "event hub h is there"),
        Action("azure/diagnostic_setting/entra/isthmus", "diagnostic_settings", Kind.CHANGE, "x"),
        Action(
            "azure/diagnostic_setting/activity/isthmus",
            "diagnostic_settings",
            Kind.CREATE,
            "send A of the activity log to the hub",
            state=State.BLOCKED,
            problem=problem(Code.AZURE_NO_LOGS_CHOSEN, "x"),
        ),
    )
)


def test_a_plan_is_counted_by_what_it_does_and_blocked_is_no_create(qtbot):
    assert counts_of(PLAN) == {"create": 1, "reuse": 1, "change": 1, "delete": 0, "blocked": 1}
    assert verb_of(PLAN) == "Create 1 and change 1"
    assert [title_of_action(each) for each in PLAN.actions] == [
        "n",
        "h",
        "Entra ID",
        "Activity log",
    ]
    assert sentence_of(PLAN.actions[0]) == "Namespace: Standard"
    assert sentence_of(PLAN.actions[1]) == "Event hub is there"
    view = PlanView()
    qtbot.addWidget(view)
    view.show_plan(PLAN, "mia@contoso.com", None)
    assert view.list.table.model.total == 4
    assert view.list.title.text() == "Azure, as mia@contoso.com"
    assert view.blocks.count() == 1


def test_changes_are_counted_once_and_by_import(jobs: Jobs):
    memory = memory_of(jobs, GOOD)
    done = Action("azure/namespace/n", "namespace", Kind.CREATE, "x", state=State.DONE)
    for _ in range(2):
        memory.count(done)
    memory.count(Action("azure/event_hub/h", "event_hub", Kind.REUSE, "x", state=State.DONE))
    assert memory_of(jobs, GOOD).changes().azure == 1
    memory.agreed = (PLAN, GOOD)
    assert memory.take_agreed() == (PLAN, GOOD)
    assert memory.take_agreed() is None, "an agreed plan is carried out once"


def test_the_newest_records_are_shown_with_what_they_are(qtbot):
    table = FirstRecords()
    qtbot.addWidget(table)
    assert table.isHidden()
    rows = tuple(
        SampleRow(
            f"2026-11-24T08:00:{at:02d}Z", 2, 18_000 + at, "signinlogs", 3_420,
            (("operationName", "Sign-in activity"), ("resultType", "50126")),
        )
        for at in range(12)
    )  # fmt: skip
    table.show_sample(rows)
    assert not table.isHidden()
    model = table.table.model
    assert [row.offset for row in model.shown] == list(range(18_006, 18_012))
    texts = [cell.text for cell in model.cells_of(5)]
    assert texts[1:4] == ["2", number(18_011), "signinlogs"]
    assert texts[4].startswith("3.4")
    assert texts[5] == "Sign-in activity, resultType 50126"
    table.show_sample(())
    assert table.isHidden()
