"""The time of an event: where it is looked for, which forms are read, what it becomes."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.records.event_time import EventTime, event_time
from core.records.service import SERVICES

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
EARLY = "2026-03-01T10:00:00.1234567Z"
LATE = "2026-03-01T10:01:17.7654321Z"
MESSAGE_MS = 1_772_000_000_789
MESSAGE_TEXT = "2026-02-25T06:13:20.789Z"


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


def read(text: Any, service: str = "activitylogs") -> EventTime:
    return event_time({"time": text}, service, MESSAGE_MS)


# Where


@pytest.mark.parametrize(
    ("service", "record"),
    [
        ("signinlogs", {"time": LATE, "properties": {"createdDateTime": EARLY}}),
        ("signinlogs", {"TimeGenerated": LATE, "CreatedDateTime": EARLY}),
        ("auditlogs", {"time": LATE, "properties": {"activityDateTime": EARLY}}),
        ("riskdetection", {"time": LATE, "properties": {"activityDateTime": EARLY}}),
        ("riskdetection", {"time": LATE, "properties": {"riskLastUpdatedDateTime": EARLY}}),
        ("graphactivity", {"time": LATE, "properties": {"timeGenerated": EARLY}}),
        ("defender", {"TimeGenerated": EARLY, "StartTimeUtc": LATE}),
        ("defender", {"StartTimeUtc": EARLY, "EndTimeUtc": LATE}),
        ("defender", {"time": LATE, "properties": {"Timestamp": EARLY}}),
        ("activitylogs", {"time": EARLY, "properties": {"createdDateTime": LATE}}),
        ("keyvault", {"time": EARLY, "TimeGenerated": LATE}),
        ("other", {"timeStamp": EARLY}),
        ("other", {"time": "", "timeStamp": EARLY}),
        ("other", {"EventTimeString": EARLY}),
        ("other", {"CreatedDateTime": EARLY}),
        ("activitylogs", {"submissionTimestamp": LATE, "eventTimestamp": EARLY}),
        ("other", {"EventTimestamp": EARLY}),
        ("other", {"TimeGenerated": EARLY}),
        ("other", {"startTime": EARLY}),
        ("other", {"TIME": EARLY}),
        ("signinlogs", {"Time": LATE, "Properties": {"createddatetime": EARLY}}),
    ],
)
def test_time_is_taken_by_the_rule_of_the_service(service: str, record: dict[str, Any]) -> None:
    expected = EventTime(seconds(2026, 3, 1, 10, 0, 0), 123_456_700, EARLY, ())
    assert event_time(record, service, MESSAGE_MS) == expected


@pytest.mark.parametrize("created", [None, 7, "", "soon", "0001-01-01T00:00:00Z", {}, ["x"]])
def test_unusable_time_of_its_own_falls_back_to_time(created: object) -> None:
    record = {"time": LATE, "properties": {"createdDateTime": created}}
    assert event_time(record, "signinlogs", MESSAGE_MS).text == LATE


@pytest.mark.parametrize("properties", [None, "{'a':1}", 3, [], EARLY])
def test_properties_need_not_be_an_object(properties: object) -> None:
    record = {"time": LATE, "properties": properties}
    assert event_time(record, "signinlogs", MESSAGE_MS).text == LATE


def test_intune_time_without_its_hour_gives_way_to_the_activity_date() -> None:
    record = {
        "time": "2026-04-11:21:02.3387000Z",
        "properties": {"ActivityDate": "4/11/2026 6:21:02 PM"},
    }
    expected = EventTime(
        seconds(2026, 4, 11, 18, 21, 2), 0, "2026-04-11T18:21:02Z", ("time_zone_assumed",)
    )
    assert event_time(record, "intune", MESSAGE_MS) == expected


# Forms that are kept


@pytest.mark.parametrize(
    ("text", "whole", "nanoseconds"),
    [
        ("2025-03-21T21:00:30.8571557Z", seconds(2025, 3, 21, 21, 0, 30), 857_155_700),
        ("2024-11-15T21:00:04.104091166Z", seconds(2024, 11, 15, 21, 0, 4), 104_091_166),
        ("2024-11-15T21:00:04.1040911669999Z", seconds(2024, 11, 15, 21, 0, 4), 104_091_166),
        ("2018-12-04T07:18:07.065Z", seconds(2018, 12, 4, 7, 18, 7), 65_000_000),
        ("2021-07-19T08:19:27Z", seconds(2021, 7, 19, 8, 19, 27), 0),
        ("2025-04-11T03:19:18.12926+00:00", seconds(2025, 4, 11, 3, 19, 18), 129_260_000),
        ("2025-04-11T08:16:31+00:00", seconds(2025, 4, 11, 8, 16, 31), 0),
        ("2025-04-11T08:16:31.5+02:00", seconds(2025, 4, 11, 6, 16, 31), 500_000_000),
        ("2025-04-11T00:16:31-09:30", seconds(2025, 4, 11, 9, 46, 31), 0),
        ("2025-04-11t08:16:31.5z", seconds(2025, 4, 11, 8, 16, 31), 500_000_000),
        ("2024-02-29T00:00:00Z", seconds(2024, 2, 29), 0),
        ("1969-12-31T23:59:59.75Z", -1, 750_000_000),
        ("2016-12-31T23:59:60.25Z", seconds(2017, 1, 1), 250_000_000),
        ("2017-01-01T05:29:60+05:30", seconds(2017, 1, 1), 0),
        ("9999-12-31T23:59:59.9999999Z", seconds(9999, 12, 31, 23, 59, 59), 999_999_900),
    ],
)
def test_rfc_3339_with_a_zone_stays_as_it_is(text: str, whole: int, nanoseconds: int) -> None:
    for _ in range(2):  # the second reading of a second takes the short way
        assert read(text) == EventTime(whole, nanoseconds, text, ())


def test_readings_of_one_second_do_not_mix() -> None:
    head = "2031-05-06T07:08:09"
    base = seconds(2031, 5, 6, 7, 8, 9)
    assert read(f"{head}.1Z") == EventTime(base, 100_000_000, f"{head}.1Z", ())
    assert read(f"{head}Z") == EventTime(base, 0, f"{head}Z", ())
    assert read(f"{head}.25+00:00") == EventTime(base, 250_000_000, f"{head}.25+00:00", ())
    assert read(f"{head}.5-01:00") == EventTime(base + 3600, 500_000_000, f"{head}.5-01:00", ())
    assert read(f"{head}.5") == EventTime(base, 500_000_000, f"{head}.5Z", ("time_zone_assumed",))
    for broken in (".Z", ".1_0Z", ".٣Z", ".²Z", ". 1Z", "x1Z", ".1ZZ", ".-1Z", ".+1+00:00"):
        assert read(head + broken).flags == ("no_time",), broken


# Forms that are rewritten


@pytest.mark.parametrize(
    ("text", "stored", "whole", "nanoseconds", "flags"),
    [
        (
            "2025-01-15 09:30:45.123",
            "2025-01-15T09:30:45.123Z",
            seconds(2025, 1, 15, 9, 30, 45),
            123_000_000,
            ("time_zone_assumed",),
        ),
        (
            "2025-04-11 21:07:42.781656600",
            "2025-04-11T21:07:42.781656600Z",
            seconds(2025, 4, 11, 21, 7, 42),
            781_656_600,
            ("time_zone_assumed",),
        ),
        (
            "2025-04-11T21:07:42.7816566",
            "2025-04-11T21:07:42.7816566Z",
            seconds(2025, 4, 11, 21, 7, 42),
            781_656_600,
            ("time_zone_assumed",),
        ),
        (
            "2025-04-11 21:07:42Z",
            "2025-04-11T21:07:42Z",
            seconds(2025, 4, 11, 21, 7, 42),
            0,
            (),
        ),
        (
            "2025-04-14T3:15:37.008Z",
            "2025-04-14T03:15:37.008Z",
            seconds(2025, 4, 14, 3, 15, 37),
            8_000_000,
            (),
        ),
        (
            "2021-02-04T07: 45: 44.5864815Z",
            "2021-02-04T07:45:44.5864815Z",
            seconds(2021, 2, 4, 7, 45, 44),
            586_481_500,
            (),
        ),
        (
            " 2021-02-04T07:45:44+0200 ",
            "2021-02-04T07:45:44+02:00",
            seconds(2021, 2, 4, 5, 45, 44),
            0,
            (),
        ),
        (
            "4/14/2025 11:17:05 AM",
            "2025-04-14T11:17:05Z",
            seconds(2025, 4, 14, 11, 17, 5),
            0,
            ("time_zone_assumed",),
        ),
        (
            "12/12/2025 3:03:58 PM",
            "2025-12-12T15:03:58Z",
            seconds(2025, 12, 12, 15, 3, 58),
            0,
            ("time_zone_assumed",),
        ),
        (
            "4/25/2025 12:44:00 AM",
            "2025-04-25T00:44:00Z",
            seconds(2025, 4, 25, 0, 44, 0),
            0,
            ("time_zone_assumed",),
        ),
        (
            "4/25/2025 12:44:00 PM",
            "2025-04-25T12:44:00Z",
            seconds(2025, 4, 25, 12, 44, 0),
            0,
            ("time_zone_assumed",),
        ),
        (
            "05/28/2025 01:15:14.250",
            "2025-05-28T01:15:14.250Z",
            seconds(2025, 5, 28, 1, 15, 14),
            250_000_000,
            ("time_zone_assumed",),
        ),
        (
            "1/9/2007 10:41:00 AM +01:00",
            "2007-01-09T10:41:00+01:00",
            seconds(2007, 1, 9, 9, 41, 0),
            0,
            (),
        ),
        (
            "9/28/2016 8:40:06 PM +00:00",
            "2016-09-28T20:40:06+00:00",
            seconds(2016, 9, 28, 20, 40, 6),
            0,
            (),
        ),
    ],
)
def test_other_forms_are_rewritten(
    text: str, stored: str, whole: int, nanoseconds: int, flags: tuple[str, ...]
) -> None:
    assert read(text) == EventTime(whole, nanoseconds, stored, flags)


# Nothing usable


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "soon",
        "2025-04-11",
        "2025-04-11T08:16Z",
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2025-04-11T24:00:00Z",
        "2025-04-11T23:60:00Z",
        "2025-04-11T23:58:60Z",
        "2025-04-11T23:59:61Z",
        "2025-04-11T08:16:31+24:00",
        "2025-04-11T08:16:31+02:60",
        "2025-04-11T08:16:31 PST",
        "2025-04-11T08:16:31Zjunk",
        "2025-04-11:16:31Z",
        "٢٠٢٥-04-11T08:16:31Z",
        "4/31/2025 11:17:05 AM",
        "28/5/2025 01:15:14",
        "4/14/2025 13:17:05 PM",
        "4/14/2025 0:17:05 AM",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00.0000000Z",
        "1601-01-01T00:00:00Z",
        1_772_000_000,
        1.5,
        True,
        [],
        {"value": EARLY},
        "2025-04-11T08:16:31." + "1" * 1_000_000 + "Z",
        " " * 1_000_000,
    ],
)
def test_without_a_usable_time_the_message_gives_its_own(text: object) -> None:
    expected = EventTime(1_772_000_000, 789_000_000, MESSAGE_TEXT, ("no_time",))
    assert read(text) == expected


@pytest.mark.parametrize("timestamp", [0, -1, -(2**63), 2**63 - 1])
def test_without_a_message_time_the_clock_counts(timestamp: int) -> None:
    given = event_time({}, "other", timestamp, now_ms=MESSAGE_MS)
    assert given == EventTime(1_772_000_000, 789_000_000, MESSAGE_TEXT, ("no_time",))
    before = int(time.time())
    assert before <= event_time({}, "other", timestamp).seconds <= int(time.time())


# Properties

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DATETIMES = st.datetimes(
    min_value=datetime(1700, 1, 1),  # noqa: DTZ001 - the zone is added by the test
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
)
NAMES = st.sampled_from(
    ["time", "Time", "timeStamp", "TimeGenerated", "properties", "Properties", "createdDateTime"]
)
TIMES = st.from_regex(
    r"[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[T ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]{0,12})?"
    r"( ?[AP]M)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    fullmatch=True,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        NAMES | st.text(),
        JSON | TIMES | st.dictionaries(NAMES, JSON | TIMES, max_size=3),
        max_size=6,
    ),
    st.sampled_from(SERVICES),
    st.integers(-(2**63), 2**63 - 1),
)
@example({"properties": {"createdDateTime": EARLY}}, "signinlogs", 0)
def test_any_record_has_a_time(record: dict[str, Any], service: str, timestamp: int) -> None:
    moment = event_time(record, service, timestamp, now_ms=MESSAGE_MS)
    assert RFC_3339.fullmatch(moment.text)
    assert 0 <= moment.nanoseconds < 1_000_000_000
    assert set(moment.flags) <= {"time_zone_assumed", "no_time"}


@settings(deadline=None)
@given(
    DATETIMES,
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
    st.booleans(),
)
def test_reading_agrees_with_datetime_to_the_microsecond(
    naive: datetime, offset: int, in_utc: bool
) -> None:
    zone = UTC if in_utc else timezone(timedelta(minutes=offset))
    moment = naive.replace(tzinfo=zone)
    text = moment.isoformat()
    expected = moment - datetime(1970, 1, 1, tzinfo=UTC)
    for _ in range(2):
        found = read(text)
        assert found.text == text
        assert timedelta(seconds=found.seconds, microseconds=found.nanoseconds // 1000) == expected
        assert found.flags == ()


@settings(deadline=None)
@given(DATETIMES, st.booleans())
def test_us_order_agrees_with_datetime(naive: datetime, half_days: bool) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    hour = moment.strftime("%I:%M:%S %p" if half_days else "%H:%M:%S")
    found = read(f"{moment.month}/{moment.day}/{moment.year} {hour}")
    assert found == EventTime(
        int(moment.timestamp()),
        0,
        moment.replace(tzinfo=None).isoformat() + "Z",
        ("time_zone_assumed",),
    )
