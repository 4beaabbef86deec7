"""The journal of ``apply`` and ``remove``: what Isthmus set out to make, and what it made.

One JSON object a line in ``journal.jsonl`` of the profile's state folder, on disk before the cloud
is asked for anything. So a process that is killed between a request and its answer leaves word of
what may exist by its doing, and ``remove`` takes away what stands here and nothing else. A line
tells all that is needed to find the thing again, whatever becomes of the profile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from core.errors import Code, problem_error

FILE_NAME = "journal.jsonl"

Event = Literal["begin", "done", "failed", "removed"]
ThingType = Literal[
    "provider",
    "resource_group",
    "namespace",
    "event_hub",
    "policy",
    "secret",
    "diagnostic_setting",
    "project",
    "logstore",
    "index",
    "kafka_import",
    "transformation",
    "data_source",
    "vendor",
    "product",
    "standardised_rule",
    "integration_policy",
    "detection_rule",
    "preset_rule",
    "written_log",
    "activation",
]
UNDONE_CHANGES = frozenset({"preset_rule"})
"""Things that were there and are changed in a way that a removal takes back."""

SettingKind = Literal["activity", "entra", "resource", "defender"]


@dataclass(frozen=True)
class Thing:
    """Something that Isthmus makes; what does not apply is empty.

    Attributes:
        type: what it is.
        name: its own name; of a secret: its reference.
        subscription: the Azure subscription it is in.
        resource_group: the resource group it is in.
        namespace: the Event Hubs namespace it is in.
        hub: the event hub it is in.
        kind: of a diagnostic setting: activity, entra, resource or defender.
        scope: of a diagnostic setting: the resource id it is of.
        mark: what tells it from another of the same name: a tag's value, a key's fingerprint.
        project: the project of Log Service it is in.
        logstore: the Logstore it is of.
        inside: of a thing of Security Center: the vendor of a product, the product of a rule,
            the data source of a policy.
    """

    type: ThingType
    name: str
    subscription: str = ""
    resource_group: str = ""
    namespace: str = ""
    hub: str = ""
    kind: SettingKind | Literal[""] = ""
    scope: str = ""
    mark: str = ""
    project: str = ""
    logstore: str = ""
    inside: str = ""


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        at: RFC 3339.
        event: what happened.
        action: id of the action.
        kind: of the action, create or change.
        thing: what it is about.
    """

    at: str
    event: Event
    action: str
    kind: str
    thing: Thing


@dataclass(frozen=True)
class Made:
    """Something that is there by Isthmus's doing, or may be.

    Attributes:
        action: id of the action that made it.
        thing: what it is.
        since: when it was begun, RFC 3339.
        certain: the cloud has confirmed it; else a process ended between request and answer.
    """

    action: str
    thing: Thing
    since: str
    certain: bool


class Journal:
    """The journal of one profile. One process writes at a time (the lock of ``apply``)."""

    def __init__(self, folder: Path) -> None:
        """Raises ProblemError (journal_damaged) for a line that cannot be read.

        The last line may be half of one: a process was killed while it wrote. It is put right.
        """
        self._path = folder / FILE_NAME
        self._entries: list[Entry] = list(self._read())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines, oldest first."""
        return tuple(self._entries)

    def write(self, event: Event, action: str, kind: str, thing: Thing) -> None:
        """Add a line; it is on disk when this returns. Raises OSError."""
        entry = Entry(datetime.now(UTC).isoformat(), event, action, kind, thing)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(_without_empty(asdict(entry)), ensure_ascii=False) + "\n"
        with self._path.open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        self._entries.append(entry)

    def made(self) -> tuple[Made, ...]:
        """What is there by Isthmus's doing, in the order in which it was begun."""
        found: dict[str, Made] = {}
        for entry in self._entries:
            if entry.event == "removed":
                found.pop(entry.action, None)
            elif entry.event == "begin" and _is_ours(entry):
                found.setdefault(entry.action, Made(entry.action, entry.thing, entry.at, False))
            elif entry.event == "done" and entry.action in found:
                begun = found[entry.action]
                found[entry.action] = Made(entry.action, entry.thing, begun.since, True)
        return tuple(found.values())

    def made_by(self, action: str) -> Made | None:
        """What the action of this id made, if it is still there."""
        return next((each for each in self.made() if each.action == action), None)

    def _read(self) -> Iterator[Entry]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        whole, newline, rest = content.rpartition(b"\n")
        if rest:
            with self._path.open("r+b") as file:
                file.truncate(len(whole) + len(newline))
        for number, line in enumerate(whole.split(b"\n") if whole else [], start=1):
            try:
                yield _entry(json.loads(line))
            except (ValueError, TypeError, KeyError):
                raise problem_error(
                    Code.JOURNAL_DAMAGED, FILE_NAME, path=self._path, line=number
                ) from None


def _is_ours(entry: Entry) -> bool:
    return entry.kind == "create" or entry.thing.type in UNDONE_CHANGES


def _entry(data: dict[str, Any]) -> Entry:
    known = {field.name for field in fields(Thing)}
    given = {key: str(value) for key, value in data["thing"].items() if key in known}
    thing = Thing(**given)  # type: ignore[arg-type]  # its type is one that this module wrote
    return Entry(data["at"], data["event"], data["action"], data["kind"], thing)


def _without_empty(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"thing": {key: value for key, value in entry["thing"].items() if value}}
