"""What holds for every test: skips must be expected, the state of the user is left alone."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

# In CI a run repeats itself exactly; at a developer's desk each run looks somewhere new.
settings.register_profile("ci", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

ROOT = Path(__file__).parent.parent
_EXPECTED_SKIPS = tomllib.loads((ROOT / "tests" / "expected_skips.toml").read_text("utf-8"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.nodeid not in _EXPECTED_SKIPS:
        report.outcome = "failed"
        report.longrepr = f"a skip that tests/expected_skips.toml does not know: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    """No test touches the user's folders, and proxies of the machine touch no test."""
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("ISTHMUS_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture(autouse=True)
def _no_engine_outlives_its_test(tmp_path):
    yield
    engines = sys.modules.get("helpers.engines")
    while engines and engines.STARTED:
        process = engines.STARTED.pop()
        if process.poll() is None:
            process.kill()
            process.wait()
    state = tmp_path / "state"
    if any(state.glob("*/engine.log")):  # a window started one, which goes on without it
        from helpers.engines import end_engines

        end_engines(state)
