"""The Logstores as a job reaches them: inside the service, without its API and its limits.

A job writes logs of up to 3 MB where PutLogs takes 1 MB. (Alibaba Cloud: SLS "Limits on data
import from Kafka".) Its methods block and belong in a thread of a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.sandbox.log_service.catalogue import Catalogue
from core.sandbox.log_service.limits import (
    MAX_KEY_BYTES,
    MAX_LOGS,
    NEWEST_SECONDS,
    OLDEST_SECONDS,
    RESERVED_KEYS,
)
from core.sandbox.log_service.messages import LogGroup
from core.sandbox.log_service.put import Writer
from core.sandbox.log_service.storage import Shards, Storage

_GROUP_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    """What the logs of one LogGroup have in common."""

    topic: str = ""
    source: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NewLog:
    """A log to be written.

    Attributes:
        seconds: its time; outside of the window that the service takes it becomes the clock's
            (assumption SLS-33).
        nanoseconds: after that, None if not known.
    """

    seconds: int
    nanoseconds: int | None
    fields: dict[str, str]
    origin: Origin = Origin()


class Stores:
    """Every Logstore of the service."""

    def __init__(self, catalogue: Catalogue, storage: Storage, writer: Writer) -> None:
        self._catalogue = catalogue
        self._storage = storage
        self._writer = writer

    def check(self, project: str, logstore: str) -> None:
        """Raises ServiceError ProjectNotExist, LogStoreNotExist."""
        self._catalogue.logstore(project, logstore)

    def source(self, project: str, logstore: str) -> tuple[int, Shards]:
        """A Logstore's id and its shards. Raises ServiceError."""
        found = self._catalogue.logstore(project, logstore)
        return found.id, self._storage.shards(found)

    def write(self, project: str, logstore: str, logs: Iterable[NewLog], now: int) -> int:
        """Store logs; how many. They are in the Logstore when it returns.

        Raises ServiceError for a Logstore that is gone, OSError.
        """
        _, shards = self.source(project, logstore)
        written = 0
        for raw, count in _groups(logs, now):
            self._writer.store(raw, count, shards.balanced())
            written += count
        return written


def is_key(name: str) -> bool:
    """Whether a log may have a field of this name."""
    key = name.encode("utf-8", "replace")
    return 0 < len(key) <= MAX_KEY_BYTES and key not in RESERVED_KEYS


def log_size(fields: dict[str, str]) -> int:
    """Bytes of names and values."""
    return sum(len(clean(name)) + len(clean(value)) for name, value in fields.items())


def clean(text: str) -> bytes:
    """``text`` in UTF-8; half a surrogate pair, which JSON can hold, becomes ``?``."""
    return text.encode("utf-8", "replace")


def _groups(logs: Iterable[NewLog], now: int) -> Iterator[tuple[bytes, int]]:
    """LogGroups of logs with the same origin, in their order."""
    group: Any = None
    origin: Origin | None = None
    size = 0
    for log in logs:
        if group is not None and (
            log.origin != origin or size >= _GROUP_BYTES or len(group.Logs) >= MAX_LOGS
        ):
            yield group.SerializeToString(), len(group.Logs)
            group = None
        if group is None:
            group, origin, size = _group(log.origin), log.origin, 0
        size += _add(group, log, now)
    if group is not None:
        yield group.SerializeToString(), len(group.Logs)


def _group(origin: Origin) -> Any:
    group = LogGroup(Topic=origin.topic, Source=origin.source)
    for key, value in origin.tags:
        group.LogTags.add(Key=key, Value=value)
    return group


def _add(group: Any, log: NewLog, now: int) -> int:
    in_window = now - OLDEST_SECONDS <= log.seconds <= now + NEWEST_SECONDS
    added = group.Logs.add(Time=log.seconds if in_window else now)
    if in_window and log.nanoseconds is not None:
        added.Time_ns = log.nanoseconds
    size = 0
    for name, value in log.fields.items():
        key, text = clean(name), clean(value)
        added.Contents.add(Key=key.decode(), Value=text.decode())
        size += len(key) + len(text)
    return size
