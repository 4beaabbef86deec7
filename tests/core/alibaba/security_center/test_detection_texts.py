"""Our own detection rules: their files, and what their queries find."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources

import duckdb
import pytest
import sqlglot

from core.alibaba.security_center.detection_texts import (
    detection_names,
    detection_text,
    parse_detection_text,
)
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA, Schema, SchemaField
from core.errors import Code, ProblemError
from core.profile_alibaba import Detection

COMMON = ("log_uuid", "log_time", "start_time", "end_time", "user_id", "schema", "extend_content")
KNOWN = (*COMMON, "cloud_user_id", "src_ip", "account_name", "account_id", "error_code")
NOON = 1_774_785_600


def structure(*names: str) -> Schema:
    fields = tuple(SchemaField(name, "varchar", False, False) for name in names)
    return Schema("SIGN_INS", SIGN_IN_SCHEMA, "AUDIT_CATEGORY", "audit_activity", fields=fields)


SCHEMA = structure(*KNOWN, "account_type", "country", "latitude", "longitude")
NAMES = tuple(field.name for field in SCHEMA.fields)


def sign_in(second: int, address: str, user: str, code: str = "0", place: str = "DE 48.1 11.6"):
    """A standardised sign-in; ``place``: country, latitude, longitude."""
    country, latitude, longitude = place.split()
    return {
        "log_uuid": f"{second}/{address}/{user}",
        "start_time": str(NOON + second),
        "user_id": "1000000000000001",
        "schema": "SIGN_INS",
        "cloud_user_id": "tenant",
        "src_ip": address,
        "account_name": user,
        "account_id": f"id of {user}",
        "account_type": "Member",
        "error_code": code,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
    }


def found(name: str, *rows: dict[str, str]) -> list[dict[str, object]]:
    """What the query finds in a table of text columns, which is what scan mode gives."""
    query = detection_text(name).query(SCHEMA)
    search, settings, select = re.fullmatch(r"(\*)\|(set session mode=scan); (.*)", query).groups()
    assert (search, settings) == ("*", "set session mode=scan")
    (sql,) = sqlglot.transpile(select, read="presto", write="duckdb")
    with duckdb.connect() as database:
        columns = ", ".join(f'"{column}" VARCHAR' for column in NAMES)
        database.execute(f"CREATE TABLE log ({columns})")
        places = ", ".join("?" * len(NAMES))
        for row in rows:
            values = [row.get(column) for column in NAMES]
            database.execute(f"INSERT INTO log VALUES ({places})", values)
        answer = database.execute(sql)
        heads = [head[0] for head in answer.description]
        return [dict(zip(heads, row, strict=True)) for row in answer.fetchall()]


def spray(accounts: int, apart: int = 1, first: int = 0) -> list[dict[str, str]]:
    return [
        sign_in(first + apart * number, "198.51.100.9", f"user{number}@contoso.example", "50126")
        for number in range(accounts)
    ]


def test_ten_accounts_from_one_address_are_a_spray():
    (row,) = found("password_spray", *spray(10))
    assert (row["src_ip"], row["accounts"], row["attempts"]) == ("198.51.100.9", 10, 10)
    assert (row["start_time"], row["end_time"]) == (str(NOON), str(NOON + 9))
    assert row["successes"] == 0
    assert row["log_uuid"]


@pytest.mark.parametrize(
    "rows",
    [
        spray(9),
        spray(11, apart=120),  # never ten of them within ten minutes
        [{**each, "src_ip": f"203.0.113.{n}"} for n, each in enumerate(spray(30))],
        [{**each, "account_name": "one@contoso.example"} for each in spray(30)],
        [{**each, "error_code": "50140"} for each in spray(30)],
        [{**each, "src_ip": None} for each in spray(30)],
        [{**each, "schema": "OTHER"} for each in spray(30)],
        [{**each, "start_time": "soon"} for each in spray(30)],
    ],
)
def test_what_is_no_spray(rows):
    assert found("password_spray", *rows) == []


@pytest.mark.slow
def test_a_spray_across_any_border_of_time_is_found():
    for shift in (0, 299, 590, 599, 601):
        (row,) = found("password_spray", *spray(10, apart=5, first=shift))
        assert row["accounts"] == 10


def test_the_success_at_the_end_of_a_spray_is_counted():
    success = sign_in(140, "198.51.100.9", "user3@contoso.example")
    elsewhere = sign_in(140, "203.0.113.9", "user3@contoso.example")
    (row,) = found("password_spray", *spray(10), success, elsewhere)
    assert (row["successes"], row["accounts"]) == (1, 10)


def test_each_address_of_a_spray_is_one_row():
    other = [{**each, "src_ip": "198.51.100.10"} for each in spray(12)]
    rows = found("password_spray", *spray(25), *other)
    assert {row["src_ip"]: row["accounts"] for row in rows} == {
        "198.51.100.9": 25,
        "198.51.100.10": 12,
    }


OSLO, SINGAPORE, COPENHAGEN = "NO 59.913 10.738", "SG 1.287 103.851", "DK 55.676 12.568"


def test_two_continents_within_minutes_are_impossible():
    rows = found(
        "impossible_travel",
        sign_in(0, "203.0.113.7", "Zoe@contoso.example", place=OSLO),
        sign_in(130, "198.51.100.9", "zoe@contoso.example", place=SINGAPORE),
    )
    (row,) = rows
    assert row["account_name"] == "zoe@contoso.example"
    assert (row["first_country"], row["country"]) == ("NO", "SG")
    assert (row["first_ip"], row["src_ip"]) == ("203.0.113.7", "198.51.100.9")
    assert 10_000 < row["kilometres"] < 10_150  # the great circle is 10,056 km
    assert row["minutes"] == 2
    assert (row["start_time"], row["end_time"]) == (str(NOON), str(NOON + 130))


@pytest.mark.parametrize(
    ("later", "change"),
    [
        (7_201, {}),  # too long ago
        (130, {"error_code": "50126"}),
        (130, {"account_name": "other@contoso.example"}),
        (130, {"src_ip": "203.0.113.7"}),
        (130, {"country": "NO"}),
        (130, {"latitude": None}),
        (130, {"account_type": "ServicePrincipal"}),
        (130, {"latitude": "59.3", "longitude": "18.1"}),  # 417 km: a border, perhaps a tunnel
        (6_000, {"latitude": "48.1", "longitude": "11.6"}),  # 1,315 km in 100 minutes: a flight
    ],
)
def test_what_is_possible(later, change):
    first = sign_in(0, "203.0.113.7", "zoe@contoso.example", place=OSLO)
    second = sign_in(later, "198.51.100.9", "zoe@contoso.example", place=SINGAPORE)
    assert found("impossible_travel", first, {**second, **change}) == []


def test_a_row_without_a_type_of_account_is_not_lost():
    first = sign_in(0, "203.0.113.7", "zoe@contoso.example", place=OSLO)
    second = sign_in(60, "198.51.100.9", "zoe@contoso.example", place=SINGAPORE)
    (row,) = found("impossible_travel", {**first, "account_type": None}, second)
    assert row["country"] == "SG"


def test_a_journey_that_is_repeated_is_one_row_and_another_one_more():
    places = (OSLO, SINGAPORE, OSLO, SINGAPORE, "BR -23.55 -46.63")
    addresses = ("203.0.113.7", "198.51.100.9", "203.0.113.7", "198.51.100.9", "192.0.2.1")
    rows = found(
        "impossible_travel",
        *(
            sign_in(100 * number, address, "zoe@contoso.example", place=place)
            for number, (place, address) in enumerate(zip(places, addresses, strict=True))
        ),
    )
    assert sorted((row["first_country"], row["country"]) for row in rows) == [
        ("NO", "SG"),
        ("SG", "BR"),
        ("SG", "NO"),
    ]


def test_a_field_that_the_structure_lacks_is_read_from_extend_content():
    text = detection_text("impossible_travel")
    packed = "try_cast(json_extract_scalar(extend_content, '$.latitude') AS double) AS latitude"
    query = text.query(structure(*KNOWN))
    assert packed in query
    assert "schema = 'SIGN_INS'" in query
    assert "{" not in query
    assert "try_cast(latitude AS double) AS latitude" in text.query(SCHEMA)
    assert packed not in text.query(SCHEMA)


def test_an_id_that_would_leave_its_quotes_is_refused():
    with pytest.raises(ProblemError) as caught:
        detection_text("password_spray").query(replace(SCHEMA, id="x' OR 'a' = 'a"))
    assert caught.value.problem.code is Code.SECURITY_CENTER_SCHEMA_MISSING


def test_the_profile_names_rules_that_there_are():
    assert set(Detection().rules) == set(detection_names())


@pytest.mark.parametrize("name", detection_names())
def test_a_rule_is_whole(name):
    text = detection_text(name)
    rule = text.rule(SCHEMA, [Schema(each, each, "", "") for each in ("ip", "cloud_account")])
    columns = set(found(name, *spray(10), *_journey())[0])
    assert rule.sql.startswith("*|set session mode=scan; SELECT ")
    assert '"' not in rule.sql
    assert {"log_uuid", "start_time", "end_time", "user_id", "cloud_user_id"} <= columns
    told = re.findall(r"\$(\w+)\$", text.alert_name + text.alert_description)
    assert set(told) <= columns
    assert {field.column for each in rule.entities for field in each.fields} <= columns
    assert re.fullmatch(r"TA\d{4}", rule.tactic)
    assert re.fullmatch(r"T\d{4}(\.\d{3})?", rule.technique)
    assert rule.schedule == "0/5 * * * *"
    assert text.schema == SIGN_IN_SCHEMA


def _journey() -> list[dict[str, str]]:
    return [
        sign_in(0, "203.0.113.7", "zoe@contoso.example", place=OSLO),
        sign_in(60, "198.51.100.9", "zoe@contoso.example", place=SINGAPORE),
    ]


def test_entities_and_fields_that_the_service_lacks_are_left_out():
    text = detection_text("impossible_travel")
    ip = Schema("ip", "ip", "", "", fields=(SchemaField("address", "varchar", True, False),))
    assert text.rule(SCHEMA, [ip]).entities == ()
    assert text.rule(SCHEMA).entities == ()
    (mapping,) = text.rule(SCHEMA, [replace(ip, fields=())]).entities
    assert [(each.name, each.column) for each in mapping.fields] == [("ip", "src_ip")]


def test_a_name_that_there_is_not():
    with pytest.raises(ProblemError) as caught:
        detection_text("password_sprey")
    assert caught.value.problem.code is Code.SECURITY_CENTER_DETECTION_UNKNOWN
    assert "password_spray" in caught.value.problem.cause


def _file() -> str:
    folder = resources.files("resources").joinpath("detection_rules")
    return folder.joinpath("password_spray.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("level = 4", "level = 9", "level"),
        ("level = 4", "severity = 4", "severity"),
        ("level = 4", "", "level"),
        ('technique = "T1110.003"', 'technic = "T1110.003"', "technic"),
        ("level = 4", "level = ", "Invalid value"),
        ('name = "password_spray"', 'name = "spray"', "name"),
    ],
)
def test_a_file_that_is_not_valid_names_what_is_wrong(old, new, named):
    assert old in _file()
    with pytest.raises(ProblemError) as caught:
        parse_detection_text(_file().replace(old, new, 1), "password_spray.toml")
    assert caught.value.problem.code is Code.SECURITY_CENTER_DETECTION_UNREADABLE
    assert named in caught.value.problem.cause
