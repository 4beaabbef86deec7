"""Waiting for something that must happen, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import confluent_kafka as ck

SECONDS = 20.0


def take(consumer: ck.Consumer, count: int, seconds: float = SECONDS) -> list[ck.Message]:
    """The next ``count`` messages; fails when they do not come."""
    got: list[ck.Message] = []
    deadline = time.monotonic() + seconds
    while len(got) < count:
        assert time.monotonic() < deadline, f"{len(got)} of {count} messages"
        for message in consumer.consume(count - len(got), 0.2):
            assert message.error() is None, message.error()
            got.append(message)
    return got


def eventually(condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """The first true value of ``condition``; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return value
