"""The watchdog sees a block that was planted, and none while a job runs."""

from __future__ import annotations

import asyncio
import time

import pytest
from screens.watchdog import Watchdog

pytestmark = pytest.mark.slow


def test_a_planted_block_is_found_with_its_place(qtbot):
    with Watchdog() as watchdog:
        qtbot.wait(50)
        time.sleep(0.4)
        qtbot.wait(50)
    assert len(watchdog.blocks) == 1
    assert "time.sleep(0.4)" in watchdog.blocks[0]


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
