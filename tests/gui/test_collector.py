"""Cycles are collected on the GUI thread and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref

from gui.collector import Collector


class Knot:
    """Holds itself."""

    def __init__(self):
        self.me = self


def test_cycles_go_on_the_gui_thread_whoever_made_them(qtbot):
    went_on = []

    def make():
        for _ in range(5000):
            knot = Knot()
            weakref.finalize(knot, lambda: went_on.append(threading.current_thread()))

    enabled = gc.isenabled()
    collector = Collector()
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert went_on == []
    qtbot.waitUntil(lambda: len(went_on) == 5000)
    assert set(went_on) == {threading.main_thread()}
    collector.pause()
    collector.settle()
    make()
    qtbot.waitUntil(lambda: len(went_on) == 10_000)
    collector.stop()
    assert gc.isenabled() is enabled
    collector.deleteLater()
