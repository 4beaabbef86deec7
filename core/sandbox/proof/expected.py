"""What the log of a record must be, written down without a look at the importer.

Docs: ``docs/record.md``, sections "Fields", "Names", "event_service", "event_time".
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec


class _Rule(NamedTuple):
    """For a category: its service, and where the event's own time stands."""

    service: str
    time: str
    inside: str = ""


_SIGN_IN = _Rule("signinlogs", "properties", "createdDateTime")
_ACTIVITY = _Rule("activitylogs", "time")
_FIREWALL = _Rule("firewall", "time")
_RULES = {
    "SignInLogs": _SIGN_IN,
    "NonInteractiveUserSignInLogs": _SIGN_IN,
    "ServicePrincipalSignInLogs": _SIGN_IN,
    "ManagedIdentitySignInLogs": _SIGN_IN,
    "AuditLogs": _Rule("auditlogs", "properties", "activityDateTime"),
    "Administrative": _ACTIVITY,
    "Alert": _ACTIVITY,
    "AuditEvent": _Rule("keyvault", "time"),
    "AZFWNetworkRule": _FIREWALL,
    "AZFWApplicationRule": _FIREWALL,
    "MicrosoftGraphActivityLogs": _Rule("graphactivity", "properties", "timeGenerated"),
}
_DEFENDER = _Rule("defender", "TimeGenerated")
"""Alerts of Defender for Cloud have no category."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True)
class ExpectedLog:
    """The log that a record must have become.

    Attributes:
        fields: name -> text, of the fields that are text, number, boolean or null.
        nested: name -> compact JSON, of the objects and arrays.
        service: its ``event_service``.
        time: its ``event_time``.
        seconds: the log's Time.
        nanoseconds: the log's Time_ns.
    """

    fields: dict[str, str]
    nested: dict[str, str]
    service: str
    time: str
    seconds: int
    nanoseconds: int


def expected_log(record: bytes) -> ExpectedLog:
    """What must be stored for ``record``, a JSON object. Raises ValueError, KeyError."""
    source = _split(record)
    fields: dict[str, str] = {}
    nested: dict[str, str] = {}
    for stored, raw in zip(_stored_names(tuple(source)), source.values(), strict=True):
        value = bytes(raw)
        first = value[:1]
        if first == b'"':
            fields[stored] = _text(raw)
        elif first in b"{[":
            nested[stored] = msgspec.json.format(value, indent=-1).decode()
        else:
            fields[stored] = value.decode()
    rule = _rule(source)
    time = _time(source, rule)
    seconds, nanoseconds = moment(time)
    return ExpectedLog(fields, nested, rule.service, time, seconds, nanoseconds)


@functools.lru_cache(maxsize=256)
def _stored_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The second of two names that differ only by case gets ``__2``."""
    earlier = [{name.lower() for name in names[:place]} for place in range(len(names))]
    return tuple(
        f"{name}__2" if name.lower() in before else name
        for name, before in zip(names, earlier, strict=True)
    )


def moment(time: str) -> tuple[int, int]:
    """Whole seconds since 1970 and the nanoseconds left, of an RFC 3339 time."""
    match = _TIME.fullmatch(time)
    if match is None:
        raise ValueError(f"{time!r} is no time that the traffic writes")
    head, fraction, zone = match.groups()
    return _seconds(head, zone), int((fraction or "").ljust(9, "0"))


@functools.lru_cache(maxsize=4096)
def _seconds(head: str, zone: str) -> int:
    return int(datetime.fromisoformat(head + zone).timestamp())


def _rule(source: dict[str, msgspec.Raw]) -> _Rule:
    category = source.get("category")
    return _DEFENDER if category is None else _RULES[_text(category)]


def _time(source: dict[str, msgspec.Raw], rule: _Rule) -> str:
    value = source[rule.time]
    return _text(_split(value)[rule.inside] if rule.inside else value)


_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
"""The members of an object, each as its source text."""

_text = msgspec.json.Decoder(str).decode
