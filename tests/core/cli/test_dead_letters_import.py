"""Dead letters of a real import can be listed, shown and exported, while it runs."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.engines import EngineProcess
from typer.testing import CliRunner

from core.cli import app
from core.sandbox.sandbox import Options, Sandbox

ISTHMUS = Path(sys.executable).with_name("isthmus")
BROKEN = [b"\x1f\x8b\x08 no gzip", b"", b"\xff\xfe\xff", b"plain text"]
MIXED = b'{"records": [{"category": "X"}, 5, {"category": "Y"}]}'


def by_the_program(*words: object) -> list[dict]:
    done = subprocess.run(
        [ISTHMUS, "dead-letters", *map(str, words)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_this_process(*words: object) -> list[dict]:
    done = CliRunner().invoke(app, ["dead-letters", *map(str, words)])
    assert done.exit_code == 0, (done.stdout, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_letters_of_a_running_import(tmp_path, monkeypatch):
    state = tmp_path / "state"
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(state))
    out = tmp_path / "out.jsonl"
    with Sandbox(tmp_path / "sandbox", Options(records=100)) as sandbox:
        values = [base64.b64encode(value).decode() for value in [*BROKEN, MIXED]]
        sandbox.child("traffic").request("send_raw", values=values, partition=1)
        common = ("--json", "--profile", sandbox.info["profile"])
        engine = EngineProcess(sandbox.info["profile"], state, until_caught_up=False)
        assert engine.wait_for(lambda status: status["records"]["dead_lettered"] == 5), engine.log()
        *rows, totals = by_the_program("list", "--partition", 1, *common)
        assert (totals["letters"], totals["records"]) == (5, 5)
        assert [row["bytes"] for row in rows] == [len(value) for value in [*BROKEN, MIXED]]
        assert rows[4]["causes"] == {"record_not_an_object": 1}
        (told,) = in_this_process("show", rows[3]["id"], *common)
        assert told["content"]["lines"][0].endswith("plain text")
        (result,) = in_this_process("export", "--all", "--to", out, *common)
        assert result["exported"] == 5
        assert engine.terminate() == 0
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [base64.b64decode(line["raw"]) for line in lines] == [*BROKEN, MIXED]
    assert [line["id"] for line in lines] == [row["id"] for row in rows]
