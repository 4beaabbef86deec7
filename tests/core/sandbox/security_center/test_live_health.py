"""Data source health and connector states, by what is in Log Service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.live_center import ACCOUNT, PROJECT, REGION, Center, LogService, center
from helpers.waiting import eventually

from core.sandbox.security_center.model import Connector, DataSource, Store


@pytest.fixture
def log_service(tmp_path: Path) -> Iterator[LogService]:
    made = LogService(tmp_path)
    yield made
    made.stop()


def add_source(made: Center, *logstores: str) -> None:
    stores = tuple(Store(f"dss-{name}", REGION, PROJECT, name) for name in logstores)
    source = DataSource("ds-1", "a source", "custom", "custom", int(ACCOUNT), stores)
    made.ask(lambda state: state.sources.put(source))


def health(made: Center) -> tuple[str, list[tuple[str, str]]]:
    source = made.ask(lambda state: state.sources.get("ds-1"))
    return source.status, [(each.status, each.status_code) for each in source.stores]


@pytest.mark.slow
def test_a_data_source_is_as_well_as_its_logstores(log_service: LogService, tmp_path: Path) -> None:
    log_service.logstore("one")
    log_service.logstore("two")
    with center(tmp_path, log_service) as made:
        add_source(made)
        assert health(made) == ("unconfigured", [])
        add_source(made, "one", "two")
        eventually(lambda: health(made) == ("normal", [("normal", ""), ("normal", "")]))
        first = made.ask(lambda state: state.sources.get("ds-1").stores[0].checked)
        eventually(
            lambda: made.ask(lambda state: state.sources.get("ds-1").stores[0].checked) > first
        )
        log_service.client.delete_logstore(PROJECT, "two")
        gone = ("abnormal", [("normal", ""), ("abnormal", "LogStoreNotExist")])
        eventually(lambda: health(made) == gone)
        log_service.kill()  # says nothing about the data source
        log_service.start()
        log_service.logstore("two")
        eventually(lambda: health(made) == ("normal", [("normal", ""), ("normal", "")]))
        made.ask(lambda state: state.playing.add("no_role"))
        refused = ("abnormal", "NoPermission")
        eventually(lambda: health(made) == ("abnormal", [refused, refused]))


@pytest.mark.slow
def test_a_logstore_that_falls_silent_is_abnormal(log_service: LogService, tmp_path: Path) -> None:
    log_service.logstore("one")
    with center(tmp_path, log_service) as made:
        made.command("quiet_after", seconds=1.5)
        add_source(made, "one")
        eventually(lambda: health(made)[0] == "normal")  # empty: nothing was ever sent
        log_service.put("one", {"a": "1"})
        eventually(lambda: health(made) == ("abnormal", [("abnormal", "NoNewData")]))
        made.command("quiet_after", seconds=3600)
        eventually(lambda: health(made) == ("normal", [("normal", "")]))


@pytest.mark.slow
def test_connectors_show_the_state_of_their_import_jobs(
    log_service: LogService, tmp_path: Path
) -> None:
    log_service.logstore("one")
    source = {"type": "Kafka", "bootstrapServers": "127.0.0.1:1", "topics": "hub"}
    sasl = {"mechanism": "plain", "username": "u", "password": "p"}
    source["communication"] = json.dumps({"protocol": "sasl_ssl", "sasl": sasl})
    more = {"valueType": "json", "fromPosition": "earliest", "consumerGroup": "g"}
    job: dict[str, Any] = {
        "name": "ingest-kafka-1",
        "displayName": "import",
        "type": "Ingestion",
        "schedule": {"type": "Resident", "runImmediately": True},
        "configuration": {"version": "v2.0", "logstore": "one", "source": source | more},
    }
    log_service.client.create_ingestion(PROJECT, json.dumps(job))
    log_service.client.stop_ingestion(PROJECT, "ingest-kafka-1")

    def connector(number: int, name: str) -> Connector:
        where = (REGION, PROJECT, "one")
        return Connector(f"dc-{number}", f"c{number}", "kafka", True, "{}", name, "", *where)

    known, unknown = connector(1, "ingest-kafka-1"), connector(2, "ingest-kafka-2")
    with center(tmp_path, log_service) as made:
        wanted = {"dc-1": "stopped", "dc-2": "deleted"}
        eventually(lambda: made.job_states(known, unknown) == wanted)
        log_service.kill()
        assert made.job_states(known, unknown) == {"dc-1": "unknown", "dc-2": "unknown"}
