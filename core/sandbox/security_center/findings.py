"""Alerts and security events: ListAlerts, GetAlert, ListIncidents, GetIncident."""

from __future__ import annotations

import json
from typing import Any

from core.sandbox.security_center.model_detection import Alert, Incident
from core.sandbox.security_center.service import Service, named
from core.sandbox.security_center.wire import Answer, Call, missing, page

_LAST_MS = 10**14


async def list_alerts(service: Service, call: Call) -> Answer:
    """ListAlerts: by time, level, id."""
    _check_page(call)
    begin, end = _range(call)
    levels = call.strings("AlertLevel")
    found = [
        alert
        for alert in service.state.alerts.all()
        if begin <= alert.time <= end
        and (not levels or alert.level in levels)
        and call.text("AlertUuid", alert.id) == alert.id
    ]
    by = call.choice("OrderFieldName", ("GmtCreate", "GmtModified"), "GmtCreate")
    found.sort(
        key=lambda alert: (alert.updated or alert.time) if by == "GmtModified" else alert.time,
        reverse=call.choice("OrderDirection", ("asc", "desc"), "asc") == "desc",
    )
    return Answer(page(call, "Alerts", [_alert(alert) for alert in found]))


async def get_alert(service: Service, call: Call) -> Answer:
    """GetAlert."""
    return Answer({"Alert": _alert(named(service.state.alerts, call, "AlertUuid"))})


async def list_incidents(service: Service, call: Call) -> Answer:
    """ListIncidents: by time, level, status, detection rule, alert, name, id."""
    _check_page(call)
    begin, end = _range(call)
    found = [
        incident
        for incident in service.state.incidents.all()
        if begin <= incident.created <= end and _is_wanted(call, incident)
    ]
    by = call.choice("OrderFieldName", ("GmtModified", "ThreatScore"), "GmtModified")
    found.sort(
        key=lambda incident: incident.score if by == "ThreatScore" else incident.updated,
        reverse=call.choice("OrderDirection", ("asc", "desc"), "desc") == "desc",
    )
    return Answer(page(call, "Incidents", [_listed(service, each) for each in found]))


async def get_incident(service: Service, call: Call) -> Answer:
    """GetIncident."""
    incident = named(service.state.incidents, call, "IncidentUuid")
    rule = service.state.detections.get(incident.rule_id)
    schema = rule.log_schema_id if rule else ""
    rules = {each.id for each in service.state.rules.all() if each.schema_id == schema}
    policies = [each for each in service.state.policies.all() if each.rule_id in rules]
    more = {
        "AttckTactics": list(incident.tactics),
        "IncidentAggregationType": incident.aggregation_type,
        "RelateDataSourceIds": sorted({policy.source_id for policy in policies}),
        "RelateUserIds": [service.state.account],
        "ThreatScore": str(incident.score),
    }
    return Answer({"Incident": _incident(incident) | more})


def _check_page(call: Call) -> None:
    """Page number and size are mandatory, unless the caller goes by tokens."""
    if call.has("MaxResults") or call.has("NextToken"):
        return
    for name in ("PageNumber", "PageSize"):
        if not call.has(name):
            raise missing(name)


def _range(call: Call) -> tuple[int, int]:
    return call.number("StartTime", 0), call.number("EndTime", _LAST_MS)


def _is_wanted(call: Call, incident: Incident) -> bool:
    statuses = call.strings("IncidentStatusList")
    if call.has("IncidentStatus"):
        statuses = [str(call.number("IncidentStatus", 0))]
    lists = (
        (call.strings("ThreatLevel"), incident.level),
        (statuses, str(incident.status)),
        (call.strings("DetectionRuleIds"), incident.rule_id),
        (call.strings("IncidentUuids"), incident.id),
    )
    if any(wanted and value not in wanted for wanted, value in lists):
        return False
    if call.has("AlertUuid") and call.text("AlertUuid") not in incident.alert_ids:
        return False
    return call.text("IncidentName") in incident.name


def _alert(alert: Alert) -> dict[str, Any]:
    record = json.dumps(alert.record, ensure_ascii=False, separators=(",", ":"))
    return {"AlertUuid": alert.id, "AlertRecord": record}


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "IncidentUuid": incident.id,
        "IncidentName": incident.name,
        "IncidentDescription": incident.description,
        "IncidentStatus": incident.status,
        "ThreatLevel": incident.level,
        "DetectionRuleId": incident.rule_id,
        "RelateAlertCount": len(incident.alert_ids),
        "RelateAssetCount": len(incident.entities),
        "CreateTime": incident.created,
        "UpdateTime": incident.updated,
    }


def _listed(service: Service, incident: Incident) -> dict[str, Any]:
    rule = service.state.detections.get(incident.rule_id)
    alerts = [{"AlertUuid": identity} for identity in incident.alert_ids]
    return _incident(incident) | {
        "DetectionRuleName": rule.name if rule else "",
        "AlertInfos": json.dumps(alerts),
        "AlertSources": ["custom"],
        "AttckTactics": json.dumps(list(incident.tactics)),
        "EntityInfos": json.dumps(list(incident.entities), ensure_ascii=False),
        "ResponseTypes": [],
    }
