"""The shards of every Logstore: where a LogGroup goes and where a cursor points."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path

from core.sandbox.log_service.catalogue import READ_WRITE, Logstore, ShardRange
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.wire import ServiceError

_LAST_KEY = "f" * 32
_KEY = re.compile(r"[0-9a-fA-F]{32}")
_POSITION = re.compile(r"[0-9]{1,19}")
_SHARD = re.compile(r"[0-9]{1,9}")


@dataclass
class Shards:
    """The shards of one Logstore, open.

    Attributes:
        logs: what is in them, by shard number.
        ranges: which keys they have; the catalogue's own list, so that a split shows at once.
    """

    logs: dict[int, ShardLog]
    ranges: list[ShardRange]
    _next: int = 0

    def balanced(self) -> ShardLog:
        """The writable shard whose turn it is."""
        writable = [each for each in self.ranges if each.status == READ_WRITE]
        turn = (self._next + 1) % len(writable)
        self._next = turn  # a job's thread may change it meanwhile
        return self.logs[writable[turn].number]

    def of_key(self, key: str) -> ShardLog:
        """The writable shard of a hash key, 32 hexadecimal digits. Raises ServiceError."""
        if not _KEY.fullmatch(key):
            raise ServiceError("ParameterInvalid", f"key {key} is not an MD5 in hexadecimal")
        key = key.lower()
        for each in self.ranges:
            fits = each.begin <= key < each.end or key == each.end == _LAST_KEY
            if each.status == READ_WRITE and fits:
                return self.logs[each.number]
        raise ServiceError("ShardNotExist", f"no shard has key {key}")  # pragma: no cover

    def range_of(self, text: str) -> ShardRange:
        """The range of shard number ``text``. Raises ServiceError ShardNotExist."""
        if not _SHARD.fullmatch(text) or int(text) >= len(self.ranges):
            raise ServiceError("ShardNotExist", f"Shard {text} does not exist")
        return self.ranges[int(text)]

    def numbered(self, text: str) -> ShardLog:
        """Shard number ``text``. Raises ServiceError ShardNotExist."""
        return self.logs[self.range_of(text).number]


class Storage:
    """The shards of all Logstores, each Logstore in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[int, Shards] = {}

    def open(self, logstore: Logstore) -> None:
        """Recover the shards of a Logstore. Raises BrokenSegmentError, OSError."""
        self._shards[logstore.id] = Shards({}, logstore.ranges)
        self.open_new_shards(logstore)

    def open_new_shards(self, logstore: Logstore) -> None:
        """Open the shards that a Logstore got since it was opened."""
        folder = self._folder / str(logstore.id)
        logs = self._shards[logstore.id].logs
        for each in logstore.ranges:
            if each.number not in logs:
                logs[each.number] = ShardLog(folder / str(each.number))

    def shards(self, logstore: Logstore) -> Shards:
        """The shards of a Logstore that was opened."""
        return self._shards[logstore.id]

    def delete(self, logstore: Logstore) -> None:
        """Remove all LogGroups of a Logstore."""
        for log in self._shards.pop(logstore.id).logs.values():
            log.delete()

    def all_logs(self) -> list[ShardLog]:
        """Every shard."""
        return [log for shards in self._shards.values() for log in shards.logs.values()]

    def close(self) -> None:
        """Close every file."""
        for log in self.all_logs():
            log.close()


def cursor_of(position: int) -> str:
    """The cursor of a position: base64 of its digits."""
    return base64.b64encode(str(position).encode()).decode()


def position_of(cursor: str, end: int) -> int:
    """The position of a cursor, 0 to ``end``. Raises ServiceError InvalidCursor."""
    try:
        digits = base64.b64decode(cursor.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        digits = ""
    if not _POSITION.fullmatch(digits) or int(digits) > end:
        raise ServiceError("InvalidCursor", f"Cursor {cursor} is invalid")
    return int(digits)
