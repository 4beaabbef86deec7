"""Log Service is away while the hub fills: memory stays bounded, then all is caught up."""

from __future__ import annotations

import threading

import pytest
from helpers.engines import EngineProcess, finish, proof_of, stored_records

from core.sandbox.sandbox import Options, Sandbox

MIB = 1024 * 1024


def outage(tmp_path, seconds: float, records_per_second: int) -> None:
    with Sandbox(tmp_path / "sandbox", Options(records=20_000)) as sandbox:
        engine = EngineProcess(sandbox.info["profile"], tmp_path / "state", until_caught_up=False)
        assert engine.wait_for(lambda status: stored_records(status) >= 1_000)
        sandbox.scenario("log_service.full_outage", True)
        sandbox.rate(records_per_second)
        assert not threading.Event().wait(seconds)  # the outage itself, which takes its time
        sandbox.scenario("log_service.full_outage", False)
        sandbox.rate(0)
        sent = sandbox.child("traffic").request("state")["acknowledged"]
        assert engine.wait_for(lambda status: stored_records(status) >= sent)
        assert engine.terminate() == 0
        assert engine.peak_memory < 256 * MIB
        finish(sandbox, tmp_path / "state")
        proof = proof_of(sandbox)
        assert (proof.sent, proof.missing, proof.changed) == (sent, 0, 0), proof
        print(
            f"{seconds:g} s of outage, {sent:,} records sent: 0 missing, "
            f"{proof.duplicated:,} duplicated, peak memory {engine.peak_memory / MIB:.0f} MiB"
        )


@pytest.mark.slow
def test_an_outage_of_six_seconds(tmp_path):
    outage(tmp_path, 6, 20_000)


@pytest.mark.soak
def test_an_outage_of_a_minute(tmp_path):
    outage(tmp_path, 60, 5_000)
