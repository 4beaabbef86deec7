"""Committed offsets of all consumer groups, and the journal that keeps them over a restart.

The journal is a text file, one JSON value a line, written before a commit is answered:
``[group, [[topic, partition, offset, leader epoch, metadata, time], ...]]`` commits, an offset of
-1 takes one away, ``[group, null]`` a whole group, ``[null, topic]`` a topic in all groups. A line
that was cut short by the end of the process ends the journal. As partitions do, it outlives the
process, not a power failure.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_METADATA_BYTES = 1024
"""Event Hubs' limit: "azure-event-hubs Apache Kafka troubleshooting guide"."""
_COMPACT_AT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Commit:
    """A committed offset as the client sent it; ``time``: when, in seconds since 1970."""

    offset: int
    leader_epoch: int
    metadata: str
    time: float = field(default=0.0, compare=False)


TopicPartition = tuple[str, int]


class CommittedOffsets:
    """Offsets by group, topic and partition."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._groups: dict[str, dict[TopicPartition, Commit]] = {}
        self._size = self._load()
        self._compact_at = max(_COMPACT_AT_BYTES, 2 * self._size)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o600)

    def __contains__(self, group: str) -> bool:
        """Whether the group has a committed offset."""
        return group in self._groups

    @property
    def groups(self) -> list[str]:
        """Groups that have a committed offset."""
        return list(self._groups)

    def of(self, group: str) -> dict[TopicPartition, Commit]:
        """The commits of a group, empty if it has none."""
        return dict(self._groups.get(group, {}))

    def find(self, group: str, topic: str, partition: int) -> Commit | None:
        """One commit."""
        return self._groups.get(group, {}).get((topic, partition))

    def commit(self, group: str, commits: dict[TopicPartition, Commit]) -> None:
        """Keep ``commits``, now if they have no time; ``OSError`` if they cannot be written."""
        now = round(time.time(), 3)
        rows = [
            [topic, partition, item.offset, item.leader_epoch, item.metadata, item.time or now]
            for (topic, partition), item in commits.items()
        ]
        self._write([group, rows])

    def remove(self, group: str, keys: Iterable[TopicPartition]) -> None:
        """Take commits of a group away."""
        self._write([group, [[topic, partition, -1, -1, "", 0] for topic, partition in keys]])

    def older_than(self, group: str, moment: float) -> list[TopicPartition]:
        """What ``group`` committed before ``moment`` (seconds since 1970)."""
        commits = self._groups.get(group, {})
        return [key for key, item in commits.items() if item.time < moment]

    def forget_group(self, group: str) -> None:
        """Take all commits of a group away."""
        if group in self._groups:
            self._write([group, None])

    def forget_topic(self, topic: str) -> None:
        """Take the commits for a deleted hub away, in all groups."""
        self._write([None, topic])

    def close(self) -> None:
        """Close the journal."""
        os.close(self._descriptor)

    def _write(self, entry: list[Any]) -> None:
        data = json.dumps(entry).encode() + b"\n"
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)
        self._apply(entry)
        if self._size > self._compact_at:
            self._compact()

    def _apply(self, entry: list[Any]) -> None:
        group, rows = entry
        if group is None:
            for commits in self._groups.values():
                for key in [key for key in commits if key[0] == rows]:
                    del commits[key]
        elif rows is None:
            self._groups.pop(group, None)
        else:
            commits = self._groups.setdefault(group, {})
            for topic, partition, offset, *more in rows:
                if offset < 0:
                    commits.pop((topic, partition), None)
                else:
                    commits[topic, partition] = Commit(offset, *more)
        self._groups = {name: commits for name, commits in self._groups.items() if commits}

    def _load(self) -> int:
        """Apply the journal, cut off what is no whole line; its size."""
        if not self._path.exists():
            return 0
        sound = 0
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._apply(json.loads(line))
                sound += len(line)
        os.truncate(self._path, sound)
        return sound

    def _compact(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        compacted = CommittedOffsets(fresh)
        for group, commits in self._groups.items():
            compacted.commit(group, commits)
        compacted.close()
        os.close(self._descriptor)
        fresh.replace(self._path)
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        self._size = compacted._size
        self._compact_at = max(_COMPACT_AT_BYTES, 2 * self._size)
