"""engine.json: for this user only, and trusted only while that very process is alive."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

from core.engine.running import announce, running_engine, withdraw


def test_it_names_this_process_and_is_for_this_user_only(tmp_path):
    engine = announce(tmp_path, 4711, "a-token-of-some-length")
    assert running_engine(tmp_path) == engine
    assert (engine.pid, engine.port) == (os.getpid(), 4711)
    assert stat.S_IMODE((tmp_path / "engine.json").stat().st_mode) == 0o600
    assert "a-token" not in repr(engine)
    withdraw(tmp_path)
    assert running_engine(tmp_path) is None


def test_what_a_crash_left_is_not_believed(tmp_path):
    announce(tmp_path, 4711, "a-token-of-some-length")
    file = tmp_path / "engine.json"
    told = json.loads(file.read_text())
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    file.write_text(json.dumps(told | {"pid": process.pid}))
    assert running_engine(tmp_path) is None


def test_another_process_with_that_number_is_not_taken_for_it(tmp_path):
    announce(tmp_path, 4711, "a-token-of-some-length")
    file = tmp_path / "engine.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | {"started": told["started"] - 3600}))
    assert running_engine(tmp_path) is None
    withdraw(tmp_path)
    assert file.exists()  # not ours to take away


def test_a_torn_file_is_no_engine(tmp_path):
    (tmp_path / "engine.json").write_text('{"pid": 1')
    assert running_engine(tmp_path) is None
    (tmp_path / "engine.json").write_text('{"pid": "x"}')
    assert running_engine(tmp_path) is None
