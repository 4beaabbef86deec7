"""Keeping secrets out of everything that is shown: logs, problems, machine output.

Structured fields pass by a white list: a field that is not on it prints as ``<redacted>``, so a
new field is hidden until somebody has thought about it. Free text (an SDK's error message) loses
every secret this process has read, in each form it travels in, and whatever is shaped like one.
"""

from __future__ import annotations

import base64
import re
import threading
import urllib.parse
from collections.abc import Mapping

REDACTED = "<redacted>"

SHOWN_FIELDS = frozenset(
    [
        "acked",
        "attempt",
        "bootstrap",
        "bytes",
        "cause",
        "code",
        "committed",
        "count",
        "dead_lettered",
        "duplicated",
        "epoch",
        "error_code",
        "first",
        "group",
        "host",
        "http_status",
        "hub",
        "kind",
        "lag",
        "last",
        "limit",
        "logs",
        "logstore",
        "memory",
        "messages",
        "missing",
        "name",
        "offset",
        "offsets",
        "order",
        "partition",
        "partitions",
        "path",
        "pid",
        "port",
        "project",
        "reason",
        "received",
        "records",
        "request_id",
        "retry_in",
        "seconds",
        "sent",
        "signal",
        "stage",
        "start",
        "state",
        "stored",
        "unit",
        "version",
        "waiting",
        "workers",
    ]
)
"""Names of log fields whose values may be shown."""

_SHAPES = (
    re.compile(r"(?i)(SharedAccessKey\s*=\s*)[^;\s\"']+"),
    re.compile(r"(?i)(Authorization:?\s+)(LOG|SLS4-HMAC-SHA256|Bearer|Basic)\s+\S+"),
    re.compile(
        r"(?i)((?:access_?key_?secret|password|security_?token|client_?secret)[\"']?\s*[=:]\s*)[^\s,;}]+"
    ),
)
_SHORTEST_SECRET = 6

_lock = threading.Lock()
_known: set[str] = set()


def know_secret(value: str) -> None:
    """Have ``value`` removed from every text from now on, also base64- or URL-encoded."""
    parts = value.split(";")  # a connection string is also secret in its parts
    keys = [part for part in parts if part.lower().startswith("sharedaccesskey=")]
    plain = [value, *(key.partition("=")[2] for key in keys)]
    forms = {form for secret in plain for form in _forms(secret)}
    with _lock:
        _known.update(form for form in forms if len(form) >= _SHORTEST_SECRET)


def _forms(secret: str) -> tuple[str, ...]:
    """How ``secret`` may stand in a text."""
    return (
        secret,
        base64.b64encode(secret.encode()).decode(),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
    )


def redact_text(text: str) -> str:
    """``text`` without any secret that this process knows or that has a secret's shape."""
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, REDACTED)
    for shape in _SHAPES:
        text = shape.sub(lambda match: match.group(1) + REDACTED, text)
    return text


def redact_fields(fields: Mapping[str, object]) -> dict[str, str | int | float | bool | None]:
    """``fields`` for a log line: values of names on the white list, all others hidden."""
    return {name: _shown(name, value) for name, value in fields.items()}


def _shown(name: str, value: object) -> str | int | float | bool | None:
    if name not in SHOWN_FIELDS:
        return REDACTED
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return redact_text(str(value))
