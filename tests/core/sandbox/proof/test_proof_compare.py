"""Every way in which a stored log can be wrong is found and named; a right one passes."""

from __future__ import annotations

import dataclasses
import json
import time

import pytest

from core.sandbox.proof import Difference, differences
from core.sandbox.proof.expected import expected_log

CATEGORIES = (
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
    "AuditLogs",
    "Administrative",
    "Alert",
    "AuditEvent",
    "AZFWNetworkRule",
    "AZFWApplicationRule",
    "MicrosoftGraphActivityLogs",
    None,
)

RECORD = (
    b'{"time":"2026-03-05T07:09:00.1234567Z","category":"SignInLogs","Level":4,"level":"4",'
    b'"count":1.50,"nothing":null,"flag":true,"text":"1","correlationId":"x",'
    b'"properties":{"createdDateTime":"2026-03-05T07:08:00.25+00:00","status":{"errorCode":0},'
    b'"city":"M\\u00fcnchen","ok":true,"list":[1,2.0,"3"],"none":null},"roles":[]}'
)
PROPERTIES = json.loads(RECORD)["properties"]


def compact(**changes):
    value = {**PROPERTIES, **changes}
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_an_importer_by_the_rule_stores_is_right(kit, tmp_path, category):
    sent = kit.sent(tmp_path, 0)
    record = sent.generator.record(sent.ordinal_of(category))
    assert differences(expected_log(record), kit.imported(record)) == []


def test_other_escapes_and_another_order_of_the_same_json_are_no_difference(kit):
    swapped = dict(reversed(PROPERTIES.items()))
    for text in (
        json.dumps(swapped, separators=(",", ":"), ensure_ascii=False),
        compact().replace("ü", "\\u00FC"),
    ):
        log = kit.with_field(kit.imported(RECORD), "properties", text)
        assert differences(expected_log(RECORD), log) == []


def test_flags_and_the_raw_record_may_be_added(kit):
    log = kit.imported(RECORD, event_flags="envelope_fields", event_raw="{}")
    assert differences(expected_log(RECORD), log) == []


@pytest.mark.parametrize(
    ("name", "value", "field", "expected", "found"),
    [
        ("text", "2", "text", "1", "2"),
        ("text", None, "text", "1", "(absent)"),
        ("count", "1.5", "count", "1.50", "1.5"),
        ("nothing", "", "nothing", "null", ""),
        ("nothing", None, "nothing", "null", "(absent)"),
        ("flag", "True", "flag", "true", "True"),
        ("Level", "5", "Level", "4", "5"),
        ("level__2", None, "level__2", "4", "(absent)"),
        ("extra", "?", "extra", "(absent)", "?"),
        ("event_extra", "?", "event_extra", "(absent)", "?"),
        ("roles", "", "roles", "[]", ""),
        ("roles", "{}", "roles", "[]", "{}"),
        ("roles", "[null]", "roles", "[]", "[null]"),
        ("roles", "[ ]", "roles", "compact JSON", "[ ]"),
        ("event_uid", None, "event_uid", "a text", "(absent)"),
        ("event_uid", "", "event_uid", "a text", "(absent)"),
        ("event_service", "auditlogs", "event_service", "signinlogs", "auditlogs"),
        ("event_service", None, "event_service", "signinlogs", "(absent)"),
        ("event_time", "2026-03-05T07:08:00.25Z", "event_time",
         "2026-03-05T07:08:00.25+00:00", "2026-03-05T07:08:00.25Z"),
        ("event_time", None, "event_time", "2026-03-05T07:08:00.25+00:00", "(absent)"),
        ("properties", compact(status={"errorCode": 1}), "properties.status.errorCode", "0", "1"),
        ("properties", compact(status={"errorCode": "0"}), "properties.status.errorCode",
         "0", '"0"'),
        ("properties", compact(status={}), "properties.status.errorCode", "0", "(absent)"),
        ("properties", compact(new=None), "properties.new", "(absent)", "null"),
        ("properties", compact(ok=1), "properties.ok", "true", "1"),
        ("properties", compact(none=False), "properties.none", "null", "false"),
        ("properties", compact(list=[1, 2, "3"]), "properties.list[1]", "2.0", "2"),
        ("properties", compact(list=[1]), "properties.list", None, None),
        ("properties", compact(city="Munchen"), "properties.city", '"München"', '"Munchen"'),
        ("properties", json.dumps(PROPERTIES), "properties", "compact JSON", None),
        ("properties", compact()[:-1], "properties", None, None),
        ("properties", compact()[:-1] + ',"ok":true}', "properties", None, None),
        ("properties", "NaN", "properties", None, "NaN"),
        ("properties", "[" * 100_000, "properties", None, None),
    ],
)  # fmt: skip
def test_a_wrong_field_is_found_and_named(kit, name, value, field, expected, found):
    log = kit.with_field(kit.imported(RECORD), name, value)
    (difference,) = differences(expected_log(RECORD), log)
    assert difference.field == field
    assert expected in (None, difference.expected)
    assert found in (None, difference.found)


def test_a_name_stored_twice_is_found(kit):
    log = kit.imported(RECORD)
    log = dataclasses.replace(log, fields=(*log.fields, ("text", "1")))
    assert [each.field for each in differences(expected_log(RECORD), log)] == ["(fields)"]


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"time_ns": 0}, Difference("Time_ns", "250000000", "0")),
        ({"time": 1772694481}, Difference("Time", "1772694480", "1772694481")),
        ({"time": 1772694540}, Difference("Time", "1772694480", "1772694540")),
        ({"tags": {"partition": "0"}}, Difference("LogTags.hub", "a text", "(absent)")),
        ({"tags": {"hub": "h"}}, Difference("LogTags.partition", "a text", "(absent)")),
        (
            {"tags": {"hub": "h", "partition": "p"}},
            Difference("LogTags.partition", "a number", "p"),
        ),
    ],
)
def test_a_wrong_time_or_tag_is_found_and_named(kit, change, difference):
    log = dataclasses.replace(kit.imported(RECORD), **change)
    assert differences(expected_log(RECORD), log) == [difference]


def test_a_log_that_log_service_would_refuse_for_its_age_may_have_the_time_of_its_import(kit):
    week = 7 * 86_400
    right = kit.imported(RECORD)
    for moved in (week, week + 5_000):
        log = dataclasses.replace(right, time=right.time + moved, time_ns=0)
        assert differences(expected_log(RECORD), log) == []
    ahead = dataclasses.replace(right, time=int(time.time()) + 3_600)
    assert [each.field for each in differences(expected_log(RECORD), ahead)] == ["Time"]


def test_long_texts_are_cut_in_what_is_shown(kit):
    log = kit.with_field(kit.imported(RECORD), "text", "x" * 5_000)
    (difference,) = differences(expected_log(RECORD), log)
    assert len(difference.found) == 300
