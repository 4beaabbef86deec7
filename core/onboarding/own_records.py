"""Records of the analyst's own hub among logs of a Logstore, whichever route stored them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.onboarding.alibaba_world import split_of
from core.profile import Profile
from core.records.service import event_service
from core.records.uid import hub_id

_SIGN_IN = "signinlogs"
_CORRELATION = re.compile(r"[0-9A-Za-z-]{1,64}")
"""What a correlation id looks like; anything else is not put into a query."""


@dataclass(frozen=True)
class OwnRecord:
    """One record of the hub.

    Attributes:
        service: its event_service, such as signinlogs.
        event_time: its own time as text; empty: none.
        correlation_id: Azure's ``correlationId``; empty: none that can be asked for.
        at: its own time; None: none that can be read.
    """

    service: str
    event_time: str
    correlation_id: str
    at: datetime | None

    @property
    def is_sign_in(self) -> bool:
        """Whether the standardised rule is about it."""
        return self.service == _SIGN_IN


def own_records(
    profile: Profile, bootstrap: str, hub: str, logs: Sequence[Mapping[str, str]]
) -> list[OwnRecord]:
    """Records of the hub at ``bootstrap`` in ``logs``, in their order.

    The engine's logs name their hub; what a managed job writes comes from its hub alone.
    """
    if split_of(profile) != "engine":
        return [_record(fields) for log in logs for fields in records_in(log)]
    host, _, port = bootstrap.rpartition(":")
    if not host or not port.isdecimal() or not hub:
        return []
    prefix = hub_id(host, int(port), hub) + "."
    return [_record(log) for log in logs if log.get("event_uid", "").startswith(prefix)]


def records_in(log: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The records of a log: those of its batch, where it is a whole message; else itself."""
    try:
        batch = json.loads(log.get("records", ""))
    except ValueError:
        batch = None
    if not isinstance(batch, list):
        yield log
        return
    for each in batch:
        if isinstance(each, dict):
            yield each


def correlation_of(fields: Mapping[str, Any]) -> str:
    """The record's correlation id, if it is one that can be asked for."""
    text = str(fields.get("correlationId", ""))
    return text if _CORRELATION.fullmatch(text) else ""


def _record(fields: Mapping[str, Any]) -> OwnRecord:
    service = fields.get("event_service") or event_service(dict(fields))
    at = str(fields.get("event_time") or fields.get("time") or "")
    return OwnRecord(str(service), at, correlation_of(fields), _moment(at))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
