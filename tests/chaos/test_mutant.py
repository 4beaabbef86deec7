"""The proof can fail: an engine that commits before the acknowledgement loses records."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from helpers import mutant_engine
from helpers.engines import EngineProcess, finish, proof_of

from core.sandbox.sandbox import Options, Sandbox


@pytest.mark.parametrize("run", [pytest.param(n, marks=pytest.mark.slow) for n in range(5)])
def test_a_commit_before_the_acknowledgement_is_found_out(tmp_path, run):
    with Sandbox(tmp_path / "sandbox", Options(records=2_000, seed=run + 1)) as sandbox:
        mutant = EngineProcess(
            sandbox.info["profile"],
            tmp_path / "state",
            until_caught_up=False,
            module="mutant_engine",
            commit_seconds=0.1,
            PYTHONPATH=str(Path(mutant_engine.__file__).parent),
        )
        assert mutant.wait() == -signal.SIGKILL, mutant.log()
        finish(sandbox, tmp_path / "state")
        assert proof_of(sandbox).missing > 0
