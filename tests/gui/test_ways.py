"""From a problem to where it is put right: buttons that lead to steps, the settings, the portal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QDesktopServices
from screens.samples import flow_at

from core.errors import Code, Problem
from core.onboarding.action import Action, Kind, Plan, State
from core.onboarding.steps import BUILT, StepId
from gui.wizard import ways as module
from gui.wizard.host import Wizard
from gui.wizard.pages import FACTORIES
from gui.wizard.pages.plan_view import PlanView
from gui.wizard.ways import PORTAL, go_to, remedies_on, ways


def found(code: Code, where: str = "kafka") -> Problem:
    return Problem(code, "error", where, "Something is wrong.", "Put it right.")


@pytest.fixture
def wizard(jobs, qtbot):
    pages = {step: type(f"Still{step}", (made,), {"entered": lambda self: None})
             for step, made in FACTORIES.items()}  # fmt: skip
    made = Wizard(jobs, pages)
    qtbot.addWidget(made)
    made.show_flow(flow_at(StepId.KAFKA_TEST))
    return made


@pytest.mark.parametrize(
    ("code", "to"),
    [
        (Code.KAFKA_BASIC_TIER, StepId.NAMESPACE),
        (Code.KAFKA_NO_LISTEN, StepId.SHARED_ACCESS_POLICY),
        (Code.KAFKA_POLICY_MISSING, StepId.SHARED_ACCESS_POLICY),
        (Code.KAFKA_HUB_NOT_FOUND, StepId.EVENT_HUB),
        (Code.AZURE_SIGN_IN_NEEDED, StepId.AZURE_SIGN_IN),
        (Code.AZURE_SUBSCRIPTION_NOT_FOUND, StepId.DISCOVERY),
        (Code.KAFKA_TLS_INTERCEPTED, "settings:network"),
        (Code.KAFKA_PUBLIC_ACCESS_DISABLED, PORTAL),
    ],
)
def test_a_problem_leads_to_where_it_is_put_right(code, to):
    assert to in [each.to for each in ways(found(code), StepId.KAFKA_TEST)]


def test_no_way_leads_to_where_one_is():
    offered = ways(found(Code.KAFKA_BASIC_TIER), StepId.NAMESPACE)
    assert all(each.to != StepId.NAMESPACE for each in offered)


def test_a_button_takes_the_user_there_and_back_leads_along_the_road(wizard):
    page = wizard.page
    page.fail(found(Code.KAFKA_NO_LISTEN), "Event Hubs did not let the policy read")
    words = "Choose another policy"
    (button,) = [each for each in page.problem_panel.buttons if each.text() == words]
    assert button.property("kind") == "primary", "it is the remedy"
    button.click()
    assert wizard.flow.current is StepId.SHARED_ACCESS_POLICY
    assert wizard.flow.history[-1] is StepId.EVENT_HUB


def test_a_step_that_cannot_be_gone_to_is_not_offered(wizard):
    draft = replace(
        wizard.flow.draft, event_hub=replace(wizard.flow.draft.event_hub, name="no such/name")
    )
    wizard.edit(draft)
    problem_ = found(Code.KAFKA_NO_LISTEN)
    here = wizard.page_of(StepId.RESOURCE_GROUP)
    wizard.jump(StepId.RESOURCE_GROUP)
    assert remedies_on(here, problem_) == (), "an error stands between"
    wizard.jump(StepId.SHARED_ACCESS_POLICY)
    assert wizard.flow.current is StepId.RESOURCE_GROUP


def test_the_settings_are_asked_for(window, qtbot):
    window.show_flow(flow_at(StepId.KAFKA_TEST))
    go_to(window.wizard.page, "settings:network")
    assert window._stack.currentWidget() is window.settings
    assert window.settings.page is window.settings.network


@pytest.mark.parametrize(
    ("cloud", "url"), [("public", "https://portal.azure.com"), ("china", "https://portal.azure.cn")]
)
def test_the_portal_is_that_of_the_cloud(wizard, monkeypatch, cloud, url):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda asked: opened.append(asked.toString()))
    part = replace(wizard.flow.draft.azure_sign_in, cloud=cloud)
    wizard.page.show_draft(replace(wizard.flow.draft, azure_sign_in=part))
    go_to(wizard.page, PORTAL)
    assert opened == [url]


def test_what_blocks_a_plan_has_a_way_too(qtbot):
    asked = []
    view = PlanView()
    qtbot.addWidget(view)
    view.ways_on = lambda problem: (module.Remedy("Go there", lambda: asked.append(problem.code)),)
    blocked = Action(
        "azure/policy/h/p", "shared_access_policy", Kind.CREATE, "x", state=State.BLOCKED,
        problem=found(Code.AZURE_POLICY_LACKS_RIGHTS),
    )  # fmt: skip
    view.show_plan(Plan((blocked,)), "mia@contoso.com", None)
    banner = view.blocks.itemAt(0).widget()
    banner.button.click()
    assert asked == [Code.AZURE_POLICY_LACKS_RIGHTS]


def test_every_place_exists():
    for code in Code:
        for each in ways(found(code), StepId.APPLY):
            assert each.to in BUILT or each.to in (PORTAL, "settings:network")
