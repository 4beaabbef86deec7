"""Messages and errors are taken in the order in which the client hands them over.

The client is a stand-in: the order inside one batch at the edge of retention cannot be had on call.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError

from core.engine.intake import HubRestartedError, Intake
from core.engine.tracker import PartitionTracker


class Client:
    def __init__(self, batch, low, high):
        self.batch, self.marks = batch, (low, high)
        self.assigned = []

    def consume(self, messages, seconds):
        return self.batch

    def get_watermark_offsets(self, place, timeout):
        return self.marks

    def incremental_unassign(self, places):
        self.assigned = []

    def incremental_assign(self, places):
        self.assigned = [(place.partition, place.offset) for place in places]


def message(offset, error=None):
    return SimpleNamespace(
        offset=lambda: offset,
        partition=lambda: 0,
        error=lambda: None if error is None else KafkaError(error),
    )


def intake_of(client, tracker):
    intake = Intake.__new__(Intake)
    intake.consumer = client
    intake._hub = SimpleNamespace(hub="h")
    intake._pauses = set()
    intake._trouble, intake._trouble_since, intake.gap = None, 0.0, None
    intake.assignment = SimpleNamespace(owned={0: SimpleNamespace(tracker=tracker)})
    return intake


def test_what_was_read_before_a_gap_is_tracked_before_it():
    tracker = PartitionTracker(1, 100)
    batch = [*map(message, range(100, 200)), message(200, KafkaError._AUTO_OFFSET_RESET)]
    client = Client(batch, low=250, high=300)
    intake = intake_of(client, tracker)
    for each in intake.poll(500, 0):
        tracker.track(each.offset(), 1)
    assert tracker.unfinished == 101
    assert tracker.committable == 100
    for offset in range(100, 200):
        tracker.release(offset)
    assert tracker.committable == 250
    assert client.assigned == [(0, 250)]
    assert "200 to 249" in intake.gap.cause


def test_what_was_read_of_the_old_hub_is_taken_before_the_new_one_is_noticed():
    tracker = PartitionTracker(1, 100)
    batch = [*map(message, range(100, 110)), message(110, KafkaError._AUTO_OFFSET_RESET)]
    intake = intake_of(Client(batch, low=0, high=5), tracker)
    polled = intake.poll(500, 0)
    assert [next(polled).offset() for _ in range(10)] == list(range(100, 110))
    with pytest.raises(HubRestartedError):
        next(polled)
