"""What both ways to read a Logstore have in common: a portion of raw logs, and the log as a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.sandbox.security_center.live.standardise import Row
from core.sandbox.security_center.model import Policy, Store
from core.sandbox.security_center.model_detection import Note

PORTION = 500
"""Rows that are standardised and written at once: a fraction of a second."""


@dataclass(frozen=True)
class Portion:
    """Some raw logs.

    Attributes:
        identities: what tells each row from all others that the policy reads.
        bytes: size of the rows' names and values.
        done: to be called, on the loop, when the portion is written; the note that it gives is to
            be kept, then the portion does not come again, even after a restart.
    """

    rows: list[Row]
    identities: list[str]
    bytes: int
    done: Callable[[], Note] = field(repr=False)


class Reader(Protocol):
    """Reads the Logstores of a policy's data source, each log once."""

    async def next(self, policy: Policy, stores: tuple[Store, ...]) -> Portion | None:
        """The next portion, None if there is nothing new. Raises LogServiceError."""


def rows_of(group: Any) -> list[Row]:
    """The logs of a LogGroup as SPL and queries see them."""
    common = {f"__tag__:{_text(tag.Key)}": _text(tag.Value) for tag in group.LogTags}
    common |= {"__topic__": _text(group.Topic), "__source__": _text(group.Source)}
    return [
        common
        | {"__time__": str(log.Time), "__time_ns_part__": str(log.Time_ns)}
        | {_text(content.Key): _text(content.Value) for content in log.Contents}
        for log in group.Logs
    ]


def size_of(rows: list[Row]) -> int:
    """Bytes of names and values, without what is not part of the log itself."""
    return sum(
        len(name.encode()) + len(value.encode())
        for row in rows
        for name, value in row.items()
        if not name.startswith("__")
    )


def _text(value: str | bytes) -> str:
    """The SDK gives bytes where a LogGroup holds a value that is not UTF-8."""
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
