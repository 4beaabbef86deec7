"""Quirks of Azure's JSON, Q4-Q7 and Q21-Q27, each repaired by name or buried whole."""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from typing import Any

import msgspec
import pytest

from core.records.body import MAX_TEXT_BYTES
from core.records.repairs import REPAIRS

# One fault each: the record as it comes, the field `f` as it is stored, the repair's name.
FAULTS = {
    "Q4-single-quotes": ("{'f':{'a':'b','n':[1,true,null]}}", '{"a":"b","n":[1,true,null]}',
                         "repaired_single_quotes"),
    "Q4-escaped-apostrophe": (r"""{"f":{'m':'it\'s 5 o\'clock'}}""", '{"m":"it\'s 5 o\'clock"}',
                              "repaired_single_quotes"),
    "Q4-bare-apostrophe": ("""{"f":'the host's own, and "quoted"'}""",
                           'the host\'s own, and "quoted"', "repaired_single_quotes"),
    "Q4-apostrophe-in-valid-string": ("""{"f":"it's {'a':'b'}",'g':1}""", "it's {'a':'b'}",
                                      "repaired_single_quotes"),
    "Q26-escaped-backslash-before-the-quote": (r"""{"f":"C:\\",'g':"it's"}""", "C:\\",
                                               "repaired_single_quotes"),
    "Q26-backslash-at-the-end-of-single-quotes": (r"""{'f':'C:\\','g':1}""", "C:\\",
                                                  "repaired_single_quotes"),
    "Q5-newline": ('{"f":"first\nsecond\r\n\tthird"}', "first\nsecond\r\n\tthird",
                   "repaired_control_character"),
    "Q6-0x1c": ('{"f":"a\x1cb"}', "a\x1cb", "repaired_control_character"),
    "Q6-nul": ('{"f":"a\x00b"}', "a\x00b", "repaired_control_character"),
    "Q6-between-tokens": ('{\x1e"f":"a"\x00}', "a", "repaired_control_character"),
    "Q7-blob": ('{"f":[ 218 B blob data ]}', "[ 218 B blob data ]", "repaired_blob_placeholder"),
    "Q7-blob-journald": ('{"f":[1.2K blob data],"g":[3]}', None, None),
    "Q7-blob-kilo": ('{"f":[1.2KB blob data],"g":[3]}', "[1.2KB blob data]",
                     "repaired_blob_placeholder"),
    "Q7-blob-inside": ('{"f":{"p":[ 7 B blob data ]}}', '{"p":"[ 7 B blob data ]"}',
                       "repaired_blob_placeholder"),
    "Q27-nan": ('{"f":NaN}', "NaN", "repaired_nan"),
    "Q27-infinity-inside": ('{"f":[Infinity,-Infinity]}', '["Infinity","-Infinity"]',
                            "repaired_nan"),
    "Q27-leading-zero": ('{"f":007}', "007", "repaired_number"),
    "Q27-hexadecimal": ('{"f":0x1F}', "0x1F", "repaired_number"),
    "Q27-unfinished-fraction": ('{"f":[1.,.5,+2]}', '["1.",".5","+2"]', "repaired_number"),
    "Q27-5000-digits": ('{"f":' + "9" * 5000 + "}", "9" * 5000, "repaired_number"),
    "Q27-path-with-backslashes": (r'{"f":"C:\Users\Public\x"}', r"C:\Users\Public\x",
                                  "repaired_escape"),
    "Q27-escaped-apostrophe-in-double-quotes": (r'{"f":"it\'s"}', "it's", "repaired_escape"),
    "Q27-short-unicode-escape": (r'{"f":"\u12"}', r"\u12", "repaired_escape"),
    "Q27-high-surrogate": (r'{"f":"a\ud800b"}', "a\ufffdb", "repaired_surrogate"),
    "Q27-low-surrogate": (r'{"f":"\udc00"}', "\ufffd", "repaired_surrogate"),
    "Q27-two-high-surrogates": (r'{"f":"\ud83d\ud83d\ude00"}', "\ufffd\U0001f600",
                                "repaired_surrogate"),
    "Q27-trailing-comma": ('{"f":[1,2,],}', "[1,2]", "repaired_trailing_comma"),
    "Q27-trailing-comma-and-blanks": ('{"f":{"a":1 , \n } , \n }', '{"a":1}',
                                      "repaired_trailing_comma"),
    "Q27-depth-1025": ('{"f":' + "[" * 1025 + "]" * 1025 + "}", "[" * 1025 + "]" * 1025,
                       "repaired_deep_nesting"),
}  # fmt: skip
REPAIRED = {name: fault for name, fault in FAULTS.items() if fault[1] is not None}
INTACT = '{"intact":"it\'s\\u00e9","n":1.50,"o":{"a":[1, 2]}}'


@pytest.mark.parametrize(("record", "value", "repair"), REPAIRED.values(), ids=REPAIRED)
def test_fault_is_repaired_by_name(store: Any, record: str, value: str, repair: str) -> None:
    stored = store(record.encode())
    log = stored.only()
    assert log["f"] == value
    assert stored.flags() == {repair, "no_time"}
    assert log["event_raw"] == record
    assert (stored.repaired, stored.repairs) == (1, {repair: 1})


@pytest.mark.parametrize(("record", "value", "repair"), REPAIRED.values(), ids=REPAIRED)
def test_neighbours_of_a_repaired_record_are_untouched(
    store: Any, record: str, value: str, repair: str
) -> None:
    alone = store(INTACT.encode()).only()
    stored = store(f'{{"records": [{INTACT},{record} , {INTACT}]}}'.encode())
    assert not stored.causes
    assert stored.logs[1]["f"] == value
    assert stored.logs[1]["event_raw"] == record
    for index in (0, 2):
        assert stored.logs[index] | {"event_uid": ""} == alone | {"event_uid": ""}
    assert stored.repairs == {repair: 1}


@pytest.mark.parametrize(
    "record",
    [
        '{"f":oops}',
        '{"f":[1}',
        '{"f":1]}',
        '{"f":{"g":[{"x":1},{"y":2}]}',
        '{"f":"unfinished}',
        '{"f" 1}',
        '{f:1}',
        '{"f":}',
        '{"f":1 "g":2}',
        "{'f':'the dogs', he said'}",
        '{"f":[1.2K blob data]}',
        "{\"f\":'a \"quoted\" {bracket','g':None}",
        '"a text", oops',
    ],
)  # fmt: skip
def test_a_record_beyond_repair_goes_alone(store: Any, record: str) -> None:
    stored = store(f'{{"records": [{INTACT},{record}, {INTACT} ,{INTACT}]}}'.encode())
    broken = set(stored.causes)
    assert "not_json" in stored.causes.values()
    good = set(range(stored.received)) - broken
    assert len(good) == 3
    assert 0 in good
    for index in good:
        assert stored.logs[index]["intact"] == "it'sé"
        assert "event_raw" not in stored.logs[index]
    assert stored.repaired == 0


def test_several_records_beyond_repair(store: Any) -> None:
    parts = [INTACT, '{"f":oops}', INTACT, '{"f":"unfinished}', INTACT, INTACT]
    stored = store(("[" + ",".join(parts) + "]").encode())
    assert set(stored.logs) == {0, 2, 4, 5}
    assert stored.causes == {1: "not_json", 3: "not_json"}


def test_objects_inside_a_broken_record_are_never_taken_for_records(store: Any) -> None:
    inner = '[{"fake":1},{"fake":2},{"fake":3}]'
    for broken in (
        f'{{"a":{inner},"b":oops,"c":{inner}}}',
        f'{{"a":[{inner},"b":{inner}}}',
        f'{{"b":"unfinished,"c":{inner}}}',
    ):
        stored = store(f'{{"records":[{INTACT},{broken},{INTACT}]}}'.encode())
        assert not [log for log in stored.logs.values() if "fake" in log]
        assert 0 in stored.logs
        assert stored.causes


def test_q4_pseudo_json_in_a_string_stays_a_string(store: Any) -> None:
    log = store(b"{\"properties\":\"{'a':'it\\\\'s'}\"}").only()
    assert log["properties"] == "{'a':'it\\'s'}"
    assert "event_raw" not in log


def test_q5_pretty_printed_over_many_lines_is_json(store: Any) -> None:
    value = json.dumps({"records": [{"a": {"b": [1, 2]}}]}, indent=4).replace("\n", "\r\n")
    log = store(value.encode()).only()
    assert log["a"] == '{"b":[1,2]}'
    assert "event_raw" not in log


def test_q21_a_document_a_line_as_data_factory_output(store: Any) -> None:
    lines = [json.dumps({"category": "PipelineRuns", "runId": str(n)}) for n in range(3)]
    stored = store("\r\n".join([*lines, ""]).encode())
    assert [stored.logs[n]["runId"] for n in range(3)] == ["0", "1", "2"]
    assert all(stored.flags(n) == {"repaired_concatenated", "no_time"} for n in range(3))
    assert [stored.logs[n]["event_raw"] for n in range(3)] == lines


def test_q21_a_broken_line_goes_alone(store: Any) -> None:
    stored = store(b'{"a":1}\n{"a":oops}\n{"a":3}\n')
    assert {index: log["a"] for index, log in stored.logs.items()} == {0: "1", 2: "3"}
    assert stored.causes == {1: "not_json"}


def test_q21_a_repair_is_told_of_its_own_line_alone(store: Any) -> None:
    stored = store(b'{"a":NaN}\n{"a":2}\n')
    assert stored.flags(0) == {"repaired_concatenated", "repaired_nan", "no_time"}
    assert stored.flags(1) == {"repaired_concatenated", "no_time"}


def test_q21_concatenated_envelopes_are_counted_through(store: Any) -> None:
    stored = store(b'{"records":[{"a":1},{"a":2}]}{"records":[{"a":3}]}[{"a":4}]')
    assert [stored.logs[n]["a"] for n in range(4)] == ["1", "2", "3", "4"]
    assert stored.logs[3]["event_uid"].endswith(".3/4")
    assert stored.repairs == {"repaired_concatenated": 4}


def test_records_without_a_comma_between_them(store: Any) -> None:
    stored = store(b'{"records":[{"a":1} {"a":2}]}')
    assert [stored.logs[n]["a"] for n in range(2)] == ["1", "2"]
    assert stored.repairs == {"repaired_concatenated": 2}


BODY = b'{"records":[{"a":"\xc3\xa9"},{"a":"b"}]}'


@pytest.mark.parametrize(
    ("value", "repair"),
    [
        (codecs.BOM_UTF8 + BODY, "repaired_bom"),
        (codecs.BOM_UTF16_LE + BODY.decode().encode("utf-16-le"), "repaired_encoding"),
        (codecs.BOM_UTF16_BE + BODY.decode().encode("utf-16-be"), "repaired_encoding"),
        (codecs.BOM_UTF32_LE + BODY.decode().encode("utf-32-le"), "repaired_encoding"),
        (BODY.decode().encode("utf-16-le"), "repaired_encoding"),
        (BODY.decode().encode("utf-16-be"), "repaired_encoding"),
        (gzip.compress(BODY, mtime=0), "repaired_gzip"),
        (gzip.compress(BODY[:20], mtime=0) + gzip.compress(BODY[20:]), "repaired_gzip"),
    ],
    ids=["bom", "16le", "16be", "32le", "16le-bare", "16be-bare", "gzip", "gzip-members"],
)  # fmt: skip
def test_q22_body_in_another_dress(store: Any, value: bytes, repair: str) -> None:
    stored = store(value)
    assert [stored.logs[n]["a"] for n in range(2)] == ["é", "b"]
    assert [stored.logs[n]["event_raw"] for n in range(2)] == ['{"a":"é"}', '{"a":"b"}']
    assert stored.repairs == {repair: 2}


def test_q22_gzip_of_a_body_that_is_greater_than_a_message(store: Any) -> None:
    records = [{"n": n, "text": "x" * 1000} for n in range(3_000)]
    stored = store(gzip.compress(msgspec.json.encode({"records": records})))
    assert not stored.causes
    assert [stored.logs[n]["n"] for n in range(3_000)] == [str(n) for n in range(3_000)]


def test_text_beyond_the_bound_is_not_repaired(store: Any) -> None:
    stored = store(b'[{"a":"' + b"x" * MAX_TEXT_BYTES + b'"},{"b":NaN}]')
    assert stored.causes == {-1: "not_json"}


def test_q22_gzip_of_a_body_with_a_mark_and_a_fault(store: Any) -> None:
    log = store(gzip.compress(codecs.BOM_UTF8 + b"{'a':NaN}", mtime=0)).only()
    assert log["event_flags"].split(",")[:4] == [
        "repaired_gzip",
        "repaired_bom",
        "repaired_single_quotes",
        "repaired_nan",
    ]


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (gzip.compress(BODY, mtime=0)[:-9], "gzip_damaged"),
        (gzip.compress(BODY, mtime=0)[:-8] + b"\0" * 8, "gzip_damaged"),
        (gzip.compress(BODY, mtime=0) + b"rest", "gzip_damaged"),
        (gzip.compress(b" " * MAX_TEXT_BYTES + b"{}", mtime=0), "gzip_too_large"),
        (gzip.compress(b"", mtime=0), "empty"),
        (codecs.BOM_UTF8, "empty"),
        (codecs.BOM_UTF16_LE + b"{", "invalid_utf8"),
        (zlib.compress(BODY), "invalid_utf8"),
        (b"\xc3\x83 not text", "not_json"),
    ],
)
def test_q22_bodies_that_cannot_be_had_are_buried_whole(
    store: Any, value: bytes, cause: str
) -> None:
    stored = store(value)
    assert stored.causes == {-1: cause}
    assert not stored.logs


def test_q27_bytes_that_are_not_utf8(store: Any) -> None:
    stored = store(b'{"records":[{"n\xff":"caf\xe9 \xed\xa0\x80"},{"a":"\xc3\xa9"}]}')
    assert stored.logs[0]["n\ufffd"] == "caf\ufffd \ufffd\ufffd\ufffd"
    assert stored.logs[0]["event_raw"] == r'{"n\xff":"caf\xe9 \xed\xa0\x80"}'
    assert stored.flags(0) == {"repaired_invalid_utf8", "no_time"}
    assert stored.logs[1]["a"] == "é"
    assert stored.flags(1) == {"no_time"}


def test_q27_duplicate_names_last_wins(store: Any) -> None:
    """Silently in valid JSON; in a repaired record it is told."""
    assert store(b'{"a":1,"b":2,"a":3}').only()["a"] == "3"
    stored = store(b'{"a":1,"b":NaN,"a":3,"c":{"x":1,"x":2}}')
    assert (stored.only()["a"], stored.only()["c"]) == ("3", '{"x":2}')
    assert stored.flags() == {"repaired_nan", "duplicate_keys", "no_time"}
    assert store(b'{"b":NaN,"c":{"x":1,"x":2}}').flags() >= {"duplicate_keys"}


def test_q27_numbers_of_any_size_are_no_fault(store: Any) -> None:
    log = store(b'{"f":1e400,"g":[-1E-400,18446744073709551616]}').only()
    assert (log["f"], log["g"]) == ("1e400", "[-1E-400,18446744073709551616]")
    assert "event_raw" not in log


@pytest.mark.parametrize(
    ("levels", "flag"),
    [(63, set()), (64, set()), (65, {"repaired_deep_nesting"})],
)
def test_q27_fields_of_repaired_records_are_read_to_level_64(
    store: Any, levels: int, flag: set[str]
) -> None:
    deep = "[ " * levels + "1.0" + " ]" * levels
    stored = store(f'{{"n":NaN,"f":{deep}}}'.encode())
    assert stored.flags() - {"repaired_nan", "no_time"} == flag
    assert stored.only()["f"] == (deep if flag else deep.replace(" ", ""))


def test_q27_deeper_than_is_walked(store: Any) -> None:
    assert store(b'{"a":' * 20_000 + b"1" + b"}" * 20_000).causes == {-1: "too_deep"}
    stored = store(b'{"records":[{"a":1},{"b":' + b"[" * 20_000 + b"]" * 20_000 + b"}]}")
    assert stored.logs[0]["a"] == "1"
    assert stored.causes == {1: "too_deep"}


@pytest.mark.parametrize(
    ("value", "logs", "causes"),
    [
        (b'{"records":[{"a":1},{"a":2', 1, {1: "truncated"}),
        (b'{"records":[{"a":1},{"a":"tex', 1, {1: "truncated"}),
        (b'{"records":[{"a":1},{"a":"\xc3', 1, {1: "truncated"}),
        (b'{"records":[{"a":1},{\'a\':\'tex', 1, {1: "truncated"}),
        (b'[{"a":1},{"a":[{"b":1},{"b":2},', 1, {1: "truncated"}),
        (b'{"records":[{"a":1}]}garbage', 1, {1: "not_json"}),
        (b'{"records":[{"a":1}]}}', 1, {1: "not_json"}),
        (b'{"a":1}]', 1, {1: "not_json"}),
        (b'{"a":1} 17', 1, {1: "not_json"}),
    ],
)
def test_tails(store: Any, value: bytes, logs: int, causes: dict[int, str]) -> None:
    stored = store(value)
    assert (len(stored.logs), stored.causes, stored.repaired) == (logs, causes, 0)


@pytest.mark.parametrize("end", ["", "]", ",", " , ", '],"x":"cu'])
def test_text_that_ends_behind_a_record(store: Any, end: str) -> None:
    stored = store(('{"records":[{"a":1},{"a":2}' + end).encode())
    assert len(stored.logs) == 2
    assert stored.repairs == {"repaired_truncated": 2}
    assert not stored.causes


@pytest.mark.parametrize("value", [b'{"records":[', b'{"a":1', b'{"a":"x', b"[", b'{"records":[{'])
def test_text_that_ends_before_its_first_record(store: Any, value: bytes) -> None:
    assert store(value).causes == {-1: "truncated"}


def test_every_repair_has_a_test_here() -> None:
    named = {fault[2] for fault in REPAIRED.values()} | {
        "repaired_invalid_utf8",
        "repaired_concatenated",
        "repaired_truncated",
        "repaired_bom",
        "repaired_encoding",
        "repaired_gzip",
    }
    assert named == set(REPAIRS)


def test_the_raw_text_counts_to_the_size_of_a_log(store: Any) -> None:
    big = msgspec.json.encode({"a": "x" * 600_000})
    assert store(big).only()["a"] == "x" * 600_000
    assert store(codecs.BOM_UTF8 + big).causes == {0: "too_large"}
