"""Heavy queries hold up nobody, end in bounded time and space, and reach nothing but their rows."""

from __future__ import annotations

import threading
import time

import pytest
from aliyun.log import LogException

from core.sandbox.log_service import search_index
from core.sandbox.log_service.catalogue import Logstore
from core.sandbox.log_service.search_index import SearchIndex
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.storage import Shards
from core.sandbox.log_service.wire import ServiceError

pytestmark = pytest.mark.slow

PROJECT = "proof"
NOW = int(time.time()) - 3600
NEVER_ENDING = (
    "* | select count(*) as n from log a, log b, log c, log d "
    "where a.category || b.category || c.category = d.category"
)


@pytest.fixture
def index(tmp_path):
    made = SearchIndex(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shards(tmp_path, kit):
    log = ShardLog(tmp_path / "0")
    for start in range(3):
        fields = [{"n": str(start * 100 + n)} for n in range(100)]
        log.append(kit.group(*fields, times=[NOW] * 100), 100, 1)
    yield Shards({0: log}, Logstore(1, "x", 1, 1, 0).ranges)
    log.close()


def test_a_query_ends_at_its_deadline(index, shards, monkeypatch):
    monkeypatch.setattr(search_index, "QUERY_SECONDS", 0.2)
    statement = "SELECT count(*) FROM logs_1 a, logs_1 b, logs_1 c, logs_1 d, logs_1 e"
    with index.table(1, shards) as table, pytest.raises(ServiceError, match="took longer than"):
        table.run(statement)
    with index.table(1, shards) as table:
        assert table.select("SELECT count(*) FROM logs_1") == [(300,)]


def test_closing_ends_a_query(index, shards):
    ended = []

    def read():
        with index.table(1, shards) as table:
            try:
                table.run("SELECT count(*) FROM logs_1 a, logs_1 b, logs_1 c, logs_1 d, logs_1 e")
            except ServiceError as error:
                ended.append(error.code)

    reader = threading.Thread(target=read)
    reader.start()
    while not ended and reader.is_alive():
        index.close()
        reader.join(0.05)
    reader.join()
    assert ended == ["ParameterInvalid"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/isthmus-test-out'",
        "ATTACH '/tmp/isthmus-test.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access=true",
        "SET memory_limit='64GB'",
        "SET lock_configuration=false",
    ],
)
def test_the_database_reaches_nothing_outside(index, shards, statement):
    """Even a statement that got past the white list could not."""
    with index.table(1, shards) as table, pytest.raises(ServiceError):
        table.run(statement)


def test_what_was_written_is_seen_once_whatever_reads_meanwhile(index, shards, kit):
    counts = []

    def read():
        with index.table(1, shards) as table:
            counts.append(table.select("SELECT count(*) FROM logs_1")[0][0])

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
        shards.logs[0].append(kit.group({"n": "more"}, times=[NOW]), 1, 2)
    for reader in readers:
        reader.join()
    assert all(300 <= count <= 308 for count in counts)
    with index.table(1, shards) as table:
        assert table.select("SELECT count(*) FROM logs_1") == [(308,)]
    index.forget(1)
    with index.table(2, shards) as table:
        assert table.select("SELECT count(*) FROM logs_2") == [(308,)]
        with pytest.raises(ServiceError, match="does not exist"):
            table.run("SELECT count(*) FROM logs_1")


@pytest.mark.slow
def test_writing_and_other_queries_go_on_during_a_heavy_one(own_region, kit):
    region = own_region
    name = region.logstore()
    raw = region.raw()
    logs = [{"category": f"c{n}"} for n in range(600)]
    assert raw.put(name, kit.group(*logs, times=[NOW] * 600)).status == 200
    client = region.sdk(tls=True)
    ended = []

    def read():
        try:
            region.sdk().get_log(PROJECT, name, NOW, NOW + 60, query=NEVER_ENDING)
        except LogException as error:
            ended.append(error)

    before = region.request("stats")["requests"].get("GetLogs", 0)
    reader = threading.Thread(target=read)
    reader.start()
    kit.eventually(lambda: region.request("stats")["requests"].get("GetLogs", 0) > before)
    for number in range(10):
        assert raw.put(name, kit.group({"category": "new"}, times=[NOW])).status == 200
        query = "category:new | select count(*) as n"
        found = client.get_log(PROJECT, name, NOW, NOW + 60, query=query)
        assert found.get_logs()[0].get_contents()["n"] == str(number + 1)
    assert reader.is_alive()
    region.child.stop()  # ends the query as well, in time
    reader.join(30)
    assert not reader.is_alive()
    region.start()


@pytest.mark.slow
def test_a_result_has_a_bound(region, kit):
    name = region.logstore()
    logs = [{"category": str(n) + "x" * 200} for n in range(400)]
    assert region.raw().put(name, kit.group(*logs, times=[NOW] * 400)).status == 200
    query = "* | select a.category, b.category as b from log a, log b limit 1000000"
    before = region.request("stats")["memory_bytes"]
    with pytest.raises(LogException, match="over 33554432 characters"):
        region.sdk().get_log(PROJECT, name, NOW, NOW + 60, query=query)
    assert region.request("stats")["memory_bytes"] < before + 400 * 1024 * 1024


@pytest.mark.slow
def test_paging_through_a_search_of_many_logs(region, kit):
    name = region.logstore()
    raw = region.raw()
    for start in range(0, 40_000, 2000):
        numbers = range(start, start + 2000)
        logs = [{"category": "even" if n % 2 == 0 else "odd", "n": str(n)} for n in numbers]
        assert (
            raw.put(name, kit.group(*logs, times=[NOW + n // 1000 for n in numbers])).status == 200
        )
    pages = region.sdk().get_log_all(PROJECT, name, NOW, NOW + 60, query="category: even")
    found = [int(log.get_contents()["n"]) for page in pages for log in page.get_logs()]
    assert sorted(found) == list(range(0, 40_000, 2))
