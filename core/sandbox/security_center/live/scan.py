"""Scan query: the Logstore asked again and again by GetLogs, each log of the last day taken once.

A scan has no beginning of its own: it sees what the Logstore holds in its range (SC-21). Logs come
late and in any order, so counts per interval (GetHistograms) tell where something is new, in two
steps: intervals of 24 minutes, and within one that changed intervals of 24 seconds. Those are read
again, and logs that were taken before are known by their digests.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.sandbox.security_center.live.reading import PORTION, Portion, size_of
from core.sandbox.security_center.live.standardise import Row
from core.sandbox.security_center.log_calls import LogCalls, LogServiceError, UnreachableError
from core.sandbox.security_center.model import Policy, Store
from core.sandbox.security_center.model_detection import Note
from core.sandbox.security_center.state import State

_WIDE = 1440
_NARROW = 24
_INTERVALS = 60
"""GetHistograms gives up to 60; the ranges asked for are 60 times an interval, and aligned."""
_AHEAD = 15 * 60
_LINES = 100

_Interval = tuple[int, int]


@dataclass(frozen=True)
class _Fresh:
    """A log that was read and not taken yet."""

    row: Row
    identity: str
    interval: str
    digest: str


class ScanReader:
    """Reads for one policy. Digests of what was taken are in the state, a note an interval."""

    def __init__(self, state: State, logs: LogCalls, policy: Policy) -> None:
        self._state = state
        self._logs = logs
        self._prefix = f"scan/{policy.id}/"
        self._taken: dict[str, Counter[str]] = {
            note.id: Counter(note.data["digests"])
            for note in state.notes.all()
            if note.id.startswith(self._prefix)
        }
        self._counts: dict[str, int] = {}
        self._fresh: list[_Fresh] = []

    async def next(self, policy: Policy, stores: tuple[Store, ...]) -> Portion | None:
        """See :class:`~core.sandbox.security_center.live.reading.Reader`."""
        if self._fresh:
            return self._portion()
        refusal = None
        for store in stores:
            try:
                await self._scan(policy, store)
            except UnreachableError:
                raise
            except LogServiceError as error:
                refusal = refusal or error
                continue
            if self._fresh:
                return self._portion()
        if refusal is not None:
            raise refusal
        return None

    async def _scan(self, policy: Policy, store: Store) -> None:
        """Find the next interval that holds something new."""
        end = (int(time.time()) + _AHEAD) // _WIDE * _WIDE + _WIDE
        begin = end - _INTERVALS * _WIDE
        self._prune(begin)
        for wide, count in await self._count(store, (begin, end)):
            if self._counts.get(self._name(store, wide), 0) == count:
                continue
            for narrow, inner in await self._count(store, wide):
                known = self._taken.get(self._name(store, narrow), Counter()).total()
                if inner > known and await self._read(policy, store, narrow):
                    return
            self._counts[self._name(store, wide)] = count

    async def _count(self, store: Store, range_: _Interval) -> list[tuple[_Interval, int]]:
        def ask(client: Any) -> list[tuple[_Interval, int]]:
            from aliyun.log import GetHistogramsRequest

            request = GetHistogramsRequest(store.project, store.logstore, *range_, query="*")
            return [
                ((each.get_from(), each.get_to()), each.get_count())
                for each in client.get_histograms(request).get_histograms()
            ]

        return await self._logs.run(ask)

    async def _read(self, policy: Policy, store: Store, interval: _Interval) -> bool:
        """Read an interval anew, and find what was not taken yet; whether there is something."""
        name = self._name(store, interval)
        rows = await self._logs.run(partial(_read_interval, store, interval))
        known = self._taken.get(name, Counter())
        seen: Counter[str] = Counter()
        for row in rows:
            digest = _digest(row)
            seen[digest] += 1
            if seen[digest] > known[digest]:
                identity = f"{policy.id}/{name}/{digest}/{seen[digest]}"
                self._fresh.append(_Fresh(row, identity, name, digest))
        return bool(self._fresh)

    def _portion(self) -> Portion:
        """The first of what was read and not taken yet; all of it is of one interval."""
        part = self._fresh[:PORTION]
        rows = [each.row for each in part]
        return Portion(
            rows, [each.identity for each in part], size_of(rows), partial(self._done, part)
        )

    def _done(self, part: list[_Fresh]) -> Note:
        del self._fresh[: len(part)]
        name = part[0].interval
        taken = self._taken.setdefault(name, Counter())
        taken.update(each.digest for each in part)
        return Note(name, {"digests": dict(taken)})

    def _name(self, store: Store, interval: _Interval) -> str:
        begin, end = interval
        return f"{self._prefix}{store.project}/{store.logstore}/{begin}-{end}"

    def _prune(self, begin: int) -> None:
        """Forget intervals that no range reaches any more."""
        old = [name for name in self._taken if int(name.rpartition("-")[2]) <= begin]
        if old:
            self._state.notes.delete(*old)
            for name in old:
                del self._taken[name]
        for name in [n for n in self._counts if int(n.rpartition("-")[2]) <= begin]:
            del self._counts[name]


def _read_interval(store: Store, interval: _Interval, client: Any) -> list[Row]:
    rows: list[Row] = []
    while True:
        answer = client.get_log(
            store.project, store.logstore, *interval, query="*", offset=len(rows), size=_LINES
        )
        page = [log.get_contents() | _own(log) for log in answer.get_logs()]
        rows += [{name: str(value) for name, value in row.items()} for row in page]
        if len(page) < _LINES:
            return rows


def _own(log: Any) -> dict[str, str]:
    return {"__time__": str(log.get_time()), "__source__": log.get_source() or ""}


def _digest(row: Row) -> str:
    text = "\0".join(f"{name}\0{row[name]}" for name in sorted(row))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
