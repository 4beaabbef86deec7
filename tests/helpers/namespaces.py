"""A namespace of the Event Hubs emulator for tests, and plain clients for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Producer

from core.kafka.settings import HubAccess, client_settings
from core.sandbox.certificates import Authority
from core.sandbox.process import Child


@dataclass
class Namespace:
    """A running emulator; ``access`` makes what a client needs."""

    folder: Path
    child: Child
    connection_string: str = field(repr=False)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def create_hub(self, name: str, partitions: int = 2) -> HubAccess:
        self.child.request("create_hub", name=name, partitions=partitions)
        return self.access(name)

    def access(self, hub: str) -> HubAccess:
        bootstrap = self.child.ready["bootstrap"]
        return HubAccess(bootstrap, hub, self.connection_string, self.ca_file)

    def produce(self, hub: str, values: list[bytes], partition: int = -1) -> None:
        """Send ``values`` and wait until each is delivered."""
        failed = []
        producer = Producer(client_settings(self.access(hub)) | {"linger.ms": 5})
        for value in values:
            producer.produce(
                hub, value, partition=partition, on_delivery=lambda e, _: e and failed.append(e)
            )
            producer.poll(0)
        assert producer.flush(30) == 0
        assert failed == []


def open_namespace(folder: Path) -> Namespace:
    """Start the emulator in ``folder``; ``child.stop()`` ends it."""
    Authority(folder)
    child = Child(
        "core.sandbox.event_hubs",
        ["--folder", str(folder / "event_hubs"), "--authority", str(folder)],
        folder / "event_hubs.log",
    )
    policy = child.request(
        "put_policy",
        name="RootManageSharedAccessKey",
        rights=["Manage", "Send", "Listen"],
        hub=None,
    )
    return Namespace(folder, child, policy["connection_string"])
