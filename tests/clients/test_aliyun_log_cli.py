"""aliyun-log-cli, unchanged, through the proxy door of the sandbox's Log Service."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aliyun.log import IndexConfig, IndexKeyConfig, IndexLineConfig, LogClient, LogItem
from aliyun.log import PutLogsRequest as Put

pytestmark = pytest.mark.clients
LOGSTORE, COUNT = "things", 60
ERRORS = COUNT // 3


@pytest.fixture
def filled(through_proxy: dict[str, Any], project: str) -> dict[str, Any]:
    """A Logstore with 60 logs, every third an error; where it is, as the CLI names it."""
    client = LogClient(
        f"http://{through_proxy['endpoint']}",
        through_proxy["access_key_id"],
        through_proxy["access_key_secret"],
    )
    client.create_project(project, "of others")
    client.create_logstore(project, LOGSTORE, ttl=30, shard_count=2)
    keys = {
        "level": IndexKeyConfig(doc_value=True),
        "n": IndexKeyConfig(index_type="long", doc_value=True),
    }
    line = IndexLineConfig([",", " ", "=", ":"])
    client.create_index(project, LOGSTORE, IndexConfig(line_config=line, key_config_list=keys))
    now = int(time.time())
    logs = [
        LogItem(now - n, contents=[("level", "info" if n % 3 else "error"), ("n", str(n))])
        for n in range(COUNT)
    ]
    client.put_logs(Put(project, LOGSTORE, "topic", "source", logs))
    return {"project": project, "from_time": now - 3600, "to_time": now + 60}


def test_it_lists_projects_logstores_and_shards(
    cli: Callable[..., Any], filled: dict[str, Any]
) -> None:
    project = filled["project"]
    told = cli("list_project", size=500)
    assert {project, "isthmus-sandbox"} <= {each["projectName"] for each in told["projects"]}
    assert cli("list_logstore", project_name=project)["logstores"] == [LOGSTORE]
    assert cli("get_logstore", project_name=project, logstore_name=LOGSTORE)["shardCount"] == 2
    shards = cli("list_shards", project_name=project, logstore_name=LOGSTORE)
    assert [shard["shardID"] for shard in shards] == [0, 1]


def test_it_makes_and_deletes(cli: Callable[..., Any], project: str) -> None:
    cli("create_project", project_name=project, project_des="made by the CLI")
    cli("create_logstore", project_name=project, logstore_name="made", ttl=7, shard_count=1)
    index = {"line": {"token": [",", " "], "caseSensitive": False}}
    place = {"project_name": project, "logstore_name": "made"}
    cli("create_index", **place, index_detail=json.dumps(index))
    assert cli("get_index_config", **place)["line"]["token"] == [",", " "]
    cli("delete_logstore", **place)
    assert cli("list_logstore", project_name=project)["logstores"] == []
    cli("delete_project", project_name=project)
    names = {each["projectName"] for each in cli("list_project", size=500)["projects"]}
    assert project not in names


def test_it_shows_the_index(cli: Callable[..., Any], filled: dict[str, Any]) -> None:
    told = cli("get_index_config", project_name=filled["project"], logstore_name=LOGSTORE)
    assert told["line"]["token"] == [",", " ", "=", ":"]
    assert {name: key["type"] for name, key in told["keys"].items()} == {
        "level": "text",
        "n": "long",
    }


def test_it_pulls(cli: Callable[..., Any], filled: dict[str, Any], tmp_path: Path) -> None:
    place = {"project_name": filled["project"], "logstore_name": LOGSTORE}
    times = {"from_time": filled["from_time"], "to_time": filled["to_time"]}
    told = cli("pull_log_dump", **place, **times, file_path=tmp_path / "dump_{}.data")
    assert told["total_count"] == COUNT
    lines = [
        json.loads(line)
        for file in tmp_path.glob("dump_*.data")
        for line in file.read_text("utf-8").splitlines()
    ]
    assert sorted(int(line["n"]) for line in lines) == list(range(COUNT))
    assert {line["__topic__"] for line in lines} == {"topic"}


def test_it_searches_and_asks_in_sql(cli: Callable[..., Any], filled: dict[str, Any]) -> None:
    def get(query: str) -> list[dict[str, str]]:
        rows = cli("get_log", **filled, logstore=LOGSTORE, query=query, size=100)
        assert isinstance(rows, list)
        return rows

    assert len(get("*")) == COUNT
    assert len(get("level: error")) == ERRORS
    found = {int(row["n"]) for row in get("level: error and n >= 30")}
    assert found == set(range(30, COUNT, 3))
    rows = get("* | select level, count(1) as c, max(n) as m group by level order by level")
    assert [(row["level"], row["c"], row["m"]) for row in rows] == [
        ("error", str(ERRORS), "57"),
        ("info", str(COUNT - ERRORS), "59"),
    ]
    assert len(cli("get_log_all", **filled, logstore=LOGSTORE, query="level: info")) == 40


def test_it_shows_histograms(cli: Callable[..., Any], filled: dict[str, Any]) -> None:
    request = {
        "project": filled["project"],
        "logstore": LOGSTORE,
        "topic": "",
        "fromTime": str(filled["from_time"]),
        "toTime": str(filled["to_time"]),
        "query": "level: error",
    }
    told = cli("get_histograms", request=json.dumps(request))
    assert sum(part["count"] for part in told) == ERRORS
    assert {part["progress"] for part in told} == {"Complete"}
