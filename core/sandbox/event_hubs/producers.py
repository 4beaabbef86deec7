"""Idempotent producers of one partition: duplicates acknowledged, gaps in the sequence refused.

The table is rebuilt from batch headers after a restart. Source: "Apache Kafka documentation",
section "Message delivery semantics", and KIP-98, section "Idempotent producer guarantees".
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from core.sandbox.event_hubs.batches import BatchHeader
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError

_BATCHES_KEPT = 5  # what a client may have in flight
_PRODUCERS_KEPT = 2000  # the least recently heard of is forgotten
_SEQUENCE_MASK = 0x7FFF_FFFF  # after 2^31-1 comes 0


@dataclass(slots=True)
class _Producer:
    epoch: int
    batches: list[tuple[int, int, int]]  # first and last sequence number, base offset


class ProducerTable:
    """Last batches of every producer of a partition."""

    def __init__(self) -> None:
        self._producers: OrderedDict[int, _Producer] = OrderedDict()

    def duplicate_of(self, header: BatchHeader) -> int | None:
        """The offset at which this very batch was appended before; None if it is the next one.

        Raises ``RefusedError`` for an old epoch, a gap, or a duplicate that is not remembered. A
        producer that is not known (any more) may start anywhere.
        """
        known = self._producers.get(header.producer_id)
        if known is None:
            return None
        if header.producer_epoch < known.epoch:
            raise RefusedError(ErrorCode.INVALID_PRODUCER_EPOCH)
        first, last = header.base_sequence, _last_sequence(header)
        if header.producer_epoch > known.epoch:
            if first != 0:
                raise RefusedError(
                    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, "a new epoch starts at 0"
                )
            return None
        for seen_first, seen_last, offset in known.batches:
            if (seen_first, seen_last) == (first, last):
                return offset
        newest = known.batches[-1][1]
        if first == _after(newest):
            return None
        if last <= newest:
            raise RefusedError(ErrorCode.DUPLICATE_SEQUENCE_NUMBER)
        raise RefusedError(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, f"{_after(newest)} comes next")

    def record(self, header: BatchHeader, base_offset: int) -> None:
        """Remember a batch that was appended at ``base_offset``."""
        if header.producer_id < 0:
            return
        known = self._producers.pop(header.producer_id, None)
        if known is None or known.epoch != header.producer_epoch:
            known = _Producer(header.producer_epoch, [])
        known.batches.append((header.base_sequence, _last_sequence(header), base_offset))
        del known.batches[:-_BATCHES_KEPT]
        self._producers[header.producer_id] = known
        if len(self._producers) > _PRODUCERS_KEPT:
            self._producers.popitem(last=False)

    def snapshot(self) -> list[list[int]]:
        """All of it as numbers, for a file."""
        return [
            [producer_id, known.epoch, *(number for batch in known.batches for number in batch)]
            for producer_id, known in self._producers.items()
        ]

    def restore(self, rows: list[list[int]]) -> None:
        """Become what :meth:`snapshot` said."""
        self._producers.clear()
        for producer_id, epoch, *numbers in rows:
            triples = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
            self._producers[producer_id] = _Producer(epoch, list(triples))


def _last_sequence(header: BatchHeader) -> int:
    return (header.base_sequence + header.last_offset_delta) & _SEQUENCE_MASK


def _after(sequence: int) -> int:
    return (sequence + 1) & _SEQUENCE_MASK
