"""Stopping the connection test at once, from any thread, whatever it waits for."""

from __future__ import annotations

import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STEP_SECONDS = 0.05
"""How long a wait goes on after a cancellation, at the most."""


class CancelledError(Exception):
    """The test was stopped from outside."""


class Cancellation:
    """What stops a test: give it to the test, then call :meth:`cancel` when it should end."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        """Whether the test should end."""
        return self._asked.is_set()

    def cancel(self) -> None:
        """End the test; returns at once. Calling it again does nothing."""
        self._asked.set()

    def check(self) -> None:
        """Raise CancelledError if the test should end."""
        if self._asked.is_set():
            raise CancelledError


def in_background(work: Callable[[], T], seconds: float, cancellation: Cancellation) -> T:
    """What ``work`` returns or raises; it cannot be interrupted itself, so it may be left behind.

    Raises TimeoutError after ``seconds``, CancelledError.
    """
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=run, name="probe-step", daemon=True).start()
    deadline = time.monotonic() + seconds
    while True:
        cancellation.check()
        try:
            answer, error = answers.get(timeout=STEP_SECONDS)
        except queue.Empty:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            continue
        if error is not None:
            raise error
        return answer  # type: ignore[return-value]  # None only where T admits it


def wait_for(
    connection: socket.socket, events: int, deadline: float, cancellation: Cancellation
) -> None:
    """Wait until the non-blocking ``connection`` is ready for ``events`` (of ``selectors``).

    Raises TimeoutError at ``deadline`` (monotonic), CancelledError.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection, events)
        while True:
            cancellation.check()
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if selector.select(min(left, STEP_SECONDS)):
                return
