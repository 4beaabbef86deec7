"""How long the first message that is not stored has waited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.engine.read_times import ReadTimes


def test_an_outage_shows_in_the_time_although_reading_goes_on():
    times = ReadTimes()
    for at in range(100):  # one message a second, the first ten of them stored
        times.add(at, 1_000_000 + at * 1000)
    assert times.waiting_since(10) == 1_010_000
    assert times.waiting_since(100) == 1_099_000, "all is stored: the newest that was read"


def test_nothing_read_and_no_timestamps_are_not_known():
    times = ReadTimes()
    times.add(5, 0)
    times.add(6, -1)
    assert times.waiting_since(5) is None


@given(
    steps=st.lists(st.integers(0, 500), min_size=1, max_size=300),
    stored=st.lists(st.integers(0, 300), max_size=20),
)
def test_it_is_right_to_a_fifth_of_a_second(steps, stored):
    times, sent, now = ReadTimes(), [], 1_000_000
    for offset, step in enumerate(steps):
        now += step
        sent.append(now)
        times.add(offset, now)
    for offset in sorted(stored):
        told = times.waiting_since(offset)
        true = sent[min(offset, len(sent) - 1)]
        assert true - 200 < told <= true
