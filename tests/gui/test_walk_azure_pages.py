"""The six pages of the Azure half as a user walks them: by mouse, and by keyboard alone.

Against the sandbox, empty: whatever is typed is asked of the emulated Azure; nothing is written.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.onboarding.flow import Flow
from core.onboarding.profile_text import draft_of
from core.onboarding.steps import StepId
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox
from gui.shell import MainWindow
from gui.wizard.pages import FACTORIES

pytestmark = pytest.mark.slow
PAGES = tuple(StepId)[:6]
_WAIT = 30_000


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), Options(empty=True, logstore=True)) as made:
        yield made


@pytest.fixture
def wizard(sandbox, jobs, qtbot):
    """A window at the first page, with the draft of the sandbox's profile."""
    window = MainWindow(jobs, FACTORIES)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    qtbot.waitUntil(window.isActiveWindow)
    sandbox.child("azure").request("clear_requests")
    window.show_flow(Flow.start(draft_of(load_profile(sandbox.info["profile"]))))
    return window.wizard


def writes(sandbox) -> list[str]:
    seen = sandbox.child("azure").request("requests")
    return [e["path"] for e in seen if e["write"] and "/oauth2/" not in e["path"]]


def await_offer(wizard, qtbot, text: str) -> None:
    """Wait until the filled button says ``text`` and can be pressed."""
    qtbot.waitUntil(
        lambda: wizard.page.offer.text == text and not wizard.page.offer.reason, timeout=_WAIT
    )


def quiet(wizard, qtbot) -> None:
    """Wait until no job of the page runs."""
    step = wizard.flow.current
    keys = ("who", "search", "places", "name", "hubs", "keep")
    qtbot.waitUntil(
        lambda: all(wizard.page.jobs.running(f"{step}.{key}") is None for key in keys),
        timeout=_WAIT,
    )


def test_the_road_by_mouse(wizard, sandbox, qtbot):
    def click(button):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def on(step):
        click(wizard.footer.filled)
        assert wizard.flow.current is step

    await_offer(wizard, qtbot, "Sign in")
    click(wizard.footer.filled)
    await_offer(wizard, qtbot, "")
    assert wizard.page.account.who.text() == "service principal"
    on(StepId.DISCOVERY)
    await_offer(wizard, qtbot, "Create a new namespace")
    assert wizard.flow.draft.discovery.result is not None
    on(StepId.RESOURCE_GROUP)
    quiet(wizard, qtbot)
    page = wizard.page
    assert page.region.combo.count() > 5
    assert page.typed.note.text() == "Free. It is created when you apply."
    on(StepId.NAMESPACE)
    quiet(wizard, qtbot)
    page = wizard.page
    assert page.name_field.note.text() == "Free. Azure was asked just now."
    assert wizard.flow.draft.namespace.result.value.state == "absent"
    click(page.cards.cards[0].radio)
    assert wizard.flow.draft.namespace.sku == "Basic"
    assert not wizard.footer.filled.isEnabled()
    banner = page.fixes.itemAt(0).widget()
    assert banner.button.text() == "Use Standard"
    click(banner.button)
    assert wizard.flow.draft.namespace.sku == "Standard"
    on(StepId.EVENT_HUB)
    quiet(wizard, qtbot)
    on(StepId.SHARED_ACCESS_POLICY)
    click(wizard.page.cards.cards[2].radio)
    assert wizard.flow.draft.shared_access_policy.name == "RootManageSharedAccessKey"
    assert wizard.page.root.isVisible()
    click(wizard.page.cards.cards[0].radio)
    assert wizard.flow.draft.shared_access_policy.scope == "hub"
    on(StepId.DIAGNOSTIC_SETTINGS)
    assert writes(sandbox) == []
    assert tuple(wizard.flow.visited)[:6] == PAGES


def test_the_road_by_keyboard(wizard, sandbox, qtbot):
    def key(which, modifier=Qt.KeyboardModifier.NoModifier):
        focused = QApplication.focusWidget()
        assert focused is not None, "the keyboard leads nowhere"
        qtbot.keyClick(focused, which, modifier)

    def tab_to(target):
        qtbot.waitUntil(target.isVisible)
        seen = []
        for _ in range(60):
            if QApplication.focusWidget() is target:
                return
            key(Qt.Key.Key_Tab)
            now = QApplication.focusWidget()
            seen.append(now.accessibleName() or now.text())
        raise AssertionError(
            f"Tab never comes to {target.accessibleName() or target.text()}, but to {seen[:20]}"
        )

    def on(step):
        tab_to(wizard.footer.filled)
        key(Qt.Key.Key_Space)
        assert wizard.flow.current is step

    def typed(text):
        QApplication.focusWidget().selectAll()
        qtbot.keyClicks(QApplication.focusWidget(), text)

    tab_to(wizard.footer.filled)
    key(Qt.Key.Key_Space)
    await_offer(wizard, qtbot, "")
    on(StepId.DISCOVERY)
    await_offer(wizard, qtbot, "Create a new namespace")
    on(StepId.RESOURCE_GROUP)
    quiet(wizard, qtbot)
    tab_to(wizard.page.typed.line)
    typed("rg-by-keyboard")
    tab_to(wizard.page.region.combo)
    key(Qt.Key.Key_Down)
    region = wizard.flow.draft.resource_group.location
    assert region == wizard.page.region.value()
    on(StepId.NAMESPACE)
    quiet(wizard, qtbot)
    tab_to(wizard.page.name_field.line)
    typed("isthmus-by-keyboard")
    assert wizard.page.endpoint.kafka.text().startswith("isthmus-by-keyboard.")
    qtbot.waitUntil(
        lambda: wizard.page.name_field.note.text() == "Free. Azure was asked just now.",
        timeout=_WAIT,
    )
    tab_to(wizard.page.cards.cards[1].radio)
    key(Qt.Key.Key_Left)
    assert wizard.flow.draft.namespace.sku == "Basic"
    tab_to(wizard.page.fixes.itemAt(0).widget().button)
    key(Qt.Key.Key_Space)
    assert wizard.flow.draft.namespace.sku == "Standard"
    on(StepId.EVENT_HUB)
    quiet(wizard, qtbot)
    tab_to(wizard.page.partitions.spin)
    key(Qt.Key.Key_Up)
    assert wizard.flow.draft.event_hub.partitions == 5
    on(StepId.SHARED_ACCESS_POLICY)
    on(StepId.DIAGNOSTIC_SETTINGS)
    for step in reversed(PAGES):
        key(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert wizard.flow.current is step
    assert wizard.flow.draft.resource_group.name == "rg-by-keyboard"
    assert writes(sandbox) == []


def test_a_pasted_connection_string_is_kept_at_once_and_never_shown(wizard, sandbox, qtbot):
    flow = wizard.flow
    for _ in PAGES[1:]:
        flow = flow.go_next()
    wizard.show_flow(flow)
    secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    text = (
        "Endpoint=sb://contoso-logs.servicebus.windows.net/;SharedAccessKeyName=reader;"
        f"SharedAccessKey={secret};EntityPath=azure-logs"
    )
    page = wizard.page
    qtbot.mouseClick(page.cards.cards[3].radio, Qt.MouseButton.LeftButton)
    assert page.offer.reason
    QApplication.clipboard().setText(text)
    qtbot.keyClick(page.secret.entry, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QApplication.clipboard().clear()
    qtbot.keyClick(page.secret.entry, Qt.Key.Key_Return)
    assert page.secret.entry.text() == ""
    qtbot.waitUntil(lambda: page.draft.shared_access_policy.result is not None, timeout=_WAIT)
    kept = page.draft.shared_access_policy
    assert (kept.name, kept.scope) == ("reader", "hub")
    assert kept.result.value.bootstrap == "contoso-logs.servicebus.windows.net:9093"
    assert page.secret.shown.text().startswith("reader, ")
    assert not page.offer.reason
    file = Path(sandbox.info["profile"]).parent / "kafka.secret"
    assert file.read_text("utf-8").strip() == text
    assert secret[:12] not in repr(wizard.flow)
    page.forget()
    qtbot.waitUntil(lambda: page.draft.shared_access_policy.result is None, timeout=_WAIT)
    assert not file.exists()
    assert page.secret.entry.isVisible()
