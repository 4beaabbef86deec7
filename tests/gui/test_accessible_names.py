"""A sweep over all pages and widgets: no control without a name, every one reached by Tab."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.drafts import GOOD, LOGSTORE
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QScrollBar, QWidget
from screens import gallery, sample_pages, settings_pages
from screens.samples import flow_at

from core.onboarding.steps import BUILT, StepId
from gui.dialogs import Question
from gui.theme import Choice, theme
from gui.wizard.guide import guide
from gui.wizard.host import Wizard
from gui.wizard.page import EmptyPage
from gui.wizard.pages import FACTORIES
from gui.wizard.pages.page_import_task import ImportTaskPage
from gui.wizard.welcome import Welcome


def nameless(root: QWidget) -> list[str]:
    """Controls below ``root`` that a screen reader has no name for.

    By Qt's rules, not by its interfaces: PySide's wrappers of those outlive what they wrap.
    """
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or isinstance(
            widget, (QScrollBar, QMenu)
        ):
            continue
        if widget.focusProxy() is not None or widget.objectName().startswith("qt_"):
            continue
        if widget.window() is not root.window():  # the list of a combo box
            continue
        if isinstance(widget, QAbstractButton) and widget.isHidden() and not widget.text():
            continue  # it gets its words before it is shown
        own = widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else ""
        if not (widget.accessibleName() or own).strip():
            found.append(
                f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
            )
    return found


def test_the_sweep_finds_a_control_without_a_name(qtbot):
    from PySide6.QtWidgets import QLineEdit, QVBoxLayout

    root = QWidget()
    qtbot.addWidget(root)
    QVBoxLayout(root).addWidget(QLineEdit())
    assert len(nameless(root)) == 1


@pytest.mark.parametrize("step", BUILT)
def test_every_page_in_its_frame(jobs, qtbot, step):
    made = Wizard(jobs, sample_pages.PAGES)
    qtbot.addWidget(made)
    made.show_flow(flow_at(step))
    made.show()
    assert nameless(made) == []


@pytest.mark.parametrize("step", BUILT)
def test_every_page_of_the_program(jobs, qtbot, step):
    """With all answers given, and with the view of an engine where there is one."""
    page = FACTORIES[step](step, jobs)
    qtbot.addWidget(page)
    page.show_draft(replace(GOOD, import_task=LOGSTORE))
    page.show()
    assert nameless(page) == []
    if isinstance(page, ImportTaskPage):
        page.stack.setCurrentWidget(page.view)
        assert nameless(page) == []


@pytest.mark.parametrize(
    "make",
    [
        gallery.components_sheet,
        lambda: Welcome("1"),
        lambda: Question(None, "Forget it?", "It is gone.", "Forget it", danger=True),
    ],
)
def test_every_widget(qtbot, make):
    made = make()
    qtbot.addWidget(made)
    assert nameless(made) == []


def test_the_menu_has_names(window):
    assert nameless(window) == []
    for menu in window.menuBar().findChildren(QMenu):
        assert all(each.text() or each.isSeparator() for each in menu.actions())


@pytest.mark.parametrize("picture", [
    "settings-profiles", "settings-profiles-none", "settings-credentials", "settings-network",
    "settings-appearance", "bundle", "question-ip-rule", "question-apply",
])  # fmt: skip
def test_the_settings_and_the_dialogs(jobs, qtbot, picture):
    made = settings_pages.pictures(jobs, Choice.LIGHT)[picture]()
    qtbot.addWidget(made)
    made.show()
    assert nameless(made) == []


def test_the_tail_page(jobs, qtbot):
    made = sample_pages.TailPage(StepId.KAFKA_TEST, jobs)
    qtbot.addWidget(made)
    assert nameless(made) == []


def test_labels_that_show_values_keep_their_own_text_as_name(qtbot):
    """A fixed accessible name would hide the value from a screen reader."""
    made = gallery.components_sheet()
    qtbot.addWidget(made)
    wrong = [
        (each.text(), each.accessibleName())
        for each in made.findChildren(QLabel)
        if each.accessibleName() and each.accessibleName() != each.text()
        and not each.accessibleName().startswith(each.text().rstrip("…"))
    ]  # fmt: skip
    assert wrong == []


def test_every_step_has_its_guide(jobs, qtbot):
    for step in StepId:
        texts = guide(step)
        assert texts.title
        assert texts.lead.endswith(".")
        assert texts.about
        assert texts.procedure
        assert "$" not in texts.lead + texts.title
        page = EmptyPage(step, jobs)
        qtbot.addWidget(page)
        assert page.accessibleName() == texts.title


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK, Choice.HIGH_CONTRAST])
def test_focus_can_be_seen_on_every_kind_of_control(qtbot, choice):
    """The picture of a control with the focus is not the one without it."""
    theme().choose(choice)
    made = gallery.components_sheet()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    unseen = set()
    kinds = set()
    for widget in made.findChildren(QWidget):
        kind = (type(widget).__name__, widget.property("kind"))
        if (
            kind in kinds
            or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            or not (widget.isVisible() and widget.isEnabled())
            or widget.objectName().startswith("qt_")
            or isinstance(widget, QScrollBar)
        ):
            continue
        kinds.add(kind)
        widget.clearFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if not widget.hasFocus():
            continue
        if widget.grab().toImage() == before:
            unseen.add(kind)
    assert len(kinds) > 8
    assert unseen == set()
