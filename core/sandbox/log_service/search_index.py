"""The index behind GetLogs: a DuckDB database that follows the segment files.

It is filled when somebody reads, never when somebody writes, so PutLogs does not wait for it. It
holds nothing that the segments do not: it is thrown away at every start and built again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.log_service.messages import Group, LogGroup
from core.sandbox.log_service.storage import Shards

_NANOSECONDS = 1_000_000_000
_BATCH_ROWS = 5000
_BATCH_BYTES = 4 * 1024 * 1024
_SETTINGS = {"threads": 1, "memory_limit": "256MB", "preserve_insertion_order": "false"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Window:
    """Which logs are asked for: from ``start_ns`` on, before ``end_ns``, of a topic if given."""

    start_ns: int
    end_ns: int
    topic: str = ""


@dataclass
class _Batch:
    """Rows on their way into the database."""

    moments: list[int] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    shards: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, shard: int, group: Group) -> None:
        message = LogGroup.FromString(group.raw)
        common = _common_fields(message)
        for place, log in enumerate(message.Logs):
            row = _encode(_fields(log, common))
            self.moments.append(log.Time * _NANOSECONDS + min(log.Time_ns, _NANOSECONDS - 1))
            self.topics.append(message.Topic)
            self.shards.append(shard)
            self.positions.append(group.position)
            self.places.append(place)
            self.rows.append(row)
            self.size += len(row)

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= _BATCH_ROWS or self.size >= _BATCH_BYTES

    def columns(self) -> list[list[Any]]:
        return [self.moments, self.topics, self.shards, self.positions, self.places, self.rows]


class SearchIndex:
    """Finds logs by time. Thread-safe; its methods block and belong in a worker thread."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened, and DuckDB is not imported, before the first read."""
        self._folder = folder
        self._lock = threading.Lock()
        self._database: Any = None
        self._seen: dict[int, list[int]] = {}
        self._forgotten: list[int] = []

    def rows(
        self, logstore: int, shards: Shards, window: Window, reverse: bool, line: int, offset: int
    ) -> list[str]:
        """``line`` logs from the ``offset``-th on in order of time, each as a JSON object."""
        with self._lock:
            self._catch_up(logstore, shards)
            way = "DESC" if reverse else "ASC"
            order = ", ".join(f"{name} {way}" for name in ("moment", "shard", "position", "place"))
            found = self._select(
                logstore, "fields", window, f"ORDER BY {order} LIMIT {line:d} OFFSET {offset:d}"
            )
        return [row[0] for row in found]

    def counts(self, logstore: int, shards: Shards, windows: list[Window]) -> list[int]:
        """How many logs each of the windows holds."""
        with self._lock:
            self._catch_up(logstore, shards)
            return [self._select(logstore, "count(*)", each)[0][0] for each in windows]

    def forget(self, logstore: int) -> None:
        """Drop a deleted Logstore's rows at the next read."""
        self._forgotten.append(logstore)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _select(
        self, logstore: int, what: str, window: Window, ending: str = ""
    ) -> list[tuple[Any, ...]]:
        parameters: list[Any] = [window.start_ns, window.end_ns]
        topic = ""
        if window.topic:
            topic = "AND topic = ?"
            parameters.append(window.topic)
        # Only numbers and names of this module are put into the text.
        text = (
            f"SELECT {what} FROM logs_{logstore:d} "  # noqa: S608
            f"WHERE moment >= ? AND moment < ? {topic} {ending}"
        )
        found: list[tuple[Any, ...]] = self._database.execute(text, parameters).fetchall()
        return found

    def _catch_up(self, logstore: int, shards: Shards) -> None:
        if self._database is None:
            self._open()
        while self._forgotten:
            gone = self._forgotten.pop()
            self._database.execute(f"DROP TABLE IF EXISTS logs_{gone:d}")
            self._seen.pop(gone, None)
        if logstore not in self._seen:
            self._database.execute(
                f"CREATE TABLE logs_{logstore:d} (moment BIGINT, topic VARCHAR, shard INTEGER, "
                "position BIGINT, place INTEGER, fields VARCHAR)"
            )
            self._seen[logstore] = [0] * len(shards.logs)
        batch = _Batch()
        for shard, group in _unseen(shards, self._seen[logstore]):
            batch.add(shard, group)
            if batch.is_full:
                self._insert(logstore, batch)
                batch = _Batch()
        if batch.rows:
            self._insert(logstore, batch)

    def _insert(self, logstore: int, batch: _Batch) -> None:
        self._database.execute(
            f"INSERT INTO logs_{logstore:d} SELECT unnest(?::BIGINT[]), "
            "unnest(?::VARCHAR[]), unnest(?::INTEGER[]), unnest(?::BIGINT[]), "
            "unnest(?::INTEGER[]), unnest(?::VARCHAR[])",
            batch.columns(),
        )
        for shard, position in zip(batch.shards, batch.positions, strict=True):
            self._seen[logstore][shard] = position + 1

    def _open(self) -> None:
        import duckdb

        for old in self._folder.glob("search.duckdb*"):
            old.unlink()
        self._seen.clear()
        spill = {"temp_directory": str(self._folder / "search.spill")}
        self._database = duckdb.connect(
            str(self._folder / "search.duckdb"), config={**_SETTINGS, **spill}
        )


def _unseen(shards: Shards, seen: list[int]) -> Iterator[tuple[int, Group]]:
    """Shard number and LogGroup of all that was stored since."""
    for number, log in enumerate(shards.logs):
        for group in log.read(seen[number], log.end):
            yield number, group


def _common_fields(message: Any) -> dict[str, str]:
    """What every log of a LogGroup shows of it. (Alibaba Cloud: SLS "GetLogs", example.)"""
    tags = {f"__tag__:{tag.Key}": tag.Value for tag in message.LogTags}
    return {"__topic__": message.Topic, "__source__": message.Source, **tags}


def _fields(log: Any, common: dict[str, str]) -> dict[str, str]:
    fields = {"__time__": str(log.Time), **common}
    if log.HasField("Time_ns"):
        fields["__time_ns_part__"] = str(log.Time_ns)
    for content in log.Contents:
        fields[content.Key] = content.Value
    return fields
