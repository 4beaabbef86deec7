"""Detection rules through the API, alerts and security events that are there, traffic, queries."""

from __future__ import annotations

import json
import time

import pytest
from aliyun.log import LogItem, PutLogsRequest
from helpers.waiting import eventually

from .conftest import PROJECT, new_name

SQL = "* | SELECT src_ip, count(1) AS n FROM log GROUP BY src_ip"
ENTITIES = json.dumps(
    [
        {
            "NormalizationSchemaId": "ip",
            "NormalizationFieldMappings": [
                {
                    "NormalizationFieldName": "ip",
                    "MappingFieldName": "src_ip",
                    "NormalizationFieldType": "varchar",
                }
            ],
        }
    ]
)


def wish(center, **changes):
    made = {
        "detection_rule_name": new_name("detection"),
        "detection_rule_type": "custom",
        "alert_level": "4",
        "alert_type": "BruteForce",
        "alert_schema_id": "ALERT_ACTIVITY",
        "log_schema_id": center.schema()["NormalizationSchemaId"],
        "detection_expression_type": "sql",
        "detection_expression_content": SQL,
        "schedule_type": "fixed_rate",
        "schedule_window": "5m",
    }
    return {**made, **changes}


def listed(center, identity):
    (found,) = center.ask("ListDetectionRules", detection_rule_ids=[identity])["DetectionRules"]
    return found


def test_a_detection_rule_lives_and_goes(center):
    online = center.ask("GetDetectionStatistic")["DetectionStatistic"]["DetectionRuleOnlineCount"]
    # The status at creation is ignored: the documents contradict each other about it.
    made = center.ask(
        "CreateDetectionRule",
        **wish(center, detection_rule_status="enabled", entity_mappings=ENTITIES),
    )
    rule = made["DetectionRuleId"]
    told = listed(center, rule)
    assert (told["DetectionRuleStatus"], told["LogCategoryId"]) == ("disabled", "AUDIT_CATEGORY")
    (mapping,) = told["EntityMappings"]
    assert mapping == json.loads(ENTITIES)[0]
    update = {"detection_rule_id": rule, "detection_rule_type": "custom"}
    center.ask("UpdateDetectionRule", **update, detection_rule_status="enabled")
    told = center.ask("GetDetectionStatistic")["DetectionStatistic"]
    assert told["DetectionRuleOnlineCount"] == online + 1
    delete = {"detection_rule_id": rule}
    assert center.refused("DeleteDetectionRule", **delete).code == "DetectionRuleEnabled"
    center.ask("UpdateDetectionRule", **update, detection_rule_status="disabled", alert_level="5")
    assert listed(center, rule)["AlertLevel"] == "5"
    assert listed(center, rule)["DetectionExpressionContent"] == SQL
    center.ask("DeleteDetectionRule", **delete)
    assert center.ask("ListDetectionRules", detection_rule_ids=[rule])["DetectionRules"] == []


@pytest.mark.slow
def test_preset_rules_are_only_switched(center):
    preset = center.ask("ListDetectionRules", detection_rule_type="preset")["DetectionRules"]
    assert len(preset) >= 2
    assert {each["DetectionRuleStatus"] for each in preset} == {"disabled"}
    rule = {"detection_rule_id": preset[0]["DetectionRuleId"], "detection_rule_type": "preset"}
    other = center.refused("UpdateDetectionRule", **{**rule, "detection_rule_type": "custom"})
    assert other.code == "InvalidDetectionRuleType"
    assert center.refused("UpdateDetectionRule", **rule, alert_level="5").status_code == 403
    delete = {"detection_rule_id": preset[0]["DetectionRuleId"]}
    assert center.refused("DeleteDetectionRule", **delete).status_code == 403
    for status in ("enabled", "testing", "disabled"):
        center.ask("UpdateDetectionRule", **rule, detection_rule_status=status)
        assert listed(center, rule["detection_rule_id"])["DetectionRuleStatus"] == status
    wrong = center.refused("UpdateDetectionRule", **rule, detection_rule_status="0")
    assert wrong.code == "InvalidDetectionRuleStatus"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"detection_rule_name": None}, "MissingDetectionRuleName"),
        ({"detection_rule_type": None}, "MissingDetectionRuleType"),
        ({"detection_rule_type": "preset"}, "InvalidDetectionRuleType"),
        ({"alert_level": None}, "MissingAlertLevel"),
        ({"alert_level": "6"}, "InvalidAlertLevel"),
        ({"alert_type": None}, "MissingAlertType"),
        ({"alert_schema_id": "HTTP_ACTIVITY"}, "InvalidAlertSchemaId"),
        ({"log_schema_id": "NO_ACTIVITY"}, "InvalidLogSchemaId"),
        ({"log_category_id": "HOST_CATEGORY"}, "InvalidLogCategoryId"),
        ({"detection_expression_content": None}, "MissingDetectionExpressionContent"),
        ({"schedule_window": "five"}, "InvalidScheduleWindow"),
        ({"schedule_type": "cron"}, "MissingScheduleExpression"),
        ({"schedule_type": "cron", "schedule_expression": "5m"}, "InvalidScheduleExpression"),
        (
            {"schedule_type": "cron", "schedule_expression": "99 -- * * *"},
            "InvalidScheduleExpression",
        ),
        ({"schedule_max_retries": 101}, "InvalidScheduleMaxRetries"),
        ({"schedule_max_timeout": 59}, "InvalidScheduleMaxTimeout"),
        ({"schedule_begin_time": 1_700_000_000}, "InvalidScheduleBeginTime"),
        ({"incident_aggregation_type": "graph_compute"}, "InvalidIncidentAggregationType"),
        ({"incident_aggregation_type": "window"}, "MissingIncidentAggregationExpression"),
        ({"alert_threshold_count": 3}, "MissingAlertThresholdPeriod"),
        ({"entity_mappings": "x"}, "InvalidEntityMappings"),
        ({"entity_mappings": ENTITIES.replace('"ip"', '"no"')}, "InvalidEntityMappings"),
        ({"entity_mappings": ENTITIES.replace('e": "ip"', 'e": ["ip"]')}, "InvalidEntityMappings"),
        ({"entity_mappings": ENTITIES.replace("src_ip", "\\ud800")}, "InvalidEntityMappings"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_detection_rule_cannot_be(center, changes, code):
    assert center.refused("CreateDetectionRule", **wish(center, **changes)).code == code


@pytest.mark.slow
def test_rules_are_filtered_and_sorted(center):
    kind = new_name("kind")
    made = [
        center.ask("CreateDetectionRule", **wish(center, alert_type=kind, alert_level=level))
        for level in ("2", "3")
    ]
    ids = [each["DetectionRuleId"] for each in made]
    for order, wanted in (("asc", ids), ("desc", ids[::-1])):
        found = center.ask(
            "ListDetectionRules",
            alert_type=kind,
            order_field_name="GmtCreate",
            order_direction=order,
        )["DetectionRules"]
        assert [each["DetectionRuleId"] for each in found] == wanted
    (only,) = center.ask("ListDetectionRules", alert_type=kind, alert_level="3")["DetectionRules"]
    assert only["DetectionRuleId"] == ids[1]


@pytest.mark.slow
def test_from_a_log_to_an_alert_and_a_security_event(center):
    logstore, product = center.box.logstore(), center.product()
    policy = center.policy(product_id=product, data_source_id=center.source(logstore))
    center.ask("EnableDataIngestion", data_ingestion_id=policy)
    with center.box.log_client() as logs:
        fields = {"at": "1793491201", "what": "Sign-in", "who": product, "origin": "192.0.2.7"}
        item = LogItem(contents=list(fields.items()))
        logs.put_logs(PutLogsRequest(PROJECT, logstore, logitems=[item]))
    sql = f"account_name: {product} | SELECT src_ip, account_name FROM log"
    rule = center.ask(
        "CreateDetectionRule",
        **wish(
            center,
            detection_expression_content=sql,
            entity_mappings=ENTITIES,
            alert_name="Logon of $account_name$",
            incident_aggregation_type="passthrough",
        ),
    )["DetectionRuleId"]
    update = {"detection_rule_id": rule, "detection_rule_type": "custom"}
    begin = int(time.time() * 1000) - 60_000
    center.ask("UpdateDetectionRule", **update, detection_rule_status="enabled")

    def events():
        found = center.ask("ListIncidents", page_number=1, page_size=10, detection_rule_ids=[rule])
        return found["Incidents"]

    event = eventually(events)[0]
    assert (event["ThreatLevel"], event["IncidentStatus"]) == ("4", 0)
    assert event["IncidentName"] == f"Logon of {product}"
    uuid = json.loads(event["AlertInfos"])[0]["AlertUuid"]
    alert = center.ask("GetAlert", alert_uuid=uuid)["Alert"]
    assert json.loads(alert["AlertRecord"])["alert_name"] == event["IncidentName"]
    between = {"start_time": begin, "end_time": begin + 3_600_000}
    alerts = center.ask("ListAlerts", max_results=10, alert_level=["4", "5"], **between)["Alerts"]
    assert uuid in [each["AlertUuid"] for each in alerts]
    assert center.ask("ListAlerts", max_results=10, alert_level=["1"])["Alerts"] == []
    assert center.ask("ListAlerts", max_results=10, end_time=begin)["Alerts"] == []
    by_alert = center.ask("ListIncidents", page_number=1, page_size=10, alert_uuid=uuid)
    assert [each["IncidentUuid"] for each in by_alert["Incidents"]] == [event["IncidentUuid"]]
    whole = center.ask("GetIncident", incident_uuid=event["IncidentUuid"])["Incident"]
    assert whole["IncidentAggregationType"] == "passthrough"
    traffic = center.ask(
        "ListTrafficStatistics", traffic_statistic_type="Product", product_id=product
    )["TrafficStatistics"]
    (row,) = traffic
    assert row["TrafficStatisticTarget"] == product
    assert len(row["TrafficStatisticData"]) == 30
    assert row["TrafficStatisticData"][-1]["TrafficStatisticValue"] > 0
    center.ask("UpdateDetectionRule", **update, detection_rule_status="disabled")
    center.ask("DisableDataIngestion", data_ingestion_id=policy)


@pytest.mark.slow
def test_pages_of_findings_are_mandatory(center):
    for operation in ("ListAlerts", "ListIncidents"):
        assert center.refused(operation).code == "MissingPageNumber"
        assert center.refused(operation, page_number=1).code == "MissingPageSize"


@pytest.mark.slow
def test_what_is_asked_of_traffic(center):
    kind = center.refused("ListTrafficStatistics", traffic_statistic_type="DataIngestion")
    assert kind.code == "InvalidTrafficStatisticType"  # the service's own spelling has no "s"
    assert center.refused("ListTrafficStatistics").code == "MissingTrafficStatisticType"


@pytest.mark.slow
def test_a_query_in_the_name_of_security_center(center):
    logstore = center.box.logstore()
    with center.box.log_client() as logs:
        items = [LogItem(contents=[("who", who)]) for who in ("ann", "bob")]
        logs.put_logs(PutLogsRequest(PROJECT, logstore, logitems=items))
    now = int(time.time() * 1000)
    place = {
        "log_region_id": center.box.region,
        "log_project_name": PROJECT,
        "log_store_name": logstore,
        "start_time": str(now - 600_000),
        "end_time": str(now + 600_000),
    }
    for parameters, wanted in (
        ({"log_query": "*"}, {"ann", "bob"}),
        ({"log_condition": "bob"}, {"bob"}),
        ({"log_condition": "bob", "log_query": "ann"}, set()),
        ({}, {"ann", "bob"}),
    ):
        rows = eventually(lambda p=parameters: [center.ask("ExecuteLogQuery", **place, **p)])
        assert {row["who"] for row in rows[0]["QueryResult"]} == wanted
    assert center.refused("ExecuteLogQuery", **{**place, "log_region_id": None}).code == (
        "MissingLogRegionId"
    )
    wrong = center.refused("ExecuteLogQuery", **place, log_query="who: bob | SELECT FROM")
    assert wrong.code == "LogService.ParameterInvalid"
