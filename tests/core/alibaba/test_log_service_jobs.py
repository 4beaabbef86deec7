"""Kafka imports and data transformations, by either form of the API, run by the emulator."""

from __future__ import annotations

import dataclasses
import json

import pytest
from helpers.log_region import put_logs
from helpers.namespaces import open_namespace
from helpers.waiting import eventually

from core.alibaba.log_service.control import KafkaImport, Logstore, Transformation
from core.alibaba.log_service.kafka_job import job_body, told_job
from core.alibaba.log_service.transformation import splitting_spl
from core.errors import Code
from core.kafka.connection_string import key_fingerprint

KEY = "c2VjcmV0LWtleS1vZi10aGUtdGVzdA=="
STRING = (
    "Endpoint=sb://127.0.0.1:9/;SharedAccessKeyName=listen;SharedAccessKey="
    + KEY
    + ";EntityPath=logs"
)
NEW_STRING = STRING.replace(KEY, "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Q=")


def wish(**changes):
    given = {
        "name": "isthmus-kafka-1",
        "display_name": "Azure Event Hubs",
        "description": '{"made_by": "isthmus"}',
        "logstore": "raw",
        "bootstrap": "127.0.0.1:9",
        "topic": "logs",
        "group": "isthmus-managed",
        "start": "earliest",
        "connection_string": STRING,
    }
    return KafkaImport(**(given | changes))


@pytest.fixture
def raw(region, project):
    """The project, in which the Logstore ``raw`` is."""
    region.run(lambda logs: logs.create_logstore(project, Logstore("raw", shards=1)))
    return project


@pytest.fixture(params=["typed", "jobs"])
def form(request, region):
    """The form of the API that the region offers."""
    if request.param == "typed":
        yield "typed"
        return
    with region.scenario("no_typed_jobs"):
        yield "jobs"


def test_an_import_is_made_as_wished_once_and_taken_away_once(region, raw, form):
    async def work(logs):
        made = await logs.create_kafka_import(raw, wish())
        again = await logs.create_kafka_import(raw, wish(topic="another"))
        listed = await logs.kafka_imports(raw)
        await logs.delete_kafka_import(raw, wish().name)
        await logs.delete_kafka_import(raw, wish().name)
        return made, again, listed, await logs.kafka_import(raw, wish().name)

    made, again, listed, gone = region.run(work)
    assert made.form == form
    assert (made.bootstrap, made.topic, made.group) == ("127.0.0.1:9", "logs", "isthmus-managed")
    assert (made.logstore, made.start, made.description) == ("raw", "earliest", wish().description)
    assert again.topic == "logs"
    assert [job.name for job in listed] == [wish().name]
    assert gone is None


def test_a_rotated_key_can_be_told_and_is_put_in(region, raw, form):
    async def work(logs):
        old = await logs.create_kafka_import(raw, wish())
        await logs.update_kafka_import(raw, wish(connection_string=NEW_STRING))
        await logs.restart_kafka_import(raw, wish().name)
        return old, await logs.kafka_import(raw, wish().name)

    old, new = region.run(work)
    assert old.key_fingerprint == key_fingerprint(STRING)
    assert new.key_fingerprint == key_fingerprint(NEW_STRING) != old.key_fingerprint


def test_an_import_is_stopped_and_started(region, raw, form):
    async def make(logs):
        await logs.create_kafka_import(raw, wish())
        await logs.stop_kafka_import(raw, wish().name)

    def status():
        return region.run(lambda logs: logs.kafka_import(raw, wish().name)).status

    region.run(make)
    eventually(lambda: status() == "STOPPED")
    region.run(lambda logs: logs.start_kafka_import(raw, wish().name))
    assert status() in ("STARTING", "RUNNING")


def test_imports_of_both_forms_are_listed_once_and_other_jobs_not(region, raw):
    async def older(logs):
        await logs.create_kafka_import(raw, wish(name="older"))

    async def newer(logs):
        await logs.create_kafka_import(raw, wish(name="newer"))
        await logs.create_logstore(raw, Logstore("records"))
        await logs.create_transformation(raw, splitting(raw))
        return await logs.kafka_imports(raw), await logs.transformations(raw)

    with region.scenario("no_typed_jobs"):
        region.run(older)
    imports, transformations = region.run(newer)
    assert [job.name for job in imports] == ["newer", "older"]
    assert [job.name for job in transformations] == ["isthmus-split-1"]


def test_what_is_wrong_with_a_job_is_told_without_its_key(region, raw):
    wrong = wish(bootstrap="no-port")
    found = region.refusal(lambda logs: logs.create_kafka_import(raw, wrong))
    assert found.code is Code.LOG_SERVICE_JOB_REFUSED
    assert "bootstrapServers" in found.cause
    assert KEY not in f"{found}{wrong!r}"


def test_a_logstore_that_is_not_there_is_named(region, raw):
    lost = wish(logstore="lost")
    found = region.refusal(lambda logs: logs.create_kafka_import(raw, lost))
    assert found.code is Code.LOG_SERVICE_LOGSTORE_NOT_FOUND


def test_a_jobs_name_is_refused_before_the_call(region, raw):
    found = region.refusal(lambda logs: logs.create_kafka_import(raw, wish(name="A job")))
    assert found.code is Code.LOG_SERVICE_NAME_INVALID


def test_a_job_that_is_not_there_cannot_be_started(region, raw):
    found = region.refusal(lambda logs: logs.start_kafka_import(raw, "nothing"))
    assert found.code is Code.LOG_SERVICE_JOB_NOT_FOUND
    assert "nothing" in found.cause


@pytest.mark.parametrize("hidden", ["****", ""])
def test_a_key_that_the_answer_hides_is_told_by_the_description(hidden):
    body = job_body(wish(), "typed")
    source = body["configuration"]["source"]
    communication = json.loads(source["communication"])
    communication["sasl"]["password"] = STRING.replace(KEY, hidden)
    source["communication"] = json.dumps(communication)
    job = told_job(body, "typed")
    assert job.key_fingerprint == key_fingerprint(STRING)
    assert job.description == wish().description


def test_a_key_that_somebody_changed_in_the_console_is_told_by_the_answer():
    body = job_body(wish(connection_string=NEW_STRING), "typed")
    body["description"] = job_body(wish(), "typed")["description"]
    assert told_job(body, "typed").key_fingerprint == key_fingerprint(NEW_STRING)


def splitting(project, **changes):
    given = {
        "name": "isthmus-split-1",
        "display_name": "Azure records",
        "description": '{"made_by": "isthmus"}',
        "source": "raw",
        "spl": splitting_spl(),
        "sink_project": project,
        "sink_logstore": "records",
    }
    return Transformation(**(given | changes))


MESSAGE = {
    "records": json.dumps(
        [
            {
                "category": "SignInLogs",
                "time": "2026-11-30T01:02:03.1234567Z",
                "durationMs": 0,
                "properties": {"createdDateTime": "2026-11-30T01:01:00Z", "id": "x"},
            },
            {"category": "AuditLogs", "resourceId": "/tenants/t/providers/Microsoft.aadiam"},
            "not an object",
        ]
    )
}
SINGLE = {"category": "Administrative", "time": "2026-11-30T01:02:03Z"}
TEXT = {"content": '{"records": [{"category": "AZFWDnsQuery", "time": "t"}]}'}
PLAIN = {"content": "no JSON at all"}


def test_a_transformation_makes_single_records_of_messages(region, raw):
    async def make(logs):
        await logs.create_logstore(raw, Logstore("records", shards=1))
        first = await logs.create_transformation(raw, splitting(raw))
        again = await logs.create_transformation(raw, splitting(raw, spl="* | extend a=1"))
        return first, again, await logs.transformation(raw, "nothing")

    put_logs(region, raw, "raw", MESSAGE, SINGLE, TEXT, PLAIN)
    first, again, nothing = region.run(make)
    assert first.spl == again.spl == splitting_spl()
    assert first.role_arn.endswith(":role/aliyunlogetlrole")
    assert (first.sink_logstore, first.from_time) == ("records", 0)
    assert nothing is None

    def stored():
        found = region.run(lambda logs: logs.newest(raw, "records", 10))
        return found if len(found) == 6 else None

    logs = eventually(stored)
    by_service = {}
    for log in logs:
        by_service.setdefault(log["event_service"], []).append(log)
    sign_in = by_service["signinlogs"][0]
    assert sign_in["time"] == "2026-11-30T01:02:03.1234567Z"
    assert sign_in["event_time"] == "2026-11-30T01:01:00Z"
    assert sign_in["durationMs"] == "0"
    assert json.loads(sign_in["properties"])["id"] == "x"
    assert by_service["auditlogs"][0]["category"] == "AuditLogs"
    assert by_service["activitylogs"][0]["event_time"] == SINGLE["time"]
    assert by_service["firewall"][0]["category"] == "AZFWDnsQuery"
    others = by_service["other"]
    assert {log.get("event_raw") for log in others} == {"not an object", None}
    assert {log.get("content") for log in others} == {"no JSON at all", None}
    assert not any(name.startswith("isthmus") or name == "records" for log in logs for name in log)


def test_a_transformation_is_stopped_started_and_taken_away(region, raw):
    async def make(logs):
        await logs.create_logstore(raw, Logstore("records"))
        await logs.create_transformation(raw, splitting(raw))
        await logs.stop_transformation(raw, "isthmus-split-1")

    def status():
        found = region.run(lambda logs: logs.transformation(raw, "isthmus-split-1"))
        return found and found.status

    region.run(make)
    eventually(lambda: status() == "STOPPED")
    region.run(lambda logs: logs.start_transformation(raw, "isthmus-split-1"))
    eventually(lambda: status() == "RUNNING")
    for _ in range(2):
        region.run(lambda logs: logs.delete_transformation(raw, "isthmus-split-1"))
    assert status() is None


def test_a_name_that_a_job_of_another_kind_has_is_not_taken_for_ours(region, raw):
    same = "isthmus-job-1"

    async def make(logs):
        await logs.create_logstore(raw, Logstore("records"))
        await logs.create_kafka_import(raw, wish(name="an-import"))
        await logs.create_transformation(raw, splitting(raw, name=same))
        return await logs.transformation(raw, "an-import"), await logs.kafka_import(raw, same)

    assert region.run(make) == (None, None)
    for work in (
        lambda logs: logs.create_kafka_import(raw, wish(name=same)),
        lambda logs: logs.create_transformation(raw, splitting(raw, name="an-import")),
    ):
        found = region.refusal(work)
        assert found.code is Code.LOG_SERVICE_JOB_REFUSED
        assert "another kind" in found.cause


def test_a_script_that_is_wrong_is_told_with_its_place(region, raw):
    region.run(lambda logs: logs.create_logstore(raw, Logstore("records")))
    wrong = splitting(raw, spl="* | extend a=")
    found = region.refusal(lambda logs: logs.create_transformation(raw, wrong))
    assert found.code is Code.LOG_SERVICE_JOB_REFUSED
    assert "script" in found.cause


def test_the_script_keeps_within_the_limits_of_a_transformation():
    assert len(splitting_spl().encode()) < 10_000
    assert splitting_spl().count("\n|") < 16


@pytest.mark.slow
def test_the_managed_way_from_the_hub_to_single_records_and_on_after_a_key_was_rotated(region, raw):
    namespace = open_namespace(region.authority)
    try:
        access = namespace.create_hub("logs", partitions=2)
        job = wish(bootstrap=access.bootstrap, connection_string=namespace.connection_string)

        async def make(logs):
            await logs.create_logstore(raw, Logstore("records", shards=1))
            await logs.create_transformation(raw, splitting(raw))
            return await logs.create_kafka_import(raw, job)

        def send(*numbers):
            records = [{"category": "SignInLogs", "number": number} for number in numbers]
            namespace.produce("logs", [json.dumps({"records": records}).encode()])

        def numbers():
            found = region.run(lambda logs: logs.newest(raw, "records", 100))
            return sorted(int(log["number"]) for log in found)

        def status():
            return region.run(lambda logs: logs.kafka_import(raw, job.name)).status

        send(1, 2, 3)
        assert region.run(make).form == "typed"
        eventually(lambda: numbers() == [1, 2, 3])
        rotated = namespace.child.request(
            "regenerate_key", name="RootManageSharedAccessKey", hub=None, which="primary"
        )
        new = dataclasses.replace(job, connection_string=rotated["connection_string"])
        namespace.connection_string = rotated["connection_string"]

        async def rotate(logs):
            await logs.update_kafka_import(raw, new)
            await logs.restart_kafka_import(raw, job.name)

        region.run(rotate)
        eventually(lambda: status() == "RUNNING")
        send(4, 5)
        eventually(lambda: numbers() == [1, 2, 3, 4, 5])
    finally:
        namespace.child.stop()
