"""Detection rules: SQL over standardised logs, on a schedule, that makes alerts.

A rule is made without a status: the documents contradict each other about its first value, so it is
made, then enabled, then read back (SC-44). The only form of a schedule that is documented whole is
cron; the window is the range that a run looks back over (SC-47).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from core.alibaba.security_center.calls import Group

DetectionKind = Literal["preset", "custom", "custom_template"]
_WHERE = "detection.rules"


@dataclass(frozen=True)
class EntityField:
    """A field of an entity, and the column of the query's result that fills it."""

    name: str
    column: str
    type: str = "varchar"


@dataclass(frozen=True)
class EntityMapping:
    """An entity of an alert: the id of its structure, and its fields."""

    schema_id: str
    fields: tuple[EntityField, ...]


@dataclass(frozen=True)
class DetectionRule:
    """A detection rule.

    Attributes:
        level: 5 critical, 4 high, 3 medium, 2 low, 1 informational.
        sql: the query; its columns can be named as ``$column$`` in the alert's texts.
        schema_id, category_id: which standard logs it reads.
        schedule: five fields of cron.
        window: how far back a run looks, such as ``15m``.
        tactic: MITRE ATT&CK tactic, such as ``TA0006``.
        technique: MITRE ATT&CK technique, such as ``T1110.003``.
        threshold_count: alerts only from that many rows in ``threshold_period`` on, counted by
            ``threshold_group``; 0: every row.
        aggregation: how incidents are made: ``none``, ``passthrough`` (one for each alert),
            ``window`` (one for alike alerts within ``aggregation_window``).
    """

    name: str
    sql: str
    schema_id: str
    category_id: str
    level: int = 3
    description: str = ""
    alert_name: str = ""
    alert_description: str = ""
    alert_type: str = ""
    alert_schema_id: str = "ALERT_ACTIVITY"
    tactic: str = ""
    technique: str = ""
    schedule: str = "0/5 * * * *"
    window: str = "5m"
    threshold_count: int = 0
    threshold_period: str = ""
    threshold_group: str = ""
    aggregation: str = "passthrough"
    aggregation_window: str = ""
    entities: tuple[EntityMapping, ...] = ()
    id: str = ""
    kind: DetectionKind = "custom"
    status: str = ""

    @property
    def enabled(self) -> bool:
        """Whether it runs."""
        return self.status == "enabled"


class DetectionRules(Group):
    """Detection rules."""

    async def detection_rules(
        self, kind: DetectionKind | None = None, name: str | None = None
    ) -> tuple[DetectionRule, ...]:
        """All, those of one kind, or those whose name is ``name``. Raises ProblemError."""
        asked: dict[str, str] = {"detection_rule_type": kind} if kind else {}
        if name:
            asked["detection_rule_name"] = name
        listed = self._calls.listed("ListDetectionRules", "detection_rules", _WHERE, **asked)
        found = [_detection_rule(value) async for value in listed]
        return tuple(each for each in found if name is None or each.name == name)

    async def detection_rule(self, name: str) -> DetectionRule | None:
        """The rule of that name, an own one before a preset one. Raises ProblemError."""
        found = [each for each in await self.detection_rules(name=name) if _runs(each)]
        return min(found, key=lambda each: each.kind != "custom", default=None)

    async def create_detection_rule(self, rule: DetectionRule) -> str:
        """Make a rule, which does not run yet. Its id. Raises ProblemError."""
        body = await self._calls.call("CreateDetectionRule", _WHERE, **_fields(rule))
        return str(body.detection_rule_id)

    async def set_detection_rule(self, identity: str, kind: DetectionKind, enabled: bool) -> None:
        """Switch a rule on or off. Raises ProblemError."""
        await self._calls.call(
            "UpdateDetectionRule",
            _WHERE,
            detection_rule_id=identity,
            detection_rule_type=kind,
            detection_rule_status="enabled" if enabled else "disabled",
        )

    async def delete_detection_rule(self, identity: str) -> None:
        """Delete an own rule; its alerts stay. Raises ProblemError."""
        await self._calls.call("DeleteDetectionRule", _WHERE, detection_rule_id=identity)


def _runs(rule: DetectionRule) -> bool:
    return rule.kind in ("custom", "preset")


def _fields(rule: DetectionRule) -> dict[str, Any]:
    entities = [
        {
            "NormalizationSchemaId": mapping.schema_id,
            "NormalizationFieldMappings": [
                {
                    "NormalizationFieldName": field.name,
                    "MappingFieldName": field.column,
                    "NormalizationFieldType": field.type,
                }
                for field in mapping.fields
            ],
        }
        for mapping in rule.entities
    ]
    given: dict[str, Any] = {
        "detection_rule_name": rule.name,
        "detection_rule_type": "custom",
        "detection_rule_description": rule.description,
        "detection_expression_type": "sql",
        "detection_expression_content": rule.sql,
        "log_schema_id": rule.schema_id,
        "log_category_id": rule.category_id,
        "alert_schema_id": rule.alert_schema_id,
        "alert_level": str(rule.level),
        "alert_type": rule.alert_type,
        "alert_name": rule.alert_name,
        "alert_description": rule.alert_description,
        "alert_tactic_id": rule.tactic,
        "alert_att_ck": rule.technique,
        "schedule_type": "cron",
        "schedule_expression": rule.schedule,
        "schedule_window": rule.window,
        "schedule_max_retries": 3,
        "schedule_max_timeout": 300,
        "incident_aggregation_type": rule.aggregation,
        "incident_aggregation_expression": rule.aggregation_window,
        "entity_mappings": json.dumps(entities) if entities else "",
    }
    if rule.threshold_count:
        given |= {
            "alert_threshold_count": rule.threshold_count,
            "alert_threshold_period": rule.threshold_period,
            "alert_threshold_group": rule.threshold_group,
        }
    return {name: value for name, value in given.items() if value != ""}


def _detection_rule(value: Any) -> DetectionRule:
    level = value.alert_level or ""
    return DetectionRule(
        id=value.detection_rule_id or "",
        name=value.detection_rule_name or "",
        kind=value.detection_rule_type or "custom",
        status=value.detection_rule_status or "",
        sql=value.detection_expression_content or "",
        schema_id=value.log_schema_id or "",
        category_id=value.log_category_id or "",
        level=int(level) if str(level).isdecimal() else 0,
        description=value.detection_rule_description or "",
        alert_name=value.alert_name or "",
        alert_description=value.alert_description or "",
        alert_type=value.alert_type or "",
        alert_schema_id=value.alert_schema_id or "",
        tactic=value.alert_tactic_id or "",
        technique=value.alert_att_ck or "",
        schedule=value.schedule_expression or "",
        window=value.schedule_window or "",
        threshold_count=value.alert_threshold_count or 0,
        threshold_period=value.alert_threshold_period or "",
        threshold_group=value.alert_threshold_group or "",
        aggregation=value.incident_aggregation_type or "",
        aggregation_window=value.incident_aggregation_expression or "",
        entities=tuple(_mapping(each) for each in value.entity_mappings or ()),
    )


def _mapping(value: Any) -> EntityMapping:
    fields = value.normalization_field_mappings or ()
    return EntityMapping(
        value.normalization_schema_id or "",
        tuple(
            EntityField(
                each.normalization_field_name or "",
                each.mapping_field_name or "",
                each.normalization_field_type or "varchar",
            )
            for each in fields
        ),
    )
