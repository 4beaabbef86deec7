"""The two brokers that are compared: the sandbox's and Apache Kafka, behind the same door.

Both listen with SASL_SSL on a free port of 127.0.0.1 and take ``$ConnectionString`` by PLAIN.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from conformance.jars import class_path

from core.sandbox.certificates import Authority
from core.sandbox.process import Child

HOST = "127.0.0.1"
USER = "$ConnectionString"
MAX_MESSAGE_BYTES = 1_048_576
_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_TRIES = 3  # a port that was free may be taken by the time the broker opens it


class Broker(Protocol):
    """A broker under test."""

    name: str
    bootstrap: str
    ca_file: Path
    connection_string: str

    def restart(self) -> None:
        """Stop it in order and start it on what it left."""

    def kill_and_restart(self) -> None:
        """End it as ``kill -9`` does and start it on what it left."""

    def close(self) -> None:
        """Stop it for good."""


class IsthmusBroker:
    """The Event Hubs emulator, as a Premium namespace: its rules are the nearest to Kafka's."""

    name = "isthmus"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca_file = Authority(folder).ca_file
        self._start()
        self._child.request("update_namespace", sku="Premium")
        policy = self._child.request(
            "put_policy", name="root", rights=["Manage", "Send", "Listen"], hub=None
        )
        self.connection_string: str = policy["connection_string"]

    def restart(self) -> None:
        self._child.stop()
        self._start()

    def kill_and_restart(self) -> None:
        self._child.kill()
        self._start()

    def close(self) -> None:
        self._child.stop()

    def _start(self) -> None:
        arguments = ["--folder", str(self._folder / "state"), "--authority", str(self._folder)]
        log_file = self._folder / "event_hubs.log"
        self._child = Child("core.sandbox.event_hubs", arguments, log_file)
        self.bootstrap: str = self._child.ready["bootstrap"]


class ApacheKafka:
    """Apache Kafka, one node that is broker and controller (KRaft)."""

    name = "apache"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._class_path = class_path()
        self._settings = folder / "server.properties"
        self._log_file = folder / "kafka.log"
        self._keeper: subprocess.Popen[str] | None = None
        self.ca_file = Authority(folder).ca_file
        self.connection_string = (
            f"Endpoint=sb://{HOST}/;SharedAccessKeyName=root;"
            f"SharedAccessKey={secrets.token_urlsafe(32)}="
        )
        for left in reversed(range(_TRIES)):
            self._format()
            try:
                self._start()
            except RuntimeError:
                if not left:
                    raise
            else:
                return

    def restart(self) -> None:
        self._signal(signal.SIGTERM)
        self._start()

    def kill_and_restart(self) -> None:
        self._signal(signal.SIGKILL)
        self._start()

    def close(self) -> None:
        if self._keeper is not None:
            self._keeper.communicate(timeout=_STOP_SECONDS)
            self._keeper = None

    def _format(self) -> None:
        ports = _free_ports(3)
        self.bootstrap = f"{HOST}:{ports[0]}"
        data = self._folder / f"data-{ports[0]}"
        chain = Authority(self._folder).server("kafka", [HOST, "localhost"])
        keystore = self._folder / "kafka-keystore.pem"
        keystore.touch(mode=0o600)
        keystore.write_bytes(chain.key_file.read_bytes() + chain.chain_file.read_bytes())
        self._settings.touch(mode=0o600)
        self._settings.write_text(_properties(ports, data, keystore, self.connection_string))
        storage = ["kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", self._settings]
        told = subprocess.run(
            self._java("-Xmx128m", *storage), capture_output=True, text=True, check=False
        )
        if told.returncode:
            raise RuntimeError(f"StorageTool format: {told.stdout}{told.stderr}")

    def _start(self) -> None:
        command = self._java("-Xmx512m", "kafka.Kafka", self._settings)
        keeper = Path(__file__).with_name("keeper.py")
        with self._log_file.open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, "-P", keeper, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._folder,
                text=True,
            )
        assert self._keeper.stdout is not None
        self._pid = int(self._keeper.stdout.readline())
        deadline = time.monotonic() + _START_SECONDS
        while not _listens(self.bootstrap):
            if self._keeper.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"Apache Kafka did not start: {self._tail()}")
            time.sleep(0.1)

    def _signal(self, number: signal.Signals) -> None:
        assert self._keeper is not None
        os.kill(self._pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._keeper.wait(_STOP_SECONDS)
        self.close()

    def _java(self, heap: str, *arguments: Any) -> list[Any]:
        levels = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]  # two cores are shared
        return ["java", heap, *levels, *quick, "-cp", self._class_path, *arguments]

    def _tail(self) -> str:
        text = self._log_file.read_text("utf-8", errors="replace")[-3000:]
        return text.replace(self.connection_string, "<connection string>")


def _properties(ports: list[int], data: Path, keystore: Path, password: str) -> str:
    outside, inside, controller = ports
    login = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="'
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{HOST}:{controller}
listeners=EH://{HOST}:{outside},INTERNAL://{HOST}:{inside},CONTROLLER://{HOST}:{controller}
advertised.listeners=EH://{HOST}:{outside},INTERNAL://{HOST}:{inside}
listener.security.protocol.map=EH:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=PLAIN
listener.name.eh.plain.sasl.jaas.config={login}{password}";
listener.name.eh.ssl.keystore.type=PEM
listener.name.eh.ssl.keystore.location={keystore}
ssl.client.auth=none
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=100
auto.create.topics.enable=false
message.max.bytes={MAX_MESSAGE_BYTES}
log.segment.bytes=1048576
log.retention.check.interval.ms=500
log.initial.task.delay.ms=500
file.delete.delay.ms=500
"""


def _cluster_id() -> str:
    """22 characters of URL-safe base64, the first of which is no dash."""
    return "A" + secrets.token_urlsafe(16)[1:]


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def _listens(address: str) -> bool:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True
