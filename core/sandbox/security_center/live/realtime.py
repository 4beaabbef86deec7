"""Real-time consumption: shard by shard by PullLogs, with cursors of the policy's own.

It begins at the second in which the policy was enabled (SC-20). A shard that appears later is read
from that second too, which is its beginning. (SLS "PullLogs", "GetCursor", "ListShards".)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.sandbox.security_center.live.reading import PORTION, Portion, rows_of, size_of
from core.sandbox.security_center.live.standardise import Row
from core.sandbox.security_center.log_calls import LogCalls, LogServiceError, UnreachableError
from core.sandbox.security_center.model import Policy, Store
from core.sandbox.security_center.model_detection import Note
from core.sandbox.security_center.state import State

_SHARDS_SECONDS = 5.0
_GROUPS = 200
_GONE = frozenset({"ProjectNotExist", "LogStoreNotExist", "ShardNotExist", "LogStoreWithoutShard"})


@dataclass
class _Page:
    """LogGroups that were pulled, and how many of their rows were taken."""

    shard: str
    cursor: str
    following: str
    rows: list[Row]
    taken: int = 0


class RealtimeReader:
    """Reads for one policy. Its cursors are in the state (:class:`Note` ``cursors/<policy>``)."""

    def __init__(self, state: State, logs: LogCalls, policy: Policy) -> None:
        self._state = state
        self._logs = logs
        self._note = f"cursors/{policy.id}"
        self._since = policy.activated
        kept = state.notes.get(self._note)
        self._places: dict[str, list[Any]] = {}
        if kept is not None and kept.data["since"] == policy.activated:
            self._places = {name: list(place) for name, place in kept.data["places"].items()}
        self._page: _Page | None = None
        self._shards: dict[str, list[int]] = {}
        self._listed = 0.0
        self._turn = 0

    async def next(self, policy: Policy, stores: tuple[Store, ...]) -> Portion | None:
        """See :class:`~core.sandbox.security_center.live.reading.Reader`."""
        if self._page is None:
            await self._pull(stores)
        page = self._page
        if page is None:
            return None
        rows = page.rows[page.taken : page.taken + PORTION]
        identities = [
            f"{policy.id}/{page.shard}/{page.cursor}/{page.taken + place}"
            for place in range(len(rows))
        ]
        return Portion(rows, identities, size_of(rows), partial(self._done, page, len(rows)))

    def _done(self, page: _Page, rows: int) -> Note:
        page.taken += rows
        if page.taken < len(page.rows):
            self._places[page.shard] = [page.cursor, page.taken]
        else:
            self._places[page.shard] = [page.following, 0]
            self._page = None
        return self._places_note()

    def _save(self) -> None:
        self._state.notes.put(self._places_note())

    def _places_note(self) -> Note:
        return Note(self._note, {"since": self._since, "places": dict(self._places)})

    async def _pull(self, stores: tuple[Store, ...]) -> None:
        """Look at every shard once, from the one after the last that had something.

        A Logstore that cannot be read does not hold up the others; its error is raised at the end.
        """
        wanted, refusal = await self._all_shards(stores)
        for step in range(len(wanted)):
            place = (self._turn + step) % len(wanted)
            try:
                page = await self._pull_shard(*wanted[place])
            except UnreachableError:
                raise
            except LogServiceError as error:
                refusal = refusal or error
                continue
            if page is not None:
                self._page, self._turn = page, place + 1
                return
        if refusal is not None:
            raise refusal

    async def _all_shards(
        self, stores: tuple[Store, ...]
    ) -> tuple[list[tuple[Store, int]], LogServiceError | None]:
        now = time.monotonic()
        if now - self._listed >= _SHARDS_SECONDS:
            self._shards, self._listed = {}, now
        refusal = None
        for store in stores:
            if _key(store) not in self._shards:
                try:
                    self._shards[_key(store)] = await self._list_shards(store)
                except UnreachableError:
                    raise
                except LogServiceError as error:
                    refusal = refusal or error
        found = [(s, shard) for s in stores for shard in self._shards.get(_key(s), ())]
        return found, refusal

    async def _list_shards(self, store: Store) -> list[int]:
        def ask(client: Any) -> list[int]:
            listed = client.list_shards(store.project, store.logstore).get_shards_info()
            return sorted(int(shard["shardID"]) for shard in listed)

        try:
            return await self._logs.run(ask)
        except LogServiceError as error:
            if error.code in _GONE:
                self._forget(store)
            raise

    async def _pull_shard(self, store: Store, shard: int) -> _Page | None:
        key = f"{_key(store)}/{shard}"
        cursor, taken = self._places.get(key, ["", 0])
        since = self._since // 1000

        def ask(client: Any) -> tuple[str, str, list[Row]]:
            where = (store.project, store.logstore, shard)
            begin = cursor or client.get_cursor(*where, since).get_cursor()
            answer = client.pull_logs(*where, begin, count=_GROUPS)
            groups = answer.get_loggroup_list().LogGroups
            rows = [row for group in groups for row in rows_of(group)]
            return begin, answer.get_next_cursor(), rows

        try:
            begin, following, rows = await self._logs.run(ask)
        except LogServiceError as error:
            if error.code in _GONE:
                self._forget(store)
            elif error.code == "InvalidCursor":  # of a Logstore that was made anew
                self._places.pop(key, None)
                self._save()
            raise
        if len(rows) > taken:
            return _Page(key, begin, following, rows, taken)
        if following != cursor:
            self._places[key] = [following, 0]
            self._save()
        return None

    def _forget(self, store: Store) -> None:
        """Cursors of a Logstore that is gone: one that is made anew is read from its beginning."""
        self._shards.pop(_key(store), None)
        gone = [key for key in self._places if key.startswith(f"{_key(store)}/")]
        for key in gone:
            del self._places[key]
        if gone:
            self._save()


def _key(store: Store) -> str:
    return f"{store.project}/{store.logstore}"
