"""The wizard's host: moves, states of the steps, the footer, and what the keyboard does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from screens.samples import NOW, flow_at

from core.onboarding.draft import Looked, Probed
from core.onboarding.flow import Flow
from core.onboarding.steps import BUILT, StepId
from gui.widgets.fields import TextField
from gui.wizard.cloud_changes import CloudChanges
from gui.wizard.footer import Offer
from gui.wizard.host import Wizard
from gui.wizard.memory import memory_of
from gui.wizard.page import Page
from gui.wizard.step_states import StepState, look, step_rows


class GroupPage(Page):
    """One field."""

    def __init__(self, step, jobs):
        super().__init__(step, jobs)
        self.field = TextField("Name")
        self.add_field("resource_group.name", self.field)
        self.field.edited.connect(self._on_edited)
        self.body.addWidget(self.field)
        self.went_on = 0

    def show_draft(self, draft):
        super().show_draft(draft)
        self.field.show_value(draft.resource_group.name)

    def go_on(self):
        self.went_on += 1
        super().go_on()

    def _on_edited(self):
        part = replace(self.draft.resource_group, name=self.field.value())
        self.edited.emit(replace(self.draft, resource_group=part))


@pytest.fixture
def wizard(jobs, qtbot):
    made = Wizard(jobs, {StepId.RESOURCE_GROUP: GroupPage})
    qtbot.addWidget(made)
    made.resize(1280, 770)
    made.show()
    qtbot.waitExposed(made)
    made.show_flow(flow_at(StepId.RESOURCE_GROUP))
    return made


def _states(flow):
    return {row.step: row.state for row in step_rows(flow)}


def test_continue_and_back_move_and_keep_what_was_typed(wizard, qtbot):
    field = wizard.page.field
    qtbot.keyClicks(field.line, "-2")
    qtbot.mouseClick(wizard.footer.on_button, Qt.MouseButton.LeftButton)
    assert wizard.flow.current is StepId.NAMESPACE
    qtbot.mouseClick(wizard.footer.back_button, Qt.MouseButton.LeftButton)
    assert wizard.flow.current is StepId.RESOURCE_GROUP
    assert wizard.page.field.value() == "rg-isthmus-2"


def test_continue_with_a_wrong_answer_goes_to_its_field(wizard, qtbot):
    field = wizard.page.field
    field.line.selectAll()
    qtbot.keyClicks(field.line, "-.")
    wizard.rail.setFocus()
    qtbot.mouseClick(wizard.footer.on_button, Qt.MouseButton.LeftButton)
    assert wizard.flow.current is StepId.RESOURCE_GROUP
    assert field.line.hasFocus()
    assert field.shown_problem


def test_a_problem_waits_until_typing_stops(wizard, qtbot):
    field = wizard.page.field
    field.line.selectAll()
    qtbot.keyClicks(field.line, "x.")
    assert field.shown_problem == ""
    with qtbot.waitSignal(field.settled):
        pass
    assert field.shown_problem
    assert field.note.text() == field.shown_problem
    assert field.line.accessibleDescription() == field.shown_problem
    qtbot.keyClick(field.line, Qt.Key.Key_Backspace)
    assert field.shown_problem == ""


def test_an_untouched_field_shows_no_problem(jobs, qtbot):
    made = Wizard(jobs, {StepId.RESOURCE_GROUP: GroupPage})
    qtbot.addWidget(made)
    empty = replace(flow_at(StepId.RESOURCE_GROUP).draft.resource_group, name="")
    flow = flow_at(StepId.RESOURCE_GROUP)
    made.show_flow(flow.edit(replace(flow.draft, resource_group=empty)))
    assert made.page.field.shown_problem == ""
    made.go_next()
    assert made.page.field.shown_problem


def test_the_rail_by_keyboard(wizard, qtbot):
    rail = wizard.rail
    rail.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(rail, Qt.Key.Key_Up)
    qtbot.keyClick(rail, Qt.Key.Key_Up)
    assert wizard.flow.current is StepId.RESOURCE_GROUP  # looking around moves nothing
    qtbot.keyClick(rail, Qt.Key.Key_Return)
    assert wizard.flow.current is StepId.AZURE_SIGN_IN
    rail.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(9):  # down as far as it goes: to the last visited step
        qtbot.keyClick(rail, Qt.Key.Key_Down)
    qtbot.keyClick(rail, Qt.Key.Key_Return)
    assert wizard.flow.current is StepId.RESOURCE_GROUP


def test_the_whole_road_by_keyboard(jobs, qtbot):
    made = Wizard(jobs)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.show_flow(Flow(draft=flow_at(StepId.NAMESPACE).draft))
    seen = [made.flow.current]
    for _ in BUILT[1:]:
        qtbot.keyClick(made.focusWidget(), Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        seen.append(made.flow.current)
    assert tuple(seen) == BUILT
    for _ in BUILT[1:]:
        qtbot.keyClick(made.focusWidget(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert made.flow.current is BUILT[0]
    with qtbot.waitSignal(made.left_wizard):
        qtbot.keyClick(made.focusWidget(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)


def test_no_key_that_moves_presses_a_verb(wizard, qtbot):
    page = wizard.page
    page.set_offer(Offer("Create 4", verb=True))
    qtbot.keyClick(page.field.line, Qt.Key.Key_Return)
    qtbot.keyClick(page.field.line, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert page.went_on == 0
    assert wizard.footer.filled.text() == "Create 4"
    wizard.footer.filled.setFocus()
    qtbot.keyClick(wizard.footer.filled, Qt.Key.Key_Space)
    assert page.went_on == 1


def test_continue_that_is_off_says_why_beside_it(wizard):
    wizard.page.set_offer(Offer(reason="Continue opens when the test passes"))
    assert not wizard.footer.on_button.isEnabled()
    assert wizard.footer.reason.isVisibleTo(wizard)
    assert wizard.footer.reason.text() == "Continue opens when the test passes"
    assert wizard.footer.on_button.accessibleDescription() == wizard.footer.reason.text()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (CloudChanges(), "Nothing has been changed in a cloud"),
        (CloudChanges(earlier=True), "Nothing has been changed in a cloud in this session"),
        (
            CloudChanges(azure=1, running=True),
            "1 changed in Azure, nothing in Alibaba Cloud so far",
        ),
        (CloudChanges(azure=3), "3 changed in Azure, nothing in Alibaba Cloud"),
        (CloudChanges(azure=3, alibaba=2), "3 changed in Azure, 2 in Alibaba Cloud"),
        (CloudChanges(alibaba=2), "2 changed in Alibaba Cloud, nothing in Azure"),
        (CloudChanges(running=True), "Changing things in Azure now, nothing finished so far"),
    ],
)
def test_the_footer_always_says_what_was_changed(wizard, changes, sentence):
    wizard.page.changed_clouds.emit(changes)
    assert wizard.footer.changes.accessibleName() == sentence


def test_the_footer_speaks_of_the_import_that_is_shown(wizard, jobs):
    first = wizard.flow
    memory_of(jobs, first.draft).azure = 3
    wizard.show_flow(first)
    assert wizard.footer.changes.accessibleName() == "3 changed in Azure, nothing in Alibaba Cloud"
    wizard.show_flow(Flow())
    assert wizard.footer.changes.accessibleName() == "Nothing has been changed in a cloud"
    later = replace(first, draft=replace(first.draft, name="begun-last-week"))
    wizard.show_flow(later)
    assert wizard.footer.changes.accessibleName().endswith("in this session")


def test_states_of_steps_follow_the_flow():
    flow = flow_at(StepId.NAMESPACE)
    states = _states(flow)
    assert states[StepId.AZURE_SIGN_IN] is StepState.DONE
    assert states[StepId.NAMESPACE] is StepState.CURRENT
    assert states[StepId.EVENT_HUB] is StepState.TODO
    assert states[StepId.ALIBABA_SIGN_IN] is StepState.LATER


def test_a_changed_answer_makes_later_results_worth_another_look():
    flow = flow_at(StepId.EVENT_HUB)
    flow = flow.record(StepId.NAMESPACE, Looked("same", "/x"), NOW, flow.draft)
    assert _states(flow)[StepId.NAMESPACE] is StepState.DONE
    part = replace(flow.draft.resource_group, name="rg-other")
    flow = flow.edit(replace(flow.draft, resource_group=part))
    assert _states(flow)[StepId.NAMESPACE] is StepState.AGAIN
    part = replace(flow.draft.resource_group, name="?")
    flow = flow.edit(replace(flow.draft, resource_group=part))
    assert _states(flow)[StepId.RESOURCE_GROUP] is StepState.BLOCKED


def test_a_test_that_failed_is_shown_so_until_it_is_stale():
    flow = flow_at(StepId.KAFKA_TEST)
    flow = flow.record(StepId.KAFKA_TEST, Probed("failed", "x"), NOW, flow.draft)
    assert _states(flow)[StepId.KAFKA_TEST] is StepState.FAILED
    part = replace(flow.draft.event_hub, name="other")
    flow = flow.edit(replace(flow.draft, event_hub=part))
    assert _states(flow)[StepId.KAFKA_TEST] is StepState.CURRENT


def test_a_page_may_tell_a_state_and_take_it_back(wizard):
    wizard.page.tell(StepState.RUNNING)
    assert wizard._told == {StepId.RESOURCE_GROUP: StepState.RUNNING}
    wizard.page.tell(None)
    assert wizard._told == {}


def test_every_step_is_spoken_with_its_state_and_place():
    rows = step_rows(flow_at(StepId.KAFKA_TEST, failed=True))
    spoken = {row.step: row.spoken for row in rows}
    assert spoken[StepId.KAFKA_TEST] == "Kafka test, failed, step 8 of 18"
    assert spoken[StepId.IMPORT_ROUTE] == "Import route, comes later, step 10 of 18"
    assert all(look(row.state).spoken in row.spoken for row in rows)


def test_what_a_job_found_is_recorded_for_the_draft_it_was_given(wizard):
    asked = wizard.flow.draft
    wizard.page.recorded.emit(Looked("absent"), asked)
    assert wizard.flow.draft.resource_group.result.value == Looked("absent")
    assert not wizard.flow.draft.resource_group.result.stale


def test_a_secret_that_was_pasted_into_a_text_is_refused_and_said(wizard, qtbot):
    secret = (
        "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=k;"
        "SharedAccessKey=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    )
    page = wizard.page
    page.field.line.setText("")
    qtbot.keyClicks(page.field.line, secret[:60])
    page.field.line.setText(secret)
    page._on_edited()
    assert "SharedAccessKey=" not in repr(wizard.flow.draft)
    assert page.notices.count() or page.field.reveal()


def test_help_is_closed_and_opened_by_key_and_remembered(wizard, qtbot):
    assert wizard.help.isVisible()
    with qtbot.waitSignal(wizard.help_toggled) as toggled:
        qtbot.keyClick(wizard.focusWidget(), Qt.Key.Key_F1)
    assert toggled.args == [False]
    assert not wizard.help.isVisible()
    assert wizard.footer.help_button.isVisible()
    qtbot.mouseClick(wizard.footer.help_button, Qt.MouseButton.LeftButton)
    assert wizard.help.isVisible()


def test_a_small_window_folds_the_rail_and_lays_help_over_the_page(wizard, qtbot):
    wizard.resize(960, 510)
    qtbot.waitUntil(lambda: wizard.rail.is_folded)
    assert not wizard.help.isVisible()
    wide = wizard.page.width()
    wizard.show_help(True)
    assert wizard.help.isVisible()
    qtbot.waitUntil(
        lambda: wizard.rect().contains(
            wizard.help.rect().translated(wizard.help.mapTo(wizard, QPoint()))
        )
    )
    assert wizard.page.width() == wide
    wizard.resize(1280, 770)
    qtbot.waitUntil(lambda: not wizard.rail.is_folded)


def test_a_double_click_on_the_way_on_goes_one_page(wizard, qtbot):
    button, before = wizard.footer.filled, wizard.flow.current
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    after = wizard.flow.current
    assert after != before
    qtbot.mouseDClick(wizard.footer.filled, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(wizard.footer.filled, Qt.MouseButton.LeftButton)
    assert wizard.flow.current == after
