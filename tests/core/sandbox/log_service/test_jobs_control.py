"""What the sandbox itself asks the emulator: snapshots, and rights taken away."""

from __future__ import annotations

import json

import pytest
from aliyun.log import LogException

from core.sandbox.log_service.ram import ACTIONS
from core.sandbox.log_service.routes import operation_names
from core.sandbox.process import EmulatorError

PROJECT = "proof"
SASL = {"mechanism": "plain", "username": "$ConnectionString", "password": "a secret"}


def job(logstore):
    source = {
        "type": "Kafka",
        "bootstrapServers": "kafka.isthmus.test:9093",
        "topics": "azure",
        "valueType": "json",
        "fromPosition": "latest",
        "communication": json.dumps({"protocol": "sasl_ssl", "sasl": SASL}),
    }
    return {
        "name": "control",
        "displayName": "an import",
        "type": "Ingestion",
        "schedule": {"type": "Resident"},
        "configuration": {"logstore": logstore, "source": source},
    }


def test_every_operation_needs_an_action():
    assert set(ACTIONS) == operation_names()
    assert all(action.startswith("log:") for action in ACTIONS.values())


@pytest.mark.slow
def test_a_snapshot_has_what_users_made_and_nothing_that_changes_by_itself(region, kit):
    client = region.sdk()
    before = region.request("snapshot")
    name = region.logstore(index=True, ttl_days=7)
    client.create_consumer_group(PROJECT, name, "readers", 60)
    client.create_ingestion(PROJECT, json.dumps(job(name)))
    region.request("create_project", name="aliyun-cloudsiem-data-1-cn")
    made = region.request("snapshot")
    assert "aliyun-cloudsiem-data-1-cn" not in made["projects"]
    store = made["projects"][PROJECT]["logstores"][name]
    assert (store["ttl_days"], store["shards"], store["consumer_groups"]) == (7, 2, ["readers"])
    assert store["index"]["line"]["caseSensitive"] is False
    shown = made["projects"][PROJECT]["jobs"]["control"]
    assert (shown["type"], shown["logstore"]) == ("Ingestion", name)
    # The state of a job and the logs are no part of it; its configuration is.
    region.job_is("control", "FAILED")
    assert region.raw().put(name, kit.group({"a": "b"})).status == 200
    assert region.request("snapshot") == made
    config = job(name)
    config["configuration"]["source"]["topics"] = "other"
    client.update_ingestion(PROJECT, "control", json.dumps(config))
    assert region.request("snapshot") != made
    client.delete_ingestion(PROJECT, "control")
    client.delete_logstore(PROJECT, name)
    client.delete_project("aliyun-cloudsiem-data-1-cn")
    assert region.request("snapshot") == before


def denied_calls(client, name, body):
    """One call for each right, with the resource that RAM names."""
    project = f"project/{PROJECT}"
    send = client._send
    head = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(body))}
    return {
        "log:CreateProject": (lambda: client.create_project("brand-new", ""), "project/brand-new"),
        "log:GetProject": (lambda: client.get_project(PROJECT), project),
        "log:CreateLogStore": (
            lambda: client.create_logstore(PROJECT, "brand-new"),
            f"{project}/logstore/brand-new",
        ),
        "log:GetLogStore": (
            lambda: client.get_logstore(PROJECT, name),
            f"{project}/logstore/{name}",
        ),
        "log:GetIndex": (
            lambda: client.get_index_config(PROJECT, name),
            f"{project}/logstore/{name}",
        ),
        "log:GetLogStoreLogs": (
            lambda: client.get_log(PROJECT, name, 1, 2),
            f"{project}/logstore/{name}",
        ),
        "log:GetCursorOrData": (
            lambda: client.get_begin_cursor(PROJECT, name, 0),
            f"{project}/logstore/{name}",
        ),
        "log:CreateJob": (
            lambda: client.create_ingestion(PROJECT, body.decode()),
            f"{project}/job/control",
        ),
        "log:ListJobs": (lambda: client.list_ingestion(PROJECT), f"{project}/job/*"),
        "log:GetJob": (lambda: client.get_ingestion(PROJECT, "x-1"), f"{project}/job/x-1"),
        "log:UpdateJob": (lambda: client.start_ingestion(PROJECT, "x-1"), f"{project}/job/x-1"),
        "log:DeleteJob": (lambda: client.delete_ingestion(PROJECT, "x-1"), f"{project}/job/x-1"),
        "log:CreateKafkaIngestion": (
            lambda: send("POST", PROJECT, body, "/kafkaingestions", {}, head),
            f"{project}/kafkaingestion/control",
        ),
        "log:StopKafkaIngestion": (
            lambda: send("PUT", PROJECT, None, "/kafkaingestions/x-1", {"action": "STOP"}, {}),
            f"{project}/kafkaingestion/x-1",
        ),
    }


@pytest.mark.slow
def test_a_denied_action_is_refused_as_ram_does_and_no_other(region):
    name = region.logstore()
    client = region.sdk()
    calls = denied_calls(client, name, json.dumps(job(name)).encode())
    region.request("denied", actions=list(calls))
    try:
        for action, (run, resource) in calls.items():
            with pytest.raises(LogException) as caught:
                run()
            error = caught.value
            assert (error.get_resp_status(), error.get_error_code()) == (401, "Unauthorized")
            assert error.get_error_message() == (
                f"denied by sts or ram, action: {action}, "
                f"resource: acs:log:cn-sandbox:1000000000000001:{resource}"
            )
        assert client.list_logstore(PROJECT).get_count() > 0
    finally:
        region.request("denied", actions=[])
    assert client.get_project(PROJECT).projectName == PROJECT
    with pytest.raises(EmulatorError, match="log:NoSuchThing"):
        region.request("denied", actions=["log:NoSuchThing"])
