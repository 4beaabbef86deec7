"""The whole way through both emulators with the real SDKs: raw logs in, alert and incident out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cloud_siem20241212 import models
from alibabacloud_cloud_siem20241212.client import Client
from aliyun.log import LogItem, PutLogsRequest
from helpers.security_center_sandbox import SecurityCenterSandbox, open_security_center
from helpers.waiting import eventually

COMMON = {"lang": "en", "region_id": "ap-southeast-1"}
RULE = (
    "* | where category = 'SignInLogs' | extend start_time = ts, event_name = operationName, "
    "account_name = json_extract_scalar(properties, '$.userPrincipalName'), "
    "src_ip = callerIpAddress, error_code = resultType"
)
SPRAY = (
    "*|set session mode=scan;SELECT src_ip, count(DISTINCT account_name) AS accounts, "
    "min(cast(start_time AS bigint)) AS start_time, max(cast(start_time AS bigint)) AS end_time "
    "FROM log WHERE schema = '{schema}' AND error_code = '50126' "
    "GROUP BY src_ip HAVING count(DISTINCT account_name) >= 10"
)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SecurityCenterSandbox]:
    with open_security_center(tmp_path, minute=0.2) as made:
        yield made


def one(items: list[Any], **wanted: str) -> Any:
    [found] = [
        item for item in items if all(getattr(item, name) == text for name, text in wanted.items())
    ]
    return found


def set_up(sandbox: SecurityCenterSandbox, client: Client, logstore: str) -> tuple[str, str, str]:
    """A data source, a policy at work and a detection rule; their ids."""
    vendor = one(
        client.list_vendors(models.ListVendorsRequest(**COMMON)).body.vendors,
        vendor_name="Microsoft",
    )
    products = models.ListProductsRequest(vendor_id=vendor.vendor_id, **COMMON)
    product = one(
        client.list_products(products).body.products, product_name="Azure Active Directory"
    )
    schema = one(
        client.list_normalization_schemas(
            models.ListNormalizationSchemasRequest(
                normalization_category_id="AUDIT_CATEGORY", max_results=100, **COMMON
            )
        ).body.normalization_schemas,
        normalization_schema_name="Azure Active Directory Logon Log",
    )
    store = models.CreateDataSourceRequestDataSourceStores(
        log_region_id=sandbox.region, log_project_name="isthmus-tests", log_store_name=logstore
    )
    source = client.create_data_source(
        models.CreateDataSourceRequest(
            data_source_name="hub", data_source_type="custom", data_source_stores=[store], **COMMON
        )
    ).body.data_source_id
    rule = client.create_normalization_rule(
        models.CreateNormalizationRuleRequest(
            normalization_rule_name="sign-ins",
            vendor_id=vendor.vendor_id,
            product_id=product.product_id,
            normalization_category_id="AUDIT_CATEGORY",
            normalization_schema_id=schema.normalization_schema_id,
            normalization_rule_format="SPL",
            normalization_rule_expression=RULE,
            normalization_rule_mode="both",
            extend_field_store_mode="flat",
            **COMMON,
        )
    ).body.normalization_rule_id
    policy = client.create_data_ingestion(
        models.CreateDataIngestionRequest(
            data_source_id=source,
            product_id=product.product_id,
            normalization_rule_id=rule,
            data_ingestion_mode="realtime",
            **COMMON,
        )
    ).body.data_ingestion_id
    client.enable_data_ingestion(
        models.EnableDataIngestionRequest(
            data_ingestion_id=policy, product_id=product.product_id, **COMMON
        )
    )
    fields = [{"NormalizationFieldName": "ip", "MappingFieldName": "src_ip"}]
    detection = client.create_detection_rule(
        models.CreateDetectionRuleRequest(
            detection_rule_name="spray",
            detection_rule_type="custom",
            alert_level="4",
            alert_type="BruteForce",
            alert_name="Spray from $src_ip$",
            alert_schema_id="ALERT_ACTIVITY",
            log_schema_id=schema.normalization_schema_id,
            detection_expression_type="sql",
            detection_expression_content=SPRAY.format(schema=schema.normalization_schema_id),
            schedule_type="fixed_rate",
            schedule_expression="5m",
            schedule_window="30m",
            incident_aggregation_type="passthrough",
            entity_mappings=json.dumps(
                [{"NormalizationSchemaId": "ip", "NormalizationFieldMappings": fields}]
            ),
            **COMMON,
        )
    ).body.detection_rule_id
    client.update_detection_rule(
        models.UpdateDetectionRuleRequest(
            detection_rule_id=detection,
            detection_rule_type="custom",
            detection_rule_status="enabled",
            **COMMON,
        )
    )
    return source, policy, detection


def sign_in(number: int, at: int) -> LogItem:
    fields = {
        "category": "SignInLogs",
        "operationName": "Sign-in activity",
        "callerIpAddress": "198.51.100.20",
        "resultType": "50126",
        "ts": str(at + number),
        "properties": json.dumps({"userPrincipalName": f"user{number}@contoso.test"}),
    }
    return LogItem(contents=list(fields.items()))


def test_raw_logs_become_one_alert_and_one_incident(sandbox: SecurityCenterSandbox) -> None:
    client = sandbox.sdk()
    logstore = sandbox.logstore()
    source, policy, detection = set_up(sandbox, client, logstore)
    states = models.ListDataIngestionsRequest(data_ingestion_ids=[policy], **COMMON)
    eventually(
        lambda: (
            client.list_data_ingestions(states).body.data_ingestions[0].data_ingestion_state
            == "ingested"
        )
    )
    health = models.ListDataSourcesRequest(data_source_ids=[source], **COMMON)
    eventually(
        lambda: client.list_data_sources(health).body.data_sources[0].data_source_status == "normal"
    )
    began = int(time.time()) - 100
    with sandbox.log_client() as logs:
        items = [sign_in(number, began) for number in range(12)]
        logs.put_logs(PutLogsRequest("isthmus-tests", logstore, "", "10.0.0.1", items))
    pages = {"page_number": 1, "page_size": 20, **COMMON}

    def alerts() -> list[dict[str, Any]]:
        listed = client.list_alerts(models.ListAlertsRequest(**pages)).body.alerts or []
        return [json.loads(each.alert_record) for each in listed]

    [alert] = eventually(alerts)
    assert alert["alert_name"] == "Spray from 198.51.100.20"
    assert (alert["start_time"], alert["end_time"]) == (str(began), str(began + 11))
    assert alert["entities"] == [{"entity_type": "ip", "ip": "198.51.100.20"}]
    assert json.loads(alert["payload"])["accounts"] == "12"
    runs = sandbox.center.request("live")["rules"][detection]["runs"]
    eventually(lambda: sandbox.center.request("live")["rules"][detection]["runs"] > runs + 1)
    assert len(alerts()) == 1
    [incident] = client.list_incidents(models.ListIncidentsRequest(**pages)).body.incidents
    assert (incident.incident_name, incident.threat_level, incident.relate_alert_count) == (
        "Spray from 198.51.100.20",
        "4",
        1,
    )
    told = sandbox.center.request("live")
    assert told["policies"][policy]["normalised"] == 12
    assert told["rules"][detection]["last_error"] == ""
    traffic = client.list_traffic_statistics(
        models.ListTrafficStatisticsRequest(traffic_statistic_type="DataIngetion", **COMMON)
    ).body.traffic_statistics
    assert [each.traffic_statistic_target for each in traffic] == [policy]


@pytest.mark.slow
def test_a_kill_loses_and_repeats_no_log(sandbox: SecurityCenterSandbox) -> None:
    client = sandbox.sdk()
    logstore = sandbox.logstore()
    _, policy, _ = set_up(sandbox, client, logstore)
    began = int(time.time())

    def told() -> dict[str, Any]:
        policies: dict[str, Any] = sandbox.center.request("live")["policies"]
        return policies[policy]

    with sandbox.log_client() as logs:
        for turn in range(4):
            items = [sign_in(number, began) for number in range(turn * 2500, turn * 2500 + 2500)]
            for first in range(0, len(items), 250):
                part = items[first : first + 250]
                logs.put_logs(PutLogsRequest("isthmus-tests", logstore, "", "10.0.0.1", part))
            eventually(lambda turn=turn: told()["read"] > turn * 2500)
            sandbox.restart_center()
        eventually(lambda: told()["read"] == 10_000)
        assert told()["normalised"] == 10_000
        project = f"aliyun-cloudsiem-data-{sandbox.center.ready['account_id']}-{sandbox.region}"
        query = "*|SELECT count(1) AS n, count(DISTINCT account_name) AS d FROM log"
        range_ = (began - 60, int(time.time()) + 60)
        [row] = logs.get_log(project, "audit_activity", *range_, query=query).get_logs()
    assert row.get_contents() == {"n": "10000", "d": "10000"}
