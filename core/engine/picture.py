"""What a status says: the partitions as they are, and what is wrong at the moment."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psutil

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.problems import log_service_problem
from core.alibaba.log_service.reaction import Reaction
from core.engine.assignment import Owned
from core.engine.counters import Counters, PartitionStatus, Status
from core.engine.dead_letter_writer import DeadLetterWriter
from core.engine.delivery import Delivery
from core.engine.intake import Intake
from core.engine.ledger import Ledger
from core.engine.transform import Transform
from core.errors import Code, Problem, problem


def present_trouble(
    letters: DeadLetterWriter,
    ledger: Ledger,
    delivery: Delivery,
    intake: Intake | None,
    log_service: LogServiceAccess,
) -> Problem | None:
    """The most pressing thing that is wrong; None if nothing is."""
    if letters.problem is not None:
        return letters.problem
    trouble = delivery.trouble
    if trouble is not None:
        return log_service_problem(log_service, trouble.code, trouble.status, trouble.message)
    if intake is not None and intake.trouble is not None:
        return intake.trouble
    if ledger.trouble:
        return problem(
            Code.STATE_FOLDER_UNUSABLE, "state folder", path=ledger.folder, reason=ledger.trouble
        )
    return intake.gap if intake is not None else None


def partition_status(intake: Intake | None, hub: str) -> tuple[PartitionStatus, ...]:
    """The owned partitions; watermarks as the client knows them, -1001 while it does not."""
    from confluent_kafka import TopicPartition

    if intake is None:
        return ()
    found = []
    for number, owned in sorted(intake.assignment.owned.items()):
        place = TopicPartition(hub, number)
        low, high = intake.consumer.get_watermark_offsets(place, cached=True)
        high = max(high, intake.highs.get(number, high))
        committable = owned.tracker.committable
        lag = max(0, high - committable) if high >= 0 else 0
        found.append(PartitionStatus(number, low, high, owned.committed, committable, lag))
    return tuple(found)


def lag_seconds(owned: dict[int, Owned], partitions: tuple[PartitionStatus, ...]) -> float | None:
    """How long the oldest message that is not stored has waited, in the partition worst behind.

    0.0 when nothing waits; None while a partition that has something to read has given nothing.
    """
    since = [
        owned[each.id].times.waiting_since(each.stored)
        for each in partitions
        if each.lag and each.id in owned
    ]
    if any(each is None for each in since):
        return None
    return max(0.0, *(time.time() - each / 1000 for each in since if each)) if since else 0.0


@dataclass
class StatusBoard:
    """Knows the parts of an engine and draws its status from them. The engine's thread only."""

    hub: str
    log_service: LogServiceAccess
    counters: Counters
    transform: Transform
    letters: DeadLetterWriter
    ledger: Ledger
    delivery: Delivery
    _process: psutil.Process = field(default_factory=psutil.Process)

    def draw(self, state: str, intake: Intake | None, trouble: Problem | None = None) -> Status:
        """The engine as it is now; ``trouble`` is more pressing than what the parts say."""
        trouble = trouble or present_trouble(
            self.letters, self.ledger, self.delivery, intake, self.log_service
        )
        if state in ("running", "paused") and self._is_stuck(intake):
            state = "failing"
        partitions = partition_status(intake, self.hub)
        owned = intake.assignment.owned if intake is not None else {}
        counters = self.counters
        return Status(
            state=state,
            reason=", ".join(sorted(intake.pauses)) if intake else "",
            since=counters.since,
            records={
                "received": self.transform.received,
                "stored": counters.stored,
                "repaired": self.transform.repaired,
                "dead_lettered": self.letters.records,
            },
            repairs=dict(self.transform.repairs),
            messages=counters.messages,
            rate_records_per_s=counters.rate(),
            lag_messages=sum(each.lag for each in partitions),
            lag_seconds=lag_seconds(owned, partitions),
            partitions=partitions,
            memory_bytes=self._process.memory_info().rss,
            problem=trouble,
        )

    def _is_stuck(self, intake: Intake | None) -> bool:
        delivery = self.delivery.trouble
        stuck = delivery is not None and (
            self.delivery.is_down or delivery.reaction in (Reaction.PARK, Reaction.CLOCK)
        )
        kafka = intake.trouble if intake is not None else None
        return stuck or self.letters.problem is not None or kafka is not None
