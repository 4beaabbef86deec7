"""Dialogs are opened, never executed: the view's other coroutines go on."""

from __future__ import annotations

import asyncio

import pytest
import qasync
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gui import dialogs
from gui.dialogs import Question


@pytest.fixture
def view_loop(qapp):
    loop = qasync.QEventLoop(qapp, already_running=False)
    asyncio.set_event_loop(loop)
    yield loop
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def parent(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def _question() -> Question:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, Question)]
    assert len(found) == 1
    return found[0]


async def _asked(parent, answer, danger=False):
    QTimer.singleShot(10, lambda: answer(_question()))
    return await dialogs.confirmed(parent, "Forget it?", "It is gone.", "Forget it", danger=danger)


def test_the_verb_means_yes(view_loop, parent):
    assert view_loop.run_until_complete(_asked(parent, lambda box: box.verb.click())) is True


def test_leaving_and_escape_mean_no(view_loop, parent, qtbot):
    assert view_loop.run_until_complete(_asked(parent, lambda box: box.leave.click())) is False
    escaped = _asked(parent, lambda box: qtbot.keyClick(box, Qt.Key.Key_Escape))
    assert view_loop.run_until_complete(escaped) is False


def test_enter_never_does_what_would_lose_something(view_loop, parent, qtbot):
    entered = _asked(parent, lambda box: qtbot.keyClick(box, Qt.Key.Key_Return), danger=True)
    assert view_loop.run_until_complete(entered) is False


def test_other_coroutines_go_on_while_a_dialog_is_open(view_loop, parent):
    ticks = []

    async def tick():
        while len(ticks) < 20:
            ticks.append(1)
            await asyncio.sleep(0.001)
        _question().verb.click()

    async def both():
        ticking = asyncio.ensure_future(tick())
        answer = await dialogs.confirmed(parent, "Go on?", "", "Go on")
        await ticking
        return answer

    assert view_loop.run_until_complete(both()) is True
    assert len(ticks) == 20


def test_a_cancelled_wait_closes_its_dialog(view_loop, parent):
    async def cancelled():
        asking = asyncio.ensure_future(dialogs.confirmed(parent, "Go on?", "", "Go on"))
        await asyncio.sleep(0.01)
        box = _question()
        assert box.isVisible()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        return shiboken6.isValid(box) and box.isVisible()

    assert view_loop.run_until_complete(cancelled()) is False


def test_nothing_in_the_window_executes_a_dialog():
    from pathlib import Path

    sources = (Path(__file__).parents[2] / "gui").rglob("*.py")
    calls = (".exec(", ".exec_(", "QMessageBox", "QInputDialog", "QFileDialog.get")
    found = [
        (path.name, call) for path in sources for call in calls if call in path.read_text("utf-8")
    ]
    assert found == []


def test_the_result_of_any_dialog_is_its_own(view_loop, parent):
    async def asked():
        dialog = QDialog(parent)
        QTimer.singleShot(5, lambda: dialog.done(7))
        return await dialogs.opened(dialog)

    assert view_loop.run_until_complete(asked()) == 7
