"""Sending LogGroups until each is stored: packing, senders, retries, splitting.

Nothing is given up by time or count. A LogGroup ends in one of three ways only: stored, void
(its partition was taken away), or split down to a single log that Log Service refuses as such,
which goes to the dead letters.
"""

from __future__ import annotations

import functools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from core.alibaba.log_service.put_logs import (
    NEWEST_SECONDS,
    OLDEST_SECONDS,
    LogWriter,
    PutLogsError,
    pack,
    unpack,
)
from core.alibaba.log_service.reaction import Reaction, reaction_to
from core.engine.batching import Batch
from core.engine.budget import MemoryBudget
from core.engine.failpoints import pass_point
from core.engine.gate import Gate, backoff
from core.engine.log_group import restamp, take_apart
from core.logs import event

_PARKED_SECONDS = 10.0
_STAMP_MARGIN = 60


@dataclass(frozen=True)
class Outcome:
    """What became of a batch.

    Attributes:
        batch: the batch; its offsets are to be released.
        stored: logs of it that are stored.
        refused: entries of logs that Log Service refuses, each with the errorCode.
    """

    batch: Batch
    stored: int
    refused: tuple[tuple[bytes, str], ...] = ()


@dataclass(frozen=True)
class Trouble:
    """The last failure, for status and problems."""

    code: str
    status: int
    message: str
    reaction: Reaction


class Delivery:
    """Takes batches from one thread and reports their outcomes into a queue.

    Attributes:
        outcomes: what is done, for the thread that owns the offsets.
        trouble: why nothing gets through at the moment; None when it does.
        broken: a defect that ended one of the threads; the engine must end then, it would hang.
    """

    def __init__(
        self,
        writer: LogWriter,
        senders: int,
        keep_order: bool,
        budget: MemoryBudget,
        outcomes: queue.SimpleQueue[Outcome],
    ) -> None:
        """``keep_order``: at most one LogGroup of a partition under way at a time."""
        self._writer = writer
        self._keep_order = keep_order
        self._budget = budget
        self.outcomes = outcomes
        self.trouble: Trouble | None = None
        self.broken: BaseException | None = None
        self._gate = Gate()
        self._to_pack: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._lanes: dict[int, deque[Batch]] = {}
        self._busy: dict[int, int] = {}
        self._ready: deque[int] = deque()
        self._voided: dict[int, int] = {}
        self._pending = 0
        self._stopped = False
        works = [("packer", self._pack_all)]
        works += [(f"sender-{n}", self._send_all) for n in range(senders)]
        self._threads = [
            threading.Thread(target=self._guard, args=(work,), name=name, daemon=True)
            for name, work in works
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, batch: Batch) -> None:
        """Take over ``batch``; its size is in the budget already."""
        with self._changed:
            self._pending += 1
        self._to_pack.put(batch)

    def void(self, partition: int, epoch: int) -> None:
        """Forget what waits for ``partition`` of assignment ``epoch`` or an older one.

        What is under way ends without a further try.
        """
        with self._changed:
            self._voided[partition] = epoch
            for batch in self._lanes.pop(partition, ()):
                self._budget.add(-batch.size)
                self._pending -= 1
        self._gate.look_again()

    @property
    def is_down(self) -> bool:
        """Whether several tries in a row got nowhere."""
        return self._gate.shut

    @property
    def pending(self) -> int:
        """LogGroups taken over whose outcome is not known yet."""
        return self._pending

    def under_way(self, partitions: list[int]) -> bool:
        """Whether a LogGroup of one of ``partitions`` is being sent at this moment."""
        with self._changed:
            return any(self._busy.get(number) for number in partitions)

    def stop(self, seconds: float) -> bool:
        """End the threads. False if a sender still hung in a request after ``seconds``."""
        self._to_pack.put(None)
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._gate.stop()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _is_void(self, batch: Batch) -> bool:
        return self._stopped or batch.epoch <= self._voided.get(batch.partition, -1)

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.broken = error

    def _pack_all(self) -> None:
        while (batch := self._to_pack.get()) is not None:
            batch.packed = pack(batch.raw)
            batch.raw = b""
            self._budget.add(len(batch.packed.body) - batch.size)
            batch.size = len(batch.packed.body)
            with self._changed:
                if self._is_void(batch):
                    self._budget.add(-batch.size)
                    self._pending -= 1
                    continue
                self._lanes.setdefault(batch.partition, deque()).append(batch)
                if not (self._keep_order and self._busy.get(batch.partition)):
                    self._ready.append(batch.partition)
                    self._changed.notify()

    def _send_all(self) -> None:
        while (batch := self._next()) is not None:
            outcome = self._send(batch)
            if outcome is not None:  # before it counts as done: a revoke waits for both
                self.outcomes.put(outcome)
            with self._changed:
                self._budget.add(-batch.size)
                self._pending -= 1
                self._busy[batch.partition] -= 1
                if self._keep_order and self._lanes.get(batch.partition):
                    self._ready.append(batch.partition)
                    self._changed.notify()

    def _next(self) -> Batch | None:
        """The next batch that may be sent; None at the end."""
        with self._changed:
            while not self._stopped:
                while self._ready:
                    partition = self._ready.popleft()
                    lane = self._lanes.get(partition)
                    if not lane or (self._keep_order and self._busy.get(partition)):
                        continue
                    self._busy[partition] = self._busy.get(partition, 0) + 1
                    return lane.popleft()
                self._changed.wait()
        return None

    def _send(self, batch: Batch) -> Outcome | None:
        """Send until the outcome is known; None when the batch is void or the engine stops."""
        attempt = 0
        batch_is_void = functools.partial(self._is_void, batch)
        while not self._is_void(batch):
            self._gate.wait_turn(batch_is_void)
            if self._is_void(batch):
                return None
            if batch.packed is None:
                raise AssertionError("a batch is packed before it is sent")
            pass_point("before_send")
            try:
                self._writer.put(batch.packed)
            except PutLogsError as error:
                reaction = reaction_to(error.code, error.status)
                self._note(error, reaction, attempt)
                if reaction is Reaction.SPLIT:
                    return self._send_apart(batch, error)
                self._gate.failed()
                slow = reaction in (Reaction.PARK, Reaction.CLOCK)
                wait = backoff(attempt, _PARKED_SECONDS) if slow else backoff(attempt)
                self._gate.pause(wait, batch_is_void)
                attempt += 1
                continue
            pass_point("after_send_before_ack")
            self._gate.succeeded()
            if self.trouble is not None:
                event("delivery.recovered", attempt=attempt)
                self.trouble = None
            return Outcome(batch, batch.count)
        return None

    def _send_apart(self, batch: Batch, error: PutLogsError) -> Outcome | None:
        """A refused LogGroup: correct times that went stale, else halve it until it fits."""
        if batch.packed is None:
            raise AssertionError("a batch is packed before it is sent")
        entries, tags = take_apart(unpack(batch.packed))
        now = int(time.time())
        stamped = [
            restamp(each, now - OLDEST_SECONDS + _STAMP_MARGIN, now + NEWEST_SECONDS, now)
            for each in entries
        ]
        if stamped != entries:
            parts = [stamped]
        elif len(entries) == 1:
            self.trouble = None  # it is that log's own; nothing waits
            return Outcome(batch, 0, ((entries[0], error.code),))
        else:
            half = len(entries) // 2
            parts = [entries[:half], entries[half:]]
        stored = 0
        refused: list[tuple[bytes, str]] = []
        for part in parts:
            piece = Batch(batch.partition, batch.epoch, [], len(part), 0)
            piece.packed = pack(b"".join((*part, tags)))
            outcome = self._send(piece)
            if outcome is None:
                return None
            stored += outcome.stored
            refused += outcome.refused
        return Outcome(batch, stored, tuple(refused))

    def _note(self, error: PutLogsError, reaction: Reaction, attempt: int) -> None:
        first = self.trouble is None or self.trouble.code != error.code
        self.trouble = Trouble(error.code, error.status, error.message, reaction)
        if first:
            event(
                "delivery.refused",
                error_code=error.code,
                http_status=error.status,
                request_id=error.request_id,
                reason=error.message,
                attempt=attempt,
            )
