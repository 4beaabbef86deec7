"""What the welcome page opens: a profile, the sandbox, a draft that was begun in the sandbox."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import pytest
from helpers.engines import EngineProcess

from core.cli.sandbox_parts import open_sandbox as _open
from core.onboarding.draft_store import DraftStore, draft_file
from core.onboarding.steps import StepId
from gui.opening import Opening, sandbox_folder
from gui.shell import MainWindow
from gui.wizard.pages import FACTORIES

PROFILE = """\
schema_version = 1
name = "contoso"

[azure]
tenant = "contoso.example"
resource_group = "rg-soc"
location = "eastasia"

[azure.sign_in]
method = "cli"

[azure.namespace]
name = "contoso-logs"

[azure.event_hub]
name = "azure-logs"
"""


@contextlib.contextmanager
def opened(jobs, qtbot, open_sandbox):
    window = MainWindow(jobs, FACTORIES)
    qtbot.addWidget(window)
    window.show()
    opening = Opening(window, jobs, open_sandbox)
    try:
        yield window, opening
    finally:
        window.saver.flush()
        opening.close()


def no_sandbox(folder):
    raise AssertionError("nobody asked for it")


def test_a_profile_is_shown_at_the_step_that_is_asked_for(jobs, qtbot, tmp_path):
    path = tmp_path / "contoso.toml"
    path.write_text(PROFILE, "utf-8")
    with opened(jobs, qtbot, no_sandbox) as (window, opening):
        opening.open_profile(path, "namespace")
        qtbot.waitUntil(lambda: window.wizard.flow.current is StepId.NAMESPACE, timeout=10_000)
        assert window.wizard.flow.draft.namespace.name == "contoso-logs"
        assert window.wizard.isVisible()
        window.profile_chosen.emit(path)
        qtbot.waitUntil(lambda: window.wizard.flow.current is StepId.AZURE_SIGN_IN, timeout=10_000)


def test_a_profile_that_cannot_be_read_is_said_where_the_user_is(jobs, qtbot, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("schema_version = 2\n", "utf-8")
    with opened(jobs, qtbot, no_sandbox) as (window, _):
        window.profile_chosen.emit(path)
        qtbot.waitUntil(lambda: window.welcome.notices.count() == 1, timeout=10_000)
        assert window.welcome.isVisible()


@pytest.mark.slow
def test_the_sandbox_is_started_and_a_draft_of_it_starts_it_again(jobs, qtbot):
    from gui.app import _open_sandbox

    with opened(jobs, qtbot, _open_sandbox) as (window, _):
        window.sandbox_asked.emit()
        qtbot.waitUntil(window.wizard.isVisible, timeout=60_000)
        assert window.wizard.flow.draft.name == "sandbox"
        assert sandbox_folder().joinpath("sandbox.json").exists()
        window.wizard.go_next()
        shown = window.wizard.flow
        window.leave_wizard()
        window.sandbox_asked.emit()  # as a second start of the program does
        qtbot.waitUntil(window.wizard.isVisible)
        assert window.wizard.flow == shown
    kept = DraftStore(draft_file()).load()
    assert kept is not None
    before = sandbox_folder().joinpath("sandbox.json").stat().st_mtime_ns
    with opened(jobs, qtbot, _open_sandbox) as (window, opening):
        window.resume()
        qtbot.waitUntil(lambda: opening._sandbox is not None, timeout=60_000)
        assert sandbox_folder().joinpath("sandbox.json").stat().st_mtime_ns > before


@pytest.mark.slow
def test_a_window_that_is_closed_while_the_sandbox_starts_leaves_none(jobs, qtbot):
    from gui.app import _open_sandbox

    began, ended = threading.Event(), threading.Event()

    @contextlib.contextmanager
    def watched(folder):
        began.set()
        with _open_sandbox(folder) as sandbox:
            yield sandbox
        ended.set()

    with opened(jobs, qtbot, watched) as (window, _):
        window.sandbox_asked.emit()
        assert began.wait(30)
    assert ended.wait(60)


@pytest.mark.slow
def test_an_import_in_the_sandbox_ends_with_it(jobs, qtbot, tmp_path):
    with _open(tmp_path / "box", records=50) as sandbox:
        profile = sandbox.info["profile"]
        engine = EngineProcess(profile, Path(os.environ["ISTHMUS_STATE_DIR"]), False)
        assert engine.wait_for(lambda status: status["records"]["stored"] == 50)

        with opened(jobs, qtbot, lambda _: contextlib.nullcontext(sandbox)) as (window, _):
            window.sandbox_asked.emit()
            qtbot.waitUntil(window.wizard.isVisible, timeout=60_000)
        assert engine.process.poll() == 0
