"""The partitions that this engine owns now, and what happens when they come and go."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from core.engine.batching import GroupBuilder
from core.engine.failpoints import pass_point
from core.engine.ledger import Ledger
from core.engine.log_group import log_tags
from core.engine.read_times import ReadTimes
from core.engine.start_position import Position, resolve_positions
from core.engine.tracker import PartitionTracker
from core.logs import event

_COMMIT_TRIES = 3
_epochs = itertools.count(1)  # never the same twice, also after the client was replaced


class Owned:
    """One partition that this engine owns.

    Attributes:
        tracker: its unfinished messages.
        builder: its open LogGroup.
        metadata: what its commits carry.
        stored: the offset last handed to the client for committing.
        committed: the offset last confirmed by the group.
        times: when its unfinished messages were sent.
    """

    def __init__(self, position: Position, epoch: int, hub: str) -> None:
        self.tracker = PartitionTracker(epoch, position.offset)
        tags = log_tags({"hub": hub, "partition": str(position.partition)})
        self.builder = GroupBuilder(position.partition, epoch, tags)
        self.metadata = position.metadata
        self.start = position.start
        self.stored = position.offset
        self.committed = -1 if position.fresh else position.offset
        self.times = ReadTimes()


class Assignment:
    """Owns the set of partitions; called by the Kafka client inside ``consume()`` and ``close()``.

    Attributes:
        owned: partition -> its state.
        abandoned: set before a close after which nothing may be committed: the offsets that are
            known are those of a hub that is gone.
    """

    def __init__(
        self,
        consumer: Any,
        topic: str,
        start: str,
        ledger: Ledger,
        revoke_seconds: float,
        give_back: Callable[[list[int], float], None],
        is_paused: Callable[[], bool],
        drop: Callable[[int, int], None],
        metadata_client: Callable[[], Any],
        restarted: frozenset[int] = frozenset(),
    ) -> None:
        """``give_back(partitions, deadline)`` has what is under way finished and stored.

        ``drop(partition, epoch)`` forgets what waits for a partition that is gone.
        ``metadata_client()`` makes another client of the namespace, to be asked inside callbacks.
        ``restarted``: partitions of a hub that was made again; the group's commits of them are of
        its predecessor and are passed over, once.
        """
        self._consumer = consumer
        self._topic = topic
        self._start = start
        self._ledger = ledger
        self._revoke_seconds = revoke_seconds
        self._give_back = give_back
        self._is_paused = is_paused
        self._drop = drop
        self._metadata_client = metadata_client
        self._restarted = set(restarted)
        self.abandoned = False
        self.owned: dict[int, Owned] = {}

    def on_assign(self, consumer: Any, partitions: list[Any]) -> None:
        """New partitions: resolve where each begins, commit a start that is new, read on."""
        from confluent_kafka import TopicPartition

        epoch = next(_epochs)
        numbers = [each.partition for each in partitions]
        if not numbers:
            consumer.incremental_assign([])
            return
        begun = set(self._ledger.spans)
        restarted = self._restarted.intersection(numbers)
        self._restarted -= restarted
        positions = resolve_positions(
            consumer,
            self._topic,
            numbers,
            self._start,
            begun,
            restarted,
            self._metadata_client(),
        )
        places = [TopicPartition(self._topic, p.partition, p.offset) for p in positions]
        consumer.incremental_assign(places)
        for position in positions:
            owned = Owned(position, epoch, self._topic)
            self.owned[position.partition] = owned
            self._ledger.assigned(position.partition, position.start, position.offset)
            event("partition.assigned", partition=position.partition, offset=position.offset)
        self._ledger.save()
        if self._is_paused():
            consumer.pause(places)
        fresh = [position.partition for position in positions if position.fresh]
        if fresh:
            self._commit_start(fresh)

    def on_revoke(self, consumer: Any, partitions: list[Any]) -> None:
        """Partitions go to somebody else: finish what is under way, commit, forget them."""
        if self.abandoned:
            self.on_lost(consumer, partitions)
            return
        numbers = [each.partition for each in partitions if each.partition in self.owned]
        pass_point("in_on_revoke")
        self._give_back(numbers, time.monotonic() + self._revoke_seconds)
        self.store(numbers)
        self.commit(asynchronous=False)
        for number in numbers:
            event(
                "partition.revoked", partition=number, offset=self.owned[number].tracker.committable
            )
            self._forget(number)
        consumer.incremental_unassign(partitions)

    def on_lost(self, consumer: Any, partitions: list[Any]) -> None:
        """Partitions are somebody else's already: nothing may be committed for them."""
        for each in partitions:
            if each.partition in self.owned:
                event("partition.lost", partition=each.partition)
                self._forget(each.partition)
        consumer.incremental_unassign(partitions)

    def store(self, numbers: list[int] | None = None) -> bool:
        """Hand the committable offsets to the client; whether any of them is new."""
        from confluent_kafka import TopicPartition

        moved = []
        for number in self.owned if numbers is None else numbers:
            owned = self.owned[number]
            offset = owned.tracker.committable
            if offset > owned.stored or owned.committed < 0:
                place = TopicPartition(self._topic, number, offset, metadata=owned.metadata)
                moved.append(place)
                owned.stored = offset
        if moved:
            pass_point("after_ack_before_store")
            self._consumer.store_offsets(offsets=moved)
            pass_point("after_store_before_commit")
        return bool(moved)

    def behind(self) -> bool:
        """Whether something that was stored has not been confirmed by the group yet."""
        return any(owned.committed < owned.stored for owned in self.owned.values())

    def commit(self, asynchronous: bool) -> bool:
        """Commit what is stored; False if the group did not take it (it stays stored)."""
        from confluent_kafka import KafkaError, KafkaException

        try:
            result = self._consumer.commit(asynchronous=asynchronous)
        except KafkaException as error:
            if error.args[0].code() == KafkaError._NO_OFFSET:
                return True
            event("commit.failed", reason=error.args[0].str())
            return False
        if not asynchronous:
            return self.committed(None, result)
        return True

    def committed(self, error: Any, partitions: list[Any]) -> bool:
        """The group's answer to a commit, also as the client's ``on_commit`` callback."""
        from confluent_kafka import KafkaError

        if error is not None and error.code() != KafkaError._NO_OFFSET:
            event("commit.failed", reason=error.str())
            return False
        good = True
        for each in partitions or ():
            if each.error is not None:
                event("commit.failed", partition=each.partition, reason=each.error.str())
                good = False
            elif each.offset >= 0:
                owned = self.owned.get(each.partition)
                if owned is not None:
                    owned.committed = max(owned.committed, each.offset)
                self._ledger.committed(each.partition, each.offset)
        self._ledger.save()
        return good

    def _commit_start(self, fresh: list[int]) -> None:
        for _ in range(_COMMIT_TRIES):
            self.store(fresh)
            if self.commit(asynchronous=False):
                return
        # The next commit timer tries again; reading on meanwhile loses nothing.

    def _forget(self, number: int) -> None:
        owned = self.owned.pop(number)
        self._drop(number, owned.tracker.epoch)
