"""The committed offset never passes an unfinished message (promises G1 and G2)."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.engine.tracker import PartitionTracker


def test_a_gap_holds_the_committable_offset_back():
    tracker = PartitionTracker(epoch=1, start=10)
    for offset in (10, 11, 12):
        tracker.track(offset, 1)
    tracker.release(11)
    tracker.release(12)
    assert tracker.committable == 10
    tracker.release(10)
    assert tracker.committable == 13


def test_a_message_in_several_log_groups_waits_for_all_of_them():
    tracker = PartitionTracker(epoch=1, start=0)
    tracker.track(0, 3)
    tracker.release(0)
    tracker.release(0)
    assert tracker.committable == 0
    tracker.release(0)
    assert tracker.committable == 1


def test_a_message_without_records_is_finished_at_once():
    tracker = PartitionTracker(epoch=1, start=0)
    tracker.track(0, 0)
    assert tracker.committable == 1


def test_offsets_that_kafka_left_out_do_not_block():
    tracker = PartitionTracker(epoch=1, start=0)
    tracker.track(5, 1)
    tracker.track(9, 1)
    tracker.release(5)
    assert tracker.committable == 6
    tracker.release(9)
    assert tracker.committable == 10


def test_an_acknowledgement_too_many_is_an_error():
    tracker = PartitionTracker(epoch=1, start=0)
    tracker.track(0, 1)
    tracker.track(1, 1)
    tracker.release(1)
    with pytest.raises(KeyError):
        tracker.release(1)


def test_an_offset_that_goes_back_is_an_error():
    tracker = PartitionTracker(epoch=1, start=4)
    tracker.track(4, 1)
    with pytest.raises(ValueError, match="comes after"):
        tracker.track(4, 1)


def test_what_the_hub_no_longer_holds_is_passed_over_behind_what_is_unfinished():
    tracker = PartitionTracker(epoch=1, start=3)
    tracker.skip_to(12)
    assert (tracker.committable, tracker.position) == (12, 12)
    tracker.track(12, 1)
    tracker.skip_to(20)
    assert (tracker.committable, tracker.position) == (12, 20)
    tracker.skip_to(15)
    tracker.release(12)
    assert (tracker.committable, tracker.position) == (20, 20)


class TrackerMachine(RuleBasedStateMachine):
    """Against a model that recomputes everything from scratch."""

    def __init__(self) -> None:
        super().__init__()
        self.tracker = PartitionTracker(epoch=1, start=100)
        self.messages: list[list[int]] = []  # [offset, acknowledgements still missing]

    @rule(gap=st.integers(0, 3), holds=st.integers(0, 4))
    def read(self, gap: int, holds: int) -> None:
        offset = (self.messages[-1][0] + 1 if self.messages else 100) + gap
        self.tracker.track(offset, holds)
        self.messages.append([offset, holds])

    @precondition(lambda self: any(left for _, left in self.messages))
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from([each for each in self.messages if each[1]]))
        self.tracker.release(message[0])
        message[1] -= 1

    @invariant()
    def commits_the_finished_prefix_and_nothing_else(self) -> None:
        expected = 100
        for offset, left in self.messages:
            if left:
                break
            expected = offset + 1
        assert self.tracker.committable == expected
        done = sum(offset < expected for offset, _ in self.messages)
        assert self.tracker.unfinished == len(self.messages) - done


TrackerMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestTrackerMachine = TrackerMachine.TestCase
