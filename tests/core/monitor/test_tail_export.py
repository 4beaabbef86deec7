"""An export of the tail holds whole records, and is written whole or not at all."""

from __future__ import annotations

import csv
import json
import stat

import pytest

from core.monitor.tail_export import stored_log, write_csv, write_jsonl

ROWS = [
    {
        "event_uid": "486562d5.0.2.mwv8u5dm.0/2",
        "event_service": "signinlogs",
        "event_time": "2026-11-22T06:02:13.5281774Z",
        "fields": {"category": "SignInLogs", "message": 'a "quoted", 密钥\nline', "n": "5"},
        "matches": [],
    },
    {
        "event_uid": "486562d5.0.2.mwv8u5dm.1/2",
        "event_service": "auditlogs",
        "event_time": "2026-11-22T06:02:14Z",
        "fields": {"category": "AuditLogs", "extra": "x"},
        "matches": [],
    },
]


def test_json_lines_are_the_stored_logs(tmp_path):
    path = tmp_path / "tail.jsonl"
    assert write_jsonl(path, ROWS) == 2
    lines = path.read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [stored_log(row) for row in ROWS]
    assert list(json.loads(lines[0]))[:3] == ["event_time", "event_service", "event_uid"]


def test_a_table_has_every_field_and_survives_quotes_and_line_ends(tmp_path):
    path = tmp_path / "tail.csv"
    assert write_csv(path, ROWS) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark"
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert read[0]["message"] == 'a "quoted", 密钥\nline'
    assert (read[0]["extra"], read[1]["extra"]) == ("", "x")
    assert read[1]["event_time"] == "2026-11-22T06:02:14Z"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_export_leaves_what_was_there(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    path = folder / "tail.jsonl"
    path.write_text("earlier")

    def rows():
        yield ROWS[0]
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_jsonl(path, rows())
    assert path.read_text() == "earlier"
    assert list(folder.iterdir()) == [path]
