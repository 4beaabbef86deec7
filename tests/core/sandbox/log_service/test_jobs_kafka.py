"""Kafka imports that really run: a real hub, real messages, the unchanged SDK."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path

import pytest
from aliyun.log import LogException

from core.sandbox.log_service.jobs import kafka_run
from core.sandbox.log_service.jobs.job import Counts
from core.sandbox.log_service.jobs.kafka_run import KafkaRun
from core.sandbox.log_service.jobs.kafka_source import read_source

PROJECT = "proof"
BATCH = (
    b'{"records":[{"time":"2026-01-01T00:00:00Z","category":"SignInLogs","n":1.50},'
    b'{"category":"AuditLogs","properties":{"a":"\xc3\xa9"}}]}'
)


def body(name, logstore, source, **more):
    return {
        "name": name,
        "displayName": "an import",
        "description": "",
        "type": "Ingestion",
        "schedule": {"type": "Resident", "runImmediately": True},
        "configuration": {"version": "v2.0", "logstore": logstore, "source": source},
        **more,
    }


def start(region, hub, topic, name, logstore="", **changes):
    logstore = logstore or region.logstore(index=False, shards=1)
    job = body(name, logstore, hub.source(topic, **changes))
    region.sdk().create_ingestion(PROJECT, json.dumps(job))
    return logstore


def contents(rows):
    return [
        {name: value for name, value in row.items() if not name.startswith("__")} for row in rows
    ]


def test_a_message_becomes_one_log_and_a_batch_stays_whole(region, hub):
    topic = hub.make()
    hub.send(topic, BATCH, b'{"a": "b", "n": 1.2300, "no": null, "o": {"k" : [1, 2]}}')
    logstore = start(region, hub, topic, "import-one")
    region.job_is("import-one", "RUNNING", 2)
    assert contents(region.rows(logstore, 1)) == [
        {"records": BATCH[len(b'{"records":') : -1].decode()},
        {"a": "b", "n": "1.2300", "no": "null", "o": '{"k" : [1, 2]}'},
    ]
    # It goes on: what comes later is imported, and its offset is committed after that.
    hub.send(topic, b'{"later": "1"}')
    assert region.job_is("import-one", "RUNNING", 3)["read"] == 3
    assert hub.committed(topic, f"group-{topic}") == 3


@pytest.mark.slow
def test_all_partitions_are_read(region, hub):
    topic = hub.make(partitions=4)
    for partition in range(4):
        values = (json.dumps({"at": f"{partition}.{n}"}).encode() for n in range(300))
        hub.send(topic, *values, partition=partition)
    logstore = start(region, hub, topic, "import-all", enableSlsContext=True)
    region.job_is("import-all", "RUNNING", 1200)
    rows = region.rows(logstore, 1)
    assert {row["at"] for row in rows} == {f"{p}.{n}" for p in range(4) for n in range(300)}
    assert len(rows) == 1200
    assert all(row["__partition__"] == row["at"][0] for row in rows)
    assert {row["__topic__"] for row in rows} == {topic}


@pytest.mark.slow
def test_text_and_arrays_and_what_is_not_json(region, hub):
    topic = hub.make()
    hub.send(topic, b'[{"a":"1"},{"a":"2"},3]', b"plain words", b'{"a":"3"}', b'{"broken":')
    split = start(region, hub, topic, "import-split", parseArray=True)
    whole = start(region, hub, topic, "import-whole", consumerGroup="whole")
    text = start(region, hub, topic, "import-text", valueType="text", consumerGroup="text")
    region.job_is("import-split", "RUNNING", 6)
    region.job_is("import-whole", "RUNNING", 4)
    region.job_is("import-text", "RUNNING", 4)
    assert contents(region.rows(split, 1)) == [
        {"a": "1"},
        {"a": "2"},
        {"content": "3"},
        {"content": "plain words"},
        {"a": "3"},
        {"content": '{"broken":'},
    ]
    assert contents(region.rows(whole, 1))[0] == {"content": '[{"a":"1"},{"a":"2"},3]'}
    assert contents(region.rows(text, 1))[2] == {"content": '{"a":"3"}'}


@pytest.mark.slow
def test_a_log_larger_than_put_logs_takes_is_imported(region, hub):
    topic = hub.make()
    hub.send(topic, b"[" + b'"' + b"\xc3\xa9" * 499_000 + b'"' + b"]" * 5)
    logstore = start(region, hub, topic, "import-big", valueType="text")
    region.job_is("import-big", "RUNNING", 1)
    assert [len(row["content"]) for row in region.rows(logstore, 1)] == [499_008]


@pytest.mark.slow
def test_the_time_is_the_messages_or_the_clocks(region, hub):
    topic = hub.make()
    then = (int(time.time()) - 3600) * 1000 + 123
    hub.send(topic, b'{"a":"1"}', time_ms=then)
    kafka = start(region, hub, topic, "import-kafka-time", defaultTimeSource="kafka")
    system = start(region, hub, topic, "import-clock", consumerGroup="clock")
    own = start(
        region,
        hub,
        topic,
        "import-own-time",
        consumerGroup="own",
        timeField="a",
        timeFormat="epoch",
        defaultTimeSource="kafka",
    )
    for name in ("import-kafka-time", "import-clock", "import-own-time"):
        region.job_is(name, "RUNNING", 1)
    (row,) = region.rows(kafka, 1)
    assert (row["__time__"], row["__ns__"]) == (str(then // 1000), "123000000")
    assert int(region.rows(system, 1)[0]["__time__"]) >= then // 1000 + 3600
    # 1970 is outside of what the service takes: the clock's time.
    assert int(region.rows(own, 1)[0]["__time__"]) >= then // 1000 + 3600


@pytest.mark.slow
def test_latest_begins_where_it_was_made_and_stop_and_start_lose_nothing(region, hub):
    client = region.sdk()
    topic = hub.make()
    hub.send(topic, b'{"n":"before"}')
    logstore = start(region, hub, topic, "import-latest", fromPosition="latest")
    region.job_is("import-latest", "RUNNING")
    client.stop_ingestion(PROJECT, "import-latest")
    region.job_is("import-latest", "STOPPED")
    assert client.get_ingestion(PROJECT, "import-latest").get_ingestion()["status"] == "STOPPED"
    hub.send(topic, b'{"n":"while stopped"}')
    client.start_ingestion(PROJECT, "import-latest")
    region.job_is("import-latest", "RUNNING", 1)
    hub.send(topic, b'{"n":"after"}')
    region.job_is("import-latest", "RUNNING", 2)
    assert contents(region.rows(logstore, 1)) == [{"n": "while stopped"}, {"n": "after"}]


@pytest.mark.slow
def test_a_job_without_a_group_has_one_of_its_own(region, hub):
    topic = hub.make()
    hub.send(topic, b'{"n":"1"}')
    start(region, hub, topic, "import-own-group", consumerGroup=None)
    region.job_is("import-own-group", "RUNNING", 1)
    assert hub.committed(topic, f"sls-{PROJECT}-import-own-group") == 1


@pytest.mark.slow
@pytest.mark.parametrize("case", ["wrong password", "no such topic", "no right", "elsewhere"])
def test_what_keeps_a_job_from_its_hub_fails_it_with_the_cause(region, hub, case):
    topic = hub.make()
    changes, message = {
        "wrong password": (
            {"password": hub.connection_string[:-8] + "AAAAAAA="},
            "the sign-in was refused",
        ),
        "no such topic": ({"topics": "no-such-hub"}, "the topic does not exist"),
        "no right": ({"password": hub.policy("only-send", "Send")}, "has no right"),
        "elsewhere": (
            {"bootstrapServers": "isthmus.servicebus.windows.net:9093"},
            "not on this machine",
        ),
    }[case]
    start(region, hub, topic, "import-failing", **changes)
    job = region.job_is("import-failing", "FAILED")
    assert message in job["failure"]
    shown = region.sdk().get_ingestion(PROJECT, "import-failing").get_ingestion()
    assert shown["status"] == "FAILED"
    for text in (job["failure"], region.log_file.read_text("utf-8")):
        assert hub.connection_string not in text
        assert "SharedAccessKey=" not in text


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["tls_intercepted", "not_tls"])
def test_a_hub_that_is_not_what_it_seems_fails_it(region, hub, scenario):
    topic = hub.make()
    hub.request("scenario", name=scenario, on=True)
    try:
        start(region, hub, topic, "import-deceived")
        assert "the TLS connection failed" in region.job_is("import-deceived", "FAILED")["failure"]
    finally:
        hub.request("scenario", name=scenario, on=False)


@pytest.mark.slow
def test_a_hub_that_does_not_answer_from_the_start_fails_it(monkeypatch, hub, tmp_path):
    monkeypatch.setattr(kafka_run, "_START_SECONDS", 1.0)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
        source = read_source({"source": hub.source("t", bootstrapServers=place)}, typed=True)
        ca_file = Path(hub.settings()["ssl.ca.location"])
        run = KafkaRun(source, "group", ca_file, None, (PROJECT, "nowhere"), Counts())
        ended = threading.Event()
        run.begin(None, lambda _: ended.set())
        assert ended.wait(40)
    assert run.join(10)
    assert "the hub does not answer" in run.failure
    assert place in run.failure


@pytest.mark.slow
def test_a_firewall_fails_it_and_it_goes_on_when_it_is_started_again(region, hub):
    topic = hub.make()
    hub.send(topic, b'{"n":"1"}')
    hub.request("scenario", name="firewall", on=True)
    try:
        logstore = start(region, hub, topic, "import-walled")
        region.job_is("import-walled", "FAILED")
    finally:
        hub.request("scenario", name="firewall", on=False)
    assert region.rows(logstore, 1) == []
    region.sdk().start_ingestion(PROJECT, "import-walled")
    region.job_is("import-walled", "RUNNING", 1)


@pytest.mark.slow
def test_a_rotated_key_fails_it_until_it_is_updated(region, hub):
    client = region.sdk()
    topic = hub.make()
    old = hub.policy("rotating", "Listen")
    hub.send(topic, b'{"n":"1"}')
    logstore = start(region, hub, topic, "import-key", password=old)
    region.job_is("import-key", "RUNNING", 1)
    new = hub.request("regenerate_key", name="rotating")["connection_string"]
    assert new != old
    hub.request("drop_connections")
    assert "sign-in was refused" in region.job_is("import-key", "FAILED")["failure"]
    hub.send(topic, b'{"n":"2"}')
    # The old key does not work again, however often it is restarted.
    config = json.dumps(body("import-key", logstore, hub.source(topic, password=old)))
    client.restart_ingestion(PROJECT, "import-key", config)
    region.job_is("import-key", "FAILED")
    config = json.dumps(body("import-key", logstore, hub.source(topic, password=new)))
    client.restart_ingestion(PROJECT, "import-key", config)
    region.job_is("import-key", "RUNNING", 2)
    assert contents(region.rows(logstore, 1)) == [{"n": "1"}, {"n": "2"}]


@pytest.mark.slow
def test_an_update_alone_also_helps_a_failed_job(region, hub):
    topic = hub.make()
    hub.send(topic, b'{"n":"1"}')
    logstore = start(region, hub, topic, "import-mended", topics="no-such-hub")
    region.job_is("import-mended", "FAILED")
    config = json.dumps(body("import-mended", logstore, hub.source(topic)))
    region.sdk().update_ingestion(PROJECT, "import-mended", config)
    region.job_is("import-mended", "RUNNING", 1)


@pytest.mark.slow
def test_scenario_job_failed(region, hub):
    client = region.sdk()
    topic = hub.make()
    hub.send(topic, b'{"n":"1"}')
    logstore = start(region, hub, topic, "import-played")
    region.job_is("import-played", "RUNNING", 1)
    region.scenario("job_failed", True)
    assert "plays job_failed" in region.job_is("import-played", "FAILED")["failure"]
    client.start_ingestion(PROJECT, "import-played")
    region.job_is("import-played", "FAILED")
    hub.send(topic, b'{"n":"2"}')
    region.scenario("job_failed", False)
    assert region.job("import-played")["status"] == "FAILED"
    client.start_ingestion(PROJECT, "import-played")
    region.job_is("import-played", "RUNNING", 2)
    assert contents(region.rows(logstore, 1)) == [{"n": "1"}, {"n": "2"}]


@pytest.mark.slow
def test_a_job_whose_logstore_is_deleted_fails(region, hub):
    topic = hub.make()
    logstore = start(region, hub, topic, "import-nowhere")
    region.job_is("import-nowhere", "RUNNING")
    region.sdk().delete_logstore(PROJECT, logstore)
    hub.send(topic, b'{"n":"1"}')
    assert "LogStoreNotExist" in region.job_is("import-nowhere", "FAILED")["failure"]
    assert hub.committed(topic, f"group-{topic}") == 0


@pytest.mark.slow
def test_a_deleted_job_reads_no_more_and_its_name_is_free(region, hub):
    client = region.sdk()
    topic = hub.make()
    first = start(region, hub, topic, "import-again")
    region.job_is("import-again", "RUNNING")
    client.delete_ingestion(PROJECT, "import-again")
    with pytest.raises(LogException) as caught:
        client.get_ingestion(PROJECT, "import-again")
    assert (caught.value.get_resp_status(), caught.value.get_error_code()) == (404, "JobNotExist")
    hub.send(topic, b'{"n":"1"}')
    second = start(region, hub, topic, "import-again")
    region.job_is("import-again", "RUNNING", 1)
    assert (region.rows(first, 1), contents(region.rows(second, 1))) == ([], [{"n": "1"}])


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_it_goes_on_after_a_restart_of_the_emulator(own_region, own_hub, killed, monkeypatch):
    topic = own_hub.make(partitions=2)
    own_hub.send(topic, *(b'{"n":"%d"}' % n for n in range(50)))
    logstore = start(own_region, own_hub, topic, "import-lasting")
    stopped = start(own_region, own_hub, topic, "import-stopped", consumerGroup="other")
    own_region.job_is("import-stopped", "RUNNING", 50)
    own_region.sdk().stop_ingestion(PROJECT, "import-stopped")
    own_region.job_is("import-stopped", "STOPPED")
    own_region.job_is("import-lasting", "RUNNING", 50)
    if killed:
        own_region.child.kill()
    else:
        own_region.child.stop()
    own_hub.send(topic, *(b'{"n":"%d"}' % n for n in range(50, 80)), partition=1)
    own_region.start()
    rows_of = own_region.rows
    assert own_region.job("import-stopped")["status"] == "STOPPED"
    own_region.job_is("import-lasting", "RUNNING")
    deadline = time.monotonic() + 40
    while len({row["n"] for row in rows_of(logstore, 1)}) < 80:
        assert time.monotonic() < deadline
    assert len(rows_of(stopped, 1)) == 50
    if not killed:
        assert len(rows_of(logstore, 1)) == 80


@pytest.mark.slow
def test_a_hub_that_goes_away_for_a_while_costs_nothing(own_region, own_hub):
    topic = own_hub.make()
    own_hub.send(topic, b'{"n":"1"}')
    logstore = start(own_region, own_hub, topic, "import-patient")
    own_region.job_is("import-patient", "RUNNING", 1)
    own_hub.kill_and_restart()
    own_hub.send(topic, b'{"n":"2"}')
    own_region.job_is("import-patient", "RUNNING", 2)
    assert {row["n"] for row in own_region.rows(logstore, 1)} == {"1", "2"}
