"""A diagnostic bundle from the window: what goes in is shown first, then it is saved."""

from __future__ import annotations

import asyncio
import zipfile

import pytest
from helpers.view_loop import dialog_of, view_loop
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from screens.samples import flow_at

from core.errors import Code, problem
from core.onboarding.steps import StepId
from gui import dialogs
from gui.bundle import BundleDialog

CANARY = "d2luZG93LWJ1bmRsZS1jYW5hcnktZm9yLXRlc3Rz"


@pytest.fixture(autouse=True)
def _loop(qapp):
    with view_loop(qapp):
        yield


def until(qtbot, condition) -> None:
    qtbot.waitUntil(condition, timeout=10_000)


def fail_on_the_page(window) -> None:
    window.show_flow(flow_at(StepId.KAFKA_TEST))
    found = problem(Code.KAFKA_FAILED, "kafka", f"SharedAccessKey={CANARY}", reason="x")
    window.wizard.page.problem_panel.show_problem(found, "It failed")


def bundle_button(window) -> QAbstractButton:
    (found,) = [
        each
        for each in window.wizard.page.problem_panel.findChildren(QAbstractButton)
        if each.text() == "Save diagnostic bundle…"
    ]
    return found


def test_what_goes_in_is_shown_before_anything_is_saved(window, qtbot, tmp_path, monkeypatch):
    target = tmp_path / "isthmus-help.zip"

    async def picked(*_args):
        await asyncio.sleep(0)
        return target

    monkeypatch.setattr(dialogs, "file_to_save", picked)  # the system's own dialog
    fail_on_the_page(window)
    bundle_button(window).click()
    until(qtbot, lambda: dialog_of(BundleDialog) is not None)
    box = dialog_of(BundleDialog)
    names = [each.name for each in box.table.model.shown]
    assert names[:2] == ["versions.json", "problem.json"]
    assert not target.exists()
    box.table.select(box.table.model.shown[1])
    assert "kafka_failed" in box.text.toPlainText()
    assert CANARY not in "".join(each.text for each in box.table.model.shown)
    box.save.click()
    until(qtbot, target.exists)
    with zipfile.ZipFile(target) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(inside) == sorted(f"isthmus-help/{name}" for name in names)
    assert CANARY.encode() not in b"".join(inside.values())


def test_leaving_it_saves_nothing(window, qtbot):
    fail_on_the_page(window)
    bundle_button(window).click()
    until(qtbot, lambda: dialog_of(BundleDialog) is not None)
    dialog_of(BundleDialog).leave.click()
    until(qtbot, lambda: dialog_of(BundleDialog) is None)
    qtbot.wait(50)
    assert dialog_of(QFileDialog) is None


def test_every_problem_panel_has_the_button_and_the_menu_too(window):
    fail_on_the_page(window)
    assert bundle_button(window).isVisible()
    titles = [
        action.text()
        for menu in window.menuBar().findChildren(type(window.menuBar().addMenu("x")))
        for action in menu.actions()
    ]
    assert "Save diagnostic bundle…" in titles
