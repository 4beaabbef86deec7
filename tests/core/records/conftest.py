"""A message through split and encode, decoded with the SDK's own protobuf."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from aliyun.log.log_logs_pb2 import LogGroup

from core.engine.batching import GroupBuilder
from core.engine.dead_letters import DeadLetter
from core.engine.log_group import log_tags
from core.engine.transform import Transform

TIMESTAMP_MS = 1_772_000_000_789


class OneMessage:
    """What a consumer hands over; its headers are no business of the import."""

    def __init__(self, value: bytes | None) -> None:
        self._value = value

    def value(self) -> bytes | None:
        return self._value

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return 7

    def timestamp(self) -> tuple[int, int]:
        return 1, TIMESTAMP_MS

    def headers(self) -> Any:
        raise AssertionError("the headers were looked at")


@dataclass
class Stored:
    """What became of a message.

    Attributes:
        logs: index in the message -> the fields of the log.
        times: index -> Time and Time_ns.
        causes: index -> cause, of the dead letter.
        received, repaired, repairs: the transform's counters.
    """

    logs: dict[int, dict[str, str]] = field(default_factory=dict)
    times: dict[int, tuple[int, int]] = field(default_factory=dict)
    causes: dict[int, str] = field(default_factory=dict)
    received: int = 0
    repaired: int = 0
    repairs: dict[str, int] = field(default_factory=dict)

    def only(self) -> dict[str, str]:
        """The one log of a message with one record."""
        assert not self.causes
        (log,) = self.logs.values()
        return log

    def flags(self, index: int = 0) -> set[str]:
        return set(filter(None, self.logs[index].get("event_flags", "").split(",")))


def transformed(value: bytes | None) -> Stored:
    groups: list[bytes] = []
    letters: list[DeadLetter] = []

    def close(builder: GroupBuilder) -> None:
        groups.append(builder.close().raw)

    transform = Transform("0a1b2c3d", close, letters.append)
    builder = GroupBuilder(3, 1, log_tags({"hub": "h", "partition": "3"}))
    transform.take(OneMessage(value), builder)
    close(builder)
    stored = Stored(
        received=transform.received, repaired=transform.repaired, repairs=dict(transform.repairs)
    )
    for raw in groups:
        group = LogGroup()
        group.ParseFromString(raw)
        for log in group.Logs:
            fields = {content.Key: content.Value for content in log.Contents}
            assert len(fields) == len(log.Contents)
            index = int(fields["event_uid"].rpartition(".")[2].partition("/")[0])
            stored.logs[index] = fields
            stored.times[index] = log.Time, log.Time_ns
    for letter in letters:
        assert letter.raw == (value or b"")
        stored.causes |= letter.causes
    return stored


@pytest.fixture(scope="session", name="store")
def _store() -> Any:
    """The function that takes a message's value and tells what became of it."""
    return transformed
