"""The traffic as a child process: its commands, its ledger, and sending at a rate."""

from __future__ import annotations

import asyncio
import base64
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.sandbox.process import CommandTable, dispatch
from core.sandbox.traffic.generator import Message, Span
from core.sandbox.traffic.kinds import kinds_of
from core.sandbox.traffic.ledger import Ledger
from core.sandbox.traffic.plan import are_made
from core.sandbox.traffic.sender import Sender, Target

_CHUNK = 5_000
"""Records that are reserved at a time; the ledger is written to disk once for each chunk."""

_SPAN_SECONDS = 60
"""How old a base time may be when more is sent."""

_TICK_SECONDS = 0.2


class TrafficEmulator:
    """Sends records and keeps account of them in ``folder/sent.json``."""

    def __init__(
        self, folder: Path, target: Target, seed: int, kinds: Iterable[str] | None = None
    ) -> None:
        """``kinds``: the log categories to send records of; None: all.

        A folder that has a ledger keeps its seed and kinds. Raises LedgerError, OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "sent.json"
        self._ledger = self._read(seed, kinds)
        self._generator = self._ledger.generator()
        self._sends = are_made(kinds_of(self._ledger.kinds))
        self._sender = Sender(target)
        self._lock = asyncio.Lock()
        self._rate = 0.0
        self._at_least = 0
        self._background: asyncio.Task[None] | None = None
        self._error = ""
        self._commands: CommandTable = {
            "send": self._send,
            "rate": self._set_rate,
            "send_raw": self._send_raw,
            "state": self._state,
        }

    async def start(self) -> dict[str, Any]:
        """What the parent learns first."""
        return {
            "seed": self._ledger.seed,
            "kinds": self._ledger.kinds,
            "ledger": str(self._path),
        }

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command. Raises ValueError, OSError (DeliveryError is one)."""
        return await dispatch(self._commands, do, arguments)

    async def stop(self) -> None:
        """Stop sending, write down what was acknowledged."""
        self._sender.hurry()
        await self._set_rate(0)
        async with self._lock:
            await asyncio.to_thread(self._sender.close)

    def _read(self, seed: int, kinds: Iterable[str] | None) -> Ledger:
        if self._path.exists():
            return Ledger.read(self._path)
        return Ledger(seed, kinds=None if kinds is None else tuple(sorted(set(kinds))))

    async def _send(self, records: int) -> dict[str, Any]:
        if records < 0:
            raise ValueError("records is negative")
        async with self._lock:
            return await asyncio.to_thread(self._send_now, int(records))

    async def _set_rate(self, records_per_second: float, at_least: int = 0) -> dict[str, Any]:
        """``at_least``: records that the hub is to have soon, whatever the rate."""
        if records_per_second < 0 or at_least < 0:
            raise ValueError("records_per_second or at_least is negative")
        self._rate, self._at_least = float(records_per_second), int(at_least)
        if self._is_to_send():
            if self._background is None or self._background.done():
                self._background = asyncio.create_task(self._keep_sending())
        elif self._background is not None:
            task, self._background = self._background, None
            await task
        return {"records_per_second": self._rate}

    def _is_to_send(self) -> bool:
        return self._sends and bool(self._rate or self._owed())

    def _owed(self) -> int:
        return max(0, self._at_least - self._ledger.records_acknowledged())

    async def _send_raw(self, values: list[str], partition: int | None = None) -> dict[str, Any]:
        raw = [base64.b64decode(value, validate=True) for value in values]
        async with self._lock:
            places = await asyncio.to_thread(self._sender.send_raw, raw, partition)
        return {
            "messages": len(raw),
            "bytes": sum(map(len, raw)),
            "places": [{"partition": number, "offset": offset} for number, offset in places],
        }

    async def _state(self) -> dict[str, Any]:
        ledger = self._ledger  # not locked: it must answer during an outage, too
        return {
            "seed": ledger.seed,
            "kinds": ledger.kinds,
            "base_time": ledger.spans[0].base_time if ledger.spans else None,
            "reserved": ledger.reserved,
            "acknowledged": ledger.records_acknowledged(),
            "messages": ledger.messages,
            "records_per_second": self._rate,
            "error": self._error,
        }

    async def _keep_sending(self) -> None:
        """Send at the rate that is set, until it is 0. A failure is told by ``state``."""
        due, last = 0.0, time.monotonic()
        while self._is_to_send():
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            # After an outage the stream goes on at its rate; it does not make up for the time.
            due, last = due + self._rate * min(now - last, 1.0), now
            records, due = max(int(due), self._owed()), due - int(due)
            if records:
                try:
                    async with self._lock:
                        await asyncio.to_thread(self._send_now, records)
                    self._error = ""
                except OSError as error:
                    self._error = str(error)
                    print(f"traffic: {error}", file=sys.stderr, flush=True)

    def _send_now(self, records: int) -> dict[str, Any]:
        began = time.monotonic()
        messages = size = 0
        end = self._ledger.reserved + (records if self._sends else 0)
        try:
            while (first := self._ledger.reserved) < end:
                count, bytes_ = self._sender.hand_over(self._reserve(min(_CHUNK, end - first)))
                messages, size = messages + count, size + bytes_
            self._sender.settle()
        finally:
            self._ledger.acknowledge(self._sender.acknowledged())
            self._ledger.write(self._path)
        return {
            "records": records if self._sends else 0,
            "messages": messages,
            "bytes": size,
            "seconds": round(time.monotonic() - began, 3),
        }

    def _reserve(self, records: int) -> Iterator[Message]:
        """The next ``records`` records as messages, after the ledger says so on disk."""
        ledger = self._ledger
        first, now = ledger.reserved, int(time.time())
        if not ledger.spans or not 0 <= now - ledger.spans[-1].base_time < _SPAN_SECONDS:
            span = Span(first, now)
            ledger.spans.append(span)
            if self._generator is None:
                self._generator = ledger.generator()
            else:
                self._generator.begin_span(span)
        ledger.reserved += records
        ledger.acknowledge(self._sender.acknowledged())
        ledger.write(self._path)
        assert self._generator is not None  # noqa: S101
        return self._generator.messages(first, records)
