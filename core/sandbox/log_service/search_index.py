"""The index behind queries: a DuckDB database that follows the segment files.

It is filled when somebody reads, never when somebody writes, so PutLogs does not wait for it. It
holds nothing that the segments do not: it is thrown away at every start and built again. DuckDB
gets no file but its own, bounded memory, and a bounded time for each query.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.log_service.messages import Group, LogGroup
from core.sandbox.log_service.search_text import refusal
from core.sandbox.log_service.sql_macros import define_macros
from core.sandbox.log_service.storage import Shards

NANOSECONDS = 1_000_000_000
QUERY_SECONDS = 55.0
"""How long one query may take (Alibaba Cloud: SLS "Limits on query and analysis")."""
_BATCH_ROWS = 5000
_BATCH_BYTES = 4 * 1024 * 1024
MOST_FIELD_NAMES = 5000
_SETTINGS = {"threads": 1, "memory_limit": "256MB", "preserve_insertion_order": "false"}
_LOCKED_SETTINGS = (
    "integer_division=true",  # as in Presto
    "enable_external_access=false",
    "lock_configuration=true",
)
_MAP = '"MAP(VARCHAR,VARCHAR)"'
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class _Batch:
    """Rows on their way into the database."""

    moments: list[int] = field(default_factory=list)
    shards: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, shard: int, group: Group, names: set[str]) -> None:
        message = LogGroup.FromString(group.raw)
        common = _common_fields(message)
        for place, log in enumerate(message.Logs):
            fields = _fields(log, common)
            if len(names) <= MOST_FIELD_NAMES:
                names.update(fields)
            row = _encode(fields)
            self.moments.append(log.Time * NANOSECONDS + min(log.Time_ns, NANOSECONDS - 1))
            self.shards.append(shard)
            self.positions.append(group.position)
            self.places.append(place)
            self.rows.append(row)
            self.size += len(row)

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= _BATCH_ROWS or self.size >= _BATCH_BYTES

    def columns(self) -> list[list[Any]]:
        return [self.moments, self.shards, self.positions, self.places, self.rows]


@dataclass(frozen=True)
class Table:
    """One Logstore's rows, and a connection of the reader's own.

    Columns: ``moment`` (epoch nanoseconds), ``shard``, ``position``, ``place``, ``fields`` (a map).

    Attributes:
        name: the table's name.
        field_names: names of fields that occur; incomplete past 5,000 of them.
    """

    name: str
    field_names: frozenset[str]
    _connection: Any

    def run(self, statement: str) -> Any:
        """Execute a statement; its result has ``description``. Raises ServiceError."""
        with _refusing():
            return self._connection.execute(statement)

    def fetch(self, result: Any, rows: int) -> list[tuple[Any, ...]]:
        """The next rows of a result, none at its end. Raises ServiceError."""
        with _refusing():
            found: list[tuple[Any, ...]] = result.fetchmany(rows)
        return found

    def select(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement that has few of them. Raises ServiceError."""
        with _refusing():
            found: list[tuple[Any, ...]] = self._connection.execute(statement).fetchall()
        return found


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """DuckDB's errors as refusals of the query."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise refusal(f"the query took longer than {QUERY_SECONDS:.0f} s") from None
    except duckdb.OutOfMemoryException:
        raise refusal("the query needs too much memory") from None
    except (duckdb.Error, OverflowError, ValueError) as error:  # the last two: a year past 9999
        raise refusal((str(error) or "the query failed").splitlines()[0]) from None


_CLOSE_STEP_SECONDS = 0.01


class SearchIndex:
    """Keeps the database. Thread-safe; its methods block and belong in a worker thread."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened, and DuckDB is not imported, before the first read."""
        self._folder = folder
        self._lock = threading.Lock()
        self._database: Any = None
        self._seen: dict[int, dict[int, int]] = {}
        self._names: dict[int, set[str]] = {}
        self._forgotten: list[int] = []
        self._reading: set[Any] = set()

    @contextlib.contextmanager
    def table(self, logstore: int, shards: Shards) -> Iterator[Table]:
        """A Logstore's rows as they are now; other readers are not waited for while it is used."""
        with self._lock:
            self._catch_up(logstore, shards)
            connection = self._database.cursor()
            self._reading.add(connection)
            names = frozenset(self._names[logstore])
        deadline = threading.Timer(QUERY_SECONDS, connection.interrupt)
        deadline.start()
        try:
            yield Table(f"logs_{logstore:d}", names, connection)
        finally:
            deadline.cancel()
            deadline.join()
            connection.close()
            self._reading.discard(connection)

    def forget(self, logstore: int) -> None:
        """Drop a deleted Logstore's rows at the next read."""
        self._forgotten.append(logstore)

    def close(self) -> None:
        """End what is being read, and close the database."""
        with self._lock:  # no new reader from here on
            # An interrupt that comes between two statements is lost, and a database with a busy
            # cursor refuses to be closed.
            while reading := list(self._reading):
                for connection in reading:
                    connection.interrupt()
                time.sleep(_CLOSE_STEP_SECONDS)
            if self._database is not None:
                self._database.close()
                self._database = None

    def _catch_up(self, logstore: int, shards: Shards) -> None:
        if self._database is None:
            self._open()
        while self._forgotten:
            gone = self._forgotten.pop()
            self._database.execute(f"DROP TABLE IF EXISTS logs_{gone:d}")
            self._seen.pop(gone, None)
            self._names.pop(gone, None)
        if logstore not in self._seen:
            self._database.execute(
                f"CREATE TABLE logs_{logstore:d} (moment BIGINT, shard INTEGER, position BIGINT, "
                "place INTEGER, fields MAP(VARCHAR, VARCHAR))"
            )
            self._seen[logstore], self._names[logstore] = {}, set()
        batch = _Batch()
        for shard, group in _unseen(shards, self._seen[logstore]):
            batch.add(shard, group, self._names[logstore])
            if batch.is_full:
                self._insert(logstore, batch)
                batch = _Batch()
        if batch.rows:
            self._insert(logstore, batch)

    def _insert(self, logstore: int, batch: _Batch) -> None:
        self._database.execute(
            f"INSERT INTO logs_{logstore:d} SELECT unnest(?::BIGINT[]), unnest(?::INTEGER[]), "
            "unnest(?::BIGINT[]), unnest(?::INTEGER[]), "
            f"from_json(unnest(?::VARCHAR[]), '{_MAP}')",
            batch.columns(),
        )
        for shard, position in zip(batch.shards, batch.positions, strict=True):
            self._seen[logstore][shard] = position + 1

    def _open(self) -> None:
        import duckdb

        for old in self._folder.glob("search.duckdb*"):
            old.unlink()
        self._seen.clear()
        self._names.clear()
        spill = {"temp_directory": str(self._folder / "search.spill")}
        database = duckdb.connect(
            str(self._folder / "search.duckdb"), config={**_SETTINGS, **spill}
        )
        define_macros(database)
        for setting in _LOCKED_SETTINGS:  # for all connections
            database.execute(f"SET GLOBAL {setting}")
        self._database = database


def _unseen(shards: Shards, seen: dict[int, int]) -> Iterator[tuple[int, Group]]:
    """Shard number and LogGroup of all that was stored since."""
    for number, log in list(shards.logs.items()):
        for group in log.read(seen.get(number, 0), log.end):
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
