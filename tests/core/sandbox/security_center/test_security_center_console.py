"""Connectors that the console made, what is left when all is removed, and what a restart keeps."""

from __future__ import annotations

import json

import pytest
from helpers.security_center_sandbox import open_security_center
from helpers.waiting import eventually

from .conftest import PROJECT, Center, new_name

pytestmark = pytest.mark.slow


@pytest.fixture
def own(tmp_path):
    with open_security_center(tmp_path) as box:
        yield Center(box)


@pytest.fixture
def connector(center):
    """A Kafka connector whose hub nobody listens at."""
    return center.command(
        "console_connector",
        name=new_name("connector"),
        project=PROJECT,
        logstore=center.box.logstore(),
        bootstrap="127.0.0.1:9",
        topic="azure-logs",
        connection_string="Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=secret-key",
        source_id=center.source(),
    )


def test_a_connector_of_the_console_has_an_import_job(center, connector):
    only = {"data_connector_ids": [connector["id"]]}
    # Without a status the list has disabled ones only.
    assert center.ask("ListDataConnectors", **only)["DataConnector"] == []
    (told,) = center.ask("ListDataConnectors", data_connector_status="enabled", **only)[
        "DataConnector"
    ]
    assert (told["DataConnectorType"], told["LogProjectName"]) == ("kafka", PROJECT)
    assert told["DestDataSourceId"].startswith("ds-")
    assert "secret-key" not in json.dumps(told)
    with center.box.log_client() as logs:
        job = logs.get_ingestion(PROJECT, told["SlsIngestionJobName"]).get_ingestion()
    assert job["configuration"]["source"]["topics"] == "azure-logs"
    update = {"data_connector_id": connector["id"]}
    center.ask("UpdateDataConnector", **update, data_connector_status="disabled")

    def state():
        found = center.ask("ListDataConnectors", data_connector_status="disabled", **only)
        return found["DataConnector"][0]["SlsIngestionJobState"]

    eventually(lambda: state() == "stopped")
    center.ask("UpdateDataConnector", **update, data_connector_config='{"topic": "other"}')
    wrong = center.refused("UpdateDataConnector", **update, data_connector_config="[]")
    assert wrong.code == "InvalidDataConnectorConfig"
    with center.box.log_client() as logs:
        logs.delete_ingestion(PROJECT, told["SlsIngestionJobName"])
    assert state() == "deleted"


def test_connectors_are_filtered(center, connector):
    enabled = {"data_connector_status": "enabled"}
    for filters in (
        {"sls_ingestion_job_name": connector["job"]},
        {"data_connector_name": connector["name"], "data_connector_type": "kafka"},
        {"dest_data_source_id": connector["source_id"]},
    ):
        found = center.ask("ListDataConnectors", **enabled, **filters)["DataConnector"]
        assert [each["DataConnectorId"] for each in found] == [connector["id"]]
    wrong = center.refused("ListDataConnectors", data_connector_type="event_hubs")
    assert wrong.code == "InvalidDataConnectorType"


def test_the_project_of_the_channel_is_made_with_its_first_logstore(own):
    name = f"aliyun-cloudsiem-channel-{own.box.center.ready['account_id']}-{own.box.region}"
    assert name not in own.ask("ListLogProjects")["LogProjects"]
    own.ask("CreateLogStore", log_store_name="azure")
    assert name in own.ask("ListLogProjects")["LogProjects"]
    assert own.command("snapshot")["dedicated_logstores"] == ["azure"]


def test_nothing_is_left_when_all_is_removed(own):
    before = own.command("snapshot")
    assert not any(before.values())
    product = own.product()
    (vendor,) = own.ask("ListVendors", vendor_type="custom")["Vendors"]
    source = own.source()
    rule = own.rule(product)
    policy = own.policy(product_id=product, data_source_id=source, normalization_rule_id=rule)
    own.ask("EnableDataIngestion", data_ingestion_id=policy)
    (preset, *_) = own.ask("ListDetectionRules", detection_rule_type="preset")["DetectionRules"]
    switch = {"detection_rule_id": preset["DetectionRuleId"], "detection_rule_type": "preset"}
    own.ask("UpdateDetectionRule", **switch, detection_rule_status="enabled")
    during = own.command("snapshot")
    assert all(
        during[kind]
        for kind in before
        if kind not in ("schemas", "data_connectors", "dedicated_logstores")
    )
    eventually(lambda: own.ask("ListDataIngestions")["DataIngestions"][0]["ActiveTime"])
    assert own.command("snapshot") == during  # what the service says of itself is not in it
    own.ask("UpdateDetectionRule", **switch, detection_rule_status="disabled")
    own.ask("DisableDataIngestion", data_ingestion_id=policy)
    own.ask("DeleteDataIngestion", data_ingestion_id=policy)
    own.ask("DeleteNormalizationRule", normalization_rule_id=rule)
    own.ask("DeleteDataSource", data_source_id=source)
    own.ask("DeleteProduct", product_id=product)
    own.ask("DeleteVendor", vendor_id=vendor["VendorId"])
    assert own.command("snapshot") == before


def test_a_restart_after_kill_9_keeps_all(own):
    policy = own.policy()
    own.ask("EnableDataIngestion", data_ingestion_id=policy)
    own.command("scenario", name="quota", on=True)
    before, ready = own.command("snapshot"), own.box.center.ready
    vendors = own.ask("ListVendors")["Vendors"]
    own.box.restart_center()
    assert own.box.center.ready == ready
    assert own.command("snapshot") == before
    assert own.ask("ListVendors")["Vendors"] == vendors
    assert own.ask("CreateVendor", vendor_name="Contoso 2")["VendorId"]  # scenarios are forgotten


def test_ids_differ_from_sandbox_to_sandbox(center, own):
    ours, theirs = (
        {each["VendorId"] for each in one.ask("ListVendors", vendor_type="preset")["Vendors"]}
        for one in (center, own)
    )
    assert ours.isdisjoint(theirs)


def test_without_log_service_it_says_so(own):
    own.box.logs.kill()
    refusal = own.refused("ListLogProjects")
    assert (refusal.status_code, refusal.code) == (503, "ServiceUnavailable")
    assert own.ask("ListVendors")["Vendors"]


def test_wrong_commands_are_refused(center):
    for do, arguments, text in (
        ("scenario", {"name": "nothing", "on": True}, "not_activated"),
        ("nothing", {}, "console_connector"),
        ("console_connector", {"name": "x"}, "project"),
    ):
        with pytest.raises(Exception, match=text):
            center.command(do, **arguments)
