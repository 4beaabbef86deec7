"""The emulator in its own process, the real SDK, and a client that signs and packs by itself."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import hashlib
import hmac
import http.client
import itertools
import json
import ssl
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import lz4.block
import pytest
import zstandard
from aliyun.log import LogClient
from aliyun.log.proto import LogGroupListRaw, LogGroupRaw

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.sdk_session import steer_session
from core.sandbox.certificates import Authority
from core.sandbox.process import Child

SECONDS = 20.0
PROJECT = "proof"
_names = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return json.loads(self.body)["errorCode"]


class Region:
    """The emulator's process with its folder, and clients that end with it."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self.data = folder / "state"
        self.log_file = folder / "log_service.log"
        self.ca_file = Authority(folder / "authority").ca_file
        self._more = more
        self._closing = contextlib.ExitStack()
        self.start()
        self.request("create_project", name=PROJECT)

    def start(self) -> None:
        self.child = Child(
            "core.sandbox.log_service",
            [
                "--folder",
                str(self.data),
                "--authority",
                str(self.folder / "authority"),
                *self._more,
            ],
            self.log_file,
        )
        self.ready = self.child.ready

    def kill_and_restart(self) -> None:
        self.child.kill()
        self.start()

    def request(self, do: str, **arguments: Any) -> Any:
        return self.child.request(do, **arguments)

    def scenario(self, name: str, on: bool, **more: Any) -> None:
        self.request("scenario", name=name, on=on, **more)

    def job(self, name: str) -> dict[str, Any]:
        """What the emulator itself says of a job."""
        jobs: list[dict[str, Any]] = self.request("jobs")
        return next(job for job in jobs if job["name"] == name)

    def job_is(self, name: str, status: str, written: int = 0) -> dict[str, Any]:
        """Wait until a job has a state and has written so many logs."""

        def settled() -> bool:
            job = self.job(name)
            assert status == "FAILED" or job["status"] != "FAILED", job["failure"]
            return job["status"] == status and job["written"] >= written

        eventually(settled, 40)
        return self.job(name)

    def rows(self, logstore: str, shards: int = 2) -> list[dict[str, str]]:
        """Every log of a Logstore as a flat row, read by PullLogs."""
        found: list[dict[str, str]] = []
        for raw in self.raw().stored(logstore, shards):
            group = LogGroupRaw.FromString(raw)
            common = {"__topic__": group.Topic, "__source__": group.Source}
            common |= {f"__tag__:{tag.Key}": tag.Value for tag in group.LogTags}
            for log in group.Logs:
                row = {"__time__": str(log.Time), "__ns__": str(log.Time_ns), **common}
                found.append(row | {each.Key: each.Value.decode() for each in log.Contents})
        return found

    def logstore(self, **settings: Any) -> str:
        """A Logstore of the test's own."""
        name = f"logs-{next(_names)}"
        self.request("create_logstore", project=PROJECT, name=name, **settings)
        return name

    def sdk(self, tls: bool = False, **more: Any) -> LogClient:
        """The SDK's client, to be reached through HTTP_PROXY, or by TLS at the address."""
        client = LogClient(
            f"{'https' if tls else 'http'}://{self.ready['endpoint']}",
            more.pop("access_key_id", self.ready["access_key_id"]),
            more.pop("access_key_secret", self.ready["access_key_secret"]),
            source="10.0.0.1",
            **more,
        )
        self._closing.callback(client._session.close)
        if tls:
            steer_session(client._session, self.access())
            adapter = client._session.get_adapter(f"https://{self.access().host}/")
            client._session.mount("https://", adapter)  # other projects go the same way
        return client

    def access(self, logstore: str = "") -> LogServiceAccess:
        """The way of our own clients to the TLS listener."""
        return LogServiceAccess(
            endpoint=self.ready["endpoint"],
            project=PROJECT,
            logstore=logstore,
            access_key_id=self.ready["access_key_id"],
            access_key_secret=self.ready["access_key_secret"],
            address=self.ready["address"],
            ca_file=self.ca_file,
        )

    def raw(self, plain: bool = False) -> RawClient:
        client = RawClient(self.ready, self.ca_file, plain)
        self._closing.callback(client.close)
        return client

    def close_clients(self) -> None:
        self._closing.close()

    def close(self) -> None:
        self.close_clients()
        self.child.stop()


class Hub:
    """An Event Hubs emulator for import jobs, with a namespace of the region's own authority."""

    def __init__(self, folder: Path, authority: Path) -> None:
        self._folder = folder
        self._authority = authority
        self._made: list[str] = []
        self._start()
        self.connection_string = self.policy("root", "Manage", "Send", "Listen")

    def _start(self) -> None:
        self.child = Child(
            "core.sandbox.event_hubs",
            ["--folder", str(self._folder / "state"), "--authority", str(self._authority)],
            self._folder / "event_hubs.log",
        )
        self.bootstrap: str = self.child.ready["bootstrap"]

    def kill_and_restart(self) -> None:
        self.child.kill()
        self._start()

    def request(self, do: str, **arguments: Any) -> Any:
        return self.child.request(do, **arguments)

    def policy(self, name: str, *rights: str) -> str:
        made = self.request("put_policy", name=name, rights=list(rights), hub=None)
        return str(made["connection_string"])

    def make(self, partitions: int = 1) -> str:
        """A hub of the test's own."""
        name = f"hub-{next(_names)}"
        self._made.append(name)
        self.request("create_hub", name=name, partitions=partitions, retention_hours=24)
        return name

    def send(self, hub: str, *values: bytes, partition: int = 0, time_ms: int = 0) -> None:
        """Send messages in order and wait until all are acknowledged."""
        producer = ck.Producer({**self.settings(), "linger.ms": 5})
        failed: list[Any] = []
        for value in values:
            producer.produce(
                hub,
                value,
                partition=partition,
                timestamp=time_ms,
                on_delivery=lambda error, _: error and failed.append(error),
            )
        assert producer.flush(SECONDS) == 0
        assert not failed

    def committed(self, hub: str, group: str, partition: int = 0) -> int:
        """A group's commit; negative if there is none."""
        consumer = ck.Consumer({**self.settings(), "group.id": group})
        try:
            found = consumer.committed([ck.TopicPartition(hub, partition)], timeout=SECONDS)
            return int(found[0].offset)
        finally:
            consumer.close()

    def settings(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": self.connection_string,
            "ssl.ca.location": str(self._authority / "ca.pem"),
            "log_level": 2,
        }

    def source(self, hub: str, **changes: Any) -> dict[str, Any]:
        """The source of an import from ``hub``; None takes a field away."""
        sasl = {
            "mechanism": "plain",
            "username": "$ConnectionString",
            "password": changes.pop("password", self.connection_string),
        }
        usual = {
            "type": "Kafka",
            "bootstrapServers": self.bootstrap,
            "topics": hub,
            "valueType": "json",
            "fromPosition": "earliest",
            "communication": json.dumps({"protocol": "sasl_ssl", "sasl": sasl}),
            "encoding": "UTF-8",
            "parseArray": False,
            "consumerGroup": f"group-{hub}",
        }
        return {name: each for name, each in {**usual, **changes}.items() if each is not None}

    def remove_hubs(self) -> None:
        """A namespace has room for ten."""
        while self._made:
            self.request("delete_hub", name=self._made.pop())

    def close(self) -> None:
        self.child.stop()


class RawClient:
    """One keep-alive connection; knows the protocol from its description alone."""

    def __init__(self, ready: dict[str, Any], ca_file: Path, plain: bool) -> None:
        self.key_id, self.secret = ready["access_key_id"], ready["access_key_secret"]
        self.host = f"{PROJECT}.{ready['endpoint']}"
        place = ready["http_proxy"].removeprefix("http://") if plain else ready["address"]
        name, _, port = place.partition(":")
        if plain:
            self.connection = http.client.HTTPConnection(name, int(port), timeout=SECONDS)
        else:
            context = ssl.create_default_context(cafile=str(ca_file))
            self.connection = http.client.HTTPSConnection(
                name, int(port), timeout=SECONDS, context=context
            )

    def sign(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, Any], digest: str
    ) -> str:
        """Alibaba Cloud, SLS "Request signatures"."""
        lower = {name.lower(): value for name, value in headers.items()}
        text = "\n".join(
            [
                method,
                lower.get("content-md5", ""),
                lower.get("content-type", ""),
                lower.get("date", ""),
                *(f"{n}:{lower[n]}" for n in sorted(lower) if n.startswith(("x-log-", "x-acs-"))),
                path,
            ]
        )
        if query:
            text += "?" + "&".join(f"{name}={query[name]}" for name in sorted(query))
        signature = hmac.new(self.secret.encode(), text.encode(), digest).digest()
        return f"LOG {self.key_id}:{base64.b64encode(signature).decode()}"

    def send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, Any] | None = None,
        digest: str = "sha1",
        target: str | None = None,
    ) -> Reply:
        """Send a signed request. ``headers`` replace the usual ones; None takes one away."""
        query = query or {}
        usual: dict[str, Any] = {
            "Host": self.host,
            "Date": email.utils.formatdate(usegmt=True),
            "x-log-apiversion": "0.6.0",
            "x-log-signaturemethod": f"hmac-{digest}",
            "x-log-bodyrawsize": str(len(body)),
            "Content-Length": str(len(body)),
        }
        if body:
            usual["Content-MD5"] = hashlib.md5(body).hexdigest().upper()
            usual["Content-Type"] = "application/x-protobuf"
        sent = {n: v for n, v in {**usual, **(headers or {})}.items() if v is not None}
        sent.setdefault("Authorization", self.sign(method, path, query, sent, digest))
        if (headers or {}).get("Authorization", "") is None:
            del sent["Authorization"]
        encoded = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        self.connection.putrequest(
            method, target or encoded, skip_host=True, skip_accept_encoding=True
        )
        for name, value in sent.items():
            self.connection.putheader(name, value)
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, found, answer.read())

    def put(
        self,
        logstore: str,
        raw: bytes,
        compression: str = "lz4",
        key: str | None = None,
        **more: Any,
    ) -> Reply:
        """PutLogs of a LogGroup's bytes."""
        headers = {"x-log-bodyrawsize": str(len(raw)), **more.pop("headers", {})}
        if compression:
            headers.setdefault("x-log-compresstype", compression)
        path = f"/logstores/{logstore}/shards/{'route' if key else 'lb'}"
        query = {"key": key} if key else {}
        return self.send("POST", path, query, pack(raw, compression), headers, **more)

    def cursor(self, logstore: str, start: str, shard: int = 0) -> str:
        reply = self.send(
            "GET", f"/logstores/{logstore}/shards/{shard}", {"type": "cursor", "from": start}
        )
        assert reply.status == 200, reply.body
        return json.loads(reply.body)["cursor"]

    def pull(
        self, logstore: str, cursor: str, shard: int = 0, accept: str = "", **query: str
    ) -> Reply:
        return self.send(
            "GET",
            f"/logstores/{logstore}/shards/{shard}",
            {"type": "log", "cursor": cursor, "count": "1000", **query},
            headers={"Accept-Encoding": accept, "Accept": "application/x-protobuf"},
        )

    def stored(self, logstore: str, shards: int = 2) -> list[bytes]:
        """The bytes of every LogGroup, read to the end."""
        groups: list[bytes] = []
        for shard in range(shards):
            cursor, end = (self.cursor(logstore, start, shard) for start in ("begin", "end"))
            while cursor != end:
                reply = self.pull(logstore, cursor, shard, end_cursor=end)
                groups += groups_of(reply)
                cursor = reply.headers["x-log-cursor"]
        return groups

    def close(self) -> None:
        self.connection.close()


def pack(raw: bytes, compression: str) -> bytes:
    if compression == "lz4":
        return lz4.block.compress(raw, store_size=False)
    if compression == "zstd":
        return zstandard.ZstdCompressor(level=1).compress(raw)
    return raw


def unpacked(reply: Reply) -> bytes:
    """The body of an answer, decompressed; its declared size is checked."""
    size = int(reply.headers["x-log-bodyrawsize"])
    kind = reply.headers.get("x-log-compresstype", "")
    body = reply.body
    if kind == "lz4":
        body = lz4.block.decompress(body, uncompressed_size=size)
    elif kind == "zstd":
        body = zstandard.ZstdDecompressor().decompress(body)
    assert len(body) == size
    return body


def groups_of(reply: Reply) -> list[bytes]:
    """The LogGroups of a PullLogs answer, cut out of the body's bytes."""
    assert reply.status == 200, reply.body
    body, groups, at = unpacked(reply), [], 0
    while at < len(body):
        assert body[at] == 0x0A  # field 1, length-delimited
        size = shift = 0
        while True:
            at += 1
            size |= (body[at] & 0x7F) << shift
            shift += 7
            if body[at] < 0x80:
                break
        groups.append(body[at + 1 : at + 1 + size])
        at += 1 + size
    assert len(groups) == int(reply.headers["x-log-count"])
    assert len(LogGroupListRaw.FromString(body).LogGroups) == len(groups)
    return groups


def group(
    *logs: dict[str, Any],
    times: list[int] | None = None,
    nanoseconds: int | None = None,
    **more: Any,
) -> bytes:
    """A LogGroup by the SDK's protobuf; its times are now unless given."""
    message = LogGroupRaw(Topic=more.get("topic", ""), Source=more.get("source", "10.0.0.9"))
    now = int(time.time())
    for index, fields in enumerate(logs):
        log = message.Logs.add(Time=times[index] if times else now)
        if nanoseconds is not None:
            log.Time_ns = nanoseconds + index
        for key, value in fields.items():
            log.Contents.add(Key=key, Value=value if isinstance(value, bytes) else value.encode())
    for key, value in more.get("tags", {}).items():
        message.LogTags.add(Key=key, Value=value)
    return message.SerializeToString()


def eventually(condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """The first true value of ``condition``; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return value


@pytest.fixture(scope="session")
def kit() -> Any:
    """This file's functions, for test modules (which cannot import it)."""
    return sys.modules[__name__]


@pytest.fixture(scope="session")
def shared_region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    made = Region(tmp_path_factory.mktemp("region"))
    yield made
    made.close()


@pytest.fixture
def region(shared_region: Region, monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    """A region that the tests share; every test takes Logstores of its own."""
    _through_proxy(shared_region, monkeypatch)
    yield shared_region
    for name in shared_region.request("describe")["scenarios"]:
        shared_region.scenario(name, False)
    shared_region.close_clients()


@pytest.fixture(scope="session")
def shared_hub(shared_region: Region, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = Hub(tmp_path_factory.mktemp("hub"), shared_region.folder / "authority")
    yield made
    made.close()


@pytest.fixture
def hub(region: Region, shared_hub: Hub) -> Iterator[Hub]:
    """A namespace that the tests share; every test takes hubs of its own. No job outlives it."""
    yield shared_hub
    client = region.sdk()
    for job in region.request("jobs"):
        client.delete_ingestion(job["project"], job["name"])
    shared_hub.remove_hubs()


@pytest.fixture
def own_hub(own_region: Region, tmp_path: Path) -> Iterator[Hub]:
    """A namespace beside a region of the test's own."""
    made = Hub(tmp_path / "hub", own_region.folder / "authority")
    yield made
    made.close()


@pytest.fixture
def own_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    """A region of the test's own, to be killed and started again."""
    made = Region(tmp_path)
    _through_proxy(made, monkeypatch)
    yield made
    made.close()


def _through_proxy(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, region.ready["http_proxy"])
