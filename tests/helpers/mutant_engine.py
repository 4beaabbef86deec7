"""An engine with one defect: it acknowledges a LogGroup before it sends it.

It shows that the proof sees a loss. It dies between its commit and the acknowledgement that it did
not wait for. Run as ``python -m mutant_engine run ...``.
"""

from __future__ import annotations

import os
import signal
import threading

from core.cli import main
from core.engine import assignment, delivery, engine

_committed = threading.Event()


class EagerDelivery(delivery.Delivery):
    def submit(self, batch):
        self.outcomes.put(delivery.Outcome(batch, batch.count))
        super().submit(batch)

    def _send(self, batch):
        _committed.wait(60)
        os.kill(os.getpid(), signal.SIGKILL)


class WatchedAssignment(assignment.Assignment):
    def committed(self, error, partitions):
        good = super().committed(error, partitions)
        if any(each.offset > 0 for each in partitions or ()):
            _committed.set()
        return good


if __name__ == "__main__":
    engine.Delivery = EagerDelivery
    engine.Assignment = WatchedAssignment
    main()
