"""Finds blocks of the GUI thread: says where the thread stood when it did not come back in time.

A gap counts when this process worked through half of it, or when the watching thread came on time
for half of it and the GUI thread did not. On a machine that is busy with something else neither
holds, and that is nobody's fault in the window.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback

from PySide6.QtCore import QTimer

_BEAT = 0.01
_LATE = 0.03
_PARTS = 6


class Watchdog:
    """Use it as a context manager around what the user does, on the GUI thread.

    Attributes:
        blocks: one text each: how long it was, and where the GUI thread was.
        worst: the longest gap that counts, s.
    """

    def __init__(self, longest: float = 0.1) -> None:
        self.blocks: list[str] = []
        self.worst = 0.0
        self._longest = longest
        self._beat = time.monotonic()
        self._worked = time.process_time()
        self._seen = 0.0
        self._place = ""
        self._ended = threading.Event()
        self._gui = threading.get_ident()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._on_beat)
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watchdog:
        self._beat, self._worked = time.monotonic(), time.process_time()
        self._timer.start()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._on_beat()
        self._ended.set()
        self._timer.stop()
        self._thread.join()

    def _on_beat(self) -> None:
        now, worked = time.monotonic(), time.process_time()
        gap = now - self._beat
        if max(worked - self._worked, self._seen) >= gap / 2:
            self.worst = max(self.worst, gap)
            if gap > self._longest:
                self.blocks.append(f"{gap:.3f} s\n{self._place or 'no other thread ran in it'}")
        self._seen, self._place = 0.0, ""
        self._beat, self._worked = now, worked

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(_BEAT):
            now = time.monotonic()
            step, before = now - before, now
            gap = now - self._beat
            if step < _LATE and gap > _BEAT:
                self._seen += step
            if gap > self._longest / 2 and not self._place:
                frame = sys._current_frames().get(self._gui)
                self._place = "".join(traceback.format_stack(frame)[-_PARTS:]) if frame else ""
