"""What Security Center made of the stored records, read with its unchanged SDK and by PullLogs.

A stored log is a sign-in by its ``event_service``; a standardised log names the record that it was
made of by ``event_uid``, as a field or packed into ``extend_content``.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.proof.logstore import LogServiceAccess, ReadError, read_logs

_SIGN_INS = "signinlogs"
_DATASET = "audit_activity"
"""Sign-ins of Azure have their structure there (Security Center: "Standardised access rules")."""

_SIX_HOURS_MS = 6 * 3600 * 1000
_STEP_SECONDS = 0.5


@dataclass(frozen=True)
class Analysis:
    """What was found.

    Attributes:
        sign_ins: different stored sign-ins.
        standardised: different ones of them among the standardised logs.
        duplicated: standardised logs beyond the first of a sign-in.
        alerts: alerts of the last hours.
        incidents: incidents of the last hours.
        alert_names: different names of alerts.
    """

    sign_ins: int
    standardised: int
    duplicated: int
    alerts: int
    incidents: int
    alert_names: tuple[str, ...]

    @property
    def missing(self) -> int:
        """Sign-ins that were not standardised."""
        return self.sign_ins - self.standardised


def prove_analysis(
    stored: LogServiceAccess,
    endpoint: str,
    region_id: str,
    wants_alerts: bool,
    seconds: float,
) -> Analysis:
    """Hold the standardised logs against the stored ones, waiting up to ``seconds`` for the rest.

    ``endpoint`` is the emulator's plain one. With ``wants_alerts`` it also waits for an incident.
    What is missing after that is in the answer. Raises ReadError.
    """
    client = _client(stored, endpoint)
    dataset = _dataset(client, stored, region_id)
    wanted = {uid for uid in _uids(stored, _SIGN_INS) if uid}
    deadline = time.monotonic() + seconds
    while True:
        found = Counter(uid for uid in _uids(dataset) if uid in wanted)
        alerts, incidents = _findings(client, region_id)
        whole = len(found) == len(wanted) and (bool(incidents) or not wants_alerts)
        if whole or time.monotonic() > deadline:
            break
        time.sleep(_STEP_SECONDS)
    return Analysis(
        sign_ins=len(wanted),
        standardised=len(found),
        duplicated=found.total() - len(found),
        alerts=len(alerts),
        incidents=len(incidents),
        alert_names=tuple(sorted({_name(each) for each in alerts})),
    )


def _uids(access: LogServiceAccess, service: str = "") -> list[str]:
    found = []
    for logs in read_logs(access):
        for log in logs:
            fields = dict(log.fields)
            if not service or fields.get("event_service") == service:
                found.append(fields.get("event_uid") or _packed(fields.get("extend_content", "")))
    return found


def _packed(content: str) -> str:
    try:
        value = json.loads(content).get("event_uid", "")
    except (ValueError, AttributeError):
        return ""
    return str(value)


def _client(stored: LogServiceAccess, endpoint: str) -> Any:
    from alibabacloud_cloud_siem20241212.client import Client
    from alibabacloud_tea_openapi.utils_models import Config

    return Client(
        Config(
            access_key_id=stored.access_key_id,
            access_key_secret=stored.access_key_secret,
            endpoint=endpoint,
            protocol="HTTP",
        )
    )


def _dataset(client: Any, stored: LogServiceAccess, region_id: str) -> LogServiceAccess:
    """The Logstore of the dataset that sign-ins are standardised into."""
    from alibabacloud_cloud_siem20241212.models import GetDataStorageRequest

    answer = _asked(client.get_data_storage, GetDataStorageRequest(lang="en", region_id=region_id))
    return replace(stored, project=answer.data.log_project, logstore=_DATASET)


def _findings(client: Any, region_id: str) -> tuple[list[Any], list[Any]]:
    from alibabacloud_cloud_siem20241212.models import ListAlertsRequest, ListIncidentsRequest

    now = int(time.time() * 1000)
    asked: dict[str, Any] = {
        "lang": "en",
        "region_id": region_id,
        "start_time": now - _SIX_HOURS_MS,
        "end_time": now + 60_000,
        "max_results": 100,
    }
    alerts = _asked(client.list_alerts, ListAlertsRequest(**asked)).alerts
    incidents = _asked(client.list_incidents, ListIncidentsRequest(**asked)).incidents
    return list(alerts or ()), list(incidents or ())


def _asked(call: Any, request: Any) -> Any:
    from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

    try:
        return call(request).body
    except AlibabaCloudException as error:
        raise ReadError(f"{error.code}: {error.message}") from None


def _name(alert: Any) -> str:
    return str(json.loads(alert.alert_record).get("alert_name", ""))
