"""The state of a Security Center: tables in memory, kept in a private SQLite file.

Everything is used on one event loop. What :meth:`Table.put` returned from outlives a ``kill -9``.
Items do not change: put another one with the same id (``dataclasses.replace``).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from core.sandbox.security_center.model import (
    Connector,
    DataSource,
    Policy,
    Product,
    Rule,
    Schema,
    Vendor,
)
from core.sandbox.security_center.model_detection import (
    Alert,
    DetectionRule,
    Incident,
    Note,
    Traffic,
)


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the connection itself commits every statement."""
    database.execute("BEGIN")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


class _Item(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Item)


class Table(Generic[T]):
    """Items of one kind by id, in the order in which they were made."""

    def __init__(self, database: sqlite3.Connection, kind: str, form: type[T]) -> None:
        self._database = database
        self._kind = kind
        rows = database.execute("SELECT id, body FROM items WHERE kind = ? ORDER BY rowid", (kind,))
        self._items: dict[str, T] = {
            name: msgspec.json.decode(body, type=form) for name, body in rows
        }

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, identity: str) -> bool:
        return identity in self._items

    def get(self, identity: str) -> T | None:
        """One item; None if there is none."""
        return self._items.get(identity)

    def all(self) -> list[T]:
        """All items."""
        return list(self._items.values())

    def put(self, *items: T) -> None:
        """Write items, all or none of them; those with a known id replace the old ones."""
        rows = [(self._kind, item.id, msgspec.json.encode(item)) for item in items]
        with _transaction(self._database):
            self._database.executemany(
                "INSERT INTO items (kind, id, body) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                rows,
            )
        self._items.update({item.id: item for item in items})

    def delete(self, *identities: str) -> None:
        """Remove items; those that are not there do not matter."""
        with _transaction(self._database):
            self._database.executemany(
                "DELETE FROM items WHERE kind = ? AND id = ?",
                [(self._kind, identity) for identity in identities],
            )
        for identity in identities:
            self._items.pop(identity, None)


class State:
    """All that there is.

    Attributes:
        account: id of the Alibaba Cloud account.
        playing: names of the scenarios that are on; forgotten at the end of the process.
    """

    def __init__(self, file: Path, account: str) -> None:
        """Open ``file``, made on first use. Raises ``sqlite3.Error`` or OSError if it cannot."""
        if not file.exists():
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        self._database = database = sqlite3.connect(file, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS items "
            "(kind TEXT, id TEXT, body BLOB NOT NULL, UNIQUE (kind, id))"
        )
        self.account = account
        self.playing: set[str] = set()
        self.vendors = Table(database, "vendor", Vendor)
        self.products = Table(database, "product", Product)
        self.schemas = Table(database, "schema", Schema)
        self.rules = Table(database, "rule", Rule)
        self.sources = Table(database, "source", DataSource)
        self.policies = Table(database, "policy", Policy)
        self.detections = Table(database, "detection", DetectionRule)
        self.connectors = Table(database, "connector", Connector)
        self.alerts = Table(database, "alert", Alert)
        self.incidents = Table(database, "incident", Incident)
        self.traffic = Table(database, "traffic", Traffic)
        self.notes = Table(database, "note", Note)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def new_id(prefix: str) -> str:
    """An id as the service gives them: ``ds-`` and twenty letters and digits."""
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return f"{prefix}-{''.join(secrets.choice(alphabet) for _ in range(20))}"


def now_ms() -> int:
    """The time, in epoch milliseconds."""
    return int(time.time() * 1000)
