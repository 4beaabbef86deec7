"""Who is alive in each consumer group, and which shard is whose.

Kept in memory only: after a restart the consumers' next heartbeats share the shards anew. A shard
changes hands only when the consumer that holds it no longer says so in its heartbeat, or is silent
for longer than the group's timeout. (Alibaba Cloud: SLS "HeartBeat"; how shards are shared is
assumption SLS-15.)
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class _Consumer:
    """When a consumer was heard last, and the shards that it said it holds."""

    heard: float
    held: list[int]


@dataclass
class Members:
    """One group.

    Attributes:
        owners: whom each shard is meant for.
    """

    consumers: dict[str, _Consumer] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)

    def beat(
        self, name: str, held: list[int], shards: list[int], timeout: int, now: float
    ) -> list[int]:
        """The shards that consumer ``name`` may read now."""
        self.consumers[name] = _Consumer(now, held)
        alive = {who: c for who, c in self.consumers.items() if now - c.heard <= timeout}
        self.consumers = alive
        self._share(shards)
        taken = {shard for who, c in alive.items() if who != name for shard in c.held}
        return [shard for shard in shards if self.owners[shard] == name and shard not in taken]

    def _share(self, shards: list[int]) -> None:
        """Share evenly, moving as few shards as it takes."""
        names = sorted(self.consumers)
        load = {who: [s for s in shards if self.owners.get(s) == who] for who in names}
        free = [shard for shard in shards if self.owners.get(shard) not in load]
        for shard in free:
            load[min(names, key=lambda who: (len(load[who]), who))].append(shard)
        while True:
            most = max(names, key=lambda who: len(load[who]))
            least = min(names, key=lambda who: len(load[who]))
            if len(load[most]) - len(load[least]) <= 1:
                break
            load[least].append(load[most].pop())
        self.owners = {shard: who for who, mine in load.items() for shard in mine}


class GroupMembers:
    """All groups, by Logstore and name."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, str], Members] = {}

    def of(self, logstore: int, group: str) -> Members:
        """The members of a group."""
        return self._groups.setdefault((logstore, group), Members())

    def forget(self, logstore: int, group: str) -> None:
        """A group was deleted."""
        self._groups.pop((logstore, group), None)
