"""The import in the window while records arrive: the tail freezes and never lies, an engine that
is killed is said, and nothing is green for what is no record.

The engine is a process of its own; the window finds it running.
"""

from __future__ import annotations

import base64

import psutil
import pytest
from helpers.engines import EngineProcess, end_engines
from helpers.window_process import WindowProcess, window

from core.onboarding.steps import StepId
from core.sandbox.sandbox import Options, Sandbox

pytestmark = pytest.mark.slow
FIRST, BURST, LATER = 300, 6_000, 40
MODEL = "view.tail.table.model"


@pytest.fixture
def sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", Options(records=0)) as running:
        yield running


@pytest.fixture
def engine(sandbox, tmp_path):
    made = EngineProcess(sandbox.info["profile"], tmp_path / "state", until_caught_up=False)
    assert made.wait_for(lambda status: status["state"] == "running"), made.log()
    return made


def watching(running: WindowProcess) -> None:
    """The window shows the engine."""
    running.until(lambda seen: seen["step"] == StepId.IMPORT_TASK)
    running.until(lambda seen: "Stop import…" in seen["buttons"])


def count(running: WindowProcess, name: str) -> int:
    found: int = running.do("figure", path=f"{MODEL}.{name}")
    return found


def test_a_frozen_tail_stands_still_in_a_burst_and_loses_no_count(sandbox, engine):
    with window(sandbox.info["profile"], str(StepId.IMPORT_TASK)) as running:
        watching(running)
        sandbox.send(FIRST)
        running.until(lambda _: count(running, "received") == FIRST)
        running.until(lambda seen: "Freeze" in seen["buttons"])
        running.do("wheel", name="Live tail", notches=2)
        assert running.do("figure", path=f"{MODEL}.frozen")
        assert "reception goes on" in running.do("texts")

        sandbox.send(BURST)
        whole = FIRST + BURST
        running.until(lambda _: count(running, "received") + count(running, "dropped") == whole)
        received, dropped = count(running, "received"), count(running, "dropped")
        assert count(running, "shown") == FIRST, "what is looked at stands still"
        chip = f"{received - FIRST:,} new"
        assert chip in running.look()["buttons"]
        assert f"{dropped:,} dropped" in running.do("texts")

        running.do("click", name=chip)
        assert count(running, "shown") == received
        assert f"{received:,} of {received:,} shown" in running.do("texts")
        assert "reception goes on" not in running.do("texts")
        running.close()
    assert engine.terminate() == 0


def test_an_engine_that_is_killed_is_said_and_the_next_one_goes_on(sandbox, engine):
    with window(sandbox.info["profile"], str(StepId.IMPORT_TASK)) as running:
        watching(running)
        sandbox.send(FIRST)
        running.until(lambda _: count(running, "shown") == FIRST)
        engine.kill()
        seen = running.until(lambda seen: "Start again" in seen["buttons"])
        assert seen["problem"] == "", "it is no failure of the window's"
        health = "view.health._health.text"
        running.until(lambda _: running.do("figure", path=health) == "Ended unexpectedly")
        assert any("without being asked to" in each for each in running.look()["said"])
        assert "Stop import…" not in seen["buttons"]
        assert count(running, "shown") == FIRST, "what was received stays"

        running.do("click", name="Start again")
        watching(running)
        assert not any("without being asked to" in each for each in running.look()["said"])
        sandbox.send(LATER)
        running.until(lambda _: count(running, "shown") >= FIRST + LATER)
        running.stop_import()
        assert running.do("figure", path=health) == "Stopped"
        running.close()


def test_an_engine_that_a_test_leaves_is_ended(engine, tmp_path):
    """What tests/conftest.py does for engines that a window started."""
    end_engines(tmp_path / "elsewhere")
    assert engine.process.poll() is None
    end_engines(tmp_path / "state")
    assert not psutil.pid_exists(engine.process.pid)


def test_nothing_is_green_for_what_is_no_record(sandbox, engine):
    """Only messages that cannot be read come, then a record does."""
    sandbox.rate(0)  # its sender is there, and sends nothing by itself
    values = [base64.b64encode(each).decode() for each in (b"{not json", b"\xff\xfe", b"[" * 50)]
    sandbox.child("traffic").request("send_raw", values=values, partition=None)
    with window(sandbox.info["profile"], str(StepId.KAFKA_TEST)) as running:
        running.until(lambda seen: seen["step"] == StepId.KAFKA_TEST)
        running.until(lambda seen: seen["on"] == "Continue" and seen["can_go_on"])
        stages = running.do("stages")
        assert stages.pop("Read a record") == "warning"
        assert set(stages.values()) == {"ok"}
        running.go_on()
        watching(running)
        health = "view.health._health.text"
        amber = "Nothing but dead letters so far"
        running.until(lambda _: running.do("figure", path=health) == amber)
        assert count(running, "shown") == 0
        sandbox.send(LATER)
        running.until(lambda _: running.do("figure", path=health) == "Healthy")
        running.close()
    assert engine.terminate() == 0


def test_a_hub_without_a_record_is_no_success_yet(sandbox):
    with window(sandbox.info["profile"], str(StepId.KAFKA_TEST)) as running:
        running.until(lambda seen: seen["step"] == StepId.KAFKA_TEST)
        running.until(lambda seen: seen["on"] == "Continue" and seen["can_go_on"])
        assert running.do("stages")["Read a record"] == "empty"
        sandbox.send(LATER)
        running.do("click", name="Test again")
        running.until(lambda _: running.do("stages")["Read a record"] == "ok")
        running.close()
