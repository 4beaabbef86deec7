"""``start = "latest"``: what comes after the first assignment is not lost with its first owner."""

from __future__ import annotations

import signal

import pytest
from helpers.engines import EngineProcess, finish, proof_of

from core.sandbox.sandbox import Options, Sandbox


@pytest.mark.slow
def test_records_between_the_first_assignment_and_the_first_death(tmp_path):
    with Sandbox(tmp_path / "sandbox", Options(records=2_000)) as sandbox:
        profile = tmp_path / "sandbox" / "latest.toml"
        text = (tmp_path / "sandbox" / "profile.toml").read_text("utf-8")
        profile.write_text(text.replace('"earliest"', '"latest"'), "utf-8")
        sandbox.info["profile"] = str(profile)
        first = EngineProcess(
            str(profile), tmp_path / "state", False, "after_consume", commit_seconds=600
        )
        assert first.wait_for(lambda status: len(status["partitions"]) == 4)
        sandbox.send(3_000)
        # It dies at the first message it reads, long before its commit timer.
        assert first.wait() == -signal.SIGKILL
        finish(sandbox, tmp_path / "state")
        proof = proof_of(sandbox)
        # The 2,000 from before the first assignment are not asked for; all 3,000 after it are.
        assert (proof.sent, proof.stored, proof.missing) == (5_000, 3_000, 2_000)
        assert proof.changed == 0
