"""A first batch is followed through the split: whole where it is whole, told where it is cut."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from helpers.whole_road import WholeRoad

from core.errors import Code, Problem, ProblemError
from core.onboarding.alibaba_session import alibaba_world
from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.first_batch import BatchCheck, check_first_batch
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture
def road(tmp_path, monkeypatch):
    state = tmp_path / "state"
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(state))
    with Sandbox(tmp_path / "sandbox", Options(empty=True, flow_rate=400)) as sandbox:
        made = WholeRoad(sandbox, state)
        made.managed("transformation")
        sandbox.flows.pause(True)
        assert made.apply().code == 0
        yield made


def asked(road: WholeRoad, what: Callable[[AlibabaWorld], Awaitable[Any]]) -> Any:
    async def ask() -> Any:
        async with alibaba_world(load_profile(road.profile)) as world:
            return await what(world)

    assert os.environ["ISTHMUS_STATE_DIR"] == str(road.state)
    return asyncio.run(ask())


def test_a_whole_batch_is_seen_whole(road):
    road.sandbox.flows.pause(False)
    check = road.wait("a batch", lambda: _check(road), 120)
    assert check.elements > 10
    road.sandbox.flows.pause(True)
    road.wait("the split's catching up", lambda: _is_through(road), 120)
    assert _cut(road) is None


def test_a_cut_batch_is_told(road):
    """The job splits with a limit, as a region might by itself."""

    async def limit(world: AlibabaWorld) -> None:
        (job,) = await world.logs.transformations(world.project)
        await world.logs.delete_transformation(world.project, job.name)
        cut = job.spl.replace("expand-values ", "expand-values -limit=10 ")
        assert cut != job.spl
        await world.logs.create_transformation(world.project, replace(job, spl=cut))

    asked(road, limit)
    road.sandbox.flows.pause(False)
    road.wait("messages", lambda: _read(road, "Ingestion") > 20, 120)
    road.sandbox.flows.pause(True)
    road.wait("the split's catching up", lambda: _is_through(road), 120)
    found = _cut(road)
    assert found is not None
    assert found.code is Code.SPLIT_CUTS_BATCHES
    assert found.where == "import.managed_split"
    assert "engine" in found.remedy


def _check(road: WholeRoad) -> BatchCheck | None:
    found = asked(road, lambda world: check_first_batch(world, 3600))
    return found if found and found.rows >= found.elements else None


def _cut(road: WholeRoad) -> Problem | None:
    try:
        asked(road, lambda world: check_first_batch(world, 0))
    except ProblemError as error:
        return error.problem
    return None


def _read(road: WholeRoad, kind: str) -> int:
    return next(each["read"] for each in road.logs.request("jobs") if each["type"] == kind)


def _is_through(road: WholeRoad) -> bool:
    """The split has read every message, and nothing new has come for a while."""
    before = _read(road, "Ingestion")
    time.sleep(2)
    return before == _read(road, "Ingestion") == _read(road, "ETL")
