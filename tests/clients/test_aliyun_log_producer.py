"""aliyun-log-producer (Rust), unchanged: each callback says stored, and each log is there once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aliyun.log import IndexConfig, IndexKeyConfig, LogClient

pytestmark = pytest.mark.clients
COUNT = 10_000


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_what_the_producer_sends_is_stored_once(
    through_proxy: dict[str, Any], run: Callable[..., str], project: str, compression: str
) -> None:
    endpoint = f"http://{through_proxy['endpoint']}"
    key_id, secret = through_proxy["access_key_id"], through_proxy["access_key_secret"]
    client = LogClient(endpoint, key_id, secret)
    client.create_project(project, "of the producer")
    client.create_logstore(project, "sent", ttl=30, shard_count=2)
    keys = {"n": IndexKeyConfig(index_type="long", doc_value=True)}
    client.create_index(project, "sent", IndexConfig(key_config_list=keys))
    access = {
        "endpoint": endpoint,
        "access_key_id": key_id,
        "access_key_secret": secret,
        "compression": compression,
    }
    script = Path(__file__).with_name("producer_client.py")
    since = int(time.time()) - 60
    told = run(
        "python", "-P", script, project, "sent", COUNT, hide=secret, given=json.dumps(access)
    )
    assert json.loads(told) == {"stored": COUNT}
    shards = [shard["shardID"] for shard in client.list_shards(project, "sent").get_shards_info()]
    pulled = [
        log
        for shard in shards
        for answer in client.pull_log(project, "sent", shard, since, since + 600, 1000)
        for log in answer.get_flatten_logs_json()
    ]
    assert sorted(int(log["n"]) for log in pulled) == list(range(COUNT))
    assert {(log["__topic__"], log["__source__"]) for log in pulled} == {("rust", "producer")}
    query = "* | select count(1) as c, count(distinct n) as d"
    rows = client.get_log(project, "sent", since, since + 600, query=query).get_logs()
    assert [(row.contents["c"], row.contents["d"]) for row in rows] == [(str(COUNT), str(COUNT))]
