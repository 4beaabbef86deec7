"""Python's collector of cycles, run on the GUI thread between events and nowhere else.

Left to itself it runs in whatever thread allocates, and in the midst of painting. It then takes
down wrappers of Qt objects in the wrong thread, or beside objects that are being painted, and the
process dies of it (seen with PySide6 6.11: a widget's wrapper invalid in its own paintEvent).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 500


class Collector(QObject):
    """Collects for as long as it lives; ``stop`` gives the collector back to Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def pause(self) -> None:
        """Collect nothing until ``settle``: much is being made that stays."""
        self._timer.stop()

    def settle(self) -> None:
        """What is alive now stays so: later collections need not look at it (SDKs, classes).

        Nothing is collected before: looking at all of it takes a tenth of a second and more.
        """
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Python collects by itself again."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()

    def _collect(self) -> None:
        """The oldest generation that is due, and those younger than it."""
        due = [at for at, count in enumerate(gc.get_count()) if count > self._thresholds[at]]
        if due:
            gc.collect(due[-1])
