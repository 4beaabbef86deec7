"""Alerts and incidents of findings, each finding once however often a schedule meets it.

Fields of an alert record: Alibaba Cloud, "CTDR 1.0 to 2.0 upgrade: standardized log field changes",
table of alerts, and its common fields. Where a rule names columns as ``$column$``, the finding's
value stands.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.security_center.live.result import Finding
from core.sandbox.security_center.live.schedule import ScheduleError, seconds_of
from core.sandbox.security_center.model import Note
from core.sandbox.security_center.model_detection import Alert, DetectionRule, Incident
from core.sandbox.security_center.state import State, now_ms

_COLUMN = re.compile(r"\$([A-Za-z_][A-Za-z0-9_.]{0,127})\$")
_DAY_MS = 86_400_000
_SEEN_MS = 10_000
_SECURITY_CATEGORY = "SECURITY_CATEGORY"


@dataclass
class _Known:
    """A finding that has its alert."""

    alert: str
    start: int
    end: int
    seen: int


class Raiser:
    """Raises the alerts of one rule; what it raised is in the state (note ``alerts/<rule>``)."""

    def __init__(self, state: State, rule_id: str) -> None:
        self._state = state
        self._note = note_of(rule_id)
        kept = state.notes.get(self._note)
        found = kept.data if kept is not None else {}
        self._known = {key: [_Known(*value) for value in values] for key, values in found.items()}

    def raise_all(self, rule: DetectionRule, findings: Iterable[Finding], window: int) -> int:
        """Alerts and incidents for what is new; how many alerts. ``window``: seconds of a run."""
        now = now_ms()
        made = 0
        for finding in findings:
            made += self._raise(rule, finding, now, window * 1000)
        self._save(now - max(2 * window * 1000, _DAY_MS))
        return made

    def _save(self, oldest: int) -> None:
        """Keep what was seen since ``oldest``."""
        data = {}
        for key, values in list(self._known.items()):
            values[:] = [each for each in values if each.seen >= oldest]
            if values:
                data[key] = [list(vars(each).values()) for each in values]
            else:
                del self._known[key]
        kept = self._state.notes.get(self._note)
        if kept is None or kept.data != data:
            self._state.notes.put(Note(self._note, data))

    def _raise(self, rule: DetectionRule, finding: Finding, now: int, window: int) -> int:
        values = self._known.setdefault(finding.key, [])
        known = next((each for each in values if _is_same(each, finding, now, window)), None)
        if known is not None:
            if now - known.seen >= _SEEN_MS:
                known.seen = now
            if finding.start and (finding.start < known.start or finding.end > known.end):
                known.start = min(known.start, finding.start)
                known.end = max(known.end, finding.end)
                self._grow(rule, known, finding, now)
            return 0
        alert = self._new_alert(rule, finding, now)
        values.append(_Known(alert.id, finding.start, finding.end, now))
        self._state.alerts.put(alert)
        self._incident(rule, alert, now)
        return 1

    def _new_alert(self, rule: DetectionRule, finding: Finding, now: int) -> Alert:
        name = uuid.uuid4().hex
        return Alert(name, now, rule.level, rule.id, self._record(rule, finding, name, now), now)

    def _grow(self, rule: DetectionRule, known: _Known, finding: Finding, now: int) -> None:
        """The alert of a finding that goes on: it is told anew, and stays the same alert."""
        alert = self._state.alerts.get(known.alert)
        if alert is None:
            return
        whole = replace(finding, start=known.start, end=known.end)
        record = self._record(rule, whole, alert.id, alert.time)
        self._state.alerts.put(replace(alert, record=record, updated=now))
        for incident in self._state.incidents.all():
            if alert.id in incident.alert_ids:
                self._state.incidents.put(replace(incident, updated=now))

    def _record(self, rule: DetectionRule, finding: Finding, name: str, at: int) -> dict[str, Any]:
        row = finding.row
        seconds = at // 1000
        schema = self._state.schemas.get(rule.alert_schema_id)
        return {
            "alert_uuid": name,
            "alert_name": filled(rule.alert_name or rule.name, row),
            "alert_type": rule.alert_type,
            "alert_level": rule.level,
            "alert_description": filled(rule.alert_description or rule.description, row),
            "att_ck": rule.att_ck,
            "att_ck_tactic": rule.tactic_id,
            "rule_id": rule.id,
            "rule_name": rule.name,
            "log_uuid": row.get("log_uuid") or name,
            "log_time": str(seconds),
            "start_time": str(finding.start or seconds),
            "end_time": str(finding.end or finding.start or seconds),
            "user_id": self._state.account,
            "cloud_user_id": row.get("cloud_user_id", ""),
            "cloud_code": row.get("cloud_code", ""),
            "category": schema.category_id if schema is not None else _SECURITY_CATEGORY,
            "schema": rule.alert_schema_id,
            "entities": entities_of(rule, row),
            "payload": json.dumps(row, ensure_ascii=False, separators=(",", ":")),
        }

    def _incident(self, rule: DetectionRule, alert: Alert, now: int) -> None:
        if rule.aggregation_type not in ("passthrough", "window"):
            return
        if rule.aggregation_type == "window" and (open_ := self._open_incident(rule, now)):
            entities = list(open_.entities)
            entities += [each for each in alert.record["entities"] if each not in entities]
            self._state.incidents.put(
                replace(
                    open_,
                    alert_ids=(*open_.alert_ids, alert.id),
                    entities=tuple(entities),
                    updated=now,
                )
            )
            return
        self._state.incidents.put(
            Incident(
                uuid.uuid4().hex,
                alert.record["alert_name"],
                alert.record["alert_description"],
                rule.level,
                rule.id,
                rule.aggregation_type,
                (alert.id,),
                tuple(alert.record["entities"]),
                (rule.tactic_id,) if rule.tactic_id else (),
                score=20 * int(rule.level) if rule.level.isdigit() else 0,
                created=now,
                updated=now,
            )
        )

    def _open_incident(self, rule: DetectionRule, now: int) -> Incident | None:
        """The incident that alerts of the rule still go to: the window counts from its making."""
        try:
            window = seconds_of(rule.aggregation_expression or rule.window) * 1000
        except ScheduleError:
            return None
        for incident in reversed(self._state.incidents.all()):
            if incident.rule_id == rule.id and incident.aggregation_type == "window":
                return incident if now - incident.created < window else None
        return None


def note_of(rule_id: str) -> str:
    """Id of the note that keeps what a rule raised."""
    return f"alerts/{rule_id}"


def filled(text: str, row: dict[str, str]) -> str:
    """``text`` with the row's values; a column that there is not stays as it is written."""
    return _COLUMN.sub(lambda found: row.get(found.group(1), found.group(0)), text)


def entities_of(rule: DetectionRule, row: dict[str, str]) -> list[dict[str, str]]:
    """The entities of a finding; fields without a value are left out, and so are empty entities."""
    entities = []
    for mapping in rule.entities:
        fields = {each.name: row[each.source] for each in mapping.fields if row.get(each.source)}
        if fields:
            entities.append({"entity_type": mapping.schema_id, **fields})
    return entities


def _is_same(known: _Known, finding: Finding, now: int, window: int) -> bool:
    if finding.is_log:
        return True
    if finding.start and known.start:
        return finding.start <= known.end and finding.end >= known.start
    return now - known.seen <= window
