"""How a message becomes logs, message by message; expectations are written by hand."""

from __future__ import annotations

import codecs
import json

import pytest

from core.sandbox.log_service.jobs.job import Counts
from core.sandbox.log_service.jobs.json_fields import elements_of, fields_of
from core.sandbox.log_service.jobs.kafka_logs import MOST_LOG_BYTES, Message, logs_of
from core.sandbox.log_service.jobs.kafka_source import read_source
from core.sandbox.log_service.jobs.log_times import read_times
from core.sandbox.log_service.wire import ServiceError

NOW = 1_800_000_000.5
SASL = '{"protocol":"SASL_SSL","sasl":{"mechanism":"PLAIN","username":"u","password":"p"}}'
SOURCE = {
    "type": "Kafka",
    "bootstrapServers": "127.0.0.1:9093",
    "topics": "t",
    "valueType": "JSON",
    "fromPosition": "Earliest",
    "communication": SASL,
}


def logs(value, counts=None, timestamp=1_799_999_999_123, **changes):
    source = read_source({"source": SOURCE | changes}, typed=False)
    message = Message("t", 3, value, timestamp)
    return list(logs_of(message, source, NOW, counts or Counts()))


FIELDS = {
    '{"a":"1"}': {"a": "1"},
    ' { "a" : 1.2300 , "b" : -1e3 } ': {"a": "1.2300", "b": "-1e3"},
    '{"a":{"k" : [1,\n2]}, "b":[ ]}': {"a": '{"k" : [1,\n2]}', "b": "[ ]"},
    '{"a":true,"b":false,"c":null}': {"a": "true", "b": "false", "c": "null"},
    '{"a":"\\u00e9\\n\\"x\\""}': {"a": 'é\n"x"'},
    '{"a":"1","a":"2"}': {"a": "2"},
    '{"a":"{\\"b\\":1}"}': {"a": '{"b":1}'},
    "{}": {},
    '{"a":"b"': None,
    '{"a":"b"} x': None,
    '{"a" "b"}': None,
    '{"a":"b",}': None,
    "{1:2}": None,
    "[]": None,
    '"a"': None,
    "": None,
    "null": None,
    "[" * 100_000: None,
    '{"a":' + "[" * 100_000: None,
}


@pytest.mark.parametrize("text", FIELDS, ids=lambda text: text[:30])
def test_the_keys_of_an_object(text):
    assert fields_of(text) == FIELDS[text]


ELEMENTS = {
    '[{"a":1}, "x" ,3]': ['{"a":1}', '"x"', "3"],
    " [ ] ": [],
    "[[1],[2]]": ["[1]", "[2]"],
    "[1,]": None,
    "[1] [2]": None,
    "{}": None,
}


@pytest.mark.parametrize("text", ELEMENTS)
def test_the_elements_of_an_array(text):
    assert elements_of(text) == ELEMENTS[text]


def test_an_array_inside_an_object_is_not_split():
    (log,) = logs(b'{"records":[{"a":1},{"a":2}]}', parseArray=True)
    assert log.fields == {"records": '[{"a":1},{"a":2}]'}


def test_encodings_and_marks():
    (log,) = logs('{"a":"\u4e2d"}'.encode("gbk"), encoding="GBK")
    assert log.fields == {"a": "\u4e2d"}
    (log,) = logs(codecs.BOM_UTF8 + b'{"a":"b"}')
    assert log.fields == {"a": "b"}
    (log,) = logs(b"\xff\xfe broken", valueType="text")
    assert log.fields == {"content": "\ufffd\ufffd broken"}


def test_names_that_a_log_cannot_have_are_left_out_and_said():
    counts = Counts()
    long = "n" * 129
    value = json.dumps({"__time__": 1, "__tag__:x": "y", "": "e", long: 1, "ok": "1"})
    (log,) = logs(value.encode(), counts)
    assert log.fields == {"ok": "1"}
    assert counts.notices == ["fields with a reserved, empty or too long name were left out"]


def test_what_has_no_field_or_is_too_large_is_discarded_and_counted():
    counts = Counts()
    assert logs(b"{}", counts) == []
    assert counts.failed == 1
    head = b'{"a":"'
    fits = head + b"x" * (MOST_LOG_BYTES - 1) + b'"}'
    assert [len(log.fields["a"]) for log in logs(fits, counts)] == [MOST_LOG_BYTES - 1]
    assert logs(head + b"x" * MOST_LOG_BYTES + b'"}', counts) == []
    assert counts.failed == 2
    assert any("Deliver Failed" in notice for notice in counts.notices)


def test_the_context_of_a_log():
    (log,) = logs(b'{"a":"b"}', enableSlsContext=True)
    assert (log.origin.topic, log.fields) == ("t", {"a": "b", "__partition__": "3"})
    (log,) = logs(b'{"a":"b"}')
    assert (log.origin.topic, log.fields) == ("", {"a": "b"})


def test_the_time_of_a_log():
    value = b'{"t":"1799999000.25","other":"x"}'
    kafka = {"defaultTimeSource": "kafka"}
    own = {"timeField": "t", "timeFormat": "epoch"}
    for changes, wanted in (
        ({}, (1_800_000_000, None)),
        (kafka, (1_799_999_999, 123_000_000)),
        (own, (1_799_999_000, 250_000_000)),
        (own | kafka | {"timeField": "gone"}, (1_799_999_999, 123_000_000)),
        (own | {"timeField": "other"}, (1_800_000_000, None)),
    ):
        (log,) = logs(value, **changes)
        assert (log.seconds, log.nanoseconds) == wanted, changes
    (log,) = logs(value, timestamp=None, **kafka)
    assert log.seconds == 1_800_000_000


TIMES = {
    # format, zone, pattern, text: epoch seconds and nanoseconds (date -u -d ... +%s)
    ("epoch", "", "", "1714274900"): (1_714_274_900, 0),
    ("epochMillis", "", "", "1714274900123"): (1_714_274_900, 123_000_000),
    ("epochMicro", "", "", "1714274900123456"): (1_714_274_900, 123_456_000),
    ("epoch", "", "", "soon"): None,
    ("yyyy-MM-dd HH:mm:ss", "", "", "2024-04-28 03:28:20"): (1_714_274_900, 0),
    ("yyyy-MM-dd HH:mm:ss", "+0800", "", "2024-04-28 11:28:20"): (1_714_274_900, 0),
    ("yyyy-MM-dd HH:mm:ss", "GMT+08:00", "", "2024-04-28 11:28:20"): (1_714_274_900, 0),
    ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "", "", "2024-04-28T03:28:20.5Z"): (
        1_714_274_900,
        500_000_000,
    ),
    ("yyyy-MM-dd'T'HH:mm:ss.SSSSSSS'Z'", "", "", "2024-04-28T03:28:20.1234567Z"): (
        1_714_274_900,
        123_456_700,
    ),
    ("yyyy-MM-dd'T'HH:mm:ssZ", "+0800", "", "2024-04-28T01:28:20-0200"): (1_714_274_900, 0),
    ("yyyy-MM-dd'T'HH:mm:ssZ", "", "", "2024-04-28T01:28:20+9999"): None,
    ("yyyy-MM-dd HH:mm:ss", "", "", "2024-13-28 03:28:20"): None,
    ("yyyy-MM-dd HH:mm:ss", "", "", "2024-04-28"): None,
    ("yyyy-MM-dd HH:mm:ss", "", r"at (\S+ \S+);", "at 2024-04-28 03:28:20; x"): (1_714_274_900, 0),
    ("epoch", "", r"\d{10}", "x 1714274900 y"): (1_714_274_900, 0),
    ("epoch", "", r"\d{11}", "x 1714274900 y"): None,
}


@pytest.mark.parametrize("case", TIMES, ids=str)
def test_times(case):
    form, zone, pattern, text = case
    given = {"timeField": "t", "timeFormat": form, "timeZone": zone, "timePattern": pattern}
    times = read_times(given)
    assert times is not None
    assert times.of({"t": text}) == TIMES[case]
    assert times.of({}) is None


def test_a_time_format_that_nothing_could_fit_is_refused():
    for form in ("yyyy-MM-dd 'T", "yyyy yyyy", "EEE", "-" * 257):
        with pytest.raises(ServiceError):
            read_times({"timeField": "t", "timeFormat": form})
