"""The pages from diagnostic settings to Apply, filled: every control has a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QScrollBar, QWidget
from screens import import_pages

from gui.wizard.host import Wizard


def nameless(root: QWidget) -> list[str]:
    """Controls that Tab reaches and that have neither a name nor words."""
    found = []
    for widget in root.findChildren(QWidget):
        skipped = isinstance(widget, (QScrollBar, QMenu)) or not widget.isVisible()
        if skipped or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        if widget.focusProxy() is not None or widget.objectName().startswith("qt_"):
            continue
        own = widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else ""
        if not (widget.accessibleName() or own).strip():
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


@pytest.mark.parametrize("picture", import_pages.PICTURES)
def test_every_control_of_the_page_has_a_name(jobs, qtbot, picture):
    step, factory, _ = import_pages.PICTURES[picture]
    page = factory(step, jobs)
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show_draft(import_pages.flow_of(picture).draft)
    page.show()
    page.entered()
    assert nameless(page) == []


@pytest.mark.parametrize("picture", ["kafka-refused", "kafka-not-there", "import-setup"])
def test_a_page_has_one_filled_button(jobs, qtbot, picture):
    step, factory, _ = import_pages.PICTURES[picture]
    made = Wizard(jobs, {step: factory})
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show_flow(import_pages.flow_of(picture))
    made.show()
    filled = [
        each.text()
        for each in made.findChildren(QAbstractButton)
        if each.property("kind") == "primary" and each.isVisible() and each.isEnabled()
    ]
    assert len(filled) == 1
