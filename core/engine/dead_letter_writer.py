"""Bringing dead letters to disk in groups, and waiting when the disk does not take them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from core.engine.dead_letters import DeadLetter, DeadLetterQueue, DeadLetterQueueFullError
from core.errors import Code, Problem, problem
from core.logs import event

_RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Release:
    """Which messages are finished, as far as dead letters go, once some letters are on disk."""

    partition: int
    epoch: int
    offsets: tuple[int, ...]


@dataclass
class DeadLetterWriter:
    """Holds letters until they are on disk. One thread only.

    Attributes:
        records: dead-lettered records so far (a whole message counts as one).
        problem: why the disk takes nothing at the moment; reading must pause meanwhile.
    """

    queue: DeadLetterQueue
    limit_mib: int
    records: int = 0
    problem: Problem | None = None
    _pending: list[tuple[list[DeadLetter], Release]] = field(default_factory=list)
    _again: float = 0.0

    @property
    def pending(self) -> int:
        """How often letters wait to be written."""
        return len(self._pending)

    def add(self, letters: list[DeadLetter], release: Release) -> None:
        """Take over ``letters``; ``release`` comes back from :meth:`flush` when they are safe."""
        self._pending.append((letters, release))

    def flush(self) -> list[Release]:
        """Write what is pending; what may be released. Never raises: a full disk waits."""
        if not self._pending or time.monotonic() < self._again:
            return []
        written: list[tuple[list[DeadLetter], Release]] = []
        trouble: Problem | None = None
        try:
            for letters, release in self._pending:
                for letter in letters:
                    self.queue.append(letter)
                written.append((letters, release))
        except DeadLetterQueueFullError:
            trouble = problem(Code.DEAD_LETTERS_FULL, "import.disk_mib", limit=self.limit_mib)
        except OSError as error:
            trouble = _not_writable(error)
        try:
            self.queue.sync()
        except OSError as error:
            # A second sync might succeed without having written anything (Linux reports a failed
            # write-back once), so all of it is written again.
            trouble, written = _not_writable(error), []
        if trouble is not None:
            self._again = time.monotonic() + _RETRY_SECONDS
            if self.problem is None:
                event("dead_letters.blocked", reason=trouble.cause)
        elif self.problem is not None:
            event("dead_letters.recovered")
        self.problem = trouble
        del self._pending[: len(written)]
        self.records += sum(len(letter.causes) for letters, _ in written for letter in letters)
        return [release for _, release in written]


def _not_writable(error: OSError) -> Problem:
    reason = error.strerror or type(error).__name__
    return problem(Code.DEAD_LETTERS_NOT_WRITABLE, "state folder", reason=reason)
