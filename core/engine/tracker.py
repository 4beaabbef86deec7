"""Which offset may be committed: the end of the contiguous run of finished messages.

A message is finished when every LogGroup that holds one of its records is stored and its dead
letter, if it has one, is on disk. An offset past an unfinished one is never committable.
"""

from __future__ import annotations

from collections import deque


class PartitionTracker:
    """The unfinished messages of one partition during one assignment.

    Attributes:
        epoch: number of the assignment; acknowledgements of another epoch are void.
        position: offset after the last message that was tracked.
    """

    def __init__(self, epoch: int, start: int) -> None:
        self.epoch = epoch
        self.position = start
        self._committable = start
        self._order: deque[int] = deque()
        self._holds: dict[int, int] = {}

    @property
    def committable(self) -> int:
        """The offset that may be committed now: all messages before it are finished."""
        return self._committable

    @property
    def unfinished(self) -> int:
        """How many messages are tracked and not finished (or wait behind one that is not)."""
        return len(self._order)

    def track(self, offset: int, holds: int) -> None:
        """Follow the message at ``offset``, which ``holds`` acknowledgements finish.

        Offsets must ascend (gaps are normal in Kafka). Raises ValueError otherwise.
        """
        if offset < self.position:
            raise ValueError(f"offset {offset} comes after {self.position - 1}")
        self.position = offset + 1
        self._order.append(offset)
        self._holds[offset] = holds
        if holds == 0:
            self._advance()

    def skip_to(self, offset: int) -> None:
        """Pass over what the hub no longer holds: the next message is at ``offset`` or later."""
        if offset > self.position:
            self.track(offset - 1, 0)

    def release(self, offset: int) -> None:
        """One acknowledgement for the message at ``offset``.

        Raises KeyError for an offset that is not tracked or was finished before: an
        acknowledgement too many would otherwise hide a loss.
        """
        left = self._holds[offset] - 1
        if left < 0:
            raise KeyError(offset)
        self._holds[offset] = left
        if left == 0 and self._order[0] == offset:
            self._advance()

    def _advance(self) -> None:
        order, holds = self._order, self._holds
        while order and holds[order[0]] == 0:
            offset = order.popleft()
            del holds[offset]
            self._committable = offset + 1
