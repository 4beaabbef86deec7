"""aliyun-log-cli, unchanged, sees what ``isthmus apply`` made: Logstores, indexes and jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers.whole_road import WholeRoad

from core.alibaba.log_service.index import index_for_messages, index_for_records
from core.sandbox.sandbox import Options, Sandbox

pytestmark = pytest.mark.clients
PROJECT, MESSAGES, RECORDS = "isthmus-sandbox", "azure-messages", "azure-logs"


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeRoad]:
    """The managed route, applied on an empty sandbox."""
    folder = tmp_path_factory.mktemp("applied")
    with Sandbox(folder / "sandbox", Options(empty=True)) as running:
        made = WholeRoad(running, folder / "state")
        made.managed("transformation")
        assert made.apply().code == 0
        yield made


@pytest.fixture(scope="module")
def box(road: WholeRoad) -> dict[str, Any]:
    """This sandbox in place of the session's."""
    return json.loads((road.sandbox.folder / "sandbox.json").read_text("utf-8"))


def test_it_sees_the_logstores(cli: Callable[..., Any]) -> None:
    told = cli("list_logstore", project_name=PROJECT)
    assert sorted(told["logstores"]) == [RECORDS, MESSAGES]
    for name in (MESSAGES, RECORDS):
        store = cli("get_logstore", project_name=PROJECT, logstore_name=name)
        assert (store["ttl"], store["shardCount"], store["autoSplit"]) == (30, 2, True)
        assert store["mode"] == "standard"


def test_it_sees_the_indexes(cli: Callable[..., Any]) -> None:
    for name, wish in ((MESSAGES, index_for_messages()), (RECORDS, index_for_records())):
        told = cli("get_index_config", project_name=PROJECT, logstore_name=name)
        assert set(told["keys"]) == {each.name for each in wish.fields}, name


def test_it_sees_the_jobs(cli: Callable[..., Any], road: WholeRoad) -> None:
    hub = road.sandbox.info["event_hubs"]
    (job,) = cli("list_ingestion", project_name=PROJECT)["results"]
    same = cli("get_ingestion", project_name=PROJECT, ingestion_name=job["name"])
    configuration = same["configuration"]
    assert configuration["logstore"] == MESSAGES
    source = configuration["source"]
    assert (source["type"], source["topics"]) == ("Kafka", "azure-logs")
    assert source["bootstrapServers"] == hub["bootstrap"]
    (split,) = cli("list_etls", project_name=PROJECT)["results"]
    told = cli("get_etl", project_name=PROJECT, name=split["name"])
    assert told["configuration"]["logstore"] == MESSAGES
    (sink,) = told["configuration"]["sinks"]
    assert (sink["project"], sink["logstore"]) == (PROJECT, RECORDS)
    assert {job["status"], split["status"]} == {"RUNNING"}
