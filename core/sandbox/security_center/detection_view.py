"""How a detection rule looks in the API."""

from __future__ import annotations

from typing import Any

from core.sandbox.security_center.model_detection import DetectionRule, EntityMapping

TEXTS = {
    "DetectionRuleDescription": "description",
    "AlertLevel": "level",
    "AlertType": "alert_type",
    "AlertName": "alert_name",
    "AlertDescription": "alert_description",
    "AlertSchemaId": "alert_schema_id",
    "AlertTacticId": "tactic_id",
    "AlertAttCk": "att_ck",
    "LogCategoryId": "log_category_id",
    "LogSchemaId": "log_schema_id",
    "DetectionExpressionType": "expression_type",
    "DetectionExpressionContent": "expression",
    "ScheduleType": "schedule_type",
    "ScheduleExpression": "schedule_expression",
    "ScheduleWindow": "window",
    "AlertThresholdPeriod": "threshold_period",
    "AlertThresholdGroup": "threshold_group",
    "IncidentAggregationType": "aggregation_type",
    "IncidentAggregationExpression": "aggregation_expression",
}
"""Parameter -> attribute of a rule, of those that are text."""

KEPT = (
    "AlertAttCkMapping",
    "AlertLevelMapping",
    "AlertTypeMapping",
    "PlaybookParameters",
    "PlaybookUuid",
)
"""Parameters that are kept as they came."""


def view(rule: DetectionRule) -> dict[str, Any]:
    """A rule as ListDetectionRules has it."""
    return {
        "DetectionRuleId": rule.id,
        "DetectionRuleName": rule.name,
        "DetectionRuleType": rule.kind,
        "DetectionRuleStatus": rule.status,
        **{name: getattr(rule, attribute) for name, attribute in TEXTS.items()},
        "AlertThresholdCount": rule.threshold_count,
        "ScheduleBeginTime": rule.begin,
        "ScheduleMaxRetries": rule.max_retries,
        "ScheduleMaxTimeout": rule.max_timeout,
        "EntityMappings": [_entity(mapping) for mapping in rule.entities],
        **rule.rest,
        "CreateTime": rule.created,
        "UpdateTime": rule.updated,
    }


def _entity(mapping: EntityMapping) -> dict[str, Any]:
    return {
        "NormalizationSchemaId": mapping.schema_id,
        "NormalizationFieldMappings": [
            {
                "NormalizationFieldName": each.name,
                "MappingFieldName": each.source,
                "NormalizationFieldType": each.type,
            }
            for each in mapping.fields
        ],
    }
