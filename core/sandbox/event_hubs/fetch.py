"""Fetch: waits for data, answers with slices of segment files.

Fetch sessions (KIP-227) are not kept: every answer has session id 0, so clients send full fetches.
A namespace whose throughput is used up makes a fetch wait, and answers it without data once its own
time is over.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.sandbox.event_hubs.batches import walk
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.partition import Partition
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import Request
from core.sandbox.event_hubs.segment import open_for_reading
from core.sandbox.event_hubs.wire import FileSlice, Reader, Writer

_MAX_WAIT_MS = 60_000
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Wanted:
    hub: str
    index: int
    offset: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class _Got:
    index: int
    error: ErrorCode
    high: int = -1
    low: int = -1
    data: FileSlice | None = None


async def fetch(request: Request) -> Writer:
    """Record batches from given offsets on, as soon as there are ``min_bytes`` of them."""
    body, version = request.body, request.version
    body.int32()  # replica id
    wait, min_bytes, max_bytes = body.int32(), body.int32(), body.int32()
    body.int8()  # isolation level: without transactions both are the same
    session = 0
    if version >= 7:
        session = body.int32()
        body.int32()
    topics = body.array(lambda: _topic(body, version))
    if session != 0:
        return Writer().int32(0).int16(ErrorCode.FETCH_SESSION_ID_NOT_FOUND).int32(0).int32(0)
    seconds = min(max(wait, 0), _MAX_WAIT_MS) / 1000
    max_bytes = min(max_bytes, _MAX_BYTES)
    delay = await _hold_back(request, seconds)
    if delay > seconds:
        results = _read(request, topics, None)[0]
    else:
        results = await _collect(request, topics, seconds - delay, min_bytes, max_bytes)
        _charge(request, results)
    named = [(name, rows) for (name, _), rows in zip(topics, results, strict=True)]
    return _answer(version, named, round(delay * 1000))


async def _hold_back(request: Request, seconds: float) -> float:
    """Wait until throughput allows another fetch, ``seconds`` at most; how long that takes."""
    delay = request.broker.throttle.egress.delay() if request.broker.throttle else 0.0
    if delay:
        await asyncio.sleep(min(delay, seconds))
    return delay


def _charge(request: Request, results: list[list[_Got]]) -> None:
    throttle = request.broker.throttle
    if throttle is None:
        return
    for data in (item.data for rows in results for item in rows if item.data):
        try:
            with open_for_reading(data.path) as read:
                batches = walk(read, data.position, data.position + data.length)
                events = sum(header.record_count for _, header in batches)
        except FileNotFoundError:
            continue  # retention has just taken it away
        throttle.egress.charge(data.length, events)


def _topic(body: Reader, version: int) -> tuple[str, list[_Wanted]]:
    name = body.string()

    def partition() -> _Wanted:
        index = body.int32()
        if version >= 9:
            body.int32()  # leader epoch
        offset = body.int64()
        if version >= 5:
            body.int64()  # a follower's log start
        return _Wanted(name, index, offset, body.int32())

    return name, body.array(partition)


async def _collect(
    request: Request,
    topics: list[tuple[str, list[_Wanted]]],
    seconds: float,
    min_bytes: int,
    max_bytes: int,
) -> list[list[_Got]]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    appended = asyncio.Event()
    watched = _watch(request, topics, appended)
    try:
        while True:
            appended.clear()
            results, size, failed = _read(request, topics, max_bytes)
            left = deadline - loop.time()
            if size >= min_bytes or failed or left <= 0:
                return results
            try:
                async with asyncio.timeout(left):
                    await appended.wait()
            except TimeoutError:
                continue
    finally:
        for partition in watched:
            partition.unwatch(appended)


def _watch(
    request: Request, topics: list[tuple[str, list[_Wanted]]], appended: asyncio.Event
) -> list[Partition]:
    watched = []
    for _, rows in topics:
        for wanted in rows:
            hub = request.broker.hubs.find(wanted.hub)
            if hub is not None and 0 <= wanted.index < len(hub.partitions):
                watched.append(hub.partitions[wanted.index])
                watched[-1].watch(appended)
    return watched


def _read(
    request: Request, topics: list[tuple[str, list[_Wanted]]], max_bytes: int | None
) -> tuple[list[list[_Got]], int, bool]:
    """What there is now, its bytes, and whether a partition failed; no data for None."""
    size, failed, results = 0, False, []
    for _, rows in topics:
        got: list[_Got] = []
        for wanted in rows:
            left = 0 if max_bytes is None else max_bytes - size
            first = size == 0 and max_bytes is not None
            item = _read_one(request, wanted, left, first=first)
            size += item.data.length if item.data else 0
            failed |= item.error is not ErrorCode.NONE
            got.append(item)
        results.append(got)
    return results, size, failed


def _read_one(request: Request, wanted: _Wanted, left: int, *, first: bool) -> _Got:
    """One partition; the first batch of the whole answer comes however large it is."""
    try:
        partition = request.partition(wanted.hub, wanted.index, Right.LISTEN)
        partition.check_offset(wanted.offset)
        data = None
        if first or left > 0:
            most = max(0, min(left, wanted.max_bytes))
            data = partition.slice_from(wanted.offset, most, at_least_one=first)
        return _Got(wanted.index, ErrorCode.NONE, partition.high, partition.low, data)
    except RefusedError as refusal:
        return _Got(wanted.index, refusal.code)
    except OSError:
        return _Got(wanted.index, ErrorCode.KAFKA_STORAGE_ERROR)


def _answer(version: int, results: list[tuple[str, list[_Got]]], throttle_ms: int) -> Writer:
    out = Writer().int32(throttle_ms)
    if version >= 7:
        out.int16(ErrorCode.NONE).int32(0)

    def partition(item: _Got) -> None:
        out.int32(item.index).int16(item.error).int64(item.high).int64(item.high)
        if version >= 5:
            out.int64(item.low)
        out.int32(-1)  # no aborted transactions
        if version >= 11:
            out.int32(-1)  # no preferred replica
        out.records(item.data)

    return out.array(results, lambda topic: out.string(topic[0]).array(topic[1], partition))
