"""aliyun-log-cli, unchanged, sees the Logstores and indexes that ``isthmus apply`` made.

It has no command for jobs (0.2.10); those are asked for by the SDK that it stands on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aliyun.log import LogClient

pytestmark = pytest.mark.clients


def isthmus(*words: str, profile: Path, state: Path) -> dict[str, Any]:
    """The result of a command of ours."""
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "core", *words, "--json", "--profile", str(profile)],
        capture_output=True,
        text=True,
        env={key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        | {"ISTHMUS_STATE_DIR": str(state)},
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture
def applied(box: dict[str, Any], project: str, tmp_path: Path) -> Iterator[str]:
    """The managed route in a project of its own; its name."""
    text = Path(box["profile"]).read_text("utf-8")
    text = text.replace('project = "isthmus-sandbox"', f'project = "{project}"')
    text = text.replace(
        'logstore = "azure-logs"', 'logstore = "messages"\nrecord_logstore = "records"'
    )
    text = text.replace("[network]", '[import]\nroute = "managed"\n\n[network]')
    profile = Path(box["profile"]).with_name("clients.toml")  # its secrets are files beside it
    profile.write_text(text, "utf-8")
    state = tmp_path / "state"
    isthmus("apply", "--only", "alibaba", "--yes", profile=profile, state=state)
    yield project
    names = [word for name in (project, "messages", "records") for word in ("--confirm-name", name)]
    isthmus("remove", "--only", "alibaba", "--yes", *names, profile=profile, state=state)


def test_it_sees_the_same_logstores_indexes_and_jobs(cli: Callable[..., Any], applied: str) -> None:
    found = cli("list_logstore", project_name=applied)
    assert sorted(found["logstores"]) == ["messages", "records"]
    kept = cli("get_logstore", project_name=applied, logstore_name="records")
    assert (kept["ttl"], kept["shardCount"], kept["autoSplit"]) == (30, 2, True)
    index = cli("get_index_config", project_name=applied, logstore_name="records")
    assert {"event_uid", "event_service", "event_time"} <= set(index["keys"])


def test_the_sdk_behind_it_sees_the_same_jobs(through_proxy: dict[str, Any], applied: str) -> None:
    client = LogClient(
        f"http://{through_proxy['endpoint']}",
        through_proxy["access_key_id"],
        through_proxy["access_key_secret"],
    )
    (job,) = client.list_ingestion(applied).get_ingestions()
    assert job["configuration"]["logstore"] == "messages"
    assert job["configuration"]["source"]["topics"] == "azure-logs"
    (split,) = client.list_etls(applied).get_etls()
    assert split["configuration"]["logstore"] == "messages"
    assert split["configuration"]["sinks"][0]["logstore"] == "records"
