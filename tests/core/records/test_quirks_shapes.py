"""Quirks of Azure's messages that are valid JSON: Q1-Q3, Q8-Q20, Q23-Q25. None is a repair."""

from __future__ import annotations

import json
from typing import Any

import pytest

TENANT = "/tenants/11111111-2222-3333-4444-555555555555/providers/Microsoft.aadiam"
SITE = "/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.WEB/SITES/SHOP"
MESSAGE_TIME = "2026-02-25T06:13:20.789Z"


def one(store: Any, record: Any) -> dict[str, str]:
    """The log of a record in the usual envelope."""
    log: dict[str, str] = store(json.dumps({"records": [record]}).encode()).only()
    assert "event_raw" not in log
    return log


# Envelopes


@pytest.mark.parametrize(
    ("value", "values", "flag"),
    [
        pytest.param(b'{"records":[{"a":1},{"a":2}]}', ["1", "2"], None, id="Q1-envelope"),
        pytest.param(b'{"a":1}', ["1"], None, id="Q1-bare-object"),
        pytest.param(b'[{"a":1},{"a":2}]', ["1", "2"], None, id="Q1-bare-array"),
        pytest.param(b'[{"records":[{"x":1}],"a":1}]', ["1"], None, id="Q1-array-of-envelopes"),
        pytest.param(b'{"records":[{"a":1,"records":[{"a":2}]}]}', ["1"], None,
                     id="records-inside-a-record"),
        pytest.param(b'{"n":5,"records":[{"a":1}]}', ["1"], "envelope_fields",
                     id="Q2-scalar-sibling"),
        pytest.param(b'{"records":[{"a":1}],"more":[{"a":2}]}', ["1"], "envelope_fields",
                     id="Q2-array-sibling"),
        pytest.param(b'{"logs":[{"a":2}],"a":[3]}', ["[3]"], None, id="Q2-arrays-but-no-records"),
        pytest.param(b'{"a":"x","value":[{"a":2}]}', ["x"], None, id="Q3-no-records"),
        pytest.param(b'{"Records":[{"a":2}],"a":"x"}', ["x"], None, id="Q3-records-in-capitals"),
        pytest.param(b'{"records":"some text","a":1}', ["1"], "records_not_an_array",
                     id="records-is-a-string"),
        pytest.param(b'{"records":{"x":1},"a":1}', ["1"], "records_not_an_array",
                     id="records-is-an-object"),
        pytest.param(b'{"records":[]}', [], None, id="no-records"),
        pytest.param(b'\r\n {\n\t"records" : [\n{"a" : 1}\n]\n}\n', ["1"], None, id="many-lines"),
    ],
)  # fmt: skip
def test_envelope(store: Any, value: bytes, values: list[str], flag: str | None) -> None:
    stored = store(value)
    assert not stored.causes
    assert [log["a"] for log in stored.logs.values()] == values
    for index in stored.logs:
        assert stored.flags(index) == {"no_time"} | ({flag} if flag else set())


def test_strings_and_objects_mixed_in_records(store: Any) -> None:
    stored = store(b'{"records":["text",{"a":1},null,7,[{"a":2}],{"a":3}]}')
    assert {index: log["a"] for index, log in stored.logs.items()} == {1: "1", 5: "3"}
    assert stored.causes == dict.fromkeys((0, 2, 3, 4), "record_not_an_object")
    assert stored.received == 6


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (b"plain text", "not_json"),
        (b"2026-01-01 10:00:00 ERROR {code: 5}", "not_json"),
        (b"<Event/>", "not_json"),
        (b'"text"', "not_an_object"),
        (b'{"records":null}', "records_not_an_array"),
        (b"", "empty"),
        (None, "empty"),
    ],
)
def test_messages_without_a_record(store: Any, value: bytes | None, cause: str) -> None:
    assert store(value).causes == {-1: cause}


def test_q24_headers_are_not_looked_at(store: Any) -> None:
    """The message that ``store`` hands over fails when they are."""
    assert one(store, {"a": "x"})["a"] == "x"


def test_q25_same_event_twice_is_stored_twice_under_two_identities(store: Any) -> None:
    event = {"eventDataId": "e-1", "correlationId": "c-1"}
    stored = store(json.dumps({"records": [event, event]}).encode())
    assert [log["eventDataId"] for log in stored.logs.values()] == ["e-1", "e-1"]
    assert len({log["event_uid"] for log in stored.logs.values()}) == 2


# Times


@pytest.mark.parametrize(
    ("written", "stored", "assumed"),
    [
        pytest.param("02/20/2026 14:54:26", "2026-02-20T14:54:26Z", True, id="Q8-us"),
        pytest.param("02/20/2026 14:54:26.123", "2026-02-20T14:54:26.123Z", True, id="Q8-us-ms"),
        pytest.param("2/9/2026 1:07:05 PM", "2026-02-09T13:07:05Z", True, id="us-afternoon"),
        pytest.param("2/9/2026 12:07:05 AM", "2026-02-09T00:07:05Z", True, id="us-midnight"),
        pytest.param("2/9/2026 1:07:05 PM +01:00", "2026-02-09T13:07:05+01:00", False,
                     id="us-with-zone"),
        pytest.param("2026-02-20T14:54:26.1234567Z", "2026-02-20T14:54:26.1234567Z", False,
                     id="Q11-7-digits"),
        pytest.param("2026-02-20T14:54:26.1234567+00:00", "2026-02-20T14:54:26.1234567+00:00",
                     False, id="Q11-7-digits-and-offset"),
        pytest.param("2026-02-20T14:54:26.123456789Z", "2026-02-20T14:54:26.123456789Z", False,
                     id="9-digits"),
        pytest.param("2026-02-20T14:54:26Z", "2026-02-20T14:54:26Z", False, id="seconds"),
        pytest.param("2026-02-20 14:54:26.123", "2026-02-20T14:54:26.123Z", True,
                     id="blank-for-T-and-no-zone"),
        pytest.param("2026-02-20T14: 54: 26.12Z", "2026-02-20T14:54:26.12Z", False,
                     id="blanks-inside"),
        pytest.param("2026-02-20T4:54:26.120Z", "2026-02-20T04:54:26.120Z", False,
                     id="unpadded-hour"),
    ],
)  # fmt: skip
def test_time(store: Any, written: str, stored: str, assumed: bool) -> None:
    log = one(store, {"time": written, "category": "Administrative"})
    assert log["event_time"] == stored
    assert log["time"] == written
    assert log.get("event_flags", "") == ("time_zone_assumed" if assumed else "")


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"time": ""}, id="Q9-empty"),
        pytest.param({}, id="Q9-missing"),
        pytest.param({"time": "2026-02-20T:HH"}, id="hour-never-filled-in"),
        pytest.param({"time": "2026-02-20T:14"}, id="intune-date-and-hour"),
        pytest.param({"time": "2026-02-20"}, id="date-alone"),
        pytest.param({"time": "yesterday"}, id="words"),
        pytest.param({"time": 1772000000}, id="number"),
        pytest.param({"time": None}, id="null"),
        pytest.param({"time": "1601-01-01T00:00:00Z"}, id="windows-zero"),
        pytest.param({"time": "0001-01-01T00:00:00"}, id="net-zero"),
    ],
)
def test_no_usable_time_is_the_messages(store: Any, record: dict[str, Any]) -> None:
    log = one(store, {"category": "Administrative"} | record)
    assert log["event_time"] == MESSAGE_TIME
    assert log["event_flags"] == "no_time"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("timeStamp", id="Q9-timeStamp"),
        pytest.param("TimeGenerated", id="Q10-TimeGenerated"),
        "EventTimeString",
        "EventTimestamp",
        "eventTimestamp",
        "CreatedDateTime",
        "startTime",
        "TIMESTAMP",
    ],
)
def test_other_places_of_the_time(store: Any, name: str) -> None:
    log = one(store, {"time": "", name: "2026-02-20T14:54:26.5Z"})
    assert log["event_time"] == "2026-02-20T14:54:26.5Z"


WRITTEN, HAPPENED = "2026-02-20T10:01:17.7654321Z", "2026-02-20T10:00:00.1234567Z"


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("SignInLogs", "createdDateTime"),
        ("NonInteractiveUserSignInLogs", "createdDateTime"),
        ("ServicePrincipalSignInLogs", "createdDateTime"),
        ("ManagedIdentitySignInLogs", "createdDateTime"),
        ("ADFSSignInLogs", "createdDateTime"),
        ("AuditLogs", "activityDateTime"),
        ("UserRiskEvents", "activityDateTime"),
        ("RiskyUsers", "riskLastUpdatedDateTime"),
        ("MicrosoftGraphActivityLogs", "timeGenerated"),
    ],
)
def test_event_time_is_not_when_it_was_written(store: Any, category: str, name: str) -> None:
    record = {"time": WRITTEN, "category": category, "resourceId": TENANT}
    stored = store(json.dumps(record | {"properties": {name: HAPPENED}}).encode())
    assert stored.only()["event_time"] == HAPPENED
    assert one(store, record)["event_time"] == WRITTEN
    assert stored.only()["time"] == WRITTEN


# Types


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        pytest.param("durationMs", 16, "16", id="Q12-int"),
        pytest.param("durationMs", "16", "16", id="Q12-string"),
        pytest.param("level", "4", "4", id="Q13-digit"),
        pytest.param("level", 4, "4", id="Q13-int"),
        pytest.param("Level", "Informational", "Informational", id="Q13-word"),
        pytest.param("identity", "Ada L.", "Ada L.", id="Q14-string"),
        pytest.param("identity", {"claims": {"a": 1}}, '{"claims":{"a":1}}', id="Q14-object"),
        pytest.param("properties", '{"a":"b"}', '{"a":"b"}', id="Q15-json-in-a-string"),
        pytest.param("properties", "{'a':'b'}", "{'a':'b'}", id="Q15-pseudo-json-in-a-string"),
        pytest.param("properties", {"oldValue": '"False"'}, '{"oldValue":"\\"False\\""}',
                     id="Q15-quoted-json-inside"),
        pytest.param("callerIpAddress", "203.0.113.7:5671", "203.0.113.7:5671", id="Q16-port"),
        pytest.param("callerIpAddress", "[2001:db8::1]:443", "[2001:db8::1]:443", id="Q16-v6"),
        pytest.param("callerIpAddress", "<null>", "<null>", id="Q16-null-in-angles"),
        pytest.param("callerIpAddress", "", "", id="Q16-empty"),
        pytest.param("resultType", "50126", "50126", id="Q17-number-as-string"),
        pytest.param("resultType", 0, "0", id="Q17-number"),
        pytest.param("resultType", "Success", "Success", id="Q17-word"),
        pytest.param("operationName", None, "null", id="operation-null"),
        pytest.param("sequence", 2**53 + 1, "9007199254740993", id="Q23-over-2-53"),
        pytest.param("sequence", 2**64, "18446744073709551616", id="Q23-over-2-64"),
        pytest.param("sequence", {"n": [2**64]}, '{"n":[18446744073709551616]}', id="Q23-inside"),
    ],
)  # fmt: skip
def test_value_is_stored_as_it_was_written(store: Any, name: str, value: Any, stored: str) -> None:
    assert one(store, {name: value})[name] == stored


# Names


def test_q13_level_in_two_cases_in_one_record(store: Any) -> None:
    log = one(store, {"Level": 5, "level": "Informational", "LEVEL": 1})
    assert (log["Level"], log["level__2"], log["LEVEL__3"]) == ("5", "Informational", "1")


def test_q18_claims_named_by_urls_stay_inside_their_object(store: Any) -> None:
    claims = {"http://schemas.example/ws/2005/05/claims.name": "x", "http://schemas": {"a.b": 1}}
    log = one(store, {"identity": {"claims": claims}, "http://schemas.example/a.b": "y"})
    assert json.loads(log["identity"]) == {"claims": claims}
    assert log["http://schemas.example/a.b"] == "y"


def test_names_inside_properties_are_not_lifted(store: Any) -> None:
    log = one(store, {"category": "AuditLogs", "properties": {"category": "UserManagement"}})
    assert log["category"] == "AuditLogs"
    assert log["properties"] == '{"category":"UserManagement"}'


def test_names_are_stored_in_the_case_they_come_in(store: Any) -> None:
    log = one(store, {"calleripaddress": "x", "Category": "SignInLogs", "DurationMs": 1})
    assert {"calleripaddress", "Category", "DurationMs"} <= set(log)
    assert log["event_service"] == "signinlogs"


# Routing


@pytest.mark.parametrize(
    ("record", "service"),
    [
        *(
            pytest.param({"category": name}, "signinlogs", id=f"Q19-{name}")
            for name in (
                "SignInLogs",
                "NonInteractiveUserSignInLogs",
                "ServicePrincipalSignInLogs",
                "ManagedIdentitySignInLogs",
                "ADFSSignInLogs",
            )
        ),
        pytest.param({"Category": "ServicePrincipalSignInLogs", "TenantId": "t"}, "signinlogs",
                     id="Q19-capitalised-and-flat"),
        pytest.param({"category": "AuditEvent", "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/"
                      "PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V"}, "keyvault", id="Q20-upper"),
        pytest.param({"category": "auditevent", "resourceId": "/subscriptions/s/resourcegroups/r/"
                      "providers/microsoft.keyvault/vaults/v"}, "keyvault", id="Q20-lower"),
        pytest.param({"category": "ADMINISTRATIVE", "operationName": "MICROSOFT.X/Y/WRITE"},
                     "activitylogs", id="Q20-category-in-capitals"),
        pytest.param({"category": "AuditLogs", "resourceId": TENANT}, "auditlogs",
                     id="AuditLogs-of-Entra"),
        pytest.param({"category": "AuditLogs", "properties": {"ActivityResultStatus": 1}},
                     "intune", id="AuditLogs-of-Intune"),
        pytest.param({"category": "OperationalLogs", "properties": {"IntuneAccountId": "x"}},
                     "intune", id="OperationalLogs-of-Intune"),
        pytest.param({"category": "OperationalLogs", "resourceId": "/SUBSCRIPTIONS/S/"
                      "RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.EVENTHUB/NAMESPACES/N"}, "other",
                     id="OperationalLogs-of-Event-Hubs"),
        *(
            pytest.param({"category": name, "resourceId": SITE, "operationName": "MICROSOFT.WEB/X"},
                         "activitylogs", id=f"old-{name}")
            for name in ("Write", "Delete", "Action")
        ),
        pytest.param({"category": {"value": "Administrative", "localizedValue": "Verwaltung"}},
                     "activitylogs", id="REST-form"),
        pytest.param({"eventDataId": "e", "eventName": {"value": "BeginRequest"},
                      "eventTimestamp": WRITTEN}, "activitylogs", id="REST-form-without-category"),
        pytest.param({"category": "FunctionAppLogs", "resourceId": SITE}, "other", id="Functions"),
    ],
)  # fmt: skip
def test_service(store: Any, record: dict[str, Any], service: str) -> None:
    assert one(store, record)["event_service"] == service


def test_a_repaired_record_is_routed_and_timed_like_any_other(store: Any) -> None:
    value = f"{{'category':'SignInLogs','properties':{{'createdDateTime':'{HAPPENED}'}}}}"
    log = store(value.encode()).only()
    assert (log["event_service"], log["event_time"]) == ("signinlogs", HAPPENED)
