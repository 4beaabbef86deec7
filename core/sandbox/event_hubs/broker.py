"""The broker: hubs, groups, policies and producer ids, and the state file that keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.sandbox.event_hubs import state as state_file
from core.sandbox.event_hubs.coordinator import Coordinator
from core.sandbox.event_hubs.hubs import HubTable
from core.sandbox.event_hubs.policies import Policy, PolicyTable

NODE_ID = 0  # the namespace is one broker to its clients
_PRODUCER_IDS_RESERVED = 1000


class Broker:
    """Everything that outlives a connection. One per state folder, in an event loop.

    Attributes:
        port: the listener's; 0 until :meth:`set_port`.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._state_path = folder / "state.json"
        self._state = state_file.load(self._state_path)
        self._next_producer_id = self._state.producer_ids
        self.policies = PolicyTable(list(self._state.policies))
        self.hubs = HubTable(folder / "hubs", self._state.hubs)
        self.coordinator = Coordinator(folder / "offsets.journal", self.hubs)

    @property
    def port(self) -> int:
        """The port that clients are sent to."""
        return self._state.port

    @property
    def cluster_id(self) -> str:
        """An id for the namespace that never changes."""
        return self._state.cluster_id

    def set_port(self, port: int) -> None:
        """Keep the listener's port for ever."""
        self._state = replace(self._state, port=port)
        self.save()

    @contextmanager
    def changing_hubs(self) -> Iterator[HubTable]:
        """The hubs, to be made or enlarged; they are saved afterwards."""
        yield self.hubs
        self.save()

    def delete_hub(self, name: str) -> None:
        """Delete a hub, its policies and the commits for it; ``RefusedError`` if there is none."""
        self.hubs.get(name)
        self.coordinator.offsets.forget_topic(name)
        self.policies.forget_hub(name)
        self.hubs.delete(name)
        self.save()

    def put_policy(self, name: str, rights: list[str], hub: str | None) -> Policy:
        """Make or change a shared access policy; ``ValueError`` if it is wrong."""
        if hub is not None and self.hubs.find(hub) is None:
            raise ValueError(f"no hub {hub!r}")
        policy = self.policies.put(name, rights, hub)
        self.save()
        return policy

    def new_producer_id(self) -> int:
        """An id that no producer has or had."""
        if self._next_producer_id >= self._state.producer_ids:
            reserved = self._next_producer_id + _PRODUCER_IDS_RESERVED
            self._state = replace(self._state, producer_ids=reserved)
            self.save()
        self._next_producer_id += 1
        return self._next_producer_id - 1

    def save(self) -> None:
        """Write the state file."""
        self._state = replace(
            self._state, policies=tuple(self.policies.all()), hubs=self.hubs.settings
        )
        state_file.save(self._state_path, self._state)

    def close(self) -> None:
        """Close all files."""
        self.coordinator.close()
        self.hubs.close()
