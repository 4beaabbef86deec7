"""What holds of every message: values are kept, repairs are told, faults stay where they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.records.repairs import PREFIX, is_repaired

OWN = {"event_uid", "event_service", "event_time", "event_flags", "event_raw"}
AROUND = {
    "repaired_concatenated",
    "repaired_truncated",
    "repaired_bom",
    "repaired_encoding",
    "repaired_gzip",
}
"""Repairs that records may have whose own text is JSON; control characters and commas too."""
ENVELOPE = {*AROUND, "repaired_control_character", "repaired_trailing_comma",
            "repaired_single_quotes", "repaired_escape"}  # fmt: skip

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
NAMES = st.text("abcdefgXYZ_é'\" ", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["it's", "{'a':'b'}", "[ 218 B blob data ]", "\\'", "\\u0041", '},{"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def _different_by_case(record: dict[str, Any]) -> bool:
    return len({name.lower() for name in record}) == len(record)


def _without_twins(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in {name.lower(): name for name in record}.values()}


RECORDS = st.dictionaries(NAMES, VALUES, max_size=4).map(_without_twins)


class _Number(str):
    """A number by its text, so that no digit can get lost unseen."""


def exactly(text: str) -> Any:
    return json.loads(text, parse_int=_Number, parse_float=Decimal, parse_constant=refuse)


def refuse(constant: str) -> Any:
    raise ValueError(constant)


def as_stored(value: Any) -> Any:
    """What a field of the log must be; objects and arrays are compared by value."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, _Number):
        return str(value)
    return value


def matches(log: dict[str, str], record: dict[str, Any]) -> bool:
    """Whether the log's own fields are the record's, written down without the importer's code."""
    fields = {name: text for name, text in log.items() if name not in OWN}
    if set(fields) != set(record):
        return False
    for name, value in record.items():
        text = fields[name]
        if isinstance(value, dict | list):
            if exactly(text) != value:
                return False
        elif isinstance(value, Decimal):
            if Decimal(text) != value:
                return False
        elif text != as_stored(value):
            return False
    return True


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    records=st.lists(RECORDS, max_size=4),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
    bare=st.booleans(),
)
def test_valid_json_keeps_its_value(
    store: Callable[[bytes], Any],
    records: list[dict[str, Any]],
    indent: int | None,
    ascii_only: bool,
    bare: bool,
) -> None:
    document = records if bare else {"records": records}
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    stored = store(text.encode())
    assert not stored.causes
    assert stored.repaired == 0
    source = exactly(text) if bare else exactly(text)["records"]
    assert len(stored.logs) == len(source)
    for index, record in enumerate(source):
        assert matches(stored.logs[index], record)
        assert "event_raw" not in stored.logs[index]


FAULTS = [
    b"{'f':'it\\'s'}",
    b'{"f":"a\nb\x1c"}',
    b'{"f":[ 218 B blob data ]}',
    b'{"f":NaN}',
    b'{"f":01}',
    b'{"f":"\\x"}',
    b'{"f":"\\ud800"}',
    b'{"f":"\xff"}',
    b'{"f":[1,],}',
    b'{"f":oops}',
    b'{"f":[1}',
    b'{"f":1]}',
    b'{"f" 1}',
]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    before=st.lists(RECORDS, max_size=3),
    after=st.lists(RECORDS, max_size=3),
    fault=st.sampled_from(FAULTS),
    bare=st.booleans(),
)
def test_a_fault_in_one_record_leaves_the_others_untouched(
    store: Callable[[bytes], Any],
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    fault: bytes,
    bare: bool,
) -> None:
    texts = [json.dumps(record).encode() for record in (*before, *after)]
    good = store(b"[" + b",".join(texts) + b"]").logs
    whole = b"[" + b",".join([*texts[: len(before)], fault, *texts[len(before) :]]) + b"]"
    stored = store(whole if bare else b'{"records":' + whole + b"}")
    if not texts:
        return
    others = [log for log in stored.logs.values() if not is_repaired(log.get("event_flags", ""))]
    assert [log | {"event_uid": ""} for log in others] == [
        log | {"event_uid": ""} for log in good.values()
    ]
    repaired = len(stored.logs) - len(others)
    assert stored.repaired == repaired <= 1
    assert bool(stored.causes) != bool(repaired)


PIECES = [
    "{", "}", "[", "]", ",", ":", '"', "'", "\\", "\\'", '\\"', "\n", "\x1c", " ", "0", "1.", "-",
    "NaN", "null", "true", '"a"', '"a":1', '"records":[', '{"records":[', '{"a":1}', '{"b":[1,2]}',
    "]}", "},{", '"}', "'}", "[ 2 B blob data ]", "\\ud800", "\\u0041", "é", "\ufeff", "x",
    "{'a':'b'}", '{"a":{"b":1,"b":2}}', '{"n":{"m":[{"k":1},{"k":2}]}}', "01", "\x00",
]  # fmt: skip


def strict_objects(text: str) -> list[Any]:
    """Every object that strict parsing finds anywhere in the text."""
    decoder = json.JSONDecoder(parse_int=_Number, parse_float=Decimal, parse_constant=refuse)
    found = []
    for at, character in enumerate(text):
        if character == "{":
            try:
                found.append(decoder.raw_decode(text, at)[0])
            except ValueError:
                continue
    return found


def is_strict(text: str) -> bool:
    try:
        exactly(text)
        text.encode()
    except ValueError:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in _characters(text))


def _characters(text: str) -> str:
    """All characters of all texts in a document, to see half surrogate pairs."""
    return "".join(map(str, _walk(json.loads(text))))


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
    elif isinstance(value, str):
        yield value


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.sampled_from(PIECES), max_size=14),
    opening=st.sampled_from(["", '{"records":[', "[", "{", '{"records":[{"a":1},']),
    closing=st.sampled_from(["", "]}", "]", "}", ',{"z":1}]}']),
)
@example(parts=['{"a":{"b":1,"b":2}}', "[", '{"a":1}', "}"], opening="", closing="")
@example(parts=["{'a':'b'}", '{"a":1}'], opening="", closing="")
@example(parts=['{"a":1}', "],", '"x":{"a":1,"a":2}', "},"], opening='{"records":[', closing="")
@example(parts=['"a":', "'b'", "}", ",", '{"c":', "NaN", "}"], opening="[{", closing="]")
def test_no_repair_is_silent(
    store: Callable[[bytes], Any], parts: list[str], opening: str, closing: str
) -> None:
    text = opening + "".join(parts) + closing
    stored = store(text.encode())
    assert stored.received >= len(stored.logs)
    assert len(stored.logs) + len(stored.causes) == stored.received
    counted: dict[str, int] = {}
    repaired = 0
    objects: list[Any] | None = None
    for log in stored.logs.values():
        names = [flag for flag in log.get("event_flags", "").split(",") if flag.startswith(PREFIX)]
        assert bool(names) == ("event_raw" in log)
        if names:
            repaired += 1
            for name in names:
                counted[name] = counted.get(name, 0) + 1
            assert log["event_raw"] in text
            if is_strict(log["event_raw"]):
                assert set(names) & ENVELOPE
        else:
            objects = strict_objects(text) if objects is None else objects
            assert any(matches(log, record) for record in objects if _different_by_case(record))
    assert (stored.repaired, stored.repairs) == (repaired, counted)
    if is_strict(text):
        assert stored.repaired == 0
