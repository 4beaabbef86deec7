"""Data source health: each Logstore looked at again and again.

A Logstore is abnormal if it or its project is not there, if the role may not read it, or if logs
came once and none came for a day. One that is still empty is normal (SC-22).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

from core.sandbox.security_center.live.reach import reading_refused, status_code
from core.sandbox.security_center.live.waiting import pause
from core.sandbox.security_center.log_calls import LogCalls, LogServiceError, UnreachableError
from core.sandbox.security_center.model import DataSource, Store
from core.sandbox.security_center.state import State, now_ms

_TICK_SECONDS = 0.5
_AGAIN_MS = {"": 0, "normal": 5_000, "abnormal": 2_000}
"""How soon after a look the next one is due, by what was seen."""
QUIET_SECONDS = 24 * 3600.0
NO_NEW_DATA = "NoNewData"


class Health:
    """Keeps the status of all Logstores of all data sources up to date.

    Attributes:
        quiet_seconds: without new logs for so long, a Logstore is abnormal.
    """

    def __init__(self, state: State, logs: LogCalls) -> None:
        self._state = state
        self._logs = logs
        self.quiet_seconds = QUIET_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Look at what is due, until ``stop`` is set."""
        while not stop.is_set():
            for source in self._state.sources.all():
                for store in source.stores:
                    due = store.checked + _AGAIN_MS[store.status] if store.checked else 0
                    if now_ms() >= due and not stop.is_set():
                        await self._check(source, store)
            await pause(stop, _TICK_SECONDS)

    async def _check(self, source: DataSource, store: Store) -> None:
        try:
            code = await self._look(store)
        except UnreachableError:
            return  # that Log Service is down says nothing about the data source
        except LogServiceError as error:
            code = status_code(error)
        current = self._state.sources.get(source.id)
        if current is None:
            return
        now = now_ms()
        status: Any = "abnormal" if code else "normal"
        stores = tuple(
            _checked(each, status, code, now) if each.id == store.id else each
            for each in current.stores
        )
        self._state.sources.put(replace(current, stores=stores))

    async def _look(self, store: Store) -> str:
        """Why the Logstore is abnormal; empty: it is not. Raises LogServiceError."""
        refusal = reading_refused(self._state)
        if refusal is not None:
            raise refusal
        newest = await self._logs.run(lambda client: _newest(client, store))
        quiet = newest > 0 and time.time() - newest > self.quiet_seconds
        return NO_NEW_DATA if quiet else ""


def _checked(store: Store, status: Any, code: str, now: int) -> Store:
    changed = (store.status, store.status_code) != (status, code)
    updated = now if changed else store.updated
    return replace(store, status=status, status_code=code, checked=now, updated=updated)


def _newest(client: Any, store: Store) -> int:
    """When the newest LogGroup was received, in epoch seconds; 0 if there is none."""
    newest = 0
    where = (store.project, store.logstore)
    for shard in client.list_shards(*where).get_shards_info():
        number = int(shard["shardID"])
        end = client.get_end_cursor(*where, number).get_cursor()
        if client.get_begin_cursor(*where, number).get_cursor() == end:
            continue
        received = client.get_previous_cursor_time(*where, number, end).get_cursor_time()
        newest = max(newest, int(received))
    return newest
