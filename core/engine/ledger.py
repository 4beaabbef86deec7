"""What the import has done, kept in the state folder: where each partition began and how far it is.

``verify`` reads it. The truth about commits is the consumer group's; the ledger follows it, so
after a crash it may be behind, never ahead.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.logs import event

_FILE = "ledger.json"


@dataclass
class Span:
    """One partition.

    Attributes:
        start: the resolved start: the first offset that this group imports.
        committed: the offset up to which everything is finished.
    """

    start: int
    committed: int


class Ledger:
    """The ledger of one group on one hub.

    Attributes:
        spans: partition -> what is known of it.
        folder: where it is.
        trouble: why it could not be written lately; empty: it could.
    """

    def __init__(self, folder: Path, hub_id: str, group: str) -> None:
        """Read what is in ``folder``; a ledger of another hub or group is set aside."""
        self.folder = folder
        self._path = folder / _FILE
        self._identity = {"hub_id": hub_id, "group": group}
        self.spans: dict[int, Span] = {}
        self.trouble = ""
        data = _read(self._path)
        if data and {key: data.get(key) for key in self._identity} == self._identity:
            self.spans = {
                int(number): Span(int(span["start"]), int(span["committed"]))
                for number, span in data["partitions"].items()
            }
        elif data:
            self._path.replace(self._path.with_suffix(f".{data.get('hub_id', 'old')}.json"))

    def assigned(self, partition: int, start: int, committed: int) -> None:
        """A partition was assigned; ``start`` is the group's resolved start of it."""
        self.spans[partition] = Span(start, committed)

    def committed(self, partition: int, offset: int) -> None:
        """The group has committed ``offset``."""
        span = self.spans.get(partition)
        if span is not None:
            span.committed = max(span.committed, offset)

    def save(self) -> None:
        """Write it atomically. Never raises: a ledger that is behind costs no record."""
        try:
            self._write()
            self.trouble = ""
        except OSError as error:
            if not self.trouble:
                event("ledger.not_written", reason=error.strerror or type(error).__name__)
            self.trouble = error.strerror or type(error).__name__

    def _write(self) -> None:
        data = self._identity | {
            "v": 1,
            "partitions": {str(number): asdict(span) for number, span in self.spans.items()},
        }
        temporary = self._path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)


def _read(path: Path) -> dict[str, Any] | None:
    """The ledger's content; None if there is none, or none of ours (torn by a full disk, say)."""
    try:
        data = json.loads(path.read_text("utf-8"))
        for span in data["partitions"].values():
            int(span["start"]), int(span["committed"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # begin anew: the group knows the truth
    return dict(data)
