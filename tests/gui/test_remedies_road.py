"""Remedies on a running sandbox: a rule more, its trace, and settings compared before apply."""

from __future__ import annotations

import pytest
from helpers.azure_halves import AzureHalf
from helpers.view_loop import dialog_of, view_loop
from helpers.wizard_road import Road
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.errors import Code
from core.onboarding.azure_session import choose_subscription
from core.onboarding.errands import Errands
from core.onboarding.journal import Journal
from core.onboarding.network_errands import check_address
from core.onboarding.steps import StepId
from core.sandbox.sandbox import Options, Sandbox
from gui.dialogs import TextQuestion

NAMESPACE = "isthmus-logs"
OTHERS = "203.0.113.0/24"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("remedies")
    with Sandbox(folder / "sandbox", Options(empty=True, logstore=True)) as running:
        yield running


@pytest.fixture
def road(sandbox, jobs, qtbot, tmp_path, qapp):
    half = AzureHalf(sandbox, tmp_path / "state")
    with view_loop(qapp):
        yield Road(sandbox, jobs, qtbot)
    left = half.remove("--confirm-name", NAMESPACE)
    assert left.code == 0, left


async def rules(errands: Errands, let_in: list[str] | None = None) -> tuple[str, ...]:
    """The namespace's IP rules; ``let_in``: have only these, as its owner in the portal would."""
    from azure.mgmt.eventhub.models import (
        NetworkRuleSet,
        NetworkRuleSetProperties,
        NWRuleSetIpRules,
    )

    async with errands.session() as session:
        chosen, _ = await choose_subscription(session, errands.draft.discovery.subscription)
        client = session.event_hubs(chosen).namespaces
        place = (errands.draft.resource_group.name, NAMESPACE)
        if let_in is not None:
            given = [NWRuleSetIpRules(ip_mask=each, action="Allow") for each in let_in]
            properties = NetworkRuleSetProperties(default_action="Deny", ip_rules=given)
            await client.create_or_update_network_rule_set(
                *place, NetworkRuleSet(properties=properties)
            )
        found = await client.get_network_rule_set(*place)
        return tuple(each.ip_mask for each in found.properties.ip_rules or ())


@pytest.mark.slow
def test_this_machine_is_let_in_after_a_question_that_shows_the_change(road, runtime):
    page = road.open(StepId.KAFKA_TEST)
    road.until(lambda: page.offer.verb)
    road.press_verb()
    road.until(lambda: page.stages.passed == 6 and not page._is_busy)
    errands = Errands(road.draft)
    assert runtime.submit(rules(errands, [OTHERS])).result(30) == (OTHERS,)

    page.do_secondary()
    road.until(lambda: page.problem_panel.problem is not None)
    assert page.problem_panel.problem.code is Code.KAFKA_FIREWALL
    let_in = page.problem_panel.buttons[0]
    assert let_in.text() == "Let this machine in…"
    assert "Open the Azure portal" in [each.text() for each in page.problem_panel.buttons]
    road.shot("kafka-kept-out")
    writes = len(road.writes())

    let_in.click()
    road.until(lambda: dialog_of(TextQuestion) is not None)
    box = dialog_of(TextQuestion)
    assert OTHERS in box.accessibleDescription()
    assert box.field.value() == "127.0.0.1"
    box.field.line.selectAll()
    QTest.keyClicks(box.field.line, "198.51.100.0/24")
    shown = [each.text() for each in box.findChildren(QLabel)]
    assert any("ip-address=198.51.100.0/24 action=Allow" in each for each in shown)
    box.leave.click()
    road.until(lambda: dialog_of(TextQuestion) is None)
    road.settle()
    assert len(road.writes()) == writes, "a question changes nothing"

    let_in.click()
    road.until(lambda: dialog_of(TextQuestion) is not None)
    road.shot("kafka-let-in")
    dialog_of(TextQuestion).verb.click()
    road.until(lambda: page.stages.passed == 6 and not page._is_busy)
    assert page.problem_panel.problem is None
    assert len(road.writes()) == writes + 1
    assert runtime.submit(rules(errands)).result(30) == (OTHERS, "127.0.0.1")
    lines = [
        each for each in Journal(road.profile.state_folder).entries if "ip_rule" in each.action
    ]
    assert [(each.event, each.kind, each.thing.mark) for each in lines] == [
        ("begin", "change", "127.0.0.1"),
        ("done", "change", "127.0.0.1"),
    ]


@pytest.mark.slow
def test_settings_are_compared_with_azure_before_anything_is_made(road):
    page = road.open(StepId.DIAGNOSTIC_SETTINGS)
    chosen = len(road.draft.diagnostic_settings.settings)
    assert chosen
    road.until(lambda: road.draft.diagnostic_settings.result is not None)
    seen = road.draft.diagnostic_settings.result
    assert (seen.value.present, seen.value.absent, seen.stale) == (0, chosen, False)
    assert "to be made" in page.comparison.note.text()
    assert road.writes() == []
    road.shot("settings-compared")
    first = page.tree.item_of("activity")
    assert first is not None
    page.change(settings=road.draft.diagnostic_settings.settings[:1])
    assert road.draft.diagnostic_settings.result.stale
    road.until(lambda: not road.draft.diagnostic_settings.result.stale)
    assert road.draft.diagnostic_settings.result.value.absent == 1

    road.press_on()
    kafka = road.page(StepId.KAFKA_TEST)
    road.until(lambda: kafka.offer.verb)
    road.press_verb()
    road.until(lambda: kafka.stages.passed == 6 and not kafka._is_busy)
    road.window.wizard.go_back()
    page.comparison._draft = road.draft
    page.comparison._ask()
    road.until(lambda: "already" in page.comparison.note.text())
    assert road.draft.diagnostic_settings.result.value.present == 1


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("198.51.100.24", True),
        ("198.51.100.0/24", True),
        ("0.0.0.0/0", False),
        ("10.0.0.0/4", False),
        ("2001:db8::1", False),
        ("proxy.contoso.com", False),
        ("", False),
    ],
)
def test_an_address_of_a_rule_is_checked_before_it_is_added(text, fine):
    assert (check_address(text) == "") is fine
