"""Operations on everything but logs, by the unchanged SDK through either listener."""

from __future__ import annotations

import itertools
import time

import pytest
from aliyun.log import ListTopicsRequest, LogException, LogItem, PutLogsRequest
from aliyun.log.index_config import IndexConfig, IndexKeyConfig, IndexLineConfig

pytestmark = pytest.mark.slow

PROJECT = "proof"
LAST_KEY = "f" * 32
_names = itertools.count(1)


@pytest.fixture(params=["http_proxy", "tls"])
def client(request, region):
    return region.sdk(tls=request.param == "tls")


def refused(run, *arguments, **more):
    with pytest.raises(LogException) as caught:
        run(*arguments, **more)
    return caught.value.get_resp_status(), caught.value.get_error_code()


def put(client, name, text, **more):
    request = PutLogsRequest(PROJECT, name, more.pop("topic", ""), "10.0.0.1", **more)
    request.set_log_items([LogItem(contents=[("text", text)])])
    client.put_logs(request)


def test_a_project_changes_its_description(client):
    name = f"changing-{next(_names)}"
    client.create_project(name, "first")
    client.update_project(name, "second")
    found = client.get_project(name)
    assert found.get_description() == "second"
    client.delete_project(name)
    assert refused(client.update_project, name, "x") == (404, "ProjectNotExist")


def test_a_logstore_changes_its_settings(client, region):
    name = region.logstore(shards=2)
    client.update_logstore(PROJECT, name, ttl=99, auto_split=True, max_split_shard=8, append_meta=1)
    found = client.get_logstore(PROJECT, name)
    assert (found.get_ttl(), found.get_shard_count()) == (99, 2)
    assert (found.auto_split, found.max_split_shard, found.append_meta) == (True, 8, True)
    assert refused(client.update_logstore, PROJECT, name, ttl=0) == (400, "LogStoreInfoInvalid")
    assert client.get_logstore(PROJECT, name).get_ttl() == 99
    assert refused(client.update_logstore, PROJECT, "no-such", ttl=1) == (404, "LogStoreNotExist")


def test_an_index_is_made_read_changed_and_removed(client, region):
    name = region.logstore(index=False)
    index = IndexConfig(30, IndexLineConfig([" "]), {"a": IndexKeyConfig([" "], True, "text")})
    client.create_index(PROJECT, name, index)
    index.key_config_list["n"] = IndexKeyConfig([], False, "long", doc_value=True)
    client.update_index(PROJECT, name, index)
    assert client.get_index_config(PROJECT, name).get_index_config().to_json() == index.to_json()
    client.delete_index(PROJECT, name)
    assert refused(client.get_index_config, PROJECT, name) == (400, "IndexConfigNotExist")


def test_tags_of_projects_and_logstores(client, region):
    project, store = f"tagged-{next(_names)}", "some-logs"
    client.create_project(project, "")
    client.create_logstore(project, store)

    def tags(kind, name, **wanted):
        pages = client.list_tag_resources(kind, name, **wanted)
        return {(t.get_tag_key(), t.get_tag_value()) for page in pages for t in page.get_tags()}

    client.tag_project(project, team="soc", cost="7")
    client.tag_resources("logstore", f"{project}#{store}", kind="raw")
    assert tags("project", project) == {("team", "soc"), ("cost", "7")}
    assert tags("project", project, team="soc") == {("team", "soc"), ("cost", "7")}
    assert tags("project", project, team="other") == set()
    assert tags("logstore", f"{project}#{store}") == {("kind", "raw")}
    assert ("kind", "raw") in tags("logstore", "")
    (page,) = client.get_project_tags(project)
    assert page.get_tags() == {"team": "soc", "cost": "7"}
    client.untag_project(project, "team")
    assert tags("project", project) == {("cost", "7")}
    assert refused(client.tag_project, "no-such", a="b") == (404, "ProjectNotExist")
    assert refused(client.tag_resources, "dashboard", f"{project}#x", a="b")[1] == (
        "ParameterInvalid"
    )
    client.delete_project(project)


def test_topics_are_listed_by_pages(client, region):
    name = region.logstore()
    for topic in ("web", "app", "", "db"):
        put(client, name, "x", topic=topic)
    first = client.list_topics(ListTopicsRequest(PROJECT, name, line=2))
    second = client.list_topics(ListTopicsRequest(PROJECT, name, first.get_next_token(), 2))
    assert (first.get_topics(), second.get_topics()) == (["app", "db"], ["web"])
    assert not second.get_next_token()


def shards(answer):
    return [
        (
            each["shardID"],
            each["status"],
            each["inclusiveBeginKey"][:2],
            each["exclusiveEndKey"][:2],
        )
        for each in answer.get_shards_info()
    ]


def test_shards_split_and_merge_and_stay_readable(client, region):
    name = region.logstore(shards=2)
    put(client, name, "low", hashKey="1" * 32)
    put(client, name, "high", hashKey=LAST_KEY)
    split = client.split_shard(PROJECT, name, 0, "2" + "0" * 31)
    assert shards(split) == [
        (0, "readonly", "00", "80"),
        (2, "readwrite", "00", "20"),
        (3, "readwrite", "20", "80"),
    ]
    put(client, name, "low again", hashKey="1" * 32)
    put(client, name, "middle", hashKey="2" + "0" * 31)
    merged = client.merge_shard(PROJECT, name, 3)
    assert shards(merged) == [
        (1, "readonly", "80", "ff"),
        (3, "readonly", "20", "80"),
        (4, "readwrite", "20", "ff"),
    ]
    put(client, name, "high again", hashKey=LAST_KEY)
    assert client.list_shards(PROJECT, name).count == 5
    assert client.get_logstore(PROJECT, name).get_shard_count() == 2
    texts = {}
    for shard in range(5):
        cursor = client.get_begin_cursor(PROJECT, name, shard).get_cursor()
        pulled = client.pull_logs(PROJECT, name, shard, cursor, 100)
        texts[shard] = [log["text"] for log in pulled.get_flatten_logs_json()]
    assert texts == {0: ["low"], 1: ["high"], 2: ["low again"], 3: ["middle"], 4: ["high again"]}
    now = int(time.time())
    assert client.get_log(PROJECT, name, now - 600, now + 60, size=-1).get_count() == 5
    for _ in range(4):  # balanced writes go to writable shards only
        put(client, name, "anywhere")
    counted = region.request("describe")["projects"][PROJECT][name]["shards"]
    assert [each["logs"] for each in counted][:2] == [1, 1]
    assert sum(each["logs"] for each in counted) == 9


@pytest.mark.parametrize(
    ("run", "arguments", "code"),
    [
        ("split_shard", (9, "1" * 32), "ShardNotExist"),
        ("split_shard", (0, "0" * 32), "ParameterInvalid"),
        ("split_shard", (0, LAST_KEY), "ParameterInvalid"),
        ("split_shard", (0, "middle"), "ParameterInvalid"),
        ("merge_shard", (1,), "ParameterInvalid"),
    ],
)
def test_a_shard_that_cannot_be_changed(region, run, arguments, code):
    name = region.logstore(shards=2)
    assert refused(getattr(region.sdk(), run), PROJECT, name, *arguments) == (400, code)


def test_a_read_only_shard_cannot_be_changed_again(region):
    name = region.logstore(shards=1)
    client = region.sdk()
    client.split_shard(PROJECT, name, 0, "8" + "0" * 31)
    assert refused(client.split_shard, PROJECT, name, 0, "4" * 32)[1] == "ParameterInvalid"
    assert refused(client.merge_shard, PROJECT, name, 0)[1] == "ParameterInvalid"


def test_the_time_of_the_cursor_before(client, region):
    name = region.logstore(shards=1)
    before = int(time.time())
    put(client, name, "x")
    end = client.get_end_cursor(PROJECT, name, 0).get_cursor()
    found = client.get_previous_cursor_time(PROJECT, name, 0, end).get_cursor_time()
    assert before <= found <= int(time.time())
    begin = client.get_begin_cursor(PROJECT, name, 0).get_cursor()
    normalized = client.get_previous_cursor_time(PROJECT, name, 0, begin).get_cursor_time()
    assert normalized == found


@pytest.mark.slow
def test_what_was_changed_outlives_a_kill(own_region):
    region = own_region
    client = region.sdk()
    name = region.logstore(shards=1)
    client.split_shard(PROJECT, name, 0, "8" + "0" * 31)
    client.create_consumer_group(PROJECT, name, "readers", 30)
    client.update_check_point(PROJECT, name, "readers", 1, "MQ==")
    client.tag_resources("logstore", f"{PROJECT}#{name}", kind="raw")
    put(client, name, "x", hashKey=LAST_KEY)
    region.kill_and_restart()
    region.close_clients()
    client = region.sdk(tls=True)
    assert [each["status"] for each in client.list_shards(PROJECT, name).get_shards_info()] == [
        "readonly",
        "readwrite",
        "readwrite",
    ]
    (checkpoint,) = client.get_check_point(PROJECT, name, "readers", 1).consumer_group_check_poins
    assert checkpoint["checkpoint"] == "MQ=="
    assert len(region.raw().stored(name, 3)) == 1
    assert len(list(client.list_tag_resources("logstore", f"{PROJECT}#{name}"))) == 1
