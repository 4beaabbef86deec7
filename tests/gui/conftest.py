"""What holds for every test of the window: no screen is needed, nothing is left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time

if sys.platform.startswith("linux") and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QtMsgType
from PySide6.QtWidgets import QApplication

from core.runtime import Runtime
from gui.jobs import Jobs
from gui.theme import Choice, theme

_HARMLESS = ("This plugin does not support propagateSizeHints()",)
_DEADLINE = 10.0


def settle() -> None:
    """Let everything that was deleted go, and every event be handled."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True, scope="session")
def _python_collects_between_tests_only():
    """As ``gui.collector`` has it in the window: never while something is painted."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _light(qapp):
    if theme().choice is not Choice.LIGHT:
        theme().choose(Choice.LIGHT)


@pytest.fixture(autouse=True)
def _nothing_is_left(qapp):
    """No widget and no thread outlives its test."""
    threads = set(threading.enumerate())
    widgets = set(QApplication.topLevelWidgets())
    yield
    settle()
    gc.collect()
    settle()
    assert set(QApplication.topLevelWidgets()) - widgets == set()
    until = time.monotonic() + _DEADLINE
    while time.monotonic() < until:
        still = [each for each in threading.enumerate() if each not in threads]
        if not still:
            break
        time.sleep(0.01)
    assert still == []


@pytest.fixture(autouse=True)
def _qt_has_nothing_to_complain_of(qtlog):
    yield
    serious = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg)
    said = [each.message for each in qtlog.records if each.type in serious]
    assert [each for each in said if each not in _HARMLESS] == []


@pytest.fixture
def runtime():
    with Runtime() as made:
        yield made


@pytest.fixture
def jobs(runtime, qapp):
    made = Jobs(runtime)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def window(jobs, qtbot):
    """The main window at its first page."""
    from gui.shell import MainWindow

    made = MainWindow(jobs)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made
