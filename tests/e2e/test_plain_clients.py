"""Clients that know nothing of Isthmus read the sandbox with what sandbox.json says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.engines import finish

from core.sandbox.sandbox import Options, Sandbox


@pytest.mark.clients
def test_twenty_lines_with_the_plain_sdks(tmp_path):
    with Sandbox(tmp_path / "sandbox", Options(records=1500)) as sandbox:
        finish(sandbox, tmp_path / "state")
        script = Path(__file__).with_name("plain_reader.py")
        assert len(script.read_text().splitlines()) <= 20
        told = subprocess.run(
            [sys.executable, "-P", script, sandbox.folder / "sandbox.json"],
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | {"NO_PROXY": ""},
        )
        assert told.stdout.splitlines() == ["hub: True", "logstore: 1500"], told.stderr
