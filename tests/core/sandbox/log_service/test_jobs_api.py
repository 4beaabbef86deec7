"""The two APIs of jobs, with the SDK's own calls and its generic ones."""

from __future__ import annotations

import json

import pytest
from aliyun.log import LogException

PROJECT = "proof"
WAITING = "kafka.isthmus.test:9093"
"""A hub that the sandbox does not go to: jobs of it fail at once and stay as they are."""
COMMUNICATION = {
    "protocol": "sasl_ssl",
    "sasl": {"mechanism": "plain", "username": "$ConnectionString", "password": "a secret"},
}
SOURCE = {
    "type": "Kafka",
    "bootstrapServers": WAITING,
    "topics": "azure",
    "valueType": "json",
    "fromPosition": "latest",
    "communication": json.dumps(COMMUNICATION),
    "encoding": "UTF-8",
    "parseArray": False,
}


def job(name, logstore, source=None, **changes):
    usual = {
        "name": name,
        "displayName": "an import",
        "description": "from a hub",
        "type": "Ingestion",
        "schedule": {"type": "Resident", "runImmediately": True},
        "configuration": {"version": "v2.0", "logstore": logstore, "source": source or SOURCE},
    }
    return {key: each for key, each in {**usual, **changes}.items() if each is not None}


def typed(name, logstore, source=None, **changes):
    shown = {key: each for key, each in (source or SOURCE).items() if key != "type"}
    whole = job(name, logstore, shown, **changes)
    whole["configuration"].pop("version", None)
    del whole["type"]
    return whole


class Typed:
    """The typed API by the SDK's generic request."""

    def __init__(self, client):
        self._client = client

    def ask(self, method, path="", body=None, **params):
        headers = {}
        if body is not None:
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(body))}
        answer, _ = self._client._send(
            method, PROJECT, body, f"/kafkaingestions{path}", params, headers
        )
        return answer


@pytest.fixture
def logstore(region):
    yield region.logstore(index=False, shards=1)
    client = region.sdk()
    for each in region.request("jobs"):
        client.delete_ingestion(each["project"], each["name"])


def refusal(run, *arguments, **more):
    with pytest.raises(LogException) as caught:
        run(*arguments, **more)
    error = caught.value
    return (error.get_resp_status(), error.get_error_code()), error.get_error_message()


def test_both_apis_see_the_same_jobs(region, logstore):
    client = region.sdk()
    of_type = Typed(client)
    assert of_type.ask("POST", body=typed("by-typed", logstore)) == {}
    client.create_ingestion(PROJECT, json.dumps(job("by-jobs", logstore)))
    listed = client.list_ingestion(PROJECT, logstore)
    assert (listed.get_count(), listed.get_total()) == (2, 2)
    assert [each["name"] for each in listed.get_ingestions()] == ["by-jobs", "by-typed"]
    answer = of_type.ask("GET", logstore=logstore, offset="0", size="10")
    assert [each["name"] for each in answer["results"]] == ["by-jobs", "by-typed"]
    older = client.get_ingestion(PROJECT, "by-typed").get_ingestion()
    newer = of_type.ask("GET", "/by-jobs")
    assert older["configuration"]["source"] == SOURCE
    assert newer["configuration"] == {
        "logstore": logstore,
        "source": {key: each for key, each in SOURCE.items() if key != "type"},
    }
    for shown in (older, newer):
        assert (shown["displayName"], shown["description"]) == ("an import", "from a hub")
        assert shown["schedule"]["type"] == "Resident"
        assert shown["createTime"] == shown["lastModifiedTime"] > 1_700_000_000
        assert len(shown["scheduleId"]) == 32
    assert (older["type"], "type" in newer) == ("Ingestion", False)


@pytest.mark.slow
def test_pages_and_the_filter_by_logstore(region, logstore):
    client = region.sdk()
    other = region.logstore(index=False, shards=1)
    for number in range(5):
        client.create_ingestion(PROJECT, json.dumps(job(f"page-{number}", logstore)))
    client.create_ingestion(PROJECT, json.dumps(job("elsewhere", other)))
    page = client.list_ingestion(PROJECT, logstore, offset=3, size=10)
    assert (page.get_count(), page.get_total()) == (2, 5)
    assert [each["name"] for each in page.get_ingestions()] == ["page-3", "page-4"]
    assert client.list_ingestion(PROJECT).get_total() == 6
    assert client.list_etls(PROJECT).get_total() == 0
    assert refusal(client.list_ingestion, PROJECT, size=501)[0] == (400, "ParameterInvalid")


@pytest.mark.slow
def test_changing_stopping_and_deleting_by_either_api(region, logstore):
    client = region.sdk()
    of_type = Typed(client)
    client.create_ingestion(PROJECT, json.dumps(job("changed", logstore)))
    of_type.ask("PUT", "/changed", body=typed("changed", logstore, displayName="by typed"))
    shown = client.get_ingestion(PROJECT, "changed").get_ingestion()
    assert shown["displayName"] == "by typed"
    client.update_ingestion(
        PROJECT, "changed", json.dumps(job("changed", logstore, displayName="by jobs"))
    )
    assert of_type.ask("GET", "/changed")["displayName"] == "by jobs"
    assert of_type.ask("PUT", "/changed", action="STOP") == {}
    region.job_is("changed", "STOPPED")
    # A stopped job that is changed stays stopped.
    client.update_ingestion(PROJECT, "changed", json.dumps(job("changed", logstore)))
    assert region.job("changed")["status"] == "STOPPED"
    of_type.ask("PUT", "/changed", action="START")
    region.job_is("changed", "FAILED")
    assert of_type.ask("DELETE", "/changed") == {}
    assert refusal(client.get_ingestion, PROJECT, "changed")[0] == (404, "JobNotExist")


@pytest.mark.slow
def test_jobs_go_with_their_project(region, logstore):
    client = region.sdk()
    region.request("create_project", name="fleeting")
    region.request("create_logstore", project="fleeting", name="raw", index=False)
    client.create_ingestion("fleeting", json.dumps(job("gone", "raw")))
    client.delete_project("fleeting")
    assert [each for each in region.request("jobs") if each["name"] == "gone"] == []
    region.request("create_project", name="fleeting")
    assert refusal(client.get_ingestion, "fleeting", "gone")[0] == (404, "JobNotExist")
    client.delete_project("fleeting")


WRONG_SOURCES = {
    "type": ({"type": "AliyunOSS"}, "an import of type AliyunOSS; it plays Kafka"),
    "no type": ({"type": None}, "source.type is required"),
    "no bootstrap": ({"bootstrapServers": ""}, "bootstrapServers is required"),
    "bootstrap": ({"bootstrapServers": "a.b.c"}, "is not host:port"),
    "no topics": ({"topics": None}, "topics is required"),
    "topics": ({"topics": "a,,b"}, "topics must be"),
    "position": ({"fromPosition": "lastest"}, "is not one of earliest, latest"),
    "values": ({"valueType": "avro"}, "is not one of json, text"),
    "array": ({"parseArray": "yes"}, "parseArray must be true or false"),
    "port": ({"bootstrapServers": "a:" + "9" * 5000}, "is not host:port"),
    "encoding": ({"encoding": "UTF-9"}, "encoding 'UTF-9' is not known"),
    "no encoding of text": ({"encoding": "hex"}, "encoding 'hex' is not known"),
    "NUL": ({"encoding": "a\0b"}, "is not known"),
    "half a pair": ({"encoding": "\ud800"}, "is not known"),
    "deep login": ({"communication": '{"a":' * 100_000}, "must be a JSON object in a string"),
    "no login": ({"communication": None}, "a source without communication"),
    "login": ({"communication": "sasl_ssl"}, "must be a JSON object in a string"),
    "protocol": (
        {"communication": json.dumps({**COMMUNICATION, "protocol": "sasl_plaintext"})},
        "sasl_plaintext with plain; it plays sasl_ssl with plain",
    ),
    "time source": ({"defaultTimeSource": "now"}, "is not one of system, kafka"),
    "time format": ({"timeField": "t", "timeFormat": "yyyy w"}, "w in timeFormat"),
    "no format": ({"timeField": "t"}, "timeFormat is required"),
    "zone": ({"timeField": "t", "timeFormat": "epoch", "timeZone": "CST"}, "timeZone 'CST'"),
    "far zone": ({"timeField": "t", "timeFormat": "epoch", "timeZone": "+2400"}, "'+2400'"),
    "time pattern": (
        {"timeField": "t", "timeFormat": "epoch", "timePattern": "(?<=a)b"},
        "not a regular expression of RE2",
    ),
    "network": ({"vpcId": "vpc-1"}, "source.vpcId"),
    "processor": ({"processorId": "split"}, "source.processorId"),
}


@pytest.mark.slow
def test_a_wrong_source_is_refused_by_name(region, logstore):
    client = region.sdk()
    for case, (changes, message) in WRONG_SOURCES.items():
        source = {key: each for key, each in {**SOURCE, **changes}.items() if each is not None}
        refused = [(client.create_ingestion, PROJECT, json.dumps(job("no", logstore, source)))]
        if "type" not in changes:
            body = typed("no", logstore, source)
            refused.append((Typed(client).ask, "POST", "", body))
        for run, *arguments in refused:
            told, text = refusal(run, *arguments)
            assert told == (400, "ParameterInvalid"), case
            assert message in text, case
            assert "a secret" not in text
    assert client.list_ingestion(PROJECT).get_total() == 0
    assert "(?<=a)b" not in region.log_file.read_text("utf-8")


def test_bodies_and_texts_that_are_no_json_of_a_job(region, logstore):
    client = region.sdk()
    for path in ("/jobs", "/kafkaingestions"):
        headers = {"Content-Type": "application/json"}
        reply = region.raw().send("POST", path, body=b'{"a":' * 100_000, headers=headers)
        assert (reply.status, reply.code) == (400, "JsonInfoInvalid"), path
    # Half a surrogate pair is JSON, but no UTF-8: it must not spoil the list.
    client.create_ingestion(PROJECT, json.dumps(job("half", logstore, description="a\ud800b")))
    (listed,) = client.list_ingestion(PROJECT).get_ingestions()
    assert (listed["name"], listed["description"]) == ("half", "a?b")


@pytest.mark.slow
def test_the_typed_api_requires_what_the_older_does_not(region, logstore):
    client = region.sdk()
    for name in ("parseArray", "encoding"):
        source = {key: each for key, each in SOURCE.items() if key != name}
        told, text = refusal(Typed(client).ask, "POST", body=typed("strict", logstore, source))
        assert (told, name in text) == ((400, "ParameterInvalid"), True)
        client.create_ingestion(PROJECT, json.dumps(job(f"lax-{name.lower()}", logstore, source)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["a", "-ab", "ab-", "Ab", "a b", "a.b", "\u00e4bc", "x" * 65, "", None, 7]
)
def test_names_that_are_refused(region, logstore, name):
    body = json.dumps(job("fits", logstore) | {"name": name})
    told, text = refusal(region.sdk().create_ingestion, PROJECT, body)
    assert told == (400, "ParameterInvalid")
    assert "job name" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ab", "a-_b", "7x", "x" * 64])
def test_names_that_are_taken(region, logstore, name):
    client = region.sdk()
    client.create_ingestion(PROJECT, json.dumps(job(name, logstore)))
    assert client.get_ingestion(PROJECT, name).get_ingestion()["name"] == name


@pytest.mark.slow
def test_other_refusals(region, logstore):
    client = region.sdk()
    body = job("other", logstore)
    client.create_ingestion(PROJECT, json.dumps(body))
    assert refusal(client.create_ingestion, PROJECT, json.dumps(body))[0] == (
        400,
        "JobAlreadyExist",
    )
    invalid = (400, "ParameterInvalid")
    for change, code, message in (
        ({"displayName": None}, invalid, "displayName is required"),
        ({"type": None}, invalid, "type is required"),
        ({"type": "Export"}, invalid, "jobs of type Export"),
        ({"schedule": None}, invalid, "schedule must be an object"),
        ({"schedule": {}}, invalid, "schedule.type is required"),
        ({"schedule": {"type": "Hourly"}}, invalid, "schedule.type Hourly"),
        ({"schedule": {"type": "Often"}}, invalid, "is not one of FixedRate"),
        ({"configuration": None}, invalid, "configuration must be an object"),
        ({"configuration": {"source": SOURCE}}, invalid, "configuration.logstore is required"),
        ({"configuration": {"logstore": "gone", "source": SOURCE}}, (404, "LogStoreNotExist"), ""),
    ):
        wrong = job("wrong", logstore) | change
        wrong = {key: each for key, each in wrong.items() if each is not None}
        told, text = refusal(client.create_ingestion, PROJECT, json.dumps(wrong))
        assert (told, message in text) == (code, True), change
    missing = (404, "JobNotExist")
    assert refusal(client.start_ingestion, PROJECT, "missing")[0] == missing
    assert refusal(client.delete_ingestion, PROJECT, "missing")[0] == missing
    assert refusal(client.update_ingestion, PROJECT, "missing", json.dumps(body))[0] == missing
    assert refusal(Typed(client).ask, "GET", "/missing")[0] == missing
    assert refusal(client.update_ingestion, PROJECT, "other", json.dumps(job("else", logstore)))[
        0
    ] == (400, "ParameterInvalid")
    assert refusal(client.create_ingestion, PROJECT, "[]")[0] == (400, "JsonInfoInvalid")
    assert refusal(client.create_ingestion, "no-such-project", json.dumps(body))[0] == (
        404,
        "ProjectNotExist",
    )
    assert refusal(Typed(client).ask, "PUT", "/other", action="RESTART")[0] == (
        400,
        "ParameterInvalid",
    )


@pytest.mark.slow
def test_a_project_takes_a_hundred_imports(region, logstore):
    client = region.sdk()
    for number in range(100):
        client.create_ingestion(PROJECT, json.dumps(job(f"many-{number}", logstore)))
    for run, arguments in (
        (client.create_ingestion, (PROJECT, json.dumps(job("one-more", logstore)))),
        (Typed(client).ask, ("POST", "", typed("one-more", logstore))),
    ):
        assert refusal(run, *arguments)[0] == (400, "JobQuotaExceed")
    client.delete_ingestion(PROJECT, "many-7")
    client.create_ingestion(PROJECT, json.dumps(job("one-more", logstore)))


@pytest.mark.slow
def test_without_the_typed_api_the_older_one_still_works(region, logstore):
    client = region.sdk()
    of_type = Typed(client)
    region.scenario("no_typed_jobs", True)
    for arguments in (("GET",), ("POST", "", typed("fallback", logstore)), ("GET", "/fallback")):
        told, text = refusal(of_type.ask, *arguments)
        assert told == (400, "ParameterInvalid")
        assert f"there is no {arguments[0]} /kafkaingestions" in text
    # Just as a path that has never been there.
    unknown = refusal(client._send, "GET", PROJECT, None, "/nosuchthings", {}, {})
    assert unknown == ((400, "ParameterInvalid"), "there is no GET /nosuchthings type=")
    client.create_ingestion(PROJECT, json.dumps(job("fallback", logstore)))
    region.scenario("no_typed_jobs", False)
    assert of_type.ask("GET", "/fallback")["name"] == "fallback"


@pytest.mark.slow
def test_jobs_are_kept_in_a_file_of_their_owner_alone(own_region):
    name = own_region.logstore(index=False, shards=1)
    own_region.sdk().create_ingestion(PROJECT, json.dumps(job("kept", name)))
    own_region.job_is("kept", "FAILED")
    kept = own_region.data / "jobs.json"
    assert kept.stat().st_mode & 0o077 == 0
    before = own_region.sdk().get_ingestion(PROJECT, "kept").get_ingestion()
    own_region.close_clients()
    own_region.kill_and_restart()
    assert own_region.sdk().get_ingestion(PROJECT, "kept").get_ingestion() == before
    assert "a secret" not in own_region.log_file.read_text("utf-8")
    assert "a secret" not in json.dumps(own_region.request("jobs"))
    assert "a secret" not in json.dumps(own_region.request("snapshot"))
