"""One reader of the tail: decodes, filters, keeps to its bounds, and counts what it left out.

Of the records since the reader began: ``total`` went by; ``hits`` were found to match the filter;
``shown`` were given out as rows; ``dropped`` were not, although they matched or because nobody
could look at them in time. The rest was looked at and did not match, so
``total = shown + dropped + not matching`` at all times.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.engine.log_group import entry_fields, take_apart
from core.engine.tail_ring import TailRing
from core.records.filters import Filter

_ROW_BYTES_PER_SECOND = 4 * 1024 * 1024
_OWN_FIELDS = ("event_uid", "event_service", "event_time")


@dataclass(frozen=True)
class Frame:
    """What a reader is given at one moment.

    Attributes:
        rows: records, oldest first: ``event_uid``, ``event_service``, ``event_time``, ``fields``
            (all other fields of the stored log), ``matches`` (detections; none yet).
        shown, hits, total, dropped: records since the reader began; see the module.
    """

    rows: list[dict[str, Any]]
    shown: int
    hits: int
    total: int
    dropped: int

    def as_json(self) -> dict[str, Any]:
        """The frame as the stream and the command line show it."""
        return dict(self.__dict__)


def row(fields: dict[str, str]) -> dict[str, Any]:
    """A stored log's fields as a row of the tail."""
    own = {name: fields.get(name, "") for name in _OWN_FIELDS}
    rest = {name: text for name, text in fields.items() if name not in own}
    return own | {"fields": rest, "matches": []}


@dataclass
class _Allowance:
    """So much a second; what is not used is kept for one second."""

    per_second: float
    left: float = 0.0
    _then: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.left = self.per_second

    def refill(self) -> None:
        now = time.monotonic()
        self.left = min(self.per_second, self.left + (now - self._then) * self.per_second)
        self._then = now


class TailReader:
    """Follows a :class:`TailRing`. One thread."""

    def __init__(
        self, ring: TailRing, wanted: Filter | None, rows_per_second: int, last: int = 0
    ) -> None:
        """``wanted``: which records; None: all. ``last``: begin with so many that went by already.

        ``rows_per_second`` bounds the rows; a second bound holds their bytes.
        """
        self._ring = ring
        self._wanted = wanted
        self._position = ring.head
        if last > 0:
            kept = ring.read(max(0, ring.head - last))
            self._position = max(kept[0].first, ring.head - last) if kept else ring.head
        self._start = self._position
        self._rows = _Allowance(rows_per_second)
        self._bytes = _Allowance(_ROW_BYTES_PER_SECOND)
        self._shown = 0
        self._hits = 0
        self._unseen = 0

    @property
    def is_behind(self) -> bool:
        """Whether there are records that this reader has not come by."""
        return self._position < self._ring.head

    def frame(self, seconds: float = 0.01) -> Frame:
        """What is new. Looks at records for about ``seconds`` at the most; the rest waits."""
        self._rows.refill()
        self._bytes.refill()
        rows: list[dict[str, Any]] = []
        deadline = time.thread_time() + seconds
        for chunk in self._ring.read(self._position):
            if chunk.first > self._position:  # forgotten before this reader came by
                self._unseen += chunk.first - self._position
                self._position = chunk.first
            if self._wanted is None and self._rows.left < 1:
                self._pass_by(chunk.first + chunk.count)
                continue
            self._look_at(chunk.group, chunk.first, rows, deadline)
            if time.thread_time() > deadline:
                break
        total = self._position - self._start
        not_shown = self._hits - self._shown
        return Frame(rows, self._shown, self._hits, total, not_shown + self._unseen)

    def _pass_by(self, position: int) -> None:
        """Every record matches and none can be shown any more: no need to decode them."""
        self._hits += position - self._position
        self._position = position

    def _look_at(
        self, group: bytes, first: int, rows: list[dict[str, Any]], deadline: float
    ) -> None:
        for number, entry in enumerate(_entries(group), first):
            if number < self._position:
                continue
            if number % 16 == 0 and time.thread_time() > deadline:
                return
            self._position = number + 1
            room = self._rows.left >= 1 and self._bytes.left > 0
            if self._wanted is None and not room:
                self._hits += 1
                continue
            fields = entry_fields(entry)
            if self._wanted is not None and not self._wanted.matches(fields):
                continue
            self._hits += 1
            if room:
                self._rows.left -= 1
                self._bytes.left -= len(entry)
                self._shown += 1
                rows.append(row(fields))


def _entries(group: bytes) -> Iterator[bytes]:
    entries, _ = take_apart(group)
    return iter(entries)
