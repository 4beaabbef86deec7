"""When the messages were sent that are read and not yet stored: how far an import is behind."""

from __future__ import annotations

from collections import deque

_APART_MS = 200
_KEPT = 20_000


class ReadTimes:
    """Samples of (offset, timestamp) of one partition, a fifth of a second apart."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=_KEPT)

    def add(self, offset: int, timestamp_ms: int) -> None:
        """A message was read; ``timestamp_ms``: epoch milliseconds, 0 or less: it has none."""
        if timestamp_ms <= 0:
            return
        if not self._samples or timestamp_ms - self._samples[-1][1] >= _APART_MS:
            self._samples.append((offset, timestamp_ms))

    def waiting_since(self, offset: int) -> int | None:
        """When the message at ``offset``, the first that is not stored, was sent; epoch ms.

        Where it was not read yet: the newest that was. None: nothing was read.
        """
        samples = self._samples
        while len(samples) > 1 and samples[1][0] <= offset:
            samples.popleft()
        return samples[0][1] if samples else None
