"""PutLogs: ``POST /logstores/{name}/shards/lb`` and ``.../shards/route?key=``."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.sandbox.log_service.limits import MAX_RAW_BYTES, Limits, count_logs
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.wire import Answer, Call, ServiceError, unpack

_CONTENT_TYPE = "application/x-protobuf"
_SIZE = re.compile(r"[0-9]{1,12}")
_SAMPLE = 1000


class Writer:
    """Stores LogGroups, in a thread of its own: what it spends in C runs beside the listeners.

    With ``discard`` it checks signature, compression and framing, counts the logs, and keeps the
    first and every thousandth LogGroup only: a sink that costs a benchmark little.
    """

    def __init__(self, discard: bool) -> None:
        self._discard = discard
        self._limits = Limits()
        self._received = 0
        self._thread = ThreadPoolExecutor(1, "put_logs")

    async def put(self, call: Call, log: ShardLog) -> Answer:
        """Store the LogGroup in ``log``. When this returns, the operating system has it.

        Raises ServiceError, OSError; nothing is stored then.
        """
        await self.in_turn(self._put, call, log)
        return Answer()

    def store(self, raw: bytes, logs: int, log: ShardLog) -> None:
        """Store a LogGroup of the service's own, unchecked; it blocks. Raises OSError.

        For the threads of jobs. ``RuntimeError`` after :meth:`close`.
        """
        self._thread.submit(self._keep, raw, logs, log).result()

    async def in_turn(self, run: Callable[..., None], *arguments: Any) -> None:
        """Call ``run`` in the writer's thread, so that no LogGroup is being written meanwhile."""
        await asyncio.get_running_loop().run_in_executor(self._thread, run, *arguments)

    def close(self) -> None:
        """Finish what was begun."""
        self._thread.shutdown()

    def _put(self, call: Call, log: ShardLog) -> None:
        raw = _body(call)
        logs = count_logs(raw) if self._discard else self._limits.check(raw, int(time.time()))
        self._keep(raw, logs, log)

    def _keep(self, raw: bytes, logs: int, log: ShardLog) -> None:
        if self._discard:
            self._received += 1
            if self._received % _SAMPLE != 1:
                log.discard(len(raw), logs)
                return
        log.append(raw, logs, int(time.time() * 1_000_000))


def _body(call: Call) -> bytes:
    """The LogGroup's bytes, decompressed. Raises ServiceError."""
    headers = call.headers
    if "Content-Length" not in headers:
        raise ServiceError("MissingContentLength", "Content-Length does not exist in http header")
    content_type = headers.get("Content-Type", "")
    if not content_type:
        raise ServiceError("MissingContentType", "Content-Type does not exist in http header")
    if content_type.partition(";")[0].strip().lower() != _CONTENT_TYPE:
        raise ServiceError("InvalidContentType", f"Content-Type {content_type} is unsupported")
    raw_size = _raw_size(headers.get("x-log-bodyrawsize"))
    digest = headers.get("Content-MD5")
    if digest is not None:
        found = hashlib.md5(call.body, usedforsecurity=False).hexdigest()
        if found != digest.lower():
            raise ServiceError("InvalidContentMD5", "the body does not have the given Content-MD5")
    return unpack(call.body, headers.get("x-log-compresstype", ""), raw_size)


def _raw_size(text: str | None) -> int:
    if text is None:
        raise ServiceError("MissingBodyRawSize", "x-log-bodyrawsize does not exist in header")
    if not _SIZE.fullmatch(text):
        raise ServiceError("InvalidBodyRawSize", f"x-log-bodyrawsize {text} is invalid")
    if int(text) > MAX_RAW_BYTES:
        raise ServiceError(
            "PostBodyTooLarge", f"the body has {text} bytes, {MAX_RAW_BYTES} are allowed"
        )
    return int(text)
