"""What detection found: alerts, and incidents, which the console calls security events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.alibaba.security_center.calls import Group

_ALERTS = "security_center.alerts"
_INCIDENTS = "security_center.incidents"


@dataclass(frozen=True)
class Alert:
    """An alert.

    Attributes:
        name, level: as the rule names them; level 5 critical to 1 informational, 0 unknown.
        rule_id: the detection rule it is of; empty if the record does not tell.
        record: all that the alert's record holds.
    """

    id: str
    name: str
    level: int
    rule_id: str
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Incident:
    """A security event.

    Attributes:
        status: 0 unhandled, 1 handling, 5 handling failed, 10 handled.
        created: epoch milliseconds.
    """

    id: str
    name: str
    level: int
    status: int
    rule_id: str
    rule_name: str
    alerts: int
    created: int
    description: str = ""


class Findings(Group):
    """Alerts and incidents."""

    async def alerts(self, begin: datetime, end: datetime) -> tuple[Alert, ...]:
        """Alerts that began in ``[begin, end]``. Raises ProblemError."""
        listed = self._calls.listed(
            "ListAlerts", "alerts", _ALERTS, start_time=_ms(begin), end_time=_ms(end)
        )
        return tuple([_alert(value) async for value in listed])

    async def incidents(self, begin: datetime, end: datetime) -> tuple[Incident, ...]:
        """Incidents of ``[begin, end]``. Raises ProblemError."""
        listed = self._calls.listed(
            "ListIncidents", "incidents", _INCIDENTS, start_time=_ms(begin), end_time=_ms(end)
        )
        return tuple([_incident(value) async for value in listed])


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _level(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() else 0


def _alert(value: Any) -> Alert:
    try:
        record = json.loads(value.alert_record or "{}")
    except (TypeError, ValueError):
        record = {}
    if not isinstance(record, dict):
        record = {}
    return Alert(
        id=value.alert_uuid or "",
        name=str(record.get("alert_name", "")),
        level=_level(record.get("alert_level")),
        rule_id=str(record.get("rule_id", "")),
        record=record,
    )


def _incident(value: Any) -> Incident:
    return Incident(
        id=value.incident_uuid or "",
        name=value.incident_name or "",
        level=_level(value.threat_level),
        status=value.incident_status or 0,
        rule_id=value.detection_rule_id or "",
        rule_name=value.detection_rule_name or "",
        alerts=value.relate_alert_count or 0,
        created=value.create_time or 0,
        description=value.incident_description or "",
    )
