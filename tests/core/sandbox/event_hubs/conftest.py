"""A broker in its own process, the real clients, and a client written from the protocol guide."""

from __future__ import annotations

import contextlib
import copy
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient
from helpers import kafka_wire
from helpers.kafka_wire import SECONDS, Connection, blob, crc32c, string
from helpers.waiting import eventually, take

from core.sandbox.certificates import Authority
from core.sandbox.process import Child

__all__ = ["SECONDS", "blob", "crc32c", "eventually", "string", "take"]  # the fixture kit has them


class Namespace:
    """The emulator's process with its folder, its first namespace, and clients that end with it."""

    def __init__(self, folder: Path, **attributes: Any) -> None:
        self.folder = folder
        self.authority = folder / "authority"
        self.log_file = folder / "event_hubs.log"
        self.ca_file = Authority(self.authority).ca_file
        self.name: str | None = None
        self._closing = contextlib.ExitStack()
        self.start()
        if attributes:
            self.child.request("update_namespace", **attributes)
        self.connection_string: str = self.policy("Manage", "Send", "Listen", name="root")

    def start(self) -> None:
        self.child = Child(
            "core.sandbox.event_hubs",
            ["--folder", str(self.folder / "state"), "--authority", str(self.authority)],
            self.log_file,
        )
        self.bootstrap: str = self.child.ready["bootstrap"]
        self.port: int = self.child.ready["port"]

    def kill_and_restart(self) -> None:
        self.child.kill()
        self.start()

    def another(self, name: str, **attributes: Any) -> Namespace:
        """One more namespace in the same process; it ends with :meth:`remove`, or the process."""
        made = self.child.request("create_namespace", name=name, **attributes)
        other = copy.copy(self)
        other.name = name
        other.bootstrap, other.port = made["bootstrap"], made["port"]
        other.connection_string = made["connection_string"]
        return other

    def remove(self) -> None:
        """Delete what :meth:`another` made."""
        self.child.request("delete_namespace", name=self.name)

    def request(self, do: str, **arguments: Any) -> Any:
        if self.name is not None:
            arguments["namespace"] = self.name
        return self.child.request(do, **arguments)

    def policy(self, *rights: str, hub: str | None = None, name: str = "") -> str:
        """The connection string of a policy with ``rights``."""
        name = name or "-".join(rights)
        made = self.request("put_policy", name=name, rights=list(rights), hub=hub)
        return str(made["connection_string"])

    def hub(self, name: str, partitions: int = 1, **settings: Any) -> str:
        self.request("create_hub", name=name, partitions=partitions, **settings)
        return name

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": self.connection_string,
            "ssl.ca.location": str(self.ca_file),
            "log_level": 2,
            **more,
        }

    def producer(self, **more: Any) -> ck.Producer:
        made = ck.Producer(self.settings(**{"linger.ms": 5, **more}))
        self._closing.callback(made.purge)
        return made

    def consumer(self, group: str, **more: Any) -> ck.Consumer:
        defaults = {
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 300,
        }
        made = ck.Consumer(self.settings(**{**defaults, **more}))
        self._closing.callback(made.close)
        return made

    def admin(self, **more: Any) -> AdminClient:
        return AdminClient(self.settings(**more))

    def raw(self, *, sign_in: bool = True, password: str = "") -> RawClient:
        client = RawClient(self.port, self.ca_file)
        self._closing.callback(client.close)
        if sign_in:
            client.sign_in("$ConnectionString", password or self.connection_string)
        return client

    def send(self, hub: str, values: list[bytes], partition: int = 0, **more: Any) -> None:
        """Produce ``values`` in order and wait until all are acknowledged."""
        producer = self.producer(**more)
        failed: list[Any] = []
        for value in values:
            producer.produce(
                hub, value, partition=partition, on_delivery=lambda e, _: e and failed.append(e)
            )
        assert producer.flush(SECONDS) == 0
        assert not failed

    def read(self, hub: str, count: int, partition: int = 0, offset: int = 0) -> list[ck.Message]:
        """``count`` messages of a partition without a group."""
        consumer = self.consumer("reader")
        consumer.assign([ck.TopicPartition(hub, partition, offset)])
        return take(consumer, count)

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def close_clients(self) -> None:
        self._closing.close()

    def close(self) -> None:
        self.close_clients()
        self.child.stop()


class RawClient(Connection):
    """A client on a TLS socket that knows nothing of the server's code."""

    def __init__(self, port: int, ca_file: Path) -> None:
        super().__init__("127.0.0.1", port, ca_file)

    def sign_in(self, user: str, password: str) -> None:
        assert self.call(17, 1, string("PLAIN"))[:2] == b"\0\0"
        answer = self.call(36, 1, blob(b"\0" + user.encode() + b"\0" + password.encode()))
        assert answer[:2] == b"\0\0", answer

    def call(self, api: int, version: int, body: bytes) -> bytes:
        """The body of the response; its correlation id is checked."""
        self.send(self.frame(api, version, body))
        answer = self.receive()
        assert int.from_bytes(answer[:4], "big") == self.correlation_id
        return answer[4:]

    def frame(self, api: int, version: int, body: bytes) -> bytes:
        return self.request(api, version, body, "raw")

    def send(self, frame: bytes) -> None:
        self.send_frame(frame)


def record_batch(
    values: list[bytes],
    *,
    producer: tuple[int, int, int] = (-1, -1, -1),
    timestamps: list[int] | None = None,
    attributes: int = 0,
) -> bytes:
    """A batch, of one moment in 2023 unless ``timestamps`` (ms) says otherwise."""
    times = timestamps or [1_700_000_000_000] * len(values)
    return kafka_wire.record_batch(values, times, producer=producer, attributes=attributes)


def produce_body(hub: str, batch: bytes, partition: int = 0, acks: int = -1) -> bytes:
    """The body of Produce version 7 with one batch."""
    head = struct.pack(">hhi", -1, acks, 10_000) + struct.pack(">i", 1) + string(hub)
    return head + struct.pack(">ii", 1, partition) + blob(batch)


def produced(answer: bytes, hub: str) -> tuple[int, int]:
    """Error code and base offset from the answer to :func:`produce_body`."""
    error, offset = struct.unpack_from(">hq", answer, 4 + len(string(hub)) + 8)
    return error, offset


@pytest.fixture(scope="session")
def kit() -> Any:
    """This file's functions, for test modules (which cannot import it)."""
    import sys

    return sys.modules[__name__]


@pytest.fixture(scope="module")
def shared_namespace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Namespace]:
    made = Namespace(tmp_path_factory.mktemp("namespace"), sku="Premium")
    yield made
    made.close()


@pytest.fixture
def namespace(shared_namespace: Namespace) -> Iterator[Namespace]:
    """A namespace that the tests of a module share; every test takes hubs of its own.

    It is a Premium one, which has room for the hubs of them all.
    """
    yield shared_namespace
    shared_namespace.close_clients()


@pytest.fixture
def own_namespace(tmp_path: Path) -> Iterator[Namespace]:
    """A namespace of the test's own, to be killed and started again."""
    made = Namespace(tmp_path)
    yield made
    made.close()
