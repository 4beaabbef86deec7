"""The traffic as a child process: its commands, its ledger, and sending at a rate."""

from __future__ import annotations

import asyncio
import base64
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.sandbox.process import CommandTable, dispatch
from core.sandbox.traffic.generator import Generator, Message, Span
from core.sandbox.traffic.ledger import Ledger
from core.sandbox.traffic.sender import Sender, Target

_CHUNK = 5_000
"""Records that are reserved at a time; the ledger is written to disk once for each chunk."""

_SPAN_SECONDS = 60
"""How old a base time may be when more is sent."""

_TICK_SECONDS = 0.2


class TrafficEmulator:
    """Sends records and keeps account of them in ``folder/sent.json``."""

    def __init__(self, folder: Path, target: Target, seed: int) -> None:
        """A folder that has a ledger keeps its seed. Raises LedgerError, OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "sent.json"
        self._ledger = Ledger.read(self._path) if self._path.exists() else Ledger(seed)
        self._generator: Generator | None = None
        if self._ledger.spans:
            self._generator = Generator(self._ledger.seed, self._ledger.spans)
        self._sender = Sender(target)
        self._lock = asyncio.Lock()
        self._rate = 0.0
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
        return {"seed": self._ledger.seed, "ledger": str(self._path)}

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command. Raises ValueError, OSError (DeliveryError is one)."""
        return await dispatch(self._commands, do, arguments)

    async def stop(self) -> None:
        """Stop sending, write down what was acknowledged."""
        await self._set_rate(0)
        async with self._lock:
            await asyncio.to_thread(self._sender.close)

    async def _send(self, records: int) -> dict[str, Any]:
        if records < 0:
            raise ValueError("records is negative")
        async with self._lock:
            return await asyncio.to_thread(self._send_now, int(records))

    async def _set_rate(self, records_per_second: float) -> dict[str, Any]:
        if records_per_second < 0:
            raise ValueError("records_per_second is negative")
        self._rate = float(records_per_second)
        if self._rate and self._background is None:
            self._background = asyncio.create_task(self._keep_sending())
        elif not self._rate and self._background is not None:
            task, self._background = self._background, None
            await task
        return {"records_per_second": self._rate}

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
        while self._rate:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            # After an outage the stream goes on at its rate; it does not make up for the time.
            due, last = due + self._rate * min(now - last, 1.0), now
            records, due = int(due), due - int(due)
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
        end = self._ledger.reserved + records
        try:
            while (first := self._ledger.reserved) < end:
                count, bytes_ = self._sender.hand_over(self._reserve(min(_CHUNK, end - first)))
                messages, size = messages + count, size + bytes_
            self._sender.settle()
        finally:
            self._ledger.acknowledge(self._sender.acknowledged())
            self._ledger.write(self._path)
        return {
            "records": records,
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
                self._generator = Generator(ledger.seed, ledger.spans)
            else:
                self._generator.begin_span(span)
        ledger.reserved += records
        ledger.acknowledge(self._sender.acknowledged())
        ledger.write(self._path)
        assert self._generator is not None  # noqa: S101
        return self._generator.messages(first, records)
