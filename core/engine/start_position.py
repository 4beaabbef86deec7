"""Where each partition begins, and how the group remembers it.

The first owner of a partition resolves ``start`` to an offset and commits it at once: otherwise
``latest`` would have a hole between its first assignment and its first commit, if it dies between
the two. Every commit carries that start and the number of partitions that the hub had, as metadata,
so that any later owner knows both, and knows a partition that appeared since: it begins at its
beginning.
"""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.logs import event

_SECONDS = 15.0


@dataclass(frozen=True)
class Position:
    """Where to read on in one partition.

    Attributes:
        partition: its number.
        offset: the next offset to read.
        start: the resolved start of the group there.
        fresh: nothing was committed yet, so ``offset`` must be, at once.
        metadata: what every commit of this partition carries.
    """

    partition: int
    offset: int
    start: int
    fresh: bool
    metadata: str


def resolve_positions(
    consumer: Any,
    topic: str,
    partitions: list[int],
    start: str,
    begun: Set[int] = frozenset(),
    restarted: Set[int] = frozenset(),
    metadata_client: Any = None,
) -> list[Position]:
    """Positions for newly assigned ``partitions``. Raises KafkaException.

    ``metadata_client``: another client of the same namespace, which inside a callback of
    ``consumer`` must be asked for the partitions instead: ``list_topics()`` there makes the next
    callback of the same call abort the process (seen with confluent-kafka 2.16.1).

    ``begun``: partitions that this host has imported before. If their commits are gone (expired,
    deleted), they begin at the beginning of what the hub holds: nothing is skipped.
    ``restarted``: partitions whose commits are those of a hub that was deleted and made again.
    """
    from confluent_kafka import KafkaException, TopicPartition

    # Not "or": a client without queued messages has the length 0.
    asked = consumer if metadata_client is None else metadata_client
    count = len(partitions_of(asked, topic))
    all_of_hub = [TopicPartition(topic, number) for number in range(count)]
    commits = {each.partition: each for each in consumer.committed(all_of_hub, timeout=_SECONDS)}
    for each in commits.values():
        if each.error is not None:
            raise KafkaException(each.error)
    known = {n: _memory(each) for n, each in commits.items() if each.offset >= 0}
    # How many partitions the hub had when this group began. Commits without our metadata tell
    # none: then a partition without a commit begins at its beginning, where nothing is skipped.
    began_with = max((memory.get("partitions", 0) for memory in known.values()), default=count)
    positions = []
    for number in partitions:
        commit = commits.get(number)
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=_SECONDS)
        if number in restarted or (commit is not None and commit.offset > high):
            # The hub was deleted and made again: the commit is of its predecessor.
            event("partition.restarted", partition=number, first=low, last=high)
            offset, first, fresh = low, low, True
        elif commit is not None and commit.offset >= 0:
            first = known[number].get("start", commit.offset)
            offset, fresh = commit.offset, False
        else:
            as_asked = number < began_with and number not in begun
            offset = first = (
                _asked_start(consumer, TopicPartition(topic, number), start, low, high)
                if as_asked
                else low
            )
            fresh = True
            event("partition.started", partition=number, offset=offset, start=start)
        metadata = json.dumps({"start": first, "partitions": began_with})
        positions.append(Position(number, offset, first, fresh, metadata))
    return positions


def partitions_of(consumer: Any, topic: str) -> list[int]:
    """The hub's partitions. Raises KafkaException, also while the hub has no metadata yet."""
    from confluent_kafka import KafkaError, KafkaException

    found = consumer.list_topics(topic, timeout=_SECONDS).topics[topic]
    if found.error is not None or not found.partitions:
        raise KafkaException(found.error or KafkaError(KafkaError.LEADER_NOT_AVAILABLE))
    return sorted(found.partitions)


def remembered_start(metadata: str | None, committed: int) -> int:
    """The resolved start that a commit's ``metadata`` tells; ``committed`` if it tells none."""
    try:
        return int(json.loads(metadata or "{}")["start"])
    except (ValueError, KeyError, TypeError):
        return committed


def _asked_start(consumer: Any, place: Any, start: str, low: int, high: int) -> int:
    """The offset that the profile's ``start`` means."""
    if start == "earliest":
        return low
    if start == "latest":
        return high
    place.offset = int(datetime.fromisoformat(start).timestamp() * 1000)
    (found,) = consumer.offsets_for_times([place], timeout=_SECONDS)
    return int(found.offset) if found.offset >= 0 else high


def _memory(commit: Any) -> dict[str, int]:
    """What our own commits carry; nothing of another program's metadata."""
    try:
        told = json.loads(commit.metadata or "{}")
        return {name: int(told[name]) for name in ("start", "partitions") if name in told}
    except (ValueError, TypeError):
        return {}
