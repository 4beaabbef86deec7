"""Records of the tail as a file: CSV for spreadsheets, JSON Lines for programs.

Both hold whole records, not only what a table shows of them: the own fields first, then all others
in the order of their first appearance. Figures and times stand as they are stored.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

OWN = ("event_time", "event_service", "event_uid")


def stored_log(row: dict[str, Any]) -> dict[str, str]:
    """A row of the tail as the log that is stored: its own fields, then all others."""
    fields: dict[str, str] = row["fields"]
    return {name: str(row.get(name, "")) for name in OWN} | fields


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object a line; how many. Raises OSError, and leaves ``path`` as it was."""
    count = 0
    with _whole(path) as file:
        for row in rows:
            file.write(json.dumps(stored_log(row), ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write a table with one column for each field (RFC 4180, UTF-8 with a byte order mark).

    A field that a record lacks is empty. Returns how many records; raises OSError, and leaves
    ``path`` as it was.
    """
    logs = [stored_log(row) for row in rows]
    columns = list(dict.fromkeys([*OWN, *(name for log in logs for name in log)]))
    with _whole(path, "utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([log.get(name, "") for name in columns] for log in logs)
    return len(logs)


class _whole:  # noqa: N801 - used as a function
    """The file at ``path``, written whole or not at all; others may not read it (0600)."""

    def __init__(self, path: Path, encoding: str = "utf-8", newline: str = "\n") -> None:
        self._path, self._encoding, self._newline = path, encoding, newline
        self._new = path.with_name(f".{path.name}.new")

    def __enter__(self) -> TextIO:
        self._new.unlink(missing_ok=True)
        descriptor = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: TextIO = os.fdopen(
            descriptor, "w", encoding=self._encoding, newline=self._newline
        )
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._file.close()
        if kind is None:
            self._new.replace(self._path)
        else:
            self._new.unlink(missing_ok=True)
