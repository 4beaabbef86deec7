"""Long-running operations, in the four shapes in which ARM providers answer them.

Source: "Azure Resource Manager: track asynchronous operations". Which shape Event Hubs answers
with is not documented (ARM-03); a command chooses it. An operation that was begun goes on after a
restart of the emulator.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from core.sandbox.azure.store import Document, Store
from core.sandbox.azure.wire import Answer, ArmError, now

_KEY = "operation/"
_RETRY_SECONDS = 0.5
_POLL_SECONDS = 0.05  # a poll waits this long for the end, so that clients without a pause are few

Work = Callable[[str], Awaitable[None]]
"""What ends an operation of some kind; called with the id of its resource. May raise ArmError."""


class Shape(StrEnum):
    """How a client is told of the operation."""

    ASYNC_OPERATION = "azure_async_operation"
    LOCATION = "location"
    PROVISIONING_STATE = "provisioning_state"
    SYNCHRONOUS = "synchronous"


@dataclass(frozen=True)
class Pace:
    """How operations run.

    Attributes:
        seconds: from the request to the end of the operation.
        retry_after: seconds that clients are asked to wait between two looks.
    """

    shape: Shape = Shape.ASYNC_OPERATION
    seconds: float = 0.2
    retry_after: float = 0.1


def wait_header(seconds: float) -> dict[str, str]:
    """What asks a client to wait: milliseconds have a header of their own, Retry-After has none.

    azure-core takes ``Retry-After: 0`` for no answer and waits its own 30 s.
    """
    if seconds != int(seconds):
        return {"x-ms-retry-after-ms": str(round(seconds * 1000))}
    return {"Retry-After": str(int(seconds))}


class Operations:
    """All operations, those that are over too.

    Attributes:
        pace: of the operations that are begun from now on.
    """

    def __init__(self, store: Store, endpoint: str) -> None:
        self._store = store
        self._endpoint = endpoint
        self._work: dict[str, tuple[Work, Work | None]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self.pace = Pace()

    def register(self, kind: str, work: Work, undo: Work | None = None) -> None:
        """Say what ends the operations of ``kind``, and what is left of one that fails."""
        self._work[kind] = work, undo

    def resume(self) -> None:
        """Go on with what the last process began."""
        for key, document in self._store.under(_KEY):
            if document["status"] == "InProgress":
                self._run(key.removeprefix(_KEY), document)

    async def stop(self) -> None:
        """Leave the rest to the next process."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def begin(
        self,
        kind: str,
        target: str,
        changes: dict[str, Document],
        *,
        pace: Pace,
        error: dict[str, str] | None = None,
    ) -> str:
        """Write ``changes`` and begin an operation on ``target``; its id.

        ``error``: it is going to fail with that. It is over already if its shape is synchronous.
        """
        identity = secrets.token_hex(16)
        document = {
            "kind": kind,
            "target": target,
            "status": "InProgress",
            "started": now(),
            "due": time.time() + pace.seconds,
            "retry_after": pace.retry_after,
            "shape": pace.shape,
            "error": error,
        }
        self._store.put({**changes, _KEY + identity: document})
        self._run(identity, document)
        if pace.shape is Shape.SYNCHRONOUS:
            await asyncio.shield(self._running[identity])
        return identity

    def headers(self, identity: str, subscription: str, location: str) -> dict[str, str]:
        """What tells a client where to look for operation ``identity``."""
        document = self._document(identity)
        wait = wait_header(document["retry_after"])
        place = f"{self._endpoint}/subscriptions/{subscription}/providers/Microsoft.EventHub"
        place += f"/locations/{location}"
        query = "api-version=2024-01-01"
        if document["shape"] == Shape.ASYNC_OPERATION:
            url = f"{place}/operationStatus/{identity}?{query}"
            return {**wait, "Azure-AsyncOperation": url}
        if document["shape"] == Shape.LOCATION:
            return {**wait, "Location": f"{place}/operationResults/{identity}?{query}"}
        return wait if document["shape"] == Shape.PROVISIONING_STATE else {}

    async def look(self, identity: str) -> Document:
        """The operation, after a short wait for its end; ArmError if there is none."""
        running = self._running.get(identity)
        if running is not None:
            await asyncio.wait([running], timeout=_POLL_SECONDS)
        return self._document(identity)

    async def status(self, identity: str) -> Answer:
        """The answer at the address of ``Azure-AsyncOperation``."""
        document = await self.look(identity)
        body: dict[str, Any] = {
            "id": identity,
            "name": identity,
            "status": document["status"],
            "startTime": document["started"],
        }
        if document["status"] == "InProgress":
            return Answer(200, body, wait_header(document["retry_after"]))
        if document["status"] == "Failed":
            body["error"] = document["error"]
        return Answer(200, body)

    def failed(self, identity: str) -> ArmError | None:
        """The refusal that a failed operation stands for; None if it did not fail."""
        document = self._document(identity)
        if document["status"] != "Failed":
            return None
        return ArmError(409, document["error"]["code"], document["error"]["message"])

    def of(self, target: str) -> Document | None:
        """The operation that runs on ``target``; None if there is none."""
        found = (document for _, document in self._store.under(_KEY))
        return next(
            (
                item
                for item in found
                if item["status"] == "InProgress" and item["target"].lower() == target.lower()
            ),
            None,
        )

    def _document(self, identity: str) -> Document:
        document = self._store.get(_KEY + identity)
        if document is None:
            raise ArmError(404, "NotFound", f"The operation '{identity}' could not be found.")
        return document

    def _run(self, identity: str, document: Document) -> None:
        task = asyncio.create_task(self._finish(identity, document))
        self._running[identity] = task
        task.add_done_callback(lambda _: self._running.pop(identity, None))

    async def _finish(self, identity: str, document: Document) -> None:
        await asyncio.sleep(max(0.0, document["due"] - time.time()))
        work, undo = self._work[document["kind"]]
        error = document["error"] or await _carried_out(work, document["target"])
        if error and undo is not None:
            await undo(document["target"])
        status = "Failed" if error else "Succeeded"
        self._store.put({_KEY + identity: {**document, "status": status, "error": error}})


async def _carried_out(work: Work, target: str) -> dict[str, str] | None:
    """Do ``work``, as often as a sibling that is away makes it necessary; what it failed with."""
    while True:
        try:
            await work(target)
        except ArmError as refusal:
            if refusal.status != HTTPStatus.SERVICE_UNAVAILABLE:
                return {"code": refusal.code, "message": refusal.message}
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return None
