"""The tail shows what went by and counts exactly what it did not show."""

from __future__ import annotations

from dataclasses import dataclass, field

from aliyun.log.log_logs_pb2 import LogGroup
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.encoder import Encoder
from core.engine.log_group import entry_fields, log_tags
from core.engine.tail_reader import TailReader
from core.engine.tail_ring import TailRing
from core.records.envelope import split
from core.records.event_time import EventTime
from core.records.filters import parse

MOMENT = EventTime(1_764_000_000, 5, "2025-11-24T16:00:00.000000005Z", ())
TAGS = log_tags({"hub": "h", "partition": "0"})


@dataclass
class Stream:
    """Fills a ring with LogGroups as the engine does; every record has its number in ``n``."""

    ring: TailRing
    sent: int = 0
    encoder: Encoder = field(default_factory=Encoder)

    def group(self, count: int, padding: str = "") -> None:
        entries = []
        for _ in range(count):
            kind = "odd" if self.sent % 2 else "even"
            text = f'{{"n":{self.sent},"kind":"{kind}","text":"{padding}"}}'
            (record,) = split(text.encode()).items
            uid = f"hub.0.{self.sent}.0.0/1"
            entries.append(self.encoder.encode(record, uid, "other", MOMENT, MOMENT.seconds, ()))
            self.sent += 1
        self.ring.add(b"".join((*entries, TAGS)), count)


def numbers(frame) -> list[int]:
    return [int(row["fields"]["n"]) for row in frame.rows]


def test_a_row_is_the_stored_log():
    stream = Stream(TailRing())
    reader = TailReader(stream.ring, None, 100)
    stream.group(1)
    (row,) = reader.frame(5.0).rows
    assert row == {
        "event_uid": "hub.0.0.0.0/1",
        "event_service": "other",
        "event_time": "2025-11-24T16:00:00.000000005Z",
        "fields": {"n": "0", "kind": "even", "text": ""},
        "matches": [],
    }


@given(
    text=st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=300), max_size=8),
    nanoseconds=st.integers(0, 999_999_999),
)
def test_fields_are_read_as_the_sdk_reads_them(text, nanoseconds):
    moment = EventTime(MOMENT.seconds, nanoseconds, MOMENT.text, ())
    entry = Encoder().encode(dict(text), "u", "other", moment, moment.seconds, ("flag",))
    group = LogGroup()
    group.ParseFromString(entry)
    (log,) = group.Logs
    assert entry_fields(entry) == {each.Key: each.Value for each in log.Contents}


def test_only_new_records_unless_older_ones_are_asked_for():
    stream = Stream(TailRing())
    stream.group(30)
    assert TailReader(stream.ring, None, 100).frame(5.0).total == 0
    late = TailReader(stream.ring, None, 100, last=7)
    stream.group(2)
    assert numbers(late.frame(5.0)) == list(range(23, 32))
    every = TailReader(stream.ring, None, 100, last=10_000)
    assert every.frame(5.0).total == 32


def test_a_filter_is_applied_before_the_limit():
    stream = Stream(TailRing())
    reader = TailReader(stream.ring, parse("kind:odd"), 10)
    stream.group(20)
    frame = reader.frame(5.0)
    assert numbers(frame) == list(range(1, 20, 2))
    assert (frame.shown, frame.hits, frame.total, frame.dropped) == (10, 10, 20, 0)


def test_what_is_over_the_limit_is_counted():
    stream = Stream(TailRing())
    reader = TailReader(stream.ring, None, 10)
    stream.group(500)
    stream.group(500)
    frame = reader.frame(5.0)
    assert numbers(frame) == list(range(10))
    assert (frame.shown, frame.hits, frame.total, frame.dropped) == (10, 1000, 1000, 990)


def test_what_was_forgotten_before_the_reader_came_by_is_counted():
    stream = Stream(TailRing(limit_bytes=4000))
    reader = TailReader(stream.ring, None, 10_000)
    for _ in range(20):
        stream.group(10, "x" * 50)
    frame = reader.frame(5.0)
    assert frame.total == 200
    assert frame.dropped == 200 - frame.shown
    assert 0 < frame.shown < 200
    assert numbers(frame) == list(range(200 - frame.shown, 200))


@settings(max_examples=60)
@given(
    groups=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    limit=st.integers(500, 20_000),
    rows=st.integers(1, 200),
    every=st.integers(1, 5),
    wanted=st.sampled_from(["", "kind:odd", "nothing"]),
)
def test_the_counts_add_up_whatever_happens(groups, limit, rows, every, wanted):
    stream = Stream(TailRing(limit))
    chosen = parse(wanted) if wanted else None
    reader = TailReader(stream.ring, chosen, rows)
    seen: list[int] = []
    for number, count in enumerate(groups):
        stream.group(count)
        if number % every == 0:
            seen += numbers(reader.frame(0.001))
    frame = reader.frame(5.0)
    seen += numbers(frame)
    assert not reader.is_behind
    assert frame.total == stream.sent
    assert frame.shown == len(seen)
    assert seen == sorted(set(seen))
    assert frame.shown <= frame.hits <= frame.total
    if wanted == "":
        assert frame.shown + frame.dropped == frame.total
    else:
        assert frame.shown + frame.dropped <= frame.total
    if wanted == "kind:odd":
        assert all(number % 2 for number in seen)
