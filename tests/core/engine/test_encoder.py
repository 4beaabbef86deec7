"""A stored log holds what docs/record.md says; decoded here with the SDK's own protobuf."""

from __future__ import annotations

import json

import msgspec
from aliyun.log.log_logs_pb2 import LogGroup
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.encoder import Encoder
from core.engine.log_group import log_body, log_tags, restamp, take_apart
from core.records.envelope import split
from core.records.event_time import EventTime

MOMENT = EventTime(1_764_000_000, 123_456_700, "2025-11-24T16:00:00.1234567Z", ())


def decoded(*entries: bytes) -> LogGroup:
    group = LogGroup()
    group.ParseFromString(b"".join(entries) + log_tags({"hub": "h", "partition": "3"}))
    return group


def fields_of(record_json: str, moment: EventTime = MOMENT, flags=()) -> dict[str, str]:
    (record,) = split(record_json.encode()).items
    entry = Encoder().encode(record, "u.0.0.0.0/1", "other", moment, moment.seconds, flags)
    (log,) = decoded(entry).Logs
    return {each.Key: each.Value for each in log.Contents}


def test_each_kind_of_value():
    fields = fields_of(
        '{"text":"Zürich 東京","empty":"","null":null,"yes":true,"no":false,"int":12,"neg":-5,'
        '"big":123456789012345678901234567890,"float":1.50,"exp":1E400,'
        '"object":{"a": [1, 2.0, null], "ü":"é"},"array":[ {"x":1} ],"none":{}}'
    )
    own = {name: fields.pop(name) for name in ("event_uid", "event_service", "event_time")}
    assert own == {
        "event_uid": "u.0.0.0.0/1",
        "event_service": "other",
        "event_time": "2025-11-24T16:00:00.1234567Z",
    }
    assert fields == {
        "text": "Zürich 東京",
        "empty": "",
        "null": "null",
        "yes": "true",
        "no": "false",
        "int": "12",
        "neg": "-5",
        "big": "123456789012345678901234567890",
        "float": "1.50",
        "exp": "1E400",
        "object": '{"a":[1,2.0,null],"ü":"é"}',
        "array": '[{"x":1}]',
        "none": "{}",
    }


def test_names_that_cannot_stay_are_flagged():
    fields = fields_of(
        '{"a":1,"A":2,"__time__":3,"event_uid":"theirs"}', flags=("envelope_fields",)
    )
    assert fields["a"] == "1"
    assert fields["A__2"] == "2"
    assert fields["field_3"] == "3"
    assert fields["field_4"] == "theirs"
    assert fields["event_uid"] == "u.0.0.0.0/1"
    assert fields["event_flags"] == (
        "envelope_fields,renamed:field_3=__time__,renamed:field_4=event_uid"
    )


def test_time_in_seconds_and_nanoseconds_and_tags():
    (record,) = split(b'{"a":1}').items
    group = decoded(Encoder().encode(record, "u", "other", MOMENT, MOMENT.seconds, ()))
    assert group.Logs[0].Time == 1_764_000_000
    assert group.Logs[0].Time_ns == 123_456_700
    assert [(tag.Key, tag.Value) for tag in group.LogTags] == [("hub", "h"), ("partition", "3")]


def test_a_time_by_the_clock_takes_no_fraction_of_the_event():
    (record,) = split(b'{"a":1}').items
    group = decoded(Encoder().encode(record, "u", "other", MOMENT, 1_764_999_999, ()))
    assert group.Logs[0].Time == 1_764_999_999
    assert not group.Logs[0].HasField("Time_ns")


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=30)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    record=st.dictionaries(st.text("abcXYZ-é", min_size=1, max_size=12), values, max_size=8),
    size=st.sampled_from([0, 100, 9000, 70_000]),
)
@settings(max_examples=150, deadline=None)
def test_any_record_decodes_to_its_own_values(record, size):
    folded = [name.lower() for name in record]
    if len(set(folded)) < len(folded):
        record = {}
    record = record | {"zz_long": "x" * size}
    fields = fields_of(json.dumps(record))
    for name, value in record.items():
        if isinstance(value, str):
            assert fields[name] == value
        elif isinstance(value, (dict, list)):
            assert json.loads(fields[name]) == value
            assert fields[name] == msgspec.json.encode(value).decode()
        else:
            assert fields[name] == json.dumps(value)


@given(count=st.integers(1, 20), padding=st.integers(0, 40_000))
@settings(max_examples=50, deadline=None)
def test_a_group_can_be_taken_apart_again(count, padding):
    encoder = Encoder()
    record = {"p": "x" * padding}
    entries = [
        encoder.encode(record, f"u.{n}", "other", MOMENT, MOMENT.seconds, ()) for n in range(count)
    ]
    tags = log_tags({"hub": "h"})
    assert take_apart(b"".join(entries) + tags) == (entries, tags)


def test_a_stale_time_is_replaced_and_nothing_else():
    (record,) = split(b'{"a":1}').items
    entry = Encoder().encode(record, "u", "other", MOMENT, MOMENT.seconds, ())
    same = restamp(entry, MOMENT.seconds, MOMENT.seconds + 5, 1_800_000_000)
    assert same == entry
    changed = restamp(entry, MOMENT.seconds + 1, MOMENT.seconds + 5, 1_800_000_000)
    assert len(changed) == len(entry)
    (before,), (after,) = decoded(entry).Logs, decoded(changed).Logs
    assert after.Time == 1_800_000_000
    assert list(after.Contents) == list(before.Contents)
    assert log_body(changed)[6:] == log_body(entry)[6:]


def test_texts_remembered_are_bounded_whatever_comes():
    encoder = Encoder()
    for kind in range(200):
        for number in range(60):
            record = {f"f{kind}_{n}": f"{number:03}" + "x" * 180 for n in range(20)}
            encoder.encode(record, "u", "other", MOMENT, MOMENT.seconds, ())
    kept = sum(
        len(text) + len(chunk)
        for plan in encoder._plans.values()
        for _, _, texts in plan.columns
        for text, chunk in (texts or {}).items()
    )
    assert 0 < kept <= 9 * 1024 * 1024
