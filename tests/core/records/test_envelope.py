"""A message is split into its records, or refused by name; nothing else can happen."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.records.envelope import CAUSES, Envelope, MalformedMessageError, split


def cause_of(value: bytes | None) -> str:
    with pytest.raises(MalformedMessageError) as caught:
        split(value)
    assert caught.value.cause in CAUSES
    return caught.value.cause


# Shapes


def test_records_envelope_gives_its_array() -> None:
    value = b'{"records": [{"a": "x"}, {"b": 2}]}'
    assert split(value) == Envelope([{"a": "x"}, {"b": 2}], ())


def test_items_that_are_no_objects_stay_in_their_places() -> None:
    assert split(b'{"records":["text",{"a":1},null,[1]]}').items == ["text", {"a": 1}, None, [1]]


def test_siblings_of_records_are_flagged_and_not_part_of_the_records() -> None:
    value = b'{"partition":4,"records":[{"a":1}],"enqueued":"2026-01-01T00:00:00Z"}'
    assert split(value) == Envelope([{"a": 1}], ("envelope_fields",))


def test_bare_object_is_one_record() -> None:
    assert split(b'{"AlertType":"x"}') == Envelope([{"AlertType": "x"}], ())


def test_bare_array_gives_its_items() -> None:
    assert split(b'[{"a":1},{"a":2}]') == Envelope([{"a": 1}, {"a": 2}], ())


@pytest.mark.parametrize("value", [b'{"records":[]}', b"[]", b' {"records" : [ ] }\r\n'])
def test_message_without_records_is_no_error(value: bytes) -> None:
    assert split(value) == Envelope([], ())


def test_records_inside_a_record_belong_to_it() -> None:
    assert split(b'{"records":[{"records":[1,2]}]}').items == [{"records": [1, 2]}]


def test_pretty_printed_message_is_one_message() -> None:
    value = json.dumps({"records": [{"a": {"b": 1}}]}, indent=4).encode()
    assert split(value).items == [{"a": {"b": 1}}]


def test_last_of_two_equal_names_counts() -> None:
    assert split(b'{"a":1,"b":2,"a":3}').items == [{"a": 3, "b": 2}]


# Refusals


@pytest.mark.parametrize("value", [None, b"", b"  ", b" \t\r\n"])
def test_nothing_is_empty(value: bytes | None) -> None:
    assert cause_of(value) == "empty"


@pytest.mark.parametrize("records", [b"null", b"1", b"1.5", b"true"])
def test_records_that_are_no_array(records: bytes) -> None:
    assert cause_of(b'{"records":' + records + b"}") == "records_not_an_array"


@pytest.mark.parametrize("value", [b'"text"', b"null", b"7", b"-1.5", b"true", b"false"])
def test_single_values_are_no_objects(value: bytes) -> None:
    assert cause_of(value) == "not_an_object"


@pytest.mark.parametrize(
    "value",
    [
        b"plain text",
        b"'text'",
        b"\x00",
        b"[INFO] started",
        b"[ 218 B blob data ]",
        b"NaN",
        b"{]",
        b"{,}",
        b"{{}}",
        b"{a: 1}",
        b'{"a" 1}',
        b'{"a": }',
        b'{"a": 1 "b": 2}',
        b'{"a": [1}',
        b'{"a": undefined}',
        b'{"a": 2026-01-01T00:00:00Z}',
        b'{"records": [oops]}',
        b'text {"records": [{"a": 1}]}',
    ],
)
def test_what_is_not_json(value: bytes) -> None:
    assert cause_of(value) == "not_json"


@pytest.mark.parametrize(
    "value",
    [
        b"\xff",
        b"caf\xe9",
        b'{"a": \xff}',
        b'{"records": [\xc3]}',
        b"\xff\xfe{\x00\x00",
    ],
)
def test_what_is_not_utf8(value: bytes) -> None:
    assert cause_of(value) == "invalid_utf8"


@pytest.mark.parametrize(
    "value",
    [
        b'{"records":' + b"[" * 100_000,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"records":[' + b'{"a":[' * 50_000 + b"]}" * 50_000 + b"]}",
    ],
)
def test_a_hundred_thousand_levels_are_too_deep(value: bytes) -> None:
    assert cause_of(value) == "too_deep"


def test_an_error_repeats_nothing_of_the_message() -> None:
    for value in (
        b'{"canary": canary}',
        b'canary "\xff"',
        b'"canary"',
        b'{"records":[{"a":"canary',
        b'{"canary":1,"records":null}',
    ):
        with pytest.raises(MalformedMessageError) as caught:
            split(value)
        assert "canary" not in str(caught.value)
        assert str(caught.value).startswith(caught.value.cause)
        assert caught.value.__cause__ is None


# What is accepted stays what it was


@pytest.mark.parametrize(
    "number",
    [
        "1.50",
        "-0.0",
        "1e400",
        "-1E+400",
        "1E5",
        "0.1",
        "1.7976931348623157e309",
        "3.141592653589793238",
    ],
)
def test_fractions_keep_their_source_text(number: str) -> None:
    (record,) = split(f'{{"n":{number},"nested":{{"n":[{number}]}}}}'.encode()).items
    assert bytes(record["n"]) == number.encode()
    assert msgspec.json.encode(record["nested"]) == f'{{"n":[{number}]}}'.encode()


@pytest.mark.parametrize("number", [2**53 + 1, 2**64, -(2**63) - 1, 10**4299])
def test_whole_numbers_of_any_size_are_exact(number: int) -> None:
    (record,) = split(f'{{"n":{number}}}'.encode()).items
    assert record["n"] == number
    assert msgspec.json.encode(record) == f'{{"n":{number}}}'.encode()


def test_depth_beyond_any_real_record_is_accepted() -> None:
    value = b'{"a":' * 200 + b"[]" + b"}" * 200
    (record,) = split(value).items
    assert msgspec.json.encode(record) == value


def test_great_messages_pass() -> None:
    text = b'{"records":[{"a":"' + b"\xc3\xa9" * 500_000 + b'"}]}'
    assert len(split(text).items[0]["a"]) == 500_000
    many = split(b'{"records":[' + b",".join([b"{}"] * 200_000) + b"]}")
    assert len(many.items) == 200_000


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=5)
    ),
    max_leaves=12,
)


def exactly(text: bytes | str) -> Any:
    """An independent reading, fractions as decimals, so that no digit can get lost unseen."""
    return json.loads(text, parse_float=Decimal)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(TEXT, JSON, max_size=4), max_size=3))
def test_values_survive_split_and_encode(records: list[dict[str, Any]]) -> None:
    value = json.dumps({"records": records}).encode()
    assert exactly(msgspec.json.encode(split(value).items)) == exactly(value)["records"]


def split_or_refuse(value: bytes) -> None:
    refused: list[str] = []
    try:
        msgspec.json.encode(split(value).items)
    except MalformedMessageError as error:
        refused.append(error.cause)
    assert set(refused) <= set(CAUSES)


@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":[', b"]}")])
def test_a_value_is_kept_below_and_above_what_the_parser_follows(start: bytes, end: bytes) -> None:
    flags = set()
    for levels in [*range(300, 430), *range(430, 1100, 13)]:
        record = b'{"v":' + start * levels + end * levels + b"}"
        envelope = split(b'{"records":[' + record + b"]}")
        assert msgspec.json.encode(envelope.items) == b"[" + record + b"]"
        flags.add(envelope.repaired[0].flags if envelope.repaired else ())
    assert flags == {(), ("repaired_deep_nesting",)}


@settings(deadline=None)
@given(st.binary())
@example(b"[" * 300_000)
@example(b"1e" + b"9" * 5000)
@example(b"[" + b"9" * 4300 + b",-" + b"9" * 4300 + b"]")
def test_any_bytes_are_split_or_refused(value: bytes) -> None:
    split_or_refuse(value)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON, st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3)), min_size=1, max_size=3))
def test_damaged_json_is_split_or_refused(document: Any, damage: list[tuple[float, bytes]]) -> None:
    value = json.dumps({"records": [document]}, ensure_ascii=False).encode()
    for place, piece in damage:
        at = math.floor(place * len(value))
        value = value[:at] + piece + value[at + 1 :]
    split_or_refuse(value)
