"""The group coordinator: all consumer groups, with their members and committed offsets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.committed import (
    MAX_METADATA_BYTES,
    Commit,
    CommittedOffsets,
    TopicPartition,
)
from core.sandbox.event_hubs.groups import Group
from core.sandbox.event_hubs.hubs import HubTable
from core.sandbox.event_hubs.wire import MalformedFrameError, Reader

_MAX_GROUPS = 1000  # Kafka consumer groups of a namespace: "azure-event-hubs quotas"
_MAX_GROUP_ID = 256


@dataclass(frozen=True)
class Committer:
    """Who commits: a member of a generation, or -1 and an empty id from outside."""

    group: str
    member_id: str
    instance_id: str | None
    generation: int


class Coordinator:
    """Groups by name. A group exists while it has members or committed offsets."""

    def __init__(self, journal: Path, hubs: HubTable) -> None:
        self._groups: dict[str, Group] = {}
        self._hubs = hubs
        self._began = time.time()
        self._empty_since: dict[str, float] = {}
        self.offsets = CommittedOffsets(journal)

    @property
    def names(self) -> list[str]:
        """Names of all groups."""
        return sorted({*self._groups, *self.offsets.groups})

    def __contains__(self, name: str) -> bool:
        """Whether there is a group of that name."""
        return name in self._groups or name in self.offsets

    def find(self, name: str) -> Group | None:
        """The group of that name if it has members."""
        return self._groups.get(name)

    def get(self, name: str) -> Group:
        """The group of that name for one who must be a member of it; ``RefusedError`` if none."""
        self._check_id(name)
        group = self._groups.get(name)
        if group is None:
            raise RefusedError(ErrorCode.UNKNOWN_MEMBER_ID)
        return group

    def get_or_create(self, name: str) -> Group:
        """The group of that name for one who wants to join it."""
        self._check_id(name)
        group = self._groups.get(name)
        if group is None:
            self._check_room(name)
            group = self._groups[name] = Group(lambda: self.drop_if_idle(name))
        return group

    def commit(
        self, who: Committer, commits: dict[TopicPartition, Commit]
    ) -> dict[TopicPartition, ErrorCode]:
        """Keep those commits that can be kept; what became of each."""
        self._check_id(who.group)
        group = self._groups.get(who.group)
        if group is not None:
            group.check_commit(who.member_id, who.instance_id, who.generation)
        elif who.generation >= 0:
            raise RefusedError(ErrorCode.ILLEGAL_GENERATION)
        else:
            self._check_room(who.group)
        verdicts = {key: self._verdict(key, commit) for key, commit in commits.items()}
        sound = {key: item for key, item in commits.items() if verdicts[key] is ErrorCode.NONE}
        if sound:
            try:
                self.offsets.commit(who.group, sound)
            except OSError as error:
                raise RefusedError(ErrorCode.KAFKA_STORAGE_ERROR) from error
        return verdicts

    def delete_group(self, name: str) -> None:
        """Forget a group that has no members."""
        group = self._groups.get(name)
        if group is not None and not group.idle:
            raise RefusedError(ErrorCode.NON_EMPTY_GROUP)
        if name not in self:
            raise RefusedError(ErrorCode.GROUP_ID_NOT_FOUND)
        self.offsets.forget_group(name)

    def delete_offsets(
        self, name: str, keys: list[TopicPartition]
    ) -> dict[TopicPartition, ErrorCode]:
        """Forget commits for topics that the group does not read now."""
        if name not in self:
            raise RefusedError(ErrorCode.GROUP_ID_NOT_FOUND)
        group = self._groups.get(name)
        read = subscribed(group) if group else frozenset()
        verdicts = {}
        for topic, partition in keys:
            verdicts[topic, partition] = ErrorCode.NONE
            hub = self._hubs.find(topic)
            if hub is None or not 0 <= partition < len(hub.partitions):
                verdicts[topic, partition] = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            elif topic in read:
                verdicts[topic, partition] = ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
        gone = [key for key, verdict in verdicts.items() if verdict is ErrorCode.NONE]
        self.offsets.remove(name, gone)
        return verdicts

    def drop_if_idle(self, name: str) -> None:
        """Forget the members' side of a group that has none; what it committed stays."""
        group = self._groups.get(name)
        if group is not None and group.idle:
            group.close()
            del self._groups[name]
            self._empty_since[name] = time.time()

    def expire(self, hours: float, now: float) -> None:
        """Forget commits older than ``hours`` at ``now``, of groups without members that long.

        Members of before a restart count as having left at the restart. Source: KIP-211.
        """
        least = now - hours * 3600
        for name in self.offsets.groups:
            empty_since = self._empty_since.get(name, self._began)
            if name in self._groups or empty_since >= least:
                continue
            if old := self.offsets.older_than(name, least):
                self.offsets.remove(name, old)
        self._empty_since = {name: at for name, at in self._empty_since.items() if at >= least}

    def close(self) -> None:
        """Cancel all timers, close the journal."""
        for group in self._groups.values():
            group.close()
        self.offsets.close()

    def _verdict(self, key: TopicPartition, commit: Commit) -> ErrorCode:
        hub = self._hubs.find(key[0])
        if hub is None or not 0 <= key[1] < len(hub.partitions):
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        if len(commit.metadata.encode()) > MAX_METADATA_BYTES:
            return ErrorCode.OFFSET_METADATA_TOO_LARGE
        return ErrorCode.NONE

    def _check_room(self, name: str) -> None:
        if name not in self.offsets and len(self.names) >= _MAX_GROUPS:
            raise RefusedError(ErrorCode.POLICY_VIOLATION)

    @staticmethod
    def _check_id(name: str) -> None:
        if not 0 < len(name) <= _MAX_GROUP_ID:
            raise RefusedError(ErrorCode.INVALID_GROUP_ID)


def subscribed(group: Group) -> frozenset[str]:
    """Topics that the members of a ``consumer`` group subscribe to.

    Source: "Apache Kafka protocol guide", ConsumerProtocolSubscription: version, topics, ...
    What a member sends is its own affair; what does not parse counts as no topic.
    """
    topics: set[str] = set()
    for member in group.members.values():
        reader = Reader(member.subscription(group.protocol))
        try:
            reader.int16()
            topics.update(reader.array(reader.string))
        except MalformedFrameError:
            continue
    return frozenset(topics)
