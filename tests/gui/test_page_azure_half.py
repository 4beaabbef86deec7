"""The pages from sign-in to event hub, asking the emulated Azure: answers, refusals, ways on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.azure_sandbox import open_azure
from PySide6.QtCore import Qt

from core.azure.event_hubs import EventHubWish, create_event_hub
from core.azure.namespaces import NamespaceWish, create_namespace
from core.azure.resource_groups import create_resource_group
from core.onboarding.draft import Draft, SignInDraft
from core.onboarding.flow import Flow
from core.onboarding.steps import STEPS, StepId
from core.secrets import SecretRef
from gui.wizard.host import Wizard
from gui.wizard.pages import FACTORIES

_WAIT = 20_000
_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def azure(tmp_path_factory):
    with open_azure(tmp_path_factory.mktemp("azure")) as made:
        (made.folder / "profile.toml").write_text(
            f'schema_version = 1\nname = "pages"\n[kafka]\nconnection_string = "memory:pages"\n'
            f'[azure]\ntenant = "{made.tenant}"\nsubscription = "{made.subscription}"\n'
            'resource_group = "rg-pages"\nlocation = "eastasia"\n'
            f'[azure.sign_in]\nmethod = "device_code"\n'
            '[azure.namespace]\nname = "isthmus-pages"\n[azure.event_hub]\nname = "azure-logs"\n'
            f'[network]\nca_file = "{made.ca_file}"\n'
            f'[endpoints]\narm = "{made.endpoint}"\nauthority = "{made.endpoint}"\n'
        )
        made.arm.request("device_options", interval=0)
        yield made


@pytest.fixture
def draft(azure):
    """As a service principal, to be signed in at once."""
    secret = azure.folder / "azure.secret"
    secret.write_text(azure.client_secret)
    secret.chmod(0o600)
    return Draft(
        name="pages",
        profile_file=str(azure.folder / "profile.toml"),
        azure_sign_in=SignInDraft(
            method="service_principal", tenant=azure.tenant, client_id=azure.client_id,
            client_secret=SecretRef("file", "azure.secret"),
        ),
    )  # fmt: skip


@pytest.fixture
def wizard(jobs, qtbot):
    made = Wizard(jobs, FACTORIES)
    qtbot.addWidget(made)
    made.resize(1280, 770)
    made.show()
    qtbot.waitExposed(made)
    return made


def at(step: StepId, draft: Draft) -> Flow:
    """A flow that stands at ``step``, its road behind it."""
    road = tuple(each for each in STEPS if each.place < step.place)
    return Flow(step, road, (*road, step), draft)


def until(qtbot, condition) -> None:
    qtbot.waitUntil(condition, timeout=_WAIT)


def press(wizard, qtbot) -> None:
    qtbot.mouseClick(wizard.footer.filled, _LEFT)


def test_a_device_code_is_shown_large_and_who_it_was_then(wizard, azure, draft, qtbot):
    azure.arm.request("device_options", interval=0, polls=0)
    part = SignInDraft(method="device_code", tenant=azure.tenant)
    wizard.show_flow(at(StepId.AZURE_SIGN_IN, replace(draft, azure_sign_in=part)))
    page = wizard.page
    press(wizard, qtbot)
    until(qtbot, page.code.isVisible)
    code = page.code.code.text()
    assert len(code) >= 8
    assert page.code.left.text().startswith("Valid for 14")
    qtbot.mouseClick(page.code.copy, _LEFT)
    from PySide6.QtGui import QGuiApplication

    assert QGuiApplication.clipboard().text() == code
    assert wizard.page.offer.reason == "Waiting for the sign-in"
    azure.arm.request("device_code", approve=True)
    until(qtbot, lambda: wizard.flow.draft.azure_sign_in.result is not None)
    assert not page.code.isVisible()
    assert "@" in page.account.who.text()
    assert (wizard.page.offer.text, wizard.page.offer.reason) == ("", "")
    assert code not in repr(wizard.flow.draft)
    qtbot.mouseClick(page.account.out, _LEFT)
    until(qtbot, lambda: wizard.flow.draft.azure_sign_in.result is None)
    assert page.offer.text == "Sign in"


def test_a_declined_code_is_said_and_the_next_try_works(wizard, azure, draft, qtbot):
    azure.arm.request("device_options", interval=0, polls=0)
    part = SignInDraft(method="device_code", tenant=azure.tenant)
    wizard.show_flow(at(StepId.AZURE_SIGN_IN, replace(draft, azure_sign_in=part)))
    page = wizard.page
    press(wizard, qtbot)
    until(qtbot, page.code.isVisible)
    azure.arm.request("device_code", approve=False)
    until(qtbot, lambda: page.problem_panel.problem is not None)
    assert page.problem_panel.problem.code == "azure_sign_in_declined"
    azure.arm.request("device_options", interval=0, polls=1)
    qtbot.mouseClick(page.problem_panel.buttons[0], _LEFT)
    until(qtbot, lambda: wizard.flow.draft.azure_sign_in.result is not None)
    assert page.problem_panel.problem is None


def test_a_service_principal_without_its_secret_is_sent_to_the_field(wizard, draft, qtbot):
    part = replace(draft.azure_sign_in, client_secret=None)
    wizard.show_flow(at(StepId.AZURE_SIGN_IN, replace(draft, azure_sign_in=part)))
    press(wizard, qtbot)
    page = wizard.page
    assert page.secret.entry.hasFocus()
    qtbot.keyClicks(page.secret.entry, "not-the-secret")
    page.draft = replace(draft, azure_sign_in=draft.azure_sign_in)  # the place is a file here
    qtbot.keyClick(page.secret.entry, Qt.Key.Key_Return)
    until(qtbot, lambda: wizard.flow.draft.azure_sign_in.client_secret is not None)
    assert page.secret.shown.text().startswith("Client secret of this application, put there 0")
    assert "not-the-secret" not in repr(wizard.flow.draft)
    press(wizard, qtbot)
    until(qtbot, lambda: page.problem_panel.problem is not None)
    assert page.problem_panel.problem.code == "azure_client_secret_wrong"


def test_nothing_found_leads_to_a_new_one_with_names_proposed(wizard, draft, azure, qtbot):
    wizard.show_flow(at(StepId.DISCOVERY, draft))
    until(qtbot, lambda: wizard.page.offer.text == "Create a new namespace")
    assert wizard.page.table.table.empty.text().startswith("No Event Hubs namespace")
    press(wizard, qtbot)
    assert wizard.flow.current is StepId.RESOURCE_GROUP
    answers = wizard.flow.draft
    assert answers.discovery.subscription == azure.subscription
    assert answers.namespace.name.startswith("ehns-pages-")
    assert not answers.discovery.result.stale


@pytest.fixture(scope="module")
def filled(azure):
    """A namespace with a hub."""
    import asyncio

    from core.onboarding.errands import Errands

    secret = azure.folder / "azure.secret"
    secret.write_text(azure.client_secret)
    secret.chmod(0o600)
    part = SignInDraft(
        method="service_principal", tenant=azure.tenant, client_id=azure.client_id,
        client_secret=SecretRef("file", "azure.secret"),
    )  # fmt: skip
    known = Draft(profile_file=str(azure.folder / "profile.toml"), azure_sign_in=part)

    async def fill() -> None:
        async with Errands(known).session() as session:
            session.poll_seconds = 0.05
            place = (session, azure.subscription)
            await create_resource_group(*place, "rg-pages", "eastasia", {})
            wish = NamespaceWish("contoso-soc", "rg-pages", "eastasia", units=2)
            await create_namespace(*place, wish, {}, lambda _: None)
            wished = EventHubWish("sign-ins", 8, 72)
            await create_event_hub(*place, "rg-pages", "contoso-soc", wished)

    asyncio.run(fill())
    return azure


def test_one_that_exists_is_used_with_all_that_is_known_of_it(wizard, draft, filled, qtbot):
    wizard.show_flow(at(StepId.DISCOVERY, draft))
    until(qtbot, lambda: wizard.page.found is not None)
    page = wizard.page
    rows = {each.found.namespace.name: each for each in page.table.table.model.shown}
    page.table.table.select(rows["contoso-soc"])
    until(qtbot, lambda: page.offer.text == "Use contoso-soc")
    assert page.detail.hubs.selected.hub.name == "sign-ins"
    press(wizard, qtbot)
    answers = wizard.flow.draft
    assert (answers.namespace.name, answers.namespace.throughput_units) == ("contoso-soc", 2)
    assert (answers.event_hub.name, answers.event_hub.partitions) == ("sign-ins", 8)
    assert (answers.resource_group.name, answers.resource_group.location) == (
        "rg-pages",
        "eastasia",
    )
    until(qtbot, lambda: wizard.page.cards.value() == "existing")
    press(wizard, qtbot)
    until(qtbot, lambda: wizard.page.adopted.isVisible())
    assert wizard.page.name_field.note.text() == "Yours, and used as it is."
    press(wizard, qtbot)
    until(qtbot, lambda: wizard.page.adopted.isVisible())
    assert "8 partitions" in wizard.page.adopted.text.text()


def test_what_cannot_be_used_says_why_and_cannot_be_pressed(wizard, draft, filled, qtbot):
    filled.arm.request("scenario", name="basic_only", on=True)
    try:
        wizard.show_flow(at(StepId.DISCOVERY, draft))
        page = wizard.page
        until(qtbot, lambda: page.found is not None)
    finally:
        filled.arm.request("scenario", name="basic_only", on=False)
    (row,) = page.table.table.model.shown
    assert page.table.table.selected is None, "nothing that cannot be used is chosen for the user"
    page.table.table.select(row)
    assert page.offer.reason == "Basic has no Kafka"
    assert not wizard.footer.filled.isEnabled()
    assert page.offer.secondary == "Create a new namespace"
    qtbot.mouseClick(page.look, _LEFT)
    until(qtbot, lambda: page.offer.text == "Use contoso-soc")
    until(qtbot, lambda: page.offer.reason == "")


def test_a_name_that_is_taken_stops_the_road_until_another_is_typed(wizard, draft, azure, qtbot):
    azure.arm.request("scenario", name="name_taken", on=True)
    try:
        known = replace(draft, namespace=replace(draft.namespace, name="somebody-elses"))
        wizard.show_flow(at(StepId.NAMESPACE, known))
        page = wizard.page
        until(qtbot, lambda: page.offer.reason == "Choose another name")
        assert "cannot be had" in page.name_field.shown_problem
    finally:
        azure.arm.request("scenario", name="name_taken", on=False)
    qtbot.keyClicks(page.name_field.line, "-2")
    until(qtbot, lambda: page.name_field.note.text() == "Free. Azure was asked just now.")
    assert page.offer.reason == ""
    assert wizard.flow.draft.namespace.result.value.state == "absent"


@pytest.mark.parametrize("width", [1280, 960])
def test_cost_and_endpoint_follow_what_is_chosen(wizard, draft, width, qtbot):
    wizard.resize(width, 700)
    known = replace(draft, namespace=replace(draft.namespace, name="contoso"))
    wizard.show_flow(at(StepId.NAMESPACE, known))
    page = wizard.page
    assert page.endpoint.kafka.text() == "contoso.servicebus.windows.net:9093"
    assert page.cost.sum.text() == "USD 21.90 a month"
    page.units.spin.setValue(3)
    assert page.cost.sum.text() == "USD 65.70 a month"
    assert "Prices of 22 Nov 2026" in page.cost.how.prose()
    qtbot.mouseClick(page.inflate, _LEFT)
    assert wizard.flow.draft.namespace.max_throughput_units == 6
    assert page.cost.sum.text() == "USD 65.70 to USD 131 a month"
    page.cards.cards[2].radio.click()
    assert page.processing.isVisibleTo(page)
    assert page.fixes.count() == 1, "Premium has no auto-inflate, and a button says so"
    page.fixes.itemAt(0).widget().button.click()
    assert not wizard.flow.draft.namespace.auto_inflate
    assert page.cost.sum.text() == "USD 750 a month"


def test_bounds_of_the_tier_are_said_and_put_right_by_one_button(wizard, draft, qtbot):
    known = replace(draft, namespace=replace(draft.namespace, name="contoso-logs"))
    wizard.show_flow(at(StepId.EVENT_HUB, known))
    page = wizard.page
    page.partitions.spin.setValue(64)
    page.partitions.reveal()
    assert "1 to 32 partitions" in page.partitions.shown_problem
    page.fixes.itemAt(0).widget().button.click()
    assert wizard.flow.draft.event_hub.partitions == 32
    assert page.fixes.count() == 0
    assert "32 partitions" in page.meaning["partitions"].prose()
