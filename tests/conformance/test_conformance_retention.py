"""Retention: what is older or more than asked for goes, whole segments at a time."""

from __future__ import annotations

import time

import pytest
from conformance.differences import differs
from conformance.kit import Kit, eventually
from conformance.wire import record_batch

pytestmark = pytest.mark.clients
MIB = 1024 * 1024
HOUR_MS = 3_600_000


def test_over_its_size_a_partition_loses_its_oldest_segments(kit: Kit) -> None:
    topic = kit.topic(retention_bytes=str(3 * MIB))
    kit.send(topic, [b"x" * 100_000] * 120, batch=5)

    def begins_at() -> int:
        """Once no more than the limit and what a segment holds is left."""
        low, high = kit.watermarks(topic)
        return low if (high - low) * 100_000 <= 4 * MIB else 0

    low = eventually(begins_at)
    assert kit.watermarks(topic) == (low, 120)
    kept = kit.read(topic, 120 - low, offset=low)
    assert [message.offset() for message in kept] == list(range(low, 120))
    assert sum(len(message.value()) for message in kept) >= 2 * MIB


def test_what_is_too_old_goes_and_what_comes_later_stays_readable(kit: Kit) -> None:
    topic = kit.topic(retention_ms="1500")
    kit.send(topic, [b"old"] * 10)
    eventually(lambda: kit.watermarks(topic) == (10, 10))
    kit.send(topic, [b"new"])
    assert [message.offset() for message in kit.read(topic, 1, offset=10)] == [10]


def test_age_counts_from_the_record_or_from_its_arrival(kit: Kit) -> None:
    """A record that says it is two days old, in a topic that keeps one hour."""
    topic, marker = kit.topic(retention_ms=str(HOUR_MS)), kit.topic(retention_ms="1500")
    two_days_ago = int(time.time() * 1000) - 48 * HOUR_MS
    kit.wire().produce(topic, record_batch([b"v"], timestamp=two_days_ago))
    for _ in range(2):  # the broker has looked at what is too old, twice
        kit.send(marker, [b"v"])
        eventually(lambda: len(set(kit.watermarks(marker))) == 1)
    assert kit.watermarks(topic) == differs("age", kit.broker)
