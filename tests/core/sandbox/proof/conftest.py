"""A tiny importer of the tests' own, written by hand from docs/record.md with the standard library.

It cuts a record's fields out of the source text, so that numbers stay as they were written.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.certificates import Authority
from core.sandbox.process import Child
from core.sandbox.proof import LogServiceAccess, StoredLog
from core.sandbox.traffic import Generator, Ledger, Span

BASE = 1_790_000_000
SEED = 21

_TEXT_OR_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')
_SERVICES = {
    "SignInLogs": "signinlogs",
    "NonInteractiveUserSignInLogs": "signinlogs",
    "ServicePrincipalSignInLogs": "signinlogs",
    "ManagedIdentitySignInLogs": "signinlogs",
    "AuditLogs": "auditlogs",
    "Administrative": "activitylogs",
    "Alert": "activitylogs",
    "AuditEvent": "keyvault",
    "AZFWNetworkRule": "firewall",
    "AZFWApplicationRule": "firewall",
    "MicrosoftGraphActivityLogs": "graphactivity",
    None: "defender",
}


def members(record: str) -> Iterator[tuple[str, str]]:
    """Name and source text of each member of a JSON object."""
    decoder, at = json.JSONDecoder(), record.index("{") + 1
    while True:
        name, at = decoder.raw_decode(record, record.index('"', at))
        at = re.compile(r"\s*:\s*").match(record, at).end()
        _, end = decoder.raw_decode(record, at)
        yield name, record[at:end]
        at = re.compile(r"\s*").match(record, end).end()
        if record[at] == "}":
            return


def imported(
    record: bytes, uid: str = "u", hub: str = "h", partition: int = 0, **more: str
) -> StoredLog:
    """The log that a right importer makes of ``record``."""
    fields: dict[str, str] = {}
    for name, source in members(record.decode()):
        clash = name.lower() in (each.lower() for each in fields)
        value = source
        if source[0] == '"':
            value = json.loads(source)
        elif source[0] in "{[":
            value = _TEXT_OR_BLANKS.sub(lambda match: match[1] or "", source)
        fields[f"{name}__2" if clash else name] = value
    whole = json.loads(record)
    time = event_time(whole)
    fields |= {
        "event_uid": uid,
        "event_service": _SERVICES[whole.get("category")],
        "event_time": time,
        **more,
    }
    head, fraction = re.fullmatch(r"([^.Z+]+)\.?(\d*)(?:Z|\+00:00)", time).groups()
    return StoredLog(
        tuple(fields.items()),
        int(datetime.fromisoformat(head + "+00:00").timestamp()),
        int(fraction.ljust(9, "0")),
        {"hub": hub, "partition": str(partition)},
    )


def event_time(record: dict[str, Any]) -> str:
    service = _SERVICES[record.get("category")]
    inside = {
        "signinlogs": "createdDateTime",
        "auditlogs": "activityDateTime",
        "graphactivity": "timeGenerated",
    }
    if service in inside:
        time = record["properties"][inside[service]]
    else:
        time = record["TimeGenerated"] if service == "defender" else record["time"]
    assert isinstance(time, str)
    return time


def with_field(log: StoredLog, name: str, value: str | None) -> StoredLog:
    """``log`` with one field changed, added, or (None) taken away."""
    fields = dict(log.fields)
    if value is None:
        del fields[name]
    else:
        fields[name] = value
    return dataclasses.replace(log, fields=tuple(fields.items()))


@functools.cache
def generator(base: int) -> Generator:
    return Generator(SEED, [Span(0, base)])


@functools.cache
def everyday_log(base: int, ordinal: int) -> StoredLog:
    return imported(generator(base).record(ordinal), f"hub.0.{ordinal}", partition=ordinal % 3)


@dataclasses.dataclass
class Sent:
    """Traffic that was sent, and the logs that a right importer stores of it."""

    path: Path
    ledger: Ledger
    generator: Generator

    def log(self, ordinal: int, uid: str = "") -> StoredLog:
        log = everyday_log(self.ledger.spans[0].base_time, ordinal)
        return with_field(log, "event_uid", uid) if uid else log

    def logs(self) -> list[StoredLog]:
        return [self.log(ordinal) for ordinal in range(self.ledger.reserved)]

    def id(self, ordinal: int) -> str:
        return self.generator.identifier(ordinal)

    def ordinal_of(self, category: str | None) -> int:
        """A record of ``category``; None: an alert of Defender."""
        return next(
            ordinal
            for ordinal in range(20_000)
            if json.loads(self.generator.record(ordinal)).get("category") == category
        )


def sent(folder: Path, records: int, base: int = BASE) -> Sent:
    ledger = Ledger(SEED, [Span(0, base)], reserved=records)
    ledger.acknowledge([(0, records)])
    path = folder / "sent.json"
    ledger.write(path)
    return Sent(path, ledger, generator(base))


@pytest.fixture(scope="session")
def kit() -> Any:
    """This file's functions, for test modules (which cannot import it)."""
    import sys

    return sys.modules[__name__]


@pytest.fixture(scope="module")
def log_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    folder = tmp_path_factory.mktemp("log_service")
    Authority(folder / "authority")
    child = Child(
        "core.sandbox.log_service",
        ["--folder", str(folder / "state"), "--authority", str(folder / "authority")],
        folder / "log_service.log",
    )
    child.request("create_project", name="proof")
    yield child
    child.stop()


@pytest.fixture
def access(log_service: Child, request: pytest.FixtureRequest) -> LogServiceAccess:
    """A Logstore of the test's own."""
    name = re.sub(r"[\W_]+", "-", request.node.name.lower())[:60].strip("-")
    log_service.request("create_logstore", project="proof", name=name, shards=2)
    ready = log_service.ready
    return LogServiceAccess(
        endpoint=ready["endpoint"],
        http_proxy=ready["http_proxy"],
        project="proof",
        logstore=name,
        access_key_id=ready["access_key_id"],
        access_key_secret=ready["access_key_secret"],
    )
