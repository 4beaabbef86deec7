"""What was sent, on disk: enough to make every record again, and to go on after a crash.

``reserved`` is written before the first record of a chunk is handed to the producer; what lies
between ``reserved`` and the acknowledged ranges after a crash may have been sent or not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.sandbox.certificates import write_private
from core.sandbox.traffic.generator import Generator, Span


class LedgerError(ValueError):
    """The file is no ledger."""


@dataclass
class Ledger:
    """The traffic of one sandbox.

    Attributes:
        seed: of the generator.
        spans: base times, by first record.
        reserved: numbers below it were handed to the producer, or were to be.
        acknowledged: ranges ``[first, end)`` that the hub has acknowledged, in order.
        messages: acknowledged messages.
        kinds: log categories that the records are of, in order; None: all.
    """

    seed: int
    spans: list[Span] = field(default_factory=list)
    reserved: int = 0
    acknowledged: list[tuple[int, int]] = field(default_factory=list)
    messages: int = 0
    kinds: tuple[str, ...] | None = None

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger in ``path``. Raises OSError, LedgerError."""
        try:
            data = json.loads(path.read_bytes())
            return cls(
                seed=int(data["seed"]),
                spans=[Span(int(first), int(base)) for first, base in data["spans"]],
                reserved=int(data["reserved"]),
                acknowledged=[(int(first), int(end)) for first, end in data["acknowledged"]],
                messages=int(data["messages"]),
                kinds=_kinds(data.get("kinds")),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerError(f"{path.name} is no ledger of the traffic: {error!r}") from error

    def write(self, path: Path) -> None:
        """Replace ``path`` atomically. Raises OSError."""
        data = {
            "seed": self.seed,
            "base_time": self.spans[0].base_time if self.spans else None,
            "spans": self.spans,
            "reserved": self.reserved,
            "acknowledged": self.acknowledged,
            "messages": self.messages,
            "kinds": self.kinds,
        }
        write_private(path, json.dumps(data).encode() + b"\n")

    def generator(self) -> Generator | None:
        """What makes its records again; None as long as nothing was sent."""
        return Generator(self.seed, self.spans, self.kinds) if self.spans else None

    def acknowledge(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Add acknowledged ranges, one for each message."""
        more = list(ranges)
        self.messages += len(more)
        merged: list[tuple[int, int]] = []
        for first, end in sorted([*self.acknowledged, *more]):
            if merged and first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((first, end))
        self.acknowledged = merged

    def records_acknowledged(self) -> int:
        """How many records the hub has acknowledged."""
        return sum(end - first for first, end in self.acknowledged)


def _kinds(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("kinds is no list of names")
    return tuple(value)
