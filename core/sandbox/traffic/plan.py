"""How the stream of records falls into messages.

Azure batches by resource and category, so a message holds records of one category family. The
stream is planned in blocks of ``BLOCK`` records, each from the seed and its number alone.
"""

from __future__ import annotations

import bisect
import functools
import random
from enum import Enum
from typing import NamedTuple

from core.sandbox.traffic.kinds import Kinds, is_sent
from core.sandbox.traffic.story import Scene, scenes_between

BLOCK = 5_000


class Shape(Enum):
    """What a message is: Azure: "Stream monitoring data to an event hub"; arrays were seen too."""

    ENVELOPE = "envelope"
    SPACED_ENVELOPE = "spaced envelope"
    ARRAY = "array"
    OBJECT = "object"


class Share(NamedTuple):
    """How often a kind of record comes, in a thousand, and how many at most in a message."""

    kind: str
    of_1000: float
    largest: int


SHARES = (
    Share("MicrosoftGraphActivityLogs", 280, 130),
    Share("NonInteractiveUserSignInLogs", 230, 75),
    Share("AZFWNetworkRule", 130, 200),
    Share("AZFWApplicationRule", 70, 200),
    Share("SignInLogs", 90, 75),
    Share("ServicePrincipalSignInLogs", 70, 100),
    Share("ManagedIdentitySignInLogs", 45, 100),
    Share("AuditEvent", 45, 150),
    Share("Administrative", 20, 60),
    Share("AuditLogs", 18, 60),
    Share("Defender", 2, 1),
)
_ARRAYS = {"Administrative", "AuditEvent", "AZFWNetworkRule"}


def are_made(kinds: Kinds) -> bool:
    """Whether there are records of any of ``kinds``."""
    return any(is_sent(share.kind, kinds) for share in SHARES)


class Batch(NamedTuple):
    """A run of records of one kind: a message, unless it is cut.

    Attributes:
        first: number of its first record.
        end: number after its last one.
        scene: of the story, if it tells it.
    """

    first: int
    end: int
    kind: str
    shape: Shape
    scene: Scene | None


class Plan:
    """The batches of a seed."""

    def __init__(self, seed: int, kinds: Kinds = None) -> None:
        """``kinds``: only records of these, in the same proportions to each other.

        Raises ValueError if there are none of them.
        """
        self._seed = seed
        self._kinds = kinds
        self._shares = [share for share in SHARES if is_sent(share.kind, kinds)]
        if not self._shares:
            raise ValueError(f"there are no records of {', '.join(sorted(kinds or ()))}")
        messages = [share.of_1000 / _mean_size(share.largest) for share in self._shares]
        self._limits = [sum(messages[: n + 1]) / sum(messages) for n in range(len(messages))]
        self._block = functools.lru_cache(maxsize=256)(self._plan_block)

    def batch_of(self, ordinal: int) -> Batch:
        """The batch that record ``ordinal`` belongs to."""
        firsts, batches = self._block(ordinal // BLOCK)
        return batches[bisect.bisect_right(firsts, ordinal) - 1]

    def _plan_block(self, block: int) -> tuple[list[int], list[Batch]]:
        chance = random.Random(f"isthmus traffic {self._seed} {block}")  # noqa: S311
        at, end = block * BLOCK, (block + 1) * BLOCK
        batches: list[Batch] = []
        for begins, scene in [*scenes_between(at, end, self._kinds), (end, None)]:
            while at < begins:
                batches.append(self._everyday(chance, at, begins))
                at = batches[-1].end
            if scene is not None:
                at = begins + scene.length
                batches.append(Batch(begins, at, scene.kind, Shape.ENVELOPE, scene))
        return [batch.first for batch in batches], batches

    def _everyday(self, chance: random.Random, at: int, limit: int) -> Batch:
        share = self._shares[bisect.bisect(self._limits, chance.random())]
        size = 1 + int((share.largest - 1) * chance.random() ** 2 + 0.5)
        shape = Shape.ENVELOPE
        drawn = chance.random()
        if share.largest == 1:
            shape = Shape.OBJECT
        elif share.kind in _ARRAYS and drawn < 0.08:
            shape = Shape.ARRAY
        elif share.kind in _ARRAYS and drawn < 0.3:
            shape = Shape.SPACED_ENVELOPE
        return Batch(at, min(at + size, limit), share.kind, shape, None)


def _mean_size(largest: int) -> float:
    return 1 + (largest - 1) / 3
