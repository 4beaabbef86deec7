"""Secrets are read from where their reference says, and stand in no text afterwards."""

from __future__ import annotations

import base64
import logging
import urllib.parse

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from core.errors import Code, ProblemError
from core.logs import event, log_to_stderr
from core.secrets import SecretRef, read_secret, write_secret
from core.secrets.redaction import REDACTED, know_secret, redact_fields, redact_text


def code_of(action) -> Code:
    with pytest.raises(ProblemError) as caught:
        action()
    return caught.value.problem.code


@pytest.mark.parametrize("text", ["store:a", "file:/x/y", "env:A_B", "memory:", "file:rel/at"])
def test_references_print_as_they_are_written(text):
    assert str(SecretRef.parse(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "vault:x", "store:", "env:", "CANARY=;sb://x"])
def test_what_is_no_reference_is_refused_without_being_repeated(text):
    with pytest.raises(ValueError, match="not of the form") as caught:
        SecretRef.parse(text)
    assert "CANARY" not in str(caught.value)


def test_a_file_is_written_with_mode_0600_and_read_back(tmp_path):
    ref = SecretRef.parse("file:key.secret")
    write_secret(ref, "s3cret-value", tmp_path, "here")
    assert (tmp_path / "key.secret").stat().st_mode & 0o777 == 0o600
    assert read_secret(ref, tmp_path, "here") == "s3cret-value"


def test_a_file_that_others_can_read_is_refused(tmp_path):
    (tmp_path / "key.secret").write_text("s3cret-value")
    (tmp_path / "key.secret").chmod(0o640)
    ref = SecretRef.parse("file:key.secret")
    assert code_of(lambda: read_secret(ref, tmp_path, "x")) == Code.SECRET_FILE_OPEN_TO_OTHERS


def test_the_environment_is_read_only(tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET", "from-the-environment")
    ref = SecretRef.parse("env:A_SECRET")
    assert read_secret(ref, tmp_path, "x") == "from-the-environment"
    assert code_of(lambda: write_secret(ref, "new-value", tmp_path, "x")) == (
        Code.SECRET_NOT_WRITABLE
    )


@pytest.mark.parametrize("ref", ["env:NOT_THERE_AT_ALL", "file:none.secret", "memory:none"])
def test_a_secret_that_is_missing(ref, tmp_path):
    parsed = SecretRef.parse(ref)
    assert code_of(lambda: read_secret(parsed, tmp_path, "kafka")) == Code.SECRET_MISSING


def test_memory(tmp_path):
    ref = SecretRef.parse("memory:x")
    write_secret(ref, "kept-in-process", tmp_path, "x")
    assert read_secret(ref, tmp_path, "x") == "kept-in-process"


class ShelfKeyring(KeyringBackend):
    """A store of the operating system, as keyring sees one."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.shelf = {}

    def get_password(self, service, username):
        return self.shelf.get((service, username))

    def set_password(self, service, username, password):
        self.shelf[service, username] = password


@pytest.fixture
def _keyring_restored():
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("_keyring_restored")
def test_the_store_of_the_operating_system(tmp_path):
    keyring.set_keyring(ShelfKeyring())
    ref = SecretRef.parse("store:contoso-kafka")
    write_secret(ref, "in-the-store", tmp_path, "x")
    assert read_secret(ref, tmp_path, "x") == "in-the-store"


@pytest.mark.usefixtures("_keyring_restored")
def test_without_a_store_there_is_no_fallback(tmp_path):
    keyring.set_keyring(fail.Keyring())
    ref = SecretRef.parse("store:contoso-kafka")
    assert code_of(lambda: write_secret(ref, "v", tmp_path, "x")) == Code.SECRET_STORE_UNAVAILABLE
    assert list(tmp_path.iterdir()) == []


def test_known_secrets_leave_a_text_in_every_form():
    key = "ab/cd+efCANARY=="
    know_secret(f"Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey={key}")
    forms = [key, base64.b64encode(key.encode()).decode(), urllib.parse.quote(key, safe="")]
    for form in forms:
        assert redact_text(f"before {form} after") == f"before {REDACTED} after"


@pytest.mark.parametrize(
    "text",
    [
        "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=NEVERSEEN1234567=",
        "Authorization: LOG LTAI:NEVERSEEN1234567=",
        "access_key_secret = NEVERSEEN1234567",
    ],
)
def test_what_is_shaped_like_a_secret_goes_too(text):
    assert "NEVERSEEN" not in redact_text(text)
    assert REDACTED in redact_text(text)


def test_a_field_is_hidden_until_it_is_on_the_white_list():
    shown = redact_fields({"partition": 3, "reason": "why", "new_field": "x", "password": "y"})
    assert shown == {"partition": 3, "reason": "why", "new_field": REDACTED, "password": REDACTED}


def test_log_lines_are_redacted(capsys):
    know_secret("CANARY-in-a-log-line")
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log_to_stderr()
    try:
        event("a.b", reason="it says CANARY-in-a-log-line", other="CANARY-in-a-log-line")
        logging.getLogger("urllib3").warning("url with %s", "CANARY-in-a-log-line")
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
    text = capsys.readouterr().err
    assert "CANARY" not in text
    assert text.count(REDACTED) == 3
