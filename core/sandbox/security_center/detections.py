"""Detection rules: List..., Create..., Update..., DeleteDetectionRule, GetDetectionStatistic.

Every parameter of CreateDetectionRule is optional in the SDK; an earlier model of it marked the
ones that are asked for here. DetectionRuleStatus at creation is documented in two ways that
contradict each other: it is ignored, a rule begins disabled (SC-16).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from core.sandbox.security_center.detection_view import KEPT, TEXTS, view
from core.sandbox.security_center.entity_mapping import entity_mappings
from core.sandbox.security_center.live.schedule import Cron, ScheduleError
from core.sandbox.security_center.model_detection import DetectionRule
from core.sandbox.security_center.names import display_name
from core.sandbox.security_center.service import Service, check_free, matching, named, only_custom
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid, missing, page

_STATUSES = ("enabled", "disabled", "testing")
_CHOICES = {
    "AlertLevel": ("1", "2", "3", "4", "5"),
    "AlertSchemaId": (
        "ALERT_ACTIVITY",
        "EDR_ALERT_ACTIVITY",
        "FIREWALL_ALERT_ACTIVITY",
        "WAF_ALERT_ACTIVITY",
    ),
    "DetectionExpressionType": ("sql", "playbook"),
    "IncidentAggregationType": ("none", "expert", "passthrough", "window"),
    "ScheduleType": ("fixed_rate", "cron"),
}
_NEEDED = ("AlertLevel", "AlertType", "AlertSchemaId", "LogSchemaId")
_SPAN = re.compile(r"[1-9][0-9]{0,3}[smhd]", re.ASCII)
_SPANS = ("ScheduleWindow", "AlertThresholdPeriod", "IncidentAggregationExpression")
_LONGEST = 16 * 1024


async def create_detection_rule(service: Service, call: Call) -> Answer:
    """CreateDetectionRule."""
    name = display_name(call, "DetectionRuleName")
    if call.choice("DetectionRuleType", ("preset", "custom", "custom_template")) != "custom":
        raise (
            invalid("DetectionRuleType")
            if call.has("DetectionRuleType")
            else missing("DetectionRuleType")
        )
    for parameter in _NEEDED:
        call.needed(parameter)
    check_free(service.state.detections, name, "DetectionRuleName")
    service.check_quota("detection rules")
    now = now_ms()
    made = DetectionRule(new_id("dr"), name, "custom", created=now, updated=now)
    made = _changed(service, call, made)
    _check_whole(made)
    service.state.detections.put(made)
    return Answer({"DetectionRuleId": made.id})


async def update_detection_rule(service: Service, call: Call) -> Answer:
    """UpdateDetectionRule. Of a preset rule only the status can be changed."""
    old = named(service.state.detections, call, "DetectionRuleId")
    if call.needed("DetectionRuleType") != old.kind:
        raise invalid("DetectionRuleType")
    changed = replace(_changed(service, call, old), updated=old.updated)
    if call.has("DetectionRuleName"):
        name = display_name(call, "DetectionRuleName")
        check_free(service.state.detections, name, "DetectionRuleName", but=old.id)
        changed = replace(changed, name=name)
    if changed != old:
        only_custom(old.kind, "detection rule")
    _check_whole(changed)
    status: Any = call.choice("DetectionRuleStatus", _STATUSES, old.status)
    service.state.detections.put(replace(changed, status=status, updated=now_ms()))
    return Answer()


async def delete_detection_rule(service: Service, call: Call) -> Answer:
    """DeleteDetectionRule: only of the user's own, and not while it is enabled (SC-15)."""
    old = named(service.state.detections, call, "DetectionRuleId")
    only_custom(old.kind, "detection rule")
    if old.status == "enabled":
        raise ApiError(400, "DetectionRuleEnabled", "The rule is enabled. Disable it first.")
    service.state.detections.delete(old.id)
    return Answer()


async def list_detection_rules(service: Service, call: Call) -> Answer:
    """ListDetectionRules."""
    rules = service.state.detections.all()
    if call.has("OrderFieldName") or call.has("OrderDirection"):
        by = call.choice("OrderFieldName", ("GmtCreate", "GmtModified"), "GmtCreate")
        rules.sort(key=lambda rule: rule.updated if by == "GmtModified" else rule.created)
        if call.choice("OrderDirection", ("asc", "desc"), "asc") == "desc":
            rules.reverse()
    names = (
        "AlertAttCk",
        "AlertLevel",
        "AlertTacticId",
        "AlertType",
        "DetectionExpressionType",
        "DetectionRuleId",
        "DetectionRuleName",
        "DetectionRuleStatus",
        "DetectionRuleType",
        "IncidentAggregationType",
        "LogCategoryId",
        "LogSchemaId",
    )
    views = matching(call, [view(rule) for rule in rules], names)
    if call.has("DetectionRuleIds"):
        wanted = call.strings("DetectionRuleIds")
        views = [each for each in views if each["DetectionRuleId"] in wanted]
    return Answer(page(call, "DetectionRules", views))


async def get_detection_statistic(service: Service, call: Call) -> Answer:
    """GetDetectionStatistic."""
    rules = service.state.detections.all()
    online = [rule for rule in rules if rule.status == "enabled"]

    def count(aggregation: str) -> int:
        return sum(rule.aggregation_type == aggregation for rule in online)

    return Answer(
        {
            "DetectionStatistic": {
                "DetectionRuleOnlineCount": len(online),
                "DetectionRuleTestCount": sum(rule.status == "testing" for rule in rules),
                "DetectionRuleTemplateCount": sum(rule.kind == "custom_template" for rule in rules),
                "GraphComputeRuleCount": count("graph_compute"),
                "PassthroughRuleCount": count("passthrough"),
                "WindowRuleCount": count("window"),
                "AiPoweredAggregationRuleCount": 0,
            }
        }
    )


def _changed(service: Service, call: Call, rule: DetectionRule) -> DetectionRule:
    """``rule`` with what the call gives, but for name and status. Raises ApiError."""
    for parameter, choices in _CHOICES.items():
        call.choice(parameter, choices)
    for parameter in _SPANS:
        if call.has(parameter) and not _SPAN.fullmatch(call.text(parameter)):
            raise invalid(parameter)
    changes: dict[str, Any] = {
        attribute: call.text(parameter)
        for parameter, attribute in TEXTS.items()
        if call.has(parameter)
    }
    if any(len(value) > _LONGEST for value in changes.values()):
        raise invalid("DetectionExpressionContent")
    if call.has("LogSchemaId"):
        schema = named(service.state.schemas, call, "LogSchemaId")
        if call.text("LogCategoryId", schema.category_id) != schema.category_id:
            raise invalid("LogCategoryId")
        changes["log_category_id"] = schema.category_id
    changes |= {
        "threshold_count": call.number("AlertThresholdCount", rule.threshold_count, 0, 1_000_000),
        "begin": call.number("ScheduleBeginTime", rule.begin, 10**12, 10**13 - 1),
        "max_retries": call.number("ScheduleMaxRetries", rule.max_retries, 1, 100),
        "max_timeout": call.number("ScheduleMaxTimeout", rule.max_timeout, 60, 1800),
        "rest": rule.rest | {name: call.text(name) for name in KEPT if call.has(name)},
    }
    if call.has("EntityMappings"):
        changes["entities"] = entity_mappings(service, call)
    return replace(rule, **changes)


def _check_whole(rule: DetectionRule) -> None:
    """That the parts of a rule fit each other. Raises ApiError."""
    if rule.expression_type == "sql" and not rule.expression.strip():
        raise missing("DetectionExpressionContent")
    if rule.schedule_type == "cron":
        if not rule.schedule_expression:
            raise missing("ScheduleExpression")
        _check_cron(rule.schedule_expression)
    elif rule.schedule_expression and not _SPAN.fullmatch(rule.schedule_expression):
        raise invalid("ScheduleExpression")
    if rule.aggregation_type == "window" and not rule.aggregation_expression:
        raise missing("IncidentAggregationExpression")
    if rule.threshold_count and not rule.threshold_period:
        raise missing("AlertThresholdPeriod")


def _check_cron(text: str) -> None:
    """That the rule could run by it. Raises ApiError."""
    try:
        Cron.of(text)
    except ScheduleError:
        raise invalid("ScheduleExpression") from None
