"""Settings of a Kafka client for Event Hubs.

Values follow Microsoft's recommendations for librdkafka (Azure: "Apache Kafka configurations" for
Event Hubs) and what is known of the service: Azure drops TCP connections that were idle for 240 s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.applied import read_applied
from core.errors import Code, problem_error
from core.profile import Profile

USER = "$ConnectionString"
"""The SASL user name, literally, for every namespace."""


@dataclass(frozen=True)
class HubAccess:
    """All that it takes to read one event hub.

    Attributes:
        bootstrap: ``host:port`` of the namespace.
        hub: the event hub's name, which is the topic.
        connection_string: the password.
        ca_file: certificate authorities to trust; None: the built-in ones.
    """

    bootstrap: str
    hub: str
    connection_string: str = field(repr=False)
    ca_file: Path | None

    @property
    def host(self) -> str:
        """The host part of ``bootstrap``."""
        return self.bootstrap.rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port part of ``bootstrap``."""
        return int(self.bootstrap.rpartition(":")[2])


def hub_access(profile: Profile) -> HubAccess:
    """What ``profile`` says of its hub, or what ``apply`` made of it, its secret read.

    Raises ProblemError, for example when nothing was applied yet.
    """
    bootstrap, hub = profile.kafka.bootstrap, profile.kafka.topic
    if not (bootstrap and hub):
        applied = read_applied(profile.state_folder)
        bootstrap, hub = bootstrap or applied.bootstrap, hub or applied.hub
    if not (bootstrap and hub):
        raise problem_error(Code.NOT_APPLIED, "kafka.bootstrap", profile=profile.file.name)
    return HubAccess(
        bootstrap=bootstrap,
        hub=hub,
        connection_string=profile.read_secret(profile.kafka_secret, "kafka.connection_string"),
        ca_file=profile.ca_file,
    )


def client_settings(access: HubAccess) -> dict[str, str | int | bool]:
    """Settings that every client of the hub needs."""
    settings: dict[str, str | int | bool] = {
        "bootstrap.servers": access.bootstrap,
        "client.id": f"isthmus/{_version()}",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": USER,
        "sasl.password": access.connection_string,
        "connections.max.idle.ms": 180_000,
        "metadata.max.age.ms": 180_000,
        "topic.metadata.refresh.interval.ms": 180_000,
        "socket.keepalive.enable": True,
        "socket.timeout.ms": 60_000,
        "socket.connection.setup.timeout.ms": 10_000,
        "allow.auto.create.topics": False,
        "log_level": 0,  # what matters comes through the error callback, redacted
    }
    if access.ca_file is not None:
        settings["ssl.ca.location"] = str(access.ca_file)
    return settings


def consumer_settings(
    access: HubAccess, group: str, session_timeout_s: int
) -> dict[str, str | int | bool]:
    """Settings of the importing consumer.

    Offsets are stored and committed by the engine alone, and where to begin is the engine's
    decision too (``auto.offset.reset=error``): nothing may be skipped silently.
    """
    return client_settings(access) | {
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": session_timeout_s * 1000,
        "heartbeat.interval.ms": max(1000, session_timeout_s * 100),
        "max.poll.interval.ms": 300_000,
        # At most this much is prefetched, on top of which one fetch may land.
        "queued.max.messages.kbytes": 16_384,
        "fetch.max.bytes": 8_388_608,
        "max.partition.fetch.bytes": 1_048_576,
        "fetch.wait.max.ms": 100,
    }


def reader_settings(access: HubAccess, group: str) -> dict[str, str | int | bool]:
    """Settings of a consumer that only looks: it is assigned, joins no group, commits nothing."""
    return client_settings(access) | {
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 100,
    }


def _version() -> str:
    try:
        return version("isthmus")
    except PackageNotFoundError:  # run from a tree that was not installed
        return "0"


def metadata_client(access: HubAccess) -> Any:
    """A client that can be asked for metadata, apart from every consumer."""
    from confluent_kafka.admin import AdminClient

    return AdminClient(client_settings(access))
