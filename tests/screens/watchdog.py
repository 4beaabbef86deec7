"""Finds blocks of the GUI thread: says where the thread stood when it did not come back in time.

A gap counts only while the watching thread itself came on time; on a machine that is busy with
something else both are late, and that is nobody's fault in the window.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback

from PySide6.QtCore import QTimer

_BEAT = 0.01
_LATE = 0.03


class Watchdog:
    """Use it as a context manager around what the user does.

    Attributes:
        blocks: one text each: how long by then, and where the GUI thread was.
    """

    def __init__(self, longest: float = 0.1) -> None:
        self.blocks: list[str] = []
        self._longest = longest
        self._beat = time.monotonic()
        self._ended = threading.Event()
        self._gui = threading.get_ident()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._on_beat)
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watchdog:
        self._on_beat()
        self._timer.start()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._timer.stop()
        self._thread.join()

    def _on_beat(self) -> None:
        self._beat = time.monotonic()

    def _watch(self) -> None:
        told = 0.0
        blocked = 0.0
        before = time.monotonic()
        while not self._ended.wait(_BEAT):
            now = time.monotonic()
            step, before = now - before, now
            if now - self._beat < 2 * _BEAT:
                blocked = 0.0
            elif step < _LATE:
                blocked += step
            if blocked > self._longest and told != self._beat:
                told = self._beat
                frame = sys._current_frames().get(self._gui)
                stack = "".join(traceback.format_stack(frame)[-4:]) if frame else ""
                self.blocks.append(f"{now - self._beat:.3f} s\n{stack}")
