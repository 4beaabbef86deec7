"""Projects, Logstores, their shards, indexes and consumer groups, kept in one JSON file."""

from __future__ import annotations

import itertools
import json
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.log_service.wire import ServiceError

_PROJECT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LOGSTORE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
_MAX_TTL_DAYS = 3650
MAX_SHARDS = 400  # of a project (Alibaba Cloud: SLS "Limits: basic resources")

_KEYS = 1 << 128
READ_WRITE, READ_ONLY = "readwrite", "readonly"

_DELIMITERS = list(", '\";=()[]{}?@&<>/:\n\t\r")
_SANDBOX_KEYS = (
    *("event_uid", "event_service", "event_time", "event_flags"),
    *("time", "category", "operationName", "resourceId", "resultType", "callerIpAddress"),
    *("identity", "correlationId", "tenantId", "location", "properties"),
)


def _text_key() -> dict[str, Any]:
    return {"type": "text", "token": _DELIMITERS, "caseSensitive": False, "doc_value": True}


FULL_TEXT_INDEX: dict[str, Any] = {
    "line": {"token": _DELIMITERS, "caseSensitive": False},
    "keys": {name: _text_key() for name in _SANDBOX_KEYS},
}
"""The index of a Logstore that the sandbox itself creates."""


@dataclass
class ShardRange:
    """Which hash keys a shard has: 32 hexadecimal digits, ``begin`` included, ``end`` not.

    The last key of all, 32 times ``f``, belongs to the shard that ends there. A shard that was
    split or merged is read-only.
    """

    number: int
    begin: str
    end: str
    status: str
    created: int


@dataclass
class ConsumerGroup:
    """A consumer group.

    Attributes:
        timeout: seconds after which a silent consumer loses its shards.
        checkpoints: by shard number as text: checkpoint, updateTime (epoch microseconds), consumer.
    """

    name: str
    timeout: int
    order: bool
    checkpoints: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Logstore:
    """A Logstore's settings.

    Attributes:
        id: names its folder; never used twice.
        shards: how many it was made with.
        settings: what CreateLogStore was given beside the rest, returned as it came.
        index: the index configuration, None without an index.
        ranges: its shards, by number; made from ``shards`` if there are none.
    """

    id: int
    name: str
    ttl_days: int
    shards: int
    created: int
    settings: dict[str, Any] = field(default_factory=dict)
    index: dict[str, Any] | None = None
    ranges: list[ShardRange] = field(default_factory=list)
    groups: dict[str, ConsumerGroup] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    modified: int = 0

    def __post_init__(self) -> None:
        if not self.ranges:
            bounds = [-(-_KEYS * place // self.shards) for place in range(self.shards)]
            keys = [f"{bound:032x}" for bound in [*bounds, _KEYS - 1]]
            self.ranges = [
                ShardRange(number, begin, end, READ_WRITE, self.created)
                for number, (begin, end) in enumerate(itertools.pairwise(keys))
            ]


@dataclass
class Project:
    """A project and its Logstores."""

    name: str
    description: str
    created: int
    modified: int
    logstores: dict[str, Logstore] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class Catalogue:
    """All projects. Every change is on disk when the method returns."""

    def __init__(self, path: Path) -> None:
        """Read ``path`` if it is there."""
        self._path = path
        self._next_id = 1
        self.projects: dict[str, Project] = {}
        if path.exists():
            self._load(json.loads(path.read_text("utf-8")))

    def project(self, name: str) -> Project:
        """Raises ServiceError ProjectNotExist."""
        if name not in self.projects:
            raise ServiceError("ProjectNotExist", f"The Project does not exist : {name}")
        return self.projects[name]

    def logstore(self, project: str, name: str) -> Logstore:
        """Raises ServiceError ProjectNotExist, LogStoreNotExist."""
        stores = self.project(project).logstores
        if name not in stores:
            raise ServiceError("LogStoreNotExist", f"logstore {name} does not exist")
        return stores[name]

    def create_project(self, name: str, description: str) -> None:
        """Raises ServiceError ParameterInvalid, ProjectAlreadyExist."""
        if not _PROJECT_NAME.fullmatch(name):
            raise ServiceError("ParameterInvalid", f"projectName {name} is invalid")
        if name in self.projects:
            raise ServiceError("ProjectAlreadyExist", f"Project {name} already exist")
        now = int(time.time())
        self.projects[name] = Project(name, description, now, now)
        self.save()

    def delete_project(self, name: str) -> list[Logstore]:
        """Forget a project; its Logstores. Raises ServiceError ProjectNotExist."""
        gone = self.project(name)
        del self.projects[name]
        self.save()
        return list(gone.logstores.values())

    def create_logstore(
        self, project: str, name: str, ttl_days: int, shards: int, settings: dict[str, Any]
    ) -> Logstore:
        """Raises ServiceError ProjectNotExist, LogStoreInfoInvalid, LogStoreAlreadyExist."""
        stores = self.project(project).logstores
        if not _LOGSTORE_NAME.fullmatch(name):
            raise ServiceError("LogStoreInfoInvalid", f"logstoreName {name} is invalid")
        check_ttl(ttl_days)
        _check_number("shardCount", shards, MAX_SHARDS)
        if name in stores:
            raise ServiceError("LogStoreAlreadyExist", f"logstore {name} already exists")
        made = Logstore(self._next_id, name, ttl_days, shards, int(time.time()), settings)
        self._next_id += 1
        stores[name] = made
        self.save()
        return made

    def delete_logstore(self, project: str, name: str) -> Logstore:
        """Forget a Logstore. Raises ServiceError ProjectNotExist, LogStoreNotExist."""
        gone = self.logstore(project, name)
        del self.project(project).logstores[name]
        self.save()
        return gone

    def save(self) -> None:
        """Write everything."""
        content = {
            "next_id": self._next_id,
            "projects": [asdict(project) for project in self.projects.values()],
        }
        write_private(self._path, json.dumps(content, indent=1).encode())

    def _load(self, content: dict[str, Any]) -> None:
        self._next_id = content["next_id"]
        for item in content["projects"]:
            stores = {name: _logstore(store) for name, store in item.pop("logstores").items()}
            self.projects[item["name"]] = Project(**item, logstores=stores)


def check_ttl(days: Any) -> None:
    """Raises ServiceError LogStoreInfoInvalid."""
    _check_number("ttl", days, _MAX_TTL_DAYS)


def _logstore(content: dict[str, Any]) -> Logstore:
    ranges = [ShardRange(**each) for each in content.pop("ranges", [])]
    groups = {name: ConsumerGroup(**each) for name, each in content.pop("groups", {}).items()}
    return Logstore(**content, ranges=ranges, groups=groups)


def _check_number(name: str, value: int, largest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise ServiceError("LogStoreInfoInvalid", f"{name} must be 1 to {largest}")
