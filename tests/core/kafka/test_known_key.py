"""Which key signed in is remembered, and no part of it."""

from __future__ import annotations

import json

from core.applied import Applied, write_applied
from core.kafka.connection_string import key_fingerprint
from core.kafka.known_key import FILE_NAME, read_known_key, remember_key, worked_before

KEY = "Q0FOQVJZLUtFWS1DQU5BUlktS0VZLUNBTkFSWS1LRVk="
STRING = f"Endpoint=sb://contoso.example/;SharedAccessKeyName=reader;SharedAccessKey={KEY}"
OTHER = STRING.replace("Q0FO", "AAAA")


def test_a_key_that_signed_in_is_known_again(tmp_path):
    folder = tmp_path / "state"
    assert not worked_before(folder, STRING)
    assert remember_key(folder, STRING)
    assert worked_before(folder, STRING)
    assert worked_before(folder, f"{STRING};EntityPath=azure-logs")  # the same key
    assert not worked_before(folder, OTHER)
    assert read_known_key(folder).policy == "reader"
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_the_file_holds_no_key_and_is_the_owners(tmp_path):
    remember_key(tmp_path, STRING)
    path = tmp_path / FILE_NAME
    text = path.read_text("utf-8")
    assert KEY not in text
    assert set(json.loads(text)) == {"fingerprint", "policy", "time"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_last_key_counts(tmp_path):
    remember_key(tmp_path, STRING)
    remember_key(tmp_path, OTHER)
    assert worked_before(tmp_path, OTHER)
    assert not worked_before(tmp_path, STRING)


def test_a_key_that_apply_fetched_counts_as_well(tmp_path):
    write_applied(tmp_path, Applied(key_fingerprint=key_fingerprint(STRING)))
    assert worked_before(tmp_path, STRING)
    assert not worked_before(tmp_path, OTHER)


def test_what_cannot_be_read_or_written_stops_nobody(tmp_path):
    (tmp_path / FILE_NAME).write_text("{broken", "utf-8")
    (tmp_path / "applied.json").write_text("[]", "utf-8")
    assert read_known_key(tmp_path) is None
    assert not worked_before(tmp_path, STRING)
    (tmp_path / "file").write_text("", "utf-8")
    assert not remember_key(tmp_path / "file", STRING)
