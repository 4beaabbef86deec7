"""One execution of a job, in a thread of its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import ClassVar

from core.sandbox.defects import place_of


class JobFailedError(Exception):
    """The job cannot go on; the text says why. No secret may be in it."""


class Run:
    """An execution; what it does is up to :meth:`work`.

    Attributes:
        is_restart: it follows another one, to begin anew.
        failure: why it ended by itself, empty if it did not.
        is_finished: it came to the end of what it had to do.
    """

    kind: ClassVar[str] = "job"

    def __init__(self) -> None:
        self.is_restart = False
        self.failure = ""
        self.is_finished = False
        self._ready = threading.Event()
        self._leave = threading.Event()
        self._is_told = False
        self._thread: threading.Thread | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it has reached its source."""
        return self._ready.is_set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._is_told

    def begin(self, after: Run | None, ended: Callable[[Run], None]) -> None:
        """Start as soon as ``after`` has ended; ``ended`` is called in the run's own thread."""

        def execute() -> None:
            if after is not None:
                after.join(None)
            try:
                if not self._leave.is_set():
                    self.work()
            except JobFailedError as error:
                self.failure = self.failure or str(error)
            except Exception as error:  # a defect of ours: one job, not the service
                text = place_of(error)
                print(f"log_service: {self.kind}: {text}", file=sys.stderr, flush=True)
                self.failure = f"the emulator failed: {text}"
            ended(self)

        self._thread = threading.Thread(target=execute, name=self.kind, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Have it end; returns at once."""
        self._is_told = True
        self._leave.set()

    def fail(self, text: str) -> None:
        """Have it end as if it had failed by itself."""
        self.failure = text
        self._leave.set()

    def join(self, seconds: float | None) -> bool:
        """Wait until it has ended; whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
            return not self._thread.is_alive()
        return True

    def work(self) -> None:
        """Do the job until :meth:`leaves`. Raises JobFailedError."""
        raise NotImplementedError

    def arrived(self) -> None:
        """The source was reached."""
        self._ready.set()

    def leaves(self, seconds: float = 0.0) -> bool:
        """Whether it is time to end; waits up to ``seconds`` for it."""
        return self._leave.wait(seconds)
