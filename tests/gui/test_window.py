"""The window as a whole: resume, one instance, what is imported when, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from screens.samples import flow_at

from core.errors import Code, problem
from core.onboarding.draft_store import DraftStore, draft_file
from core.onboarding.steps import StepId
from gui import app, qt_guard, warm_up
from gui.instance import Instance, server_name
from gui.session import Session
from gui.shell import MainWindow
from gui.theme import Choice

ROOT = Path(__file__).parents[2]


def _again(jobs, qtbot):
    made = MainWindow(jobs)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("step", [StepId.RESOURCE_GROUP, StepId.KAFKA_TEST])
def test_what_was_left_is_offered_and_resumed_with_its_history(window, jobs, qtbot, step):
    flow = flow_at(step)
    window.show_flow(flow)
    window.close()
    second = _again(jobs, qtbot)
    assert second.welcome.resume_row.isVisible()
    assert second.focusWidget() is second.welcome.resume_button
    second.welcome.resume_button.click()
    assert second.wizard.flow == flow
    second.wizard.go_back()
    assert second.wizard.flow.current is flow.history[-1]


def test_typing_is_on_disk_without_any_close(window, qtbot):
    """Killed at any moment: what was typed before the last save is there."""
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    part = replace(window.wizard.flow.draft.resource_group, name="rg-typed")
    with qtbot.waitSignal(window.saver.saved):
        pass
    with qtbot.waitSignal(window.saver.saved):
        window.wizard.edit(replace(window.wizard.flow.draft, resource_group=part))
    resume = DraftStore(draft_file()).load()
    assert resume.flow.draft.resource_group.name == "rg-typed"
    assert window.wizard._saved.text().startswith("Saved ")


def test_only_the_newest_answers_count_while_a_save_is_under_way(window, qtbot):
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    for at in range(30):
        part = replace(window.wizard.flow.draft.resource_group, name=f"rg-{at}")
        window.wizard.edit(replace(window.wizard.flow.draft, resource_group=part))
    window.close()
    assert DraftStore(draft_file()).load().flow.draft.resource_group.name == "rg-29"


def test_a_damaged_draft_is_said_and_nothing_is_offered(window, jobs, qtbot):
    draft_file().parent.mkdir(parents=True, exist_ok=True)
    draft_file().write_text("{")
    second = _again(jobs, qtbot)
    assert not second.welcome.resume_row.isVisible()
    assert second.welcome.notices.count() == 1


def test_a_draft_that_cannot_be_saved_keeps_the_window_open(window, qtbot):
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    qtbot.waitUntil(lambda: window.wizard._saved.text().startswith("Saved "))
    draft_file().unlink()
    draft_file().mkdir()  # something is in the way
    part = replace(window.wizard.flow.draft.resource_group, name="rg-typed")
    with qtbot.waitSignal(window.saver.failed):
        window.wizard.edit(replace(window.wizard.flow.draft, resource_group=part))
    assert window.wizard._saved.text() == "Not saved"
    window.close()
    assert window.isVisible()
    assert window.wizard.page.problem_panel.problem.code is Code.DRAFT_FILE_UNUSABLE
    draft_file().rmdir()
    window.close()
    assert not window.isVisible()
    assert DraftStore(draft_file()).load().flow.draft.resource_group.name == "rg-typed"


def test_theme_help_and_place_are_remembered(window, jobs, qtbot):
    window.choose_theme(Choice.DARK)
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    window.wizard.show_help(False)
    window.resize(960, 700)
    window.close()
    second = _again(jobs, qtbot)
    assert second.welcome.theme_box.currentData() == "dark"
    second.show_flow(flow_at(StepId.RESOURCE_GROUP))
    assert not second.wizard.help.isVisible()
    assert (second.width(), second.height()) == (960, 700)


def test_what_nobody_caught_is_shown_as_a_problem(window, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    before = sys.excepthook
    shown = []
    restore = app.install_hook(shown.append)
    error = ValueError("x")
    sys.excepthook(ValueError, error, None)
    restore()
    assert shown == [error]
    assert sys.excepthook is before
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    window.show_problem(problem(Code.INTERNAL, "isthmus", kind="ValueError"))
    assert window.wizard.page.problem_panel.isVisibleTo(window)


def test_a_second_start_hands_its_request_to_the_first(qapp, qtbot, tmp_path):
    first = Instance()
    assert first.claim({"sandbox": False})
    script = (
        "import sys, json; from PySide6.QtCore import QCoreApplication\n"
        "from gui.instance import Instance\n"
        "application = QCoreApplication([])\n"
        "sys.exit(0 if not Instance().claim(json.loads(sys.argv[1])) else 3)\n"
    )
    with qtbot.waitSignal(first.asked, timeout=20_000) as asked:
        second = subprocess.Popen(
            [sys.executable, "-c", script, json.dumps({"profile": "/x/资料.toml"})],
            cwd=ROOT,
        )
    assert asked.args == [{"profile": "/x/资料.toml"}]
    assert second.wait(20) == 0
    first.release()
    third = Instance()
    assert third.claim({})
    third.release()


def test_another_user_folder_is_another_instance(monkeypatch, tmp_path):
    before = server_name()
    monkeypatch.setenv("ISTHMUS_CONFIG_DIR", str(tmp_path / "other"))
    assert server_name() != before


_RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QTimer
import gui.session as session
class Watched(session.Session):
    def begin(self, request):
        loaded = {name.split(".")[0] for name in sys.modules}
        heavy = loaded & {"azure", "aliyun", "confluent_kafka", "pyqtgraph", "aiohttp", "requests"}
        print("before paint:", sorted(heavy), flush=True)
        super().begin(request)
        self._jobs.idle.connect(lambda: print("idle", flush=True))
        print("open", flush=True)
    def on_asked(self, request):
        super().on_asked(request)
        print("asked", request["sandbox"], flush=True)
        self.window.close()
session.Session = Watched
import gui.app
sys.exit(gui.app.main(sandbox="--sandbox" in sys.argv))
"""


@pytest.mark.slow
def test_the_program_opens_paints_first_and_ends_in_order(tmp_path):
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _RUN, str(ROOT)]
    first = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert first.stdout.readline() == "before paint: []\n"
        assert first.stdout.readline() == "open\n"
        until = time.monotonic() + 30
        while time.monotonic() < until:
            second = subprocess.run(
                [*command, "--sandbox"],
                env=environment,
                capture_output=True,
                timeout=60,
                check=False,
            )
            if second.returncode == 0:
                break
        assert second.returncode == 0
        assert second.stdout == b""
        rest, complaints = first.communicate(timeout=60)
    finally:
        first.kill()
        first.wait()
    assert "asked True" in rest
    assert first.returncode == 0
    assert "Traceback" not in complaints


def test_the_sdks_wait_until_the_first_jobs_have_ended(jobs, qtbot, monkeypatch):
    imported, over = [], threading.Event()
    monkeypatch.setattr(warm_up, "_import", imported.append)
    session = Session(jobs, lambda folder: contextlib.nullcontext())

    async def work(context):
        while not over.is_set():
            await asyncio.sleep(0.01)

    job = jobs.start("first", work, "")
    session._after_first_paint({})
    assert jobs.running("warm_up") is None
    over.set()
    qtbot.waitUntil(lambda: imported == list(warm_up.MODULES))
    assert not job.is_running
    jobs.close()
    session.close()
    session.deleteLater()


def test_a_binding_that_would_abort_is_refused_with_what_to_do():
    assert qt_guard.complaint((6, 12, 0), (3, 11))
    assert qt_guard.complaint((6, 12, 0), (3, 12)) == ""
    assert qt_guard.complaint((6, 11, 3), (3, 11)) == ""
    assert "Install" in qt_guard.complaint((), (3, 11))


def test_the_binding_here_keeps_its_references(qapp):
    """PySide6 6.12 on Python 3.11 loses one reference to None a call and dies of it."""
    from PySide6.QtCore import QObject, Signal

    class Sender(QObject):
        sent = Signal(bool)

    sender = Sender()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(200):
        sender.sent.emit(True)
        sender.setObjectName("x")
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert after[0] > before[0] - 50
    assert after[1] > before[1] - 50
