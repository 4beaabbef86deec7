"""Regions, projects, Logstores, the dedicated channel, data sources, where logs are kept."""

from __future__ import annotations

import json

import pytest
from alibabacloud_cloud_siem20241212 import models as m
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from helpers.waiting import eventually

from core.sandbox.security_center.presets import DATASETS

from .conftest import PROJECT, new_name

pytestmark = pytest.mark.slow


def store_of(center, logstore, project=PROJECT, **more):
    return m.CreateDataSourceRequestDataSourceStores(
        log_region_id=center.box.region, log_project_name=project, log_store_name=logstore, **more
    )


def listed(center, identity):
    (found,) = center.ask("ListDataSources", data_source_ids=[identity])["DataSources"]
    return found


@pytest.fixture(scope="module")
def channel(center):
    """Project of the dedicated channel, with the Logstore "first"."""
    name = f"aliyun-cloudsiem-channel-{center.box.center.ready['account_id']}-{center.box.region}"
    center.ask("CreateLogStore", log_region_id=center.box.region, log_store_name="first")
    return name


def test_what_there_is_in_log_service(center):
    logstore = center.box.logstore()
    assert center.box.region in center.ask("ListLogRegions")["LogRegions"]
    assert PROJECT in center.ask("ListLogProjects", log_region_id=center.box.region)["LogProjects"]
    assert center.ask("ListLogProjects", log_region_id="eu-central-1")["LogProjects"] == []
    assert logstore in center.ask("ListLogStores", log_project_name=PROJECT)["LogStores"]


def test_a_logstore_is_validated(center):
    place = {
        "log_region_id": center.box.region,
        "log_project_name": PROJECT,
        "log_store_name": center.box.logstore(),
    }
    center.ask("ValidateLogStore", **place)
    for parameter, code in (
        ("log_region_id", "InvalidLogRegionId"),
        ("log_project_name", "InvalidLogProjectName"),
        ("log_store_name", "InvalidLogStoreName"),
    ):
        refusal = center.refused("ValidateLogStore", **{**place, parameter: "nothing-here"})
        assert refusal.code == code


def test_logstores_of_the_dedicated_channel(center, channel):
    with center.box.log_client() as logs:
        made = logs.get_logstore(channel, "first")
        assert (made.get_ttl(), made.logstore_name) == (30, "first")
    again = center.refused("CreateLogStore", log_store_name="first")
    assert again.code == "LogStoreNameExists"
    assert center.refused("CreateLogStore", log_store_name="No!").code == "InvalidLogStoreName"
    elsewhere = center.refused("CreateLogStore", log_store_name="x1", log_project_name=PROJECT)
    assert elsewhere.code == "InvalidLogProjectName"
    center.ask("CreateLogStore", log_store_name="second", log_project_name=channel)
    source = center.source("second", channel)
    assert listed(center, source)["DataSourceFrom"] == "center"
    delete = {"log_store_name": "second", "log_project_name": channel}
    assert center.refused("DeleteLogStore", **delete).code == "LogStoreReferenced"
    center.ask("DeleteDataSource", data_source_id=source)
    center.ask("DeleteLogStore", **delete)
    assert "second" not in center.ask("ListLogStores", log_project_name=channel)["LogStores"]


def test_a_data_source_lives_and_goes(center):
    logstore, name = center.box.logstore(), new_name("source")
    made = center.ask(
        "CreateDataSource",
        data_source_name=name,
        data_source_type="custom",
        data_source_from="custom",
        data_source_stores=[store_of(center, logstore, data_source_store_from="custom")],
    )
    identity = made["DataSourceId"]
    assert identity.startswith("ds-")
    for found in (
        center.ask("ListDataSources", data_source_name=name)["DataSources"],
        center.ask("ListDataSources", log_store_name=logstore)["DataSources"],
    ):
        assert [each["DataSourceId"] for each in found] == [identity]
    told = eventually(lambda: _normal(center, identity))
    assert told["DataSourceStores"][0]["DataSourceStoreStatus"] == "normal"
    assert (told["LogProjectName"], told["LogStoreName"]) == (PROJECT, logstore)
    other = center.box.logstore()
    change = m.UpdateDataSourceRequestDataSourceStores(
        log_region_id=center.box.region, log_project_name=PROJECT, log_store_name=other
    )
    center.ask("UpdateDataSource", data_source_id=identity, data_source_stores=[change])
    assert listed(center, identity)["LogStoreName"] == other
    center.ask("RefreshDataSource", data_source_id=identity)
    center.ask("DeleteDataSource", data_source_id=identity)
    assert center.ask("ListDataSources", data_source_ids=[identity])["DataSources"] == []
    refusal = center.refused("DeleteDataSource", data_source_id=identity)
    assert refusal.code == "InvalidDataSourceId"


def _normal(center, identity):
    told = listed(center, identity)
    return told if told["DataSourceStatus"] == "normal" else None


def test_the_form_for_a_single_logstore(center):
    logstore = center.box.logstore()
    place = {"log_region_id": center.box.region, "log_project_name": PROJECT}
    made = center.ask(
        "CreateDataSource", data_source_name=new_name("s"), log_store_name=logstore, **place
    )
    (store,) = listed(center, made["DataSourceId"])["DataSourceStores"]
    assert store["LogStoreName"] == logstore


def test_a_data_source_without_logstores_is_not_configured(center):
    made = center.ask("CreateDataSource", data_source_name=new_name("empty"))
    assert listed(center, made["DataSourceId"])["DataSourceStatus"] == "unconfigured"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data_source_name": None}, "MissingDataSourceName"),
        ({"data_source_name": "x" * 129}, "InvalidDataSourceName"),
        ({"data_source_name": " x"}, "InvalidDataSourceName"),
        ({"data_source_type": "preset"}, "InvalidDataSourceType"),
        ({"data_source_from": "center"}, "InvalidDataSourceFrom"),
        ({"log_region_id": "cn-hangzhou"}, "InvalidLogRegionId"),
        ({"log_project_name": "nothing-here"}, "InvalidLogProjectName"),
        ({"log_store_name": "nothing-here"}, "InvalidLogStoreName"),
        ({"log_project_name": "a b"}, "InvalidLogProjectName"),
        ({"log_project_name": "somebody@else"}, "InvalidLogProjectName"),
        ({"log_store_name": "../x"}, "InvalidLogStoreName"),
        ({"log_store_name": "x" * 10_000}, "InvalidLogStoreName"),
        ({"log_project_name": None}, "MissingLogProjectName"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_data_source_cannot_be(center, changes, code):
    wish = {
        "data_source_name": new_name("refused"),
        "log_region_id": center.box.region,
        "log_project_name": PROJECT,
        "log_store_name": center.box.logstore(),
    }
    assert center.refused("CreateDataSource", **{**wish, **changes}).code == code


def test_half_a_surrogate_pair_is_no_name(center):
    place = {"LogRegionId": center.box.region, "LogProjectName": PROJECT, "LogStoreName": "a"}
    for name in ("LogProjectName", "LogStoreName"):
        stores = json.dumps([place | {name: "\ud800"}])
        body = {"Lang": "en", "DataSourceName": new_name("half"), "DataSourceStores": stores}
        with pytest.raises(AlibabaCloudException) as caught:
            center.generic("2024-12-12", "CreateDataSource", **body)
        assert caught.value.code == f"Invalid{name}"


def test_a_data_source_is_of_one_kind(center, channel):
    stores = [store_of(center, center.box.logstore()), store_of(center, "first", channel)]
    refusal = center.refused(
        "CreateDataSource", data_source_name=new_name("both"), data_source_stores=stores
    )
    assert refusal.code == "InvalidDataSourceStores"


def test_names_are_given_once(center):
    name = new_name("once")
    center.ask("CreateDataSource", data_source_name=name)
    assert center.refused("CreateDataSource", data_source_name=name).code == "DataSourceNameExists"


def test_a_data_source_in_use_stays(center):
    source = center.source()
    policy = center.policy(data_source_id=source)
    assert listed(center, source)["DataSourceReferences"] == [{"DataIngestionId": policy}]
    refusal = center.refused("DeleteDataSource", data_source_id=source)
    assert refusal.code == "DataSourceReferenced"


def test_quota_and_abnormal_source(center):
    source = center.source()
    eventually(lambda: _normal(center, source))
    with center.playing("quota"):
        refusal = center.refused("CreateDataSource", data_source_name=new_name("too many"))
        assert (refusal.status_code, refusal.code) == (400, "QuotaExceeded")
        assert center.refused("CreateLogStore", log_store_name="third").code == "QuotaExceeded"
    with center.playing("abnormal_source"):
        told = listed(center, source)
        assert told["DataSourceStatus"] == "abnormal"
        assert told["DataSourceStores"][0]["DataSourceStoreStatusCode"] == "NoPermission"
    center.ask("RefreshDataSource", data_source_id=source)
    eventually(lambda: _normal(center, source))


def test_where_normalised_logs_are_kept(center):
    told = center.ask("GetDataStorage")["Data"]
    account = center.box.center.ready["account_id"]
    assert told["LogProject"] == f"aliyun-cloudsiem-data-{account}-{center.box.region}"
    names = [each["LogStoreName"] for each in told["NormalizationLogStores"]]
    assert names == list(DATASETS)
    with center.box.log_client() as logs:
        index = logs.get_index_config(told["LogProject"], "audit_activity").get_index_config()
        assert {"start_time", "account_name", "schema"} <= set(index.key_config_list)
