"""The shards of every Logstore: where a LogGroup goes and where a cursor points."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from core.sandbox.log_service.catalogue import Logstore
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.wire import ServiceError

_KEYS = 1 << 128
_KEY = re.compile(r"[0-9a-fA-F]{32}")
_POSITION = re.compile(r"[0-9]{1,19}")
_SHARD = re.compile(r"[0-9]{1,9}")


@dataclass
class Shards:
    """The shards of one Logstore. Keys are 128-bit numbers, divided evenly among them."""

    logs: list[ShardLog]
    _next: int = 0

    def balanced(self) -> ShardLog:
        """The shard whose turn it is."""
        self._next = (self._next + 1) % len(self.logs)
        return self.logs[self._next]

    def of_key(self, key: str) -> ShardLog:
        """The shard of a hash key, 32 hexadecimal digits. Raises ServiceError."""
        if not _KEY.fullmatch(key):
            raise ServiceError("ParameterInvalid", f"key {key} is not an MD5 in hexadecimal")
        return self.logs[int(key, 16) * len(self.logs) // _KEYS]

    def numbered(self, text: str) -> ShardLog:
        """Shard number ``text``. Raises ServiceError ShardNotExist."""
        if not _SHARD.fullmatch(text) or int(text) >= len(self.logs):
            raise ServiceError("ShardNotExist", f"Shard {text} does not exist")
        return self.logs[int(text)]

    def key_ranges(self) -> list[tuple[str, str]]:
        """First key and the key after the last of each shard; the last shard has the last key."""
        count = len(self.logs)
        bounds = [-(-_KEYS * place // count) for place in range(count)] + [_KEYS - 1]
        keys = [f"{bound:032x}" for bound in bounds]
        return list(itertools.pairwise(keys))


class Storage:
    """The shards of all Logstores, each Logstore in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[int, Shards] = {}

    def open(self, logstore: Logstore) -> None:
        """Recover the shards of a Logstore. Raises BrokenSegmentError, OSError."""
        folder = self._folder / str(logstore.id)
        logs = [ShardLog(folder / str(number)) for number in range(logstore.shards)]
        self._shards[logstore.id] = Shards(logs)

    def shards(self, logstore: Logstore) -> Shards:
        """The shards of a Logstore that was opened."""
        return self._shards[logstore.id]

    def delete(self, logstore: Logstore) -> None:
        """Remove all LogGroups of a Logstore."""
        for log in self._shards.pop(logstore.id).logs:
            log.delete()

    def all_logs(self) -> list[ShardLog]:
        """Every shard."""
        return [log for shards in self._shards.values() for log in shards.logs]

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
