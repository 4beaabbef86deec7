"""What a status says: the partitions as they are, and what is wrong at the moment."""

from __future__ import annotations

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.problems import log_service_problem
from core.engine.counters import PartitionStatus
from core.engine.dead_letter_writer import DeadLetterWriter
from core.engine.delivery import Delivery
from core.engine.intake import Intake
from core.engine.ledger import Ledger
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
        committable = owned.tracker.committable
        lag = max(0, high - committable) if high >= 0 else 0
        found.append(PartitionStatus(number, low, high, owned.committed, committable, lag))
    return tuple(found)
