"""The watchdog sees blocks that were planted, and none while a job runs."""

from __future__ import annotations

import asyncio
import time

import pytest
from screens.watchdog import Watchdog

_LONG = "x" * 4_000_000


def plant_a_wait() -> None:
    time.sleep(0.4)


def plant_work_that_lets_no_thread_run() -> None:
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        sorted(_LONG)


def plant_work() -> None:
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        pass


@pytest.mark.parametrize(
    "plant",
    [plant_a_wait, plant_work, plant_work_that_lets_no_thread_run],
    ids=lambda it: it.__name__,
)
def test_a_planted_block_is_found_with_its_place(qtbot, plant):
    with Watchdog() as watchdog:
        qtbot.wait(50)
        plant()
        qtbot.wait(50)
    found = [block for block in watchdog.blocks if plant.__name__ in block]
    assert len(found) == 1, watchdog.blocks
    assert watchdog.worst >= 0.4


@pytest.mark.slow
def test_no_block_while_jobs_run_and_a_tail_is_fed(jobs, qtbot):
    from screens.sample_pages import TailPage, tail_row

    from core.onboarding.steps import StepId

    page = TailPage(StepId.KAFKA_TEST, jobs)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.tail.follow()

    async def work(context):
        for batch in range(50):
            rows = [tail_row(at, "a@contoso.com") for at in range(500)]  # 5,000 rows a second
            context.partial(rows)
            context.waiting_for("records", batch / 50)
            await asyncio.sleep(0.1)

    with Watchdog() as watchdog:
        job = page.start("feed", work, "records")
        job.arrived.connect(page.tail.push)
        with qtbot.waitSignal(job.done, timeout=60_000):
            pass
    assert watchdog.blocks == []
    page.tail.stop()
    assert page.tail.model.received >= 25_000
