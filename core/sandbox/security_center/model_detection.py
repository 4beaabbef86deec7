"""Detection rules and what comes of them. Times are epoch milliseconds; 0: never."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class EntityField:
    """A field of an entity, and the column of the result that it is taken from."""

    name: str
    source: str
    type: str = "varchar"


@dataclass(frozen=True)
class EntityMapping:
    """How an entity is made of a row of the result."""

    schema_id: str
    fields: tuple[EntityField, ...]


@dataclass(frozen=True)
class DetectionRule:
    """A query over standard logs, on a schedule, that makes alerts.

    Attributes:
        level: ``1`` informational to ``5`` critical.
        schedule_expression: ``5m`` for ``fixed_rate``, five fields for ``cron``.
        window: the time that a run looks back over, ``5m``.
        threshold_group: columns, separated by commas.
        aggregation_type: ``none``, ``graph_compute``, ``expert``, ``passthrough``, ``window``.
        rest: parameters that are kept as they came and mean nothing here.
    """

    id: str
    name: str
    kind: Literal["preset", "custom", "custom_template"]
    status: Literal["enabled", "disabled", "testing"] = "disabled"
    description: str = ""
    level: str = "3"
    alert_type: str = ""
    alert_name: str = ""
    alert_description: str = ""
    alert_schema_id: str = "ALERT_ACTIVITY"
    tactic_id: str = ""
    att_ck: str = ""
    log_category_id: str = ""
    log_schema_id: str = ""
    expression_type: str = "sql"
    expression: str = ""
    schedule_type: str = "fixed_rate"
    schedule_expression: str = ""
    window: str = "5m"
    begin: int = 0
    max_retries: int = 1
    max_timeout: int = 60
    threshold_count: int = 0
    threshold_period: str = ""
    threshold_group: str = ""
    aggregation_type: str = "none"
    aggregation_expression: str = ""
    entities: tuple[EntityMapping, ...] = ()
    rest: dict[str, str] = field(default_factory=dict)
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Alert:
    """An alert; ``record`` is what AlertRecord holds."""

    id: str
    time: int
    level: str
    rule_id: str
    record: dict[str, Any] = field(default_factory=dict)
    updated: int = 0


@dataclass(frozen=True)
class Incident:
    """A security event.

    Attributes:
        status: 0 unhandled, 1 handling, 5 handling failed, 10 handled.
        entities: as EntityInfos shows them.
    """

    id: str
    name: str
    description: str
    level: str
    rule_id: str
    aggregation_type: str
    alert_ids: tuple[str, ...] = ()
    entities: tuple[dict[str, Any], ...] = ()
    tactics: tuple[str, ...] = ()
    status: int = 0
    score: int = 0
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Traffic:
    """Bytes of raw logs that a policy read in one hour.

    Attributes:
        id: ``<policy>/<hour>``.
        hour: when it began.
    """

    id: str
    policy_id: str
    source_id: str
    product_id: str
    hour: int
    bytes: int = 0
    logs: int = 0


@dataclass(frozen=True)
class Note:
    """What the live part wants to find again: cursors, times of the last run."""

    id: str
    data: dict[str, Any] = field(default_factory=dict)
