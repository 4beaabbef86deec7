"""Starting the import as a process of its own: what it says of its end comes back as a problem."""

from __future__ import annotations

import asyncio

import pytest

from core.engine.running import running_engine
from core.errors import Code, ProblemError
from core.monitor.engine_process import LOG_FILE, start_engine
from core.profile import load_profile

TEXT = """\
schema_version = 1
name = "nowhere"

[kafka]
bootstrap = "127.0.0.1:1"
topic = "azure-logs"
connection_string = "file:kafka.secret"

[alibaba]
region = "cn-sandbox"
access_key_id = "LTAI0"
access_key_secret = "file:alibaba.secret"

[log_service]
project = "contoso-soc"
logstore = "azure_raw"
"""


def test_an_engine_that_cannot_start_says_why(tmp_path):
    file = tmp_path / "nowhere.toml"
    file.write_text(TEXT, "utf-8")
    profile = load_profile(str(file))
    with pytest.raises(ProblemError) as caught:
        asyncio.run(start_engine(profile.file, profile.state_folder))
    assert caught.value.problem.code is Code.SECRET_MISSING
    assert running_engine(profile.state_folder) is None
    assert (profile.state_folder / LOG_FILE).exists()


def test_a_folder_that_cannot_be_used_is_a_problem(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ProblemError) as caught:
        asyncio.run(start_engine(tmp_path / "nowhere.toml", tmp_path / "taken" / "state"))
    assert caught.value.problem.code is Code.STATE_FOLDER_UNUSABLE
