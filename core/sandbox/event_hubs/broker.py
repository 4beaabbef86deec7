"""The broker of a namespace: hubs, groups, policies, producer ids, and the file that keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.sandbox.event_hubs import state as state_file
from core.sandbox.event_hubs.admission import Admission
from core.sandbox.event_hubs.coordinator import Coordinator
from core.sandbox.event_hubs.hubs import HubTable
from core.sandbox.event_hubs.policies import Policy, PolicyTable
from core.sandbox.event_hubs.throttle import Throttle
from core.sandbox.event_hubs.tiers import Attributes

NODE_ID = 0  # the namespace is one broker to its clients
STATE_FILE = "state.json"
_PRODUCER_IDS_RESERVED = 1000


class Broker:
    """Everything that outlives a connection. One per state folder, in an event loop.

    Attributes:
        port: the listener's; 0 until :meth:`set_port`.
        admission: whom the next sign-in lets in.
        throttle: what slows produce and fetch down; None: nothing.
    """

    def __init__(self, folder: Path, attributes: Attributes | None = None) -> None:
        """``attributes`` count for a new folder only."""
        folder.mkdir(parents=True, exist_ok=True)
        self._state_path = folder / STATE_FILE
        self._state = state_file.load(self._state_path, attributes)
        self._next_producer_id = self._state.producer_ids
        self.policies = PolicyTable(list(self._state.policies))
        self.hubs = HubTable(folder / "hubs", self._state.hubs, self.attributes.tier)
        self.coordinator = Coordinator(folder / "offsets.journal", self.hubs)
        self.admission = Admission(self.attributes)
        self.throttle: Throttle | None = None

    @property
    def port(self) -> int:
        """The port that clients are sent to."""
        return self._state.port

    @property
    def cluster_id(self) -> str:
        """An id for the namespace that never changes."""
        return self._state.cluster_id

    @property
    def attributes(self) -> Attributes:
        """The namespace's settings."""
        return self._state.attributes

    def set_port(self, port: int) -> None:
        """Keep the listener's port for ever."""
        self._state = replace(self._state, port=port)
        self.save()

    def set_attributes(self, attributes: Attributes) -> None:
        """Change the namespace's settings."""
        self._state = replace(self._state, attributes=attributes)
        self.hubs.tier = attributes.tier
        self.save()

    @contextmanager
    def changing_hubs(self) -> Iterator[HubTable]:
        """The hubs, to be made or changed; they are saved afterwards."""
        yield self.hubs
        self.save()

    def delete_hub(self, name: str) -> None:
        """Delete a hub, its policies and the commits for it; ``RefusedError`` if there is none."""
        self.hubs.get(name)
        self.coordinator.offsets.forget_topic(name)
        self.policies.forget_hub(name)
        self.hubs.delete(name)
        self.save()

    @contextmanager
    def changing_policies(self, hub: str | None) -> Iterator[PolicyTable]:
        """The policies, one of ``hub`` or (None) of the namespace to be changed; saved afterwards.

        ``ValueError`` if there is no such hub.
        """
        if hub is not None and hub not in self.hubs:
            raise ValueError(f"no hub {hub!r}")
        yield self.policies
        self.save()

    def put_policy(self, name: str, rights: list[str], hub: str | None) -> Policy:
        """Make or change a shared access policy; ``ValueError`` if it is wrong."""
        with self.changing_policies(hub) as policies:
            return policies.put(name, rights, hub)

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
            self._state, policies=tuple(self.policies.lasting()), hubs=self.hubs.settings
        )
        state_file.save(self._state_path, self._state)

    def close(self) -> None:
        """Close all files."""
        self.coordinator.close()
        self.hubs.close()
