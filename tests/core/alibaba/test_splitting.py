"""The script of the managed route, run by the sandbox's engine, against what our engine stores."""

from __future__ import annotations

import json
import tomllib
from importlib import resources

import pytest

from core.alibaba.log_service.splitting import splitting_spl
from core.records.service import event_service
from core.sandbox.spl import Scene, parse

TABLE = tomllib.loads(resources.files("resources").joinpath("services.toml").read_text("utf-8"))
SUBSCRIPTION = "/subscriptions/1/resourceGroups/g/providers"
RESOURCES = (
    "",
    "/tenants/t/providers/Microsoft.aadiam",
    f"{SUBSCRIPTION}/Microsoft.KeyVault/vaults/v",
    f"{SUBSCRIPTION}/Microsoft.EventHub/namespaces/n",
)
MORE = ({}, {"properties": {"ActivityResultStatus": "Success"}}, {"EventProperties": "x"})


def names():
    listed = [name for group in TABLE["categories"].values() for name in group]
    listed += [name for entry in TABLE["shared"] for name in entry["categories"]]
    begins = [name for group in TABLE["category_prefixes"].values() for name in group]
    return [*listed, *(f"{name}Something" for name in begins), "NonsenseLogs", ""]


def split(*messages):
    """The rows that the script makes of whole messages, each given as its fields."""
    result = parse(splitting_spl(), Scene.TRANSFORM).run(list(messages))
    return [{n: v for n, v in row.items() if v is not None} for row in result.rows]


def batch(*records):
    return {"records": json.dumps(records)}


@pytest.mark.parametrize("resource", RESOURCES)
def test_services_are_told_as_the_engine_tells_them(resource):
    records = [
        {"category": spelling, **({"resourceId": resource} if resource else {}), **more}
        for name in names()
        for spelling in (name, name.upper())
        for more in MORE
    ]
    found = split(batch(*records))
    assert len(found) == len(records)
    told = [row["event_service"] for row in found]
    assert told == [event_service(record) for record in records]


def test_values_are_stored_as_they_are_written():
    nested = '{"e": 1.50, "f": [1, 2]}'
    text = f'{{"a": "x", "b": true, "c": 1.50, "d": {nested}, "g": 12345678901234567890}}'
    row = split({"records": f"[{text}]"})[0]
    assert (row["a"], row["b"], row["c"]) == ("x", "true", "1.50")
    assert json.loads(row["d"]) == {"e": 1.5, "f": [1, 2]}
    assert row["g"] == "12345678901234567890"


@pytest.mark.parametrize(
    ("message", "rows"),
    [
        (batch(), 0),
        (batch({"a": 1}), 1),
        (batch(*({"n": number} for number in range(25))), 25),
        ({"records": '{"a": "one object"}'}, 1),
        ({"records": "text"}, 1),
        ({"content": json.dumps({"records": [{"a": 1}, {"a": 2}]})}, 2),
        ({"content": "text"}, 1),
        ({"category": "Administrative"}, 1),
    ],
)
def test_each_record_becomes_one_log(message, rows):
    assert len(split(message)) == rows


def test_records_of_several_messages_keep_their_order_and_their_time():
    found = split(
        {**batch({"n": 1}, {"n": 2}), "__time__": 100}, {**batch({"n": 3}), "__time__": 200}
    )
    assert [(row["n"], row["__time__"]) for row in found] == [("1", 100), ("2", 100), ("3", 200)]


def test_a_record_without_a_field_does_not_get_its_neighbours():
    rows = split(batch({"category": "SignInLogs", "time": "t", "level": "4"}, {"a": "1"}))
    assert rows[1] == {"a": "1", "event_service": "other"}


def test_a_message_that_is_an_array_itself_becomes_its_elements():
    found = split({"content": '[{"category": "SignInLogs"}, {"category": "AuditLogs"}]'})
    assert [row["event_service"] for row in found] == ["signinlogs", "auditlogs"]


@pytest.mark.parametrize("text", ["[broken", "{'records': [{'a': 1}]}", "no JSON at all"])
def test_what_is_no_json_stays_whole_and_harms_no_other_row(text):
    found = split({"content": text}, batch({"a": "1"}, {"a": "2"}))
    assert [row.get("content") for row in found] == [text, None, None]
