"""The standardised rule for sign-ins: golden rows, written by hand."""

from __future__ import annotations

import functools
import json

import pytest
from helpers.sign_in_logs import ADDED, GOLDEN, PROPERTIES, RECORD, stored

from core.alibaba.security_center.limits import expression_problem, pipeline_stages
from core.alibaba.security_center.sign_in_rule import STANDARD_FIELDS, rule_mode, sign_in_rule
from core.errors import Code, ProblemError
from core.sandbox.spl import Scene, Script, parse

BOTH_MODES = (Scene.SIEM_REALTIME, Scene.SIEM_SCAN)


@functools.cache
def script(batches: bool, scene: Scene) -> Script:
    return parse(sign_in_rule(batches), scene)


def made(row: dict[str, str], scene: Scene = Scene.SIEM_REALTIME, *, batches: bool = False):
    """What the rule makes of one stored log, without its time."""
    rows = script(batches, scene).run([{"__time__": 1774746075, **row}]).rows
    return [
        {name: value for name, value in each.items() if name != "__time__" and value is not None}
        for each in rows
    ]


@pytest.mark.parametrize("scene", BOTH_MODES)
def test_a_record_that_the_engine_stored(scene):
    assert made(stored(RECORD, **ADDED), scene) == [{**GOLDEN, "event_uid": ADDED["event_uid"]}]


@pytest.mark.parametrize("scene", BOTH_MODES)
def test_a_record_that_a_transformation_job_stored(scene):
    assert made(stored(RECORD), scene) == [GOLDEN]


def test_batches_become_single_records():
    other = {**RECORD, "category": "AuditLogs", "operationName": "Add user"}
    batch = {"records": json.dumps([RECORD, other, RECORD], ensure_ascii=False)}
    as_text = {"content": json.dumps({"records": [RECORD]})}
    assert made(batch, batches=True) == [GOLDEN, GOLDEN]
    assert made(as_text, batches=True) == [GOLDEN]


def test_a_message_that_is_no_batch_goes_through_the_rule_for_batches():
    assert made(stored(RECORD), batches=True) == [GOLDEN]


@pytest.mark.parametrize(
    "row",
    [
        {"category": "AuditLogs", "event_service": "auditlogs"},
        {"category": "NetworkAccessTrafficLogs", "event_service": "other"},
        {"records": "[]"},
        {},
    ],
)
def test_nothing_but_sign_ins_passes(row):
    assert made(row) == []


@pytest.mark.parametrize(
    "category",
    [
        "SignInLogs",
        "NonInteractiveUserSignInLogs",
        "ServicePrincipalSignInLogs",
        "MicrosoftServicePrincipalSignInLogs",
        "ManagedIdentitySignInLogs",
        "ADFSSignInLogs",
        "SIGNINLOGS",
    ],
)
def test_every_category_of_sign_ins_passes(category):
    assert [row["sign_in_type"] for row in made(stored({**RECORD, "category": category}))] == [
        category
    ]


def test_the_names_of_a_table_in_log_analytics():
    row = {
        "Type": "SigninLogs",
        "CreatedDateTime": "2026-03-29T00:59:58Z",
        "UserPrincipalName": "zoe.lindqvist@contoso.example",
        "UserId": "7e1b0f2a-95a1-4c2f-9b8e-6d2f8f6f1f11",
        "IPAddress": "203.0.113.7",
        "ResultType": "0",
        "AppDisplayName": "Contoso Portal",
        "Location": "DE",
        "event_service": "signinlogs",
    }
    (found,) = made(row)
    assert found["start_time"] == GOLDEN["start_time"]
    assert found["account_name"] == "zoe.lindqvist@contoso.example"
    assert (found["src_ip"], found["error_code"], found["country"]) == ("203.0.113.7", "0", "DE")


def test_a_workload_has_no_user_and_perhaps_no_address():
    properties = {
        "id": "1",
        "createdDateTime": "2026-03-29T00:59:58Z",
        "userId": None,
        "ipAddress": "",
        "status": {"errorCode": 0},
        "servicePrincipalName": "func-orders",
        "servicePrincipalId": "sp-1",
    }
    record = {**RECORD, "category": "ManagedIdentitySignInLogs", "properties": properties}
    del record["callerIpAddress"], record["identity"]
    (found,) = made(stored(record))
    assert found["account_type"] == "ServicePrincipal"
    assert (found["account_name"], found["account_id"]) == ("func-orders", "sp-1")
    assert found["error_code"] == "0"
    assert "src_ip" not in found


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1970-01-01T00:00:00Z", "0"),
        ("2026-03-29T00:59:58Z", "1774745998"),
        ("2026-03-29T00:59:58.5Z", "1774745998"),
        ("2026-03-29T02:59:58+02:00", "1774745998"),
        ("2026-03-28T19:29:58.123-05:30", "1774745998"),
        ("2026-03-29 00:59:58", "1774745998"),
        ("29 March", "1774746075"),  # the log's own time
    ],
)
def test_a_time_is_reckoned_in_no_zone(written, seconds):
    record = {**RECORD, "properties": {**PROPERTIES, "createdDateTime": written}}
    assert made(stored(record))[0]["start_time"] == seconds


def test_null_is_no_value():
    properties = {"status": {"errorCode": 0}}
    record = {**RECORD, "properties": properties, "callerIpAddress": None, "location": None}
    (found,) = made(stored(record))
    assert "src_ip" not in found
    assert "country" not in found
    assert found["start_time"] == "1774746075"  # of `time`


@pytest.mark.parametrize("batches", [False, True])
def test_every_standard_field_is_set(batches):
    last = pipeline_stages(sign_in_rule(batches))[-1]
    names = {name.strip() for name in last.removeprefix("project").split(",")}
    assert names >= set(STANDARD_FIELDS)
    assert names == set(GOLDEN) | {"event_uid"}


@pytest.mark.parametrize("batches", [False, True])
def test_the_rule_is_within_the_limits_of_its_mode(batches):
    assert expression_problem(sign_in_rule(batches), rule_mode(batches)) is None
    words = {stage.split()[0] for stage in pipeline_stages(sign_in_rule(batches))}
    assert words == {"where", "extend", "project"} | ({"expand-values"} if batches else set())


def test_batches_cannot_be_scanned():
    with pytest.raises(ProblemError) as caught:
        sign_in_rule(batches=True, mode="scan")
    assert caught.value.problem.code is Code.SECURITY_CENTER_SPLIT_REALTIME_ONLY
