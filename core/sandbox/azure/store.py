"""What the emulator knows for ever: JSON documents by key, in a private SQLite file.

The key of an ARM resource is its id in lower case; other documents have keys that do not begin
with a slash. What :meth:`Store.put` returned from outlives a ``kill -9``.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Store:
    """All documents, in memory and on disk. Keys are compared without regard to case."""

    def __init__(self, file: Path) -> None:
        """Open ``file``, made on first use; raises ``sqlite3.Error`` or OSError if it cannot."""
        if not file.exists():
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS documents (key TEXT PRIMARY KEY, body TEXT NOT NULL)"
        )
        rows = self._database.execute("SELECT key, body FROM documents")
        self._bodies: dict[str, str] = dict(rows)

    def get(self, key: str) -> Document | None:
        """A copy of one document; None if there is none."""
        body = self._bodies.get(key.lower())
        return None if body is None else json.loads(body)

    def under(self, prefix: str) -> list[tuple[str, Document]]:
        """Keys and copies of all documents whose key begins with ``prefix``, in key order."""
        wanted = prefix.lower()
        keys = sorted(key for key in self._bodies if key.startswith(wanted))
        return [(key, json.loads(self._bodies[key])) for key in keys]

    def put(self, documents: dict[str, Document]) -> None:
        """Write ``documents``, all or none of them."""
        self.change(documents, [])

    def delete(self, *keys: str) -> None:
        """Remove documents; those that are not there do not matter."""
        self.change({}, list(keys))

    def change(self, documents: dict[str, Document], gone: list[str]) -> None:
        """Write ``documents`` and remove ``gone``, all or nothing."""
        rows = [(key.lower(), json.dumps(body)) for key, body in documents.items()]
        self._database.execute("BEGIN")
        try:
            self._database.executemany("DELETE FROM documents WHERE key = ?", _keys(gone))
            self._database.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?)", rows)
            self._database.execute("COMMIT")
        except sqlite3.Error:
            self._database.execute("ROLLBACK")
            raise
        for key in gone:
            self._bodies.pop(key.lower(), None)
        self._bodies.update(rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _keys(keys: list[str]) -> list[tuple[str]]:
    return [(key.lower(),) for key in keys]
