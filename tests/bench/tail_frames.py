"""What one frame of the live tail costs the GUI thread: 2,000 records a second, a full table.

A frame is what the window does ten times a second: it takes what the engine's stream gave, makes
rows of it, hands them to the table in one batch and paints. The control paints the same table
without anything new. Times are CPU times of the thread, and beside them what passed on the clock.
Offscreen, unless QT_QPA_PLATFORM says otherwise. Nothing is asserted.

    python tests/bench/tail_frames.py [--rate 2000] [--frames 300] [--filter FILTER]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from gui.app import make_application
from gui.widgets.live_model import CAPACITY
from gui.widgets.live_table import BATCH_MS
from gui.wizard.pages.tail_view import TailView

_SERVICES = ("signinlogs", "auditlogs", "activitylogs", "keyvault")


def main() -> None:
    """Fill the table, measure frames with and without new rows, print both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    make_application()
    tail = TailView()
    tail.resize(1280, 640)
    tail.show()
    QApplication.processEvents()
    tail.take(stream_frame(0, CAPACITY))
    tail.table.stop()
    if arguments.filter:
        tail.table.set_filter(arguments.filter)
    tail.table.follow()
    rows = arguments.rate * BATCH_MS // 1000
    frames = [stream_frame(CAPACITY + at * rows, rows) for at in range(arguments.frames)]
    frames.reverse()

    def feed() -> None:
        tail.take(frames.pop())
        tail.table.stop()  # what the timer does every 100 ms

    print(f"{rows} rows in each of {arguments.frames} frames, {tail.table.model.shown:,} shown")
    told("control: nothing new", measure(tail, lambda: None, arguments.frames))
    told("new rows", measure(tail, feed, arguments.frames))


def measure(
    tail: TailView, act: Callable[[], None], frames: int
) -> tuple[list[float], list[float]]:
    """CPU time and time of ``frames`` frames, ms."""
    worked, passed = [], []
    for _ in range(frames):
        since, cpu = time.perf_counter(), time.thread_time()
        act()
        tail.table.view.viewport().repaint()
        QApplication.processEvents()
        worked.append((time.thread_time() - cpu) * 1000)
        passed.append((time.perf_counter() - since) * 1000)
    return worked, passed


def told(title: str, found: tuple[list[float], list[float]]) -> None:
    """Print one line for the two."""
    words = [
        f"{name} p50 {statistics.median(each):5.1f}, "
        f"p95 {statistics.quantiles(each, n=20)[18]:5.1f}, worst {max(each):5.1f} ms"
        for name, each in zip(("CPU", "clock"), found, strict=True)
    ]
    print(f"{title:22} {'   '.join(words)}")


def stream_frame(first: int, count: int) -> dict[str, Any]:
    """A frame of the engine's stream."""
    return {
        "rows": [record(at) for at in range(first, first + count)],
        "shown": count,
        "hits": count,
        "total": count,
        "dropped": 0,
    }


def record(at: int) -> dict[str, Any]:
    """One record with a dozen fields, about 800 bytes."""
    return {
        "event_uid": f"486562d5.{at % 4}.{at}.mwv8u5dm.0/1",
        "event_service": _SERVICES[at % len(_SERVICES)],
        "event_time": "2026-11-22T14:02:13.5281774Z",
        "fields": {
            "time": "2026-11-22T14:02:13.5281774Z",
            "operationName": "Sign-in activity",
            "category": "SignInLogs",
            "resultType": "50126" if at % 40 == 0 else "0",
            "callerIpAddress": f"203.0.113.{at % 250}",
            "identity": f"user{at % 900}@contoso.com",
            "Level": "4",
            "location": "SG",
            "properties": '{"status":{"errorCode":0},"deviceDetail":{"operatingSystem":"x"}}' * 6,
            "correlationId": f"0b3d6a52-41f7-4c0e-8d11-{at:012x}",
            "tenantId": "4f1c2a34-0000-4000-8000-000000000001",
            "resourceId": "/tenants/4f1c2a34-0000-4000-8000-000000000001/providers/x",
        },
        "matches": [],
    }


if __name__ == "__main__":
    main()
