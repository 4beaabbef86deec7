"""The records that were sent, of one ledger or of several, under one numbering."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from core.sandbox.traffic import Generator, Ledger


class Sent:
    """Every record that was, or may have been, handed to a hub.

    Attributes:
        numbers: number of a record by the generator's own id.
        acknowledged: by number, 1 where the hub acknowledged it.
    """

    def __init__(self, ledgers: Sequence[Ledger]) -> None:
        """Raises ValueError where two ledgers give one id to two records."""
        self.numbers: dict[str, int] = {}
        self.acknowledged = bytearray()
        self._firsts: list[int] = []
        self._generators: list[Generator] = []
        for ledger in ledgers:
            generator = ledger.generator()
            if generator is not None:
                self._add(ledger, generator)

    def __len__(self) -> int:
        return len(self.acknowledged)

    def record(self, number: int) -> bytes:
        """The record as JSON, made again."""
        generator, ordinal = self._place(number)
        return generator.record(ordinal)

    def identifier(self, number: int) -> str:
        """The generator's own id of the record."""
        generator, ordinal = self._place(number)
        return generator.identifier(ordinal)

    def _add(self, ledger: Ledger, generator: Generator) -> None:
        first = len(self)
        self._firsts.append(first)
        self._generators.append(generator)
        self.acknowledged.extend(bytes(ledger.reserved))
        for begin, end in ledger.acknowledged:
            self.acknowledged[first + begin : first + end] = b"\1" * (end - begin)
        for ordinal in range(ledger.reserved):
            self.numbers[generator.identifier(ordinal)] = first + ordinal
        if len(self.numbers) != len(self):
            raise ValueError(f"two ledgers have the seed {ledger.seed}")

    def _place(self, number: int) -> tuple[Generator, int]:
        part = bisect.bisect_right(self._firsts, number) - 1
        return self._generators[part], number - self._firsts[part]
