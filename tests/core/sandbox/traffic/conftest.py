"""A hub in its own process, the traffic in another, and a plain consumer to read what came."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import pytest

from core.sandbox.certificates import Authority, write_private
from core.sandbox.process import Child

SECONDS = 30.0


class Hub:
    """An event hub that nobody else uses, with the traffic that goes to it."""

    def __init__(self, folder: Path, events: Child, name: str) -> None:
        self.folder = folder
        self.name = name
        self.ledger = folder / "traffic" / "sent.json"
        self.log_file = folder / "traffic.log"
        self._bootstrap = events.ready["bootstrap"]
        self._events = events
        self._ca_file = events_ca(folder)
        self._secret_file = folder / "secret"
        self._closing = contextlib.ExitStack()
        self.partitions = 3
        self.create()
        made = events.request("put_policy", name=name, rights=["Send", "Listen"], hub=None)
        self._connection_string = made["connection_string"]
        write_private(self._secret_file, self._connection_string.encode())

    def create(self) -> None:
        self._events.request("create_hub", name=self.name, partitions=self.partitions)

    def delete(self) -> None:
        self._events.request("delete_hub", name=self.name)

    def traffic(self, seed: int = 5, kinds: str | None = None) -> Child:
        child = Child(
            "core.sandbox.traffic",
            [
                *("--folder", str(self.ledger.parent), "--bootstrap", self._bootstrap),
                *("--hub", self.name, "--ca", str(self._ca_file)),
                *("--connection-string-file", str(self._secret_file), "--seed", str(seed)),
                *([] if kinds is None else ["--kinds", kinds]),
            ],
            self.log_file,
        )
        self._closing.callback(child.stop)
        return child

    def messages(self) -> list[list[bytes]]:
        """The values in each partition, all of them."""
        consumer = ck.Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": "PLAIN",
                "sasl.username": "$ConnectionString",
                "sasl.password": self._connection_string,
                "ssl.ca.location": str(self._ca_file),
                "group.id": "reader",
                "enable.auto.commit": False,
            }
        )
        try:
            places = [ck.TopicPartition(self.name, n, 0) for n in range(self.partitions)]
            expected = [consumer.get_watermark_offsets(place, SECONDS)[1] for place in places]
            consumer.assign(places)
            values: list[list[bytes]] = [[] for _ in places]
            deadline = time.monotonic() + SECONDS
            while [len(each) for each in values] != expected:
                assert time.monotonic() < deadline, f"{[len(v) for v in values]} of {expected}"
                for message in consumer.consume(500, 0.2):
                    assert message.error() is None, message.error()
                    assert message.key() is None
                    values[message.partition()].append(message.value())
        finally:
            consumer.close()
        return values

    def values(self) -> list[bytes]:
        """The values of all partitions."""
        return [value for each in self.messages() for value in each]

    def ids(self) -> list[str]:
        """The ids of all records in the hub."""
        return [
            record["correlationId"]
            for value in self.values()
            for record in unwrapped(json.loads(value))
        ]

    def told(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.ledger.read_text("utf-8"))
        return made

    def close(self) -> None:
        self._closing.close()


def events_ca(folder: Path) -> Path:
    return folder.parent / "authority" / "ca.pem"


def unwrapped(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return value
    records: list[dict[str, Any]] = value.get("records", [value])
    return records


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Child]]:
    folder = tmp_path_factory.mktemp("traffic")
    authority = folder / "authority"
    Authority(authority)
    child = Child(
        "core.sandbox.event_hubs",
        ["--folder", str(folder / "hubs"), "--authority", str(authority)],
        folder / "hubs.log",
    )
    yield folder, child
    child.stop()


@pytest.fixture
def hub(events: tuple[Path, Child], request: pytest.FixtureRequest) -> Iterator[Hub]:
    folder, child = events
    name = request.node.name.replace("_", "-")[:50].strip("-")
    own = folder / name
    own.mkdir()
    made = Hub(own, child, name)
    yield made
    made.close()


@pytest.fixture
def encoded() -> Any:
    return lambda value: base64.b64encode(value).decode()
