"""The diagnostic bundle: it has what helps, and no secret in any of its files."""

from __future__ import annotations

import json
import logging
import zipfile
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from core.diagnostic_bundle import RecentLog, collect, proposed_name, write
from core.errors import Code, ProblemError, problem
from core.onboarding.draft_store import draft_file
from core.profile import load_profile

KEY = "YnVuZGxlLWNhbmFyeS1rZXktZm9yLXRlc3RzLW9ubHk="
ACCESS_SECRET = "bundleCanaryAccessKeySecret01"
TOKEN = "control-token-that-must-not-leave"
STRING = (
    "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=isthmus-listen;"
    f"SharedAccessKey={KEY};EntityPath=azure-logs"
)
FORMS = [
    form
    for value in (KEY, ACCESS_SECRET, STRING, TOKEN)
    for form in (value, quote(value, safe=""), b64encode(value.encode()).decode())
]


@pytest.fixture
def profile(tmp_path) -> Path:
    """A profile whose files have a secret wherever one could slip in."""
    (tmp_path / "kafka.secret").touch(0o600)
    (tmp_path / "kafka.secret").write_text(STRING)
    (tmp_path / "alibaba.secret").touch(0o600)
    (tmp_path / "alibaba.secret").write_text(ACCESS_SECRET)
    path = tmp_path / "contoso.toml"
    path.write_text(
        f"# pasted by mistake: {STRING}\nschema_version = 1\nname = 'contoso'\n[kafka]\n"
        "bootstrap = 'contoso.servicebus.windows.net:9093'\ntopic = 'azure-logs'\n"
        "connection_string = 'file:kafka.secret'\n[alibaba]\nregion = 'ap-southeast-1'\n"
        "access_key_id = 'LTAIexample'\naccess_key_secret = 'file:alibaba.secret'\n"
    )
    state = load_profile(str(path)).state_folder
    state.mkdir(parents=True)
    (state / "journal.jsonl").write_text(json.dumps({"note": STRING}) + "\n")
    (state / "applied.json").write_text('{"version": 1}\n')
    (state / "engine.log").write_text(f"refused: {b64encode(ACCESS_SECRET.encode()).decode()}\n")
    (state / "engine.json").write_text(json.dumps({"token": TOKEN}))
    (state / "dead-letters").mkdir()
    (state / "dead-letters" / "1.dlq").write_text("a record of the user's")
    draft_file().parent.mkdir(parents=True, exist_ok=True)
    draft_file().write_text(json.dumps({"typed": STRING}))
    return path


def test_no_secret_gets_in_wherever_it_stands(profile, tmp_path):
    found = problem(Code.INTERNAL, "kafka", f"with {STRING}", kind="x")
    entries = collect(profile, found, f"log {ACCESS_SECRET}\n", draft_file(), {"Qt": "6.11"})
    assert [each.name for each in entries] == [
        "versions.json",
        "problem.json",
        "profile.toml",
        "state/journal.jsonl",
        "state/applied.json",
        "state/engine.log",
        "draft.json",
        "window.log",
    ]
    target = tmp_path / "bundle.zip"
    write(entries, target)
    with zipfile.ZipFile(target) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert sorted(texts) == sorted(f"bundle/{each.name}" for each in entries)
    for name, text in texts.items():
        assert [form for form in FORMS if form in text] == [], name
    assert "<redacted>" in texts["bundle/profile.toml"]
    assert "file:kafka.secret" in texts["bundle/profile.toml"], "what is no secret stays"
    assert json.loads(texts["bundle/versions.json"])["Qt"] == "6.11"


def test_records_and_tokens_are_not_even_opened(profile):
    entries = collect(profile)
    assert not any("dead" in each.name or "engine.json" in each.name for each in entries)
    assert "a record of the user's" not in "".join(each.text for each in entries)


def test_a_profile_that_cannot_be_read_is_still_in_it(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("schema_version = 7\n")
    assert [each.name for each in collect(path)] == ["versions.json", "profile.toml"]


@pytest.mark.parametrize(
    "line",
    [
        f"connection_string = '{KEY}'",
        f"acces_key_secrt = '{ACCESS_SECRET}'  # a typing error",
        f"proxy = {ACCESS_SECRET}",
        f"# {ACCESS_SECRET}",
        f"it is: {KEY}",
        KEY,
    ],
)
def test_a_secret_in_the_wrong_place_of_a_profile_that_cannot_be_read_stays_out(tmp_path, line):
    path = tmp_path / "bad.toml"
    path.write_text(f"schema_version = 1\n[kafka]\n{line}\n[alibaba]\ncertificate = 'env:A'\n")
    text = collect(path)[-1].text
    assert KEY.rstrip("=") not in text
    assert ACCESS_SECRET not in text
    for kept in ("schema_version = 1", "[kafka]", "[alibaba]", "certificate = 'env:A'"):
        assert kept in text.splitlines()


def test_half_a_character_in_a_log_spoils_no_bundle(tmp_path):
    entries = collect(None, log="half \udcff one\n")
    write(entries, tmp_path / "bundle.zip")
    assert entries[-1].text == "half ? one\n"
    assert entries[-1].size == len("half ? one\n")


def test_of_a_long_log_the_end_is_kept(profile):
    log = load_profile(str(profile)).state_folder / "engine.log"
    log.write_text("".join(f"line {at}\n" for at in range(400_000)))
    (entry,) = [each for each in collect(profile) if each.name == "state/engine.log"]
    assert entry.size <= 2 * 1024 * 1024
    assert entry.text.startswith("line ")
    assert entry.text.endswith("line 399999\n")


def test_the_log_of_this_process_is_redacted_and_bounded():
    handler = RecentLog(3)
    logger = logging.Logger("isthmus.test")
    logger.addHandler(handler)
    for at in range(5):
        logger.warning("line %s SharedAccessKey=abcdefgh%s", at, at)
    lines = handler.text().splitlines()
    assert len(lines) == 3
    assert "line 4" in lines[-1]
    assert "abcdefgh" not in handler.text()


def test_a_place_that_cannot_be_written_is_a_problem(tmp_path):
    with pytest.raises(ProblemError) as caught:
        write(collect(None), tmp_path / "no" / "such" / "bundle.zip")
    assert caught.value.problem.code is Code.BUNDLE_NOT_WRITABLE


def test_the_name_says_what_and_when():
    at = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
    assert proposed_name("a b/c", at) == "isthmus-a-b-c-20261122-1402.zip"
