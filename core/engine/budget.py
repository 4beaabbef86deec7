"""The bound on memory, in bytes: when it fills up, reading pauses; nothing is dropped."""

from __future__ import annotations

import threading

_SHARE_OF_LIMIT = 0.3
"""Of ``memory_mib``, what records in flight may take. The rest is the interpreter, the SDKs and
what the Kafka client prefetches (24 MiB), measured at about 130 MiB together."""
_PAUSE_AT = 0.8
_RESUME_AT = 0.5


class MemoryBudget:
    """Counts the bytes of records in flight. Thread-safe."""

    def __init__(self, memory_mib: int) -> None:
        self.limit = int(memory_mib * 1024 * 1024 * _SHARE_OF_LIMIT)
        self._lock = threading.Lock()
        self._used = 0

    @property
    def used(self) -> int:
        """Bytes in flight now."""
        return self._used

    def add(self, size: int) -> None:
        """Count ``size`` more bytes; negative: fewer."""
        with self._lock:
            self._used += size

    def must_pause(self, held: int) -> bool:
        """Reading should pause; ``held``: bytes in LogGroups that are still open."""
        return self._used + held >= self.limit * _PAUSE_AT

    def may_resume(self, held: int) -> bool:
        """Reading may go on."""
        return self._used + held <= self.limit * _RESUME_AT
