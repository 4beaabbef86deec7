"""aliyun-log-python-sdk, unchanged, does what its users do: every operation, both signatures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aliyun.log import (
    GetHistogramsRequest,
    IndexConfig,
    IndexKeyConfig,
    IndexLineConfig,
    ListLogstoresRequest,
    LogClient,
    LogException,
    LogItem,
    PutLogsRequest,
)

pytestmark = pytest.mark.clients
COUNT, HEX = 30, "0123456789abcdef"
SIGNATURES = {"v1": {}, "v4": {"auth_version": "v4", "region": "cn-sandbox"}}


@pytest.fixture(params=SIGNATURES)
def client(through_proxy: dict[str, Any], request: pytest.FixtureRequest) -> LogClient:
    return LogClient(
        f"http://{through_proxy['endpoint']}",
        through_proxy["access_key_id"],
        through_proxy["access_key_secret"],
        **SIGNATURES[request.param],
    )


@pytest.fixture
def place(client: LogClient, project: str) -> Iterator[tuple[str, str]]:
    """A project of its own with a Logstore of two shards."""
    client.create_project(project, "of the SDK")
    client.create_logstore(project, "things", ttl=30, shard_count=2)
    yield project, "things"
    client.delete_project(project)


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(LogException) as caught:
        call()
    return str(caught.value.get_error_code())


def _index() -> IndexConfig:
    keys = {
        "level": IndexKeyConfig([",", " "], doc_value=True),
        "n": IndexKeyConfig(index_type="long", doc_value=True),
    }
    return IndexConfig(7, IndexLineConfig([",", " ", "=", ":"]), keys)


def _put(client: LogClient, place: tuple[str, str], numbers: range, **more: Any) -> int:
    """Write a log for each number, a second apart; the time of the newest."""
    now = int(time.time())
    logs = [
        LogItem(now - n, contents=[("level", "info" if n % 3 else "error"), ("n", str(n))])
        for n in numbers
    ]
    client.put_logs(PutLogsRequest(*place, "topic", "source", logs, **more))
    return now


def _shards(client: LogClient, place: tuple[str, str]) -> list[int]:
    return [shard["shardID"] for shard in client.list_shards(*place).get_shards_info()]


def _pull(client: LogClient, place: tuple[str, str], **more: Any) -> list[int]:
    """The numbers of all logs, by cursors from begin to end."""
    found: list[int] = []
    for shard in _shards(client, place):
        cursor = client.get_cursor(*place, shard, "begin").get_cursor()
        end = client.get_cursor(*place, shard, "end").get_cursor()
        while cursor != end:
            got = client.pull_logs(*place, shard, cursor, 2, end, **more)
            found += [int(log["n"]) for log in got.get_flatten_logs_json()]
            assert got.get_next_cursor() != cursor
            cursor = got.get_next_cursor()
    return sorted(found)


def test_projects(client: LogClient, project: str) -> None:
    client.create_project(project, "first words")
    told = client.get_project(project)
    assert (told.projectName, told.description, told.status) == (project, "first words", "Normal")
    listed = client.list_project(size=500).get_projects()
    assert project in {each["projectName"] for each in listed}
    assert _code(lambda: client.create_project(project, "again")) == "ProjectAlreadyExist"
    client.delete_project(project)
    assert _code(lambda: client.get_project(project)) == "ProjectNotExist"
    assert project not in {
        each["projectName"] for each in client.list_project(size=500).get_projects()
    }


def test_tags_of_a_project(client: LogClient, place: tuple[str, str]) -> None:
    client.tag_project(place[0], team="soc", stage="test")
    client.untag_project(place[0], "stage")
    told = [
        (tag.get_tag_key(), tag.get_tag_value())
        for answer in client.list_tag_resources("project", place[0])
        for tag in answer.get_tags()
    ]
    assert told == [("team", "soc")]


def test_logstores(client: LogClient, place: tuple[str, str]) -> None:
    project, name = place
    told = client.get_logstore(project, name)
    assert (told.logstore_name, told.get_ttl(), told.get_shard_count()) == (name, 30, 2)
    assert client.list_logstore(project, "thi").get_logstores() == [name]
    assert client.list_logstores(ListLogstoresRequest(project)).get_logstores() == [name]
    assert _code(lambda: client.create_logstore(project, name)) == "LogStoreAlreadyExist"
    client.update_logstore(project, name, ttl=60)
    assert client.get_logstore(project, name).get_ttl() == 60
    client.delete_logstore(project, name)
    assert _code(lambda: client.get_logstore(project, name)) == "LogStoreNotExist"


def test_indexes(client: LogClient, place: tuple[str, str]) -> None:
    assert _code(lambda: client.get_index_config(*place)) == "IndexConfigNotExist"
    client.create_index(*place, _index())
    assert _code(lambda: client.create_index(*place, _index())) == "IndexAlreadyExist"
    told = client.get_index_config(*place).get_index_config()
    assert set(told.key_config_list) == {"level", "n"}
    assert told.key_config_list["n"].index_type == "long"
    changed = _index()
    changed.key_config_list["more"] = IndexKeyConfig(index_type="double", doc_value=True)
    client.update_index(*place, changed)
    told = client.get_index_config(*place).get_index_config()
    assert set(told.key_config_list) == {"level", "more", "n"}
    client.delete_index(*place)
    assert _code(lambda: client.get_index_config(*place)) == "IndexConfigNotExist"


def test_shards(client: LogClient, place: tuple[str, str]) -> None:
    first, second = client.list_shards(*place).get_shards_info()
    assert first["inclusiveBeginKey"] == "0" * 32
    assert first["exclusiveEndKey"] == second["inclusiveBeginKey"]
    assert {first["status"], second["status"]} == {"readwrite"}


@pytest.mark.parametrize("compress", [True, False])
def test_logs_are_written_and_pulled(
    client: LogClient, place: tuple[str, str], compress: bool
) -> None:
    for start in range(0, COUNT, 5):
        _put(client, place, range(start, start + 5), compress=compress)
    assert _pull(client, place, compress=compress) == list(range(COUNT))


def test_zstd(
    through_proxy: dict[str, Any], client: LogClient, place: tuple[str, str], run: Any
) -> None:
    secret = through_proxy["access_key_secret"]
    access = [f"http://{through_proxy['endpoint']}", through_proxy["access_key_id"], secret]
    script = Path(__file__).with_name("zstd_client.py")
    told = run("python", "-P", script, *place, COUNT, hide=secret, given=json.dumps(access))
    assert json.loads(told) == list(range(COUNT))
    assert _pull(client, place) == list(range(COUNT))


def test_a_hash_key_chooses_the_shard(client: LogClient, place: tuple[str, str]) -> None:
    low, high = _shards(client, place)
    _put(client, place, range(3), hashKey="0" * 31 + "1")
    _put(client, place, range(3, 5), hashKey="f" * 31 + "0")
    sizes = {}
    for shard in (low, high):
        cursor = client.get_cursor(*place, shard, "begin").get_cursor()
        sizes[shard] = client.pull_logs(*place, shard, cursor, 100).get_log_count()
    assert sizes == {low: 3, high: 2}


def test_what_a_log_carries_comes_back(client: LogClient, place: tuple[str, str]) -> None:
    now = int(time.time())
    log = LogItem(now, contents=[("größe", "ä ö ü"), ("empty", ""), ("raw", b"bytes")])
    request = PutLogsRequest(*place, "the topic", "the source", [log], logtags=[("tag", "v")])
    client.put_logs(request)
    rows = []
    for shard in _shards(client, place):
        cursor = client.get_cursor(*place, shard, "begin").get_cursor()
        rows += client.pull_logs(*place, shard, cursor, 10).get_flatten_logs_json()
    (row,) = rows
    assert {name: row[name] for name in ("größe", "empty", "raw", "__time__", "__topic__")} == {
        "größe": "ä ö ü",
        "empty": "",
        "raw": "bytes",
        "__time__": now,
        "__topic__": "the topic",
    }
    assert (row["__source__"], row["__tag__:tag"]) == ("the source", "v")


def test_cursors_by_time(client: LogClient, place: tuple[str, str]) -> None:
    _put(client, place, range(3), hashKey="0" * 32)
    shard = _shards(client, place)[0]
    begin = client.get_cursor(*place, shard, "begin").get_cursor()
    end = client.get_cursor(*place, shard, "end").get_cursor()
    received = client.get_cursor_time(*place, shard, begin).get_cursor_time()
    assert abs(received - time.time()) < 60
    assert client.get_cursor(*place, shard, received).get_cursor() == begin
    assert client.get_cursor(*place, shard, received + 60).get_cursor() == end
    assert client.get_previous_cursor_time(*place, shard, end).get_cursor_time() == received
    assert _code(lambda: client.get_cursor(*place, 99, "begin")) == "ShardNotExist"


def test_search_sql_and_histograms(client: LogClient, place: tuple[str, str]) -> None:
    client.create_index(*place, _index())
    now = _put(client, place, range(COUNT))
    since, until = now - 600, now + 60

    def numbers(query: str, **more: Any) -> list[int]:
        told = client.get_log(*place, since, until, query=query, **more)
        assert told.is_completed()
        return [int(log.contents["n"]) for log in told.get_logs()]

    assert sorted(numbers("*")) == list(range(COUNT))
    assert sorted(numbers("level: error and not n > 10")) == [0, 3, 6, 9]
    assert sorted(numbers("error or n: 7")) == sorted({7, *range(0, COUNT, 3)})
    assert sorted(numbers("n in [5 8]")) == [5, 6, 7, 8]
    assert numbers("*", size=4, reverse=True) == [0, 1, 2, 3]
    assert numbers("*", size=4, offset=4, reverse=True) == [4, 5, 6, 7]
    query = "level: error | select count(1) as c, sum(n) as s, approx_distinct(n) as d"
    (row,) = client.get_log(*place, since, until, query=query).get_logs()
    assert (row.contents["c"], row.contents["s"], row.contents["d"]) == ("10", "135", "10")
    told = client.get_histograms(GetHistogramsRequest(*place, since, until, "", "level: error"))
    assert told.is_completed()
    assert told.get_total_count() == 10
    assert sum(part.get_count() for part in told.get_histograms()) == 10


def test_without_an_index_there_is_no_search(client: LogClient, place: tuple[str, str]) -> None:
    now = int(time.time())
    code = _code(lambda: client.get_log(*place, now - 60, now, query="*"))
    assert code == "IndexConfigNotExist"


def test_consumer_groups(client: LogClient, place: tuple[str, str]) -> None:
    client.create_consumer_group(*place, "readers", 60, False)
    assert _code(lambda: client.create_consumer_group(*place, "readers", 60, False)) == (
        "ConsumerGroupAlreadyExist"
    )
    (group,) = client.list_consumer_group(*place).get_consumer_groups()
    assert (group.get_consumer_group_name(), group.get_timeout()) == ("readers", 60)
    client.update_consumer_group(*place, "readers", 90, True)
    (group,) = client.list_consumer_group(*place).get_consumer_groups()
    assert (group.get_timeout(), group.is_in_order()) == (90, True)
    held = client.heart_beat(*place, "readers", "one", []).get_shards()
    assert held == _shards(client, place)
    cursor = client.get_cursor(*place, held[0], "begin").get_cursor()
    client.update_check_point(*place, "readers", held[0], cursor, "one")
    told = client.get_check_point(*place, "readers", held[0]).get_consumer_group_check_points()
    assert [(each["shard"], each["checkpoint"]) for each in told] == [(held[0], cursor)]
    client.delete_consumer_group(*place, "readers")
    assert client.list_consumer_group(*place).get_consumer_groups() == []


def test_a_wrong_secret_is_refused(through_proxy: dict[str, Any], client: LogClient) -> None:
    more = SIGNATURES["v4" if client._auth_version == "v4" else "v1"]
    endpoint, key_id = f"http://{through_proxy['endpoint']}", through_proxy["access_key_id"]
    stranger = LogClient(endpoint, key_id, "not the secret", **more)
    assert _code(stranger.list_project) == "SignatureNotMatch"
    nobody = LogClient(endpoint, "LTAInobody", "not the secret", **more)
    assert _code(nobody.list_project) in ("Unauthorized", "InvalidAccessKeyId")
