"""The proof's own written form of the stored-log rule, on records written by hand."""

from __future__ import annotations

import json

import pytest

from core.sandbox.proof.expected import expected_log, moment

HEAD = b'"category":"AuditEvent","time":"2026-03-05T07:08:09.0123456Z"'


def of(fields: bytes):
    return expected_log(b"{" + HEAD + b"," + fields + b"}")


def test_text_number_boolean_and_null_are_stored_as_text():
    log = of(
        rb'"text":"a \"b\" \u00fc\ud83d\ude80","empty":"","whole":12345678901234567890,'
        rb'"float":1.50,"big":1E+2,"yes":true,"no":false,"nothing":null'
    )
    assert log.fields == {
        "category": "AuditEvent",
        "time": "2026-03-05T07:08:09.0123456Z",
        "text": 'a "b" ü🚀',
        "empty": "",
        "whole": "12345678901234567890",
        "float": "1.50",
        "big": "1E+2",
        "yes": "true",
        "no": "false",
        "nothing": "null",
    }
    assert log.nested == {}


def test_objects_and_arrays_are_stored_as_compact_json():
    log = of(b'"o": { "a b" : [ 1.50 , "x : y" ] , "c": { } } , "a": [\r\n null, true ]')
    assert log.nested == {"o": '{"a b":[1.50,"x : y"],"c":{}}', "a": "[null,true]"}


def test_the_second_of_two_names_that_differ_by_case_gets_a_number():
    log = of(b'"Level":5,"level":"Informational"')
    assert log.fields["Level"] == "5"
    assert log.fields["level__2"] == "Informational"
    assert "level" not in log.fields


@pytest.mark.parametrize(
    ("record", "service", "time"),
    [
        ({"category": "SignInLogs", "properties": {"createdDateTime": "T+00:00"}}, "signinlogs", 1),
        ({"category": "NonInteractiveUserSignInLogs", "properties": {"createdDateTime": "T+00:00"}},
         "signinlogs", 1),
        ({"category": "ServicePrincipalSignInLogs", "properties": {"createdDateTime": "T+00:00"}},
         "signinlogs", 1),
        ({"category": "ManagedIdentitySignInLogs", "properties": {"createdDateTime": "T+00:00"}},
         "signinlogs", 1),
        ({"category": "AuditLogs", "properties": {"activityDateTime": "T+00:00"}}, "auditlogs", 1),
        ({"category": "MicrosoftGraphActivityLogs", "properties": {"timeGenerated": "T+00:00"}},
         "graphactivity", 1),
        ({"category": "Administrative"}, "activitylogs", 0),
        ({"category": "Alert"}, "activitylogs", 0),
        ({"category": "AuditEvent"}, "keyvault", 0),
        ({"category": "AZFWNetworkRule"}, "firewall", 0),
        ({"category": "AZFWApplicationRule"}, "firewall", 0),
        ({"AlertType": "x", "TimeGenerated": "T+00:00", "StartTimeUtc": "TZ"}, "defender", 1),
    ],
)  # fmt: skip
def test_each_category_has_its_service_and_its_own_time(record, service, time):
    text = json.dumps({"time": "TZ", **record})
    text = text.replace('"TZ', '"2026-03-05T07:09:00Z').replace('"T+', '"2026-03-05T07:08:09.5+')
    log = expected_log(text.encode())
    assert log.service == service
    assert log.time == ["2026-03-05T07:09:00Z", "2026-03-05T07:08:09.5+00:00"][time]
    assert (log.seconds, log.nanoseconds) == [(1772694540, 0), (1772694489, 500_000_000)][time]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", (1, 0)),
        ("1970-01-01T00:00:01.0000001Z", (1, 100)),
        ("1970-01-01T01:00:01.123456789+01:00", (1, 123_456_789)),
        ("2026-11-24T15:00:00.9999999Z", (1795532400, 999_999_900)),
    ],
)
def test_a_time_is_whole_seconds_and_nanoseconds(text, expected):
    assert moment(text) == expected


@pytest.mark.parametrize("text", ["", "2026-03-05 07:08:09Z", "2026-03-05T07:08:09", "yesterday"])
def test_what_the_traffic_never_writes_is_no_time(text):
    with pytest.raises(ValueError, match="no time"):
        moment(text)
