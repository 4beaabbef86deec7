"""Frames that no honest client sends: the broker answers or hangs up, and does nothing else.

In process, against the way from a frame to its answer, with made-up frames and with frames that
real clients sent, changed. Over the wire, against the running server.
"""

from __future__ import annotations

import asyncio
import random
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import psutil
import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
)

from core.sandbox.event_hubs.apis import APIS, answer
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.hub_configs import DEFAULT_RETENTION
from core.sandbox.event_hubs.request import HangupError, Session
from core.sandbox.event_hubs.tiers import Attributes, Sku
from core.sandbox.event_hubs.wire import FileSlice, MalformedFrameError, Writer

QUICK = 500
MADE_UP, CHANGED = 20_000, 30_000
MOST_SECONDS = 0.25
MOST_BYTES = 64 * 1024 * 1024


class Target:
    """A broker without a listener, fed frame by frame as a signed-in connection would.

    Attributes:
        longest: seconds of processor time that one frame took at most; nothing else is answered
            meanwhile. What the rest of the machine does, and a wait that a client asked for, do
            not count.
    """

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.folder = folder
        self.longest = 0.0
        self.broker: Broker = self.runner.run(self._open())

    async def _open(self) -> Broker:
        broker = Broker(self.folder, Attributes(sku=Sku.PREMIUM))
        broker.policies.put("p", ["Manage", "Send", "Listen"], None)
        self._make_hub(broker)
        return broker

    def _make_hub(self, broker: Broker) -> None:
        with broker.changing_hubs() as hubs:
            hubs.create("hub", 2, DEFAULT_RETENTION)

    def session(self, *, signed_in: bool = True) -> Session:
        session = Session("127.0.0.1")
        if signed_in:
            policy = self.broker.policies.get("p", None)
            password = policy.connection_string(1)
            session.grant = self.broker.policies.sign_in("$ConnectionString", password)
        return session

    def feed(self, frame: bytes, *, signed_in: bool = True) -> str:
        """What became of a frame. Anything but an answer, a wait or a hang-up is a defect."""
        return self.runner.run(self._feed(frame, self.session(signed_in=signed_in)))

    async def _feed(self, frame: bytes, session: Session) -> str:
        if "hub" not in self.broker.hubs:  # a frame has deleted it
            self._make_hub(self.broker)
        began = time.process_time()
        try:
            async with asyncio.timeout(0.002):
                result = await answer(self.broker, session, bytearray(frame))
        except MalformedFrameError:
            return "malformed"
        except HangupError:
            return "hang-up"
        except TimeoutError:
            return "waits"
        finally:
            self.longest = max(self.longest, time.process_time() - began)
        if result is not None:
            assert result[1].size == sum(
                part.length if isinstance(part, FileSlice) else len(part)
                for part in result[1].parts
            )
        return "answered"

    def close(self) -> None:
        async def close() -> None:
            self.broker.close()

        self.runner.run(close())
        self.runner.close()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    made = Target(tmp_path_factory.mktemp("fuzz"))
    yield made
    made.close()


class Recorder:
    """Serves real clients in plaintext with the broker's own answers, and keeps their frames."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.frames: dict[int, bytes] = {}

    def record(self, clients: Callable[[int], None]) -> list[bytes]:
        """Run ``clients(port)`` in a thread; the last frame of each API that they used."""
        self.target.runner.run(self._record(clients))
        return list(self.frames.values())

    async def _record(self, clients: Callable[[int], None]) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.target.broker.set_port(port)
        async with server:
            await asyncio.to_thread(clients, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = self.target.session()
        try:
            while True:
                size = struct.unpack(">i", await reader.readexactly(4))[0]
                frame = await reader.readexactly(size)
                self.frames[struct.unpack_from(">h", frame)[0]] = frame
                result = await answer(self.target.broker, session, bytearray(frame))
                if result is not None:
                    writer.write(_rendered(*result))
        except (asyncio.IncompleteReadError, ConnectionError, HangupError):
            pass
        finally:
            writer.close()


def _rendered(correlation_id: int, body: Writer) -> bytes:
    out = struct.pack(">ii", body.size + 4, correlation_id)
    for part in body.parts:
        if isinstance(part, FileSlice):
            out += part.path.read_bytes()[part.position : part.position + part.length]
        else:
            out += part
    return out


_RETENTION = ConfigResource(
    ConfigResource.Type.TOPIC,
    "made",
    incremental_configs=[
        ConfigEntry("retention.ms", "2000", incremental_operation=AlterConfigOpType.SET)
    ],
)


def _use_everything(port: int) -> None:
    base = {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 2}
    producer = ck.Producer({**base, "enable.idempotence": True})
    producer.produce("hub", b"value", "key")
    assert producer.flush(20) == 0
    group = {"group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = ck.Consumer({**base, **group})
    consumer.subscribe(["hub"])
    while consumer.poll(0.1) is None:
        pass
    consumer.commit(asynchronous=False)
    consumer.offsets_for_times([ck.TopicPartition("hub", 0, 1_000)], 10)
    admin = AdminClient(base)
    admin.describe_consumer_groups(["g"])["g"].result(20)
    consumer.close()
    for future in (
        admin.create_topics([NewTopic("made", 1, 1, config={"retention.ms": "1000"})])["made"],
        admin.create_partitions([NewPartitions("made", 2)])["made"],
        *admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, "made")]).values(),
        *admin.incremental_alter_configs([_RETENTION]).values(),
        *admin.delete_records([ck.TopicPartition("hub", 0, 0)]).values(),
        admin.list_consumer_groups(),
        *admin.delete_consumer_groups(["g"]).values(),
        *admin.delete_topics(["made"]).values(),
    ):
        future.result(20)


@pytest.fixture(scope="module")
def real_frames(target: Target) -> list[bytes]:
    frames = Recorder(target).record(_use_everything)
    used = {struct.unpack_from(">h", frame)[0] for frame in frames}
    # SASL is not spoken in plaintext; librdkafka has Heartbeat wait for an interval, and the
    # confluent client warns of AlterConfigs, which is as IncrementalAlterConfigs
    assert used >= set(APIS) - {12, 17, 33, 36, 47}
    return frames


_NUMBERS = [0, 1, 2, 3, -1, -2, 5, 100, 6000, 2**31 - 1, -(2**31)]
_TEXTS = [b"hub", b"g", b"", b"made", b"\xff\xfe", b"range", b"consumer", b"x" * 99]
_CLIENTS = [b"\xff\xff", b"\0\1c", b"\0\1c", b"\0\xffc"]
_OFFERED = [
    (key, version) for key, api in APIS.items() for version in range(api.oldest, api.newest + 1)
]


# Parts of requests with as many rows as a frame may have.
_HUB = struct.pack(">i", 1) + b"\0\3hub"
_FETCH = struct.pack(">iiiib", -1, 0, 1, 50_000_000, 0)
_OUTSIDER = b"\0\1g" + struct.pack(">ihq", -1, 0, -1)  # group, generation, member, retention time
_RETAIN = struct.pack(">i", 1) + b"\0\x0cretention.ms\0\x043000"


def _made_up(chance: random.Random) -> bytes:
    """A header, of an offered API three times out of four, and up to a dozen plausible values."""
    api = chance.choice(_OFFERED)
    if chance.randrange(4) == 0:
        api = chance.randint(-1, 60), chance.randint(-1, 12)
    frame = struct.pack(">hhi", *api, 1) + chance.choice(_CLIENTS)
    return frame + b"".join(_piece(chance) for _ in range(chance.randint(0, 12)))


def _piece(chance: random.Random) -> bytes:
    text = chance.choice(_TEXTS)
    match chance.randrange(8):
        case 0:
            return struct.pack(">i", chance.choice(_NUMBERS))
        case 1:
            return struct.pack(">q", chance.choice(_NUMBERS))
        case 2:
            return struct.pack(">h", chance.randint(-3, 3))
        case 3:
            return bytes([chance.randrange(256)])
        case 4:
            return struct.pack(">h", len(text)) + text
        case 5:
            return struct.pack(">i", len(text)) + text
        case 6:
            return struct.pack(">i", 1)
        case _:
            return chance.randbytes(chance.randint(0, 40))


def _feed_made_up(target: Target, count: int, seed: int) -> None:
    chance = random.Random(seed)
    seen = {target.feed(_made_up(chance), signed_in=chance.random() > 0.1) for _ in range(count)}
    assert seen >= {"malformed", "hang-up", "answered"}


def _changed(frame: bytes, chance: random.Random) -> bytes:
    """``frame`` with one to three changes in its body, most of them in place."""
    data = bytearray(frame)
    body = 10 + max(0, struct.unpack_from(">h", frame, 8)[0])
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        if len(data) <= body:
            break
        at = chance.randrange(body, len(data))
        match chance.randrange(10):
            case 0:
                data[at:] = b""
            case 1:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
            case 2:
                del data[at : at + chance.randint(1, 8)]
            case 3 | 4 | 5:
                number = chance.choice([-1, -2, 0, 1, 2**31 - 1, -(2**31), 70_000])
                data[at : at + 4] = struct.pack(">i", number)
            case _:
                data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


def _mutated(target: Target, frames: list[bytes], count: int, seed: int) -> None:
    chance = random.Random(seed)
    seen = {target.feed(_changed(chance.choice(frames), chance)) for _ in range(count)}
    assert seen >= {"malformed", "answered"}


def test_made_up_frames_are_answered_or_refused(target: Target) -> None:
    _feed_made_up(target, 4 * QUICK, seed=4)


def test_real_frames_changed_are_answered_or_refused(
    target: Target, real_frames: list[bytes]
) -> None:
    _mutated(target, real_frames, 4 * QUICK, seed=1)


def _rows(count: int, row: bytes) -> bytes:
    return struct.pack(">i", count) + row * count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("api", "version", "body"),
    [
        (1, 4, _FETCH + _HUB + _rows(2990, struct.pack(">iqi", 0, 0, 50))),
        (2, 1, struct.pack(">i", -1) + _HUB + _rows(2990, struct.pack(">iq", 0, 1_000))),
        (3, 1, _rows(2990, b"\0\3hub")),
        (8, 2, _OUTSIDER + _HUB + _rows(2990, struct.pack(">iqh", 0, 0, -1))),
        (9, 1, b"\0\1g" + _HUB + _rows(2990, struct.pack(">i", 0))),
        (15, 0, _rows(2990, b"\0\1g")),
        (19, 0, _rows(2990, b"\0\3hub" + struct.pack(">ihii", 1, 1, 0, 0)) + bytes(4)),
        (20, 0, _rows(2990, b"\0\4none") + bytes(4)),
        (33, 0, _rows(1490, b"\2\0\3hub" + _RETAIN) + b"\0"),
        (42, 0, _rows(2990, b"\0\4none")),
    ],
)
def test_the_largest_requests_do_not_hold_the_others_up(
    target: Target, kit: Any, api: int, version: int, body: bytes
) -> None:
    partition = target.broker.hubs.partition("hub", 0)
    for _ in range(3):
        partition.append(memoryview(bytearray(kit.record_batch([b"x" * 90] * 1000))))
    target.longest = 0.0
    frame = struct.pack(">hhih", api, version, 1, -1) + body
    assert target.feed(frame) == "answered"
    assert 0 < target.longest < MOST_SECONDS


@pytest.mark.slow
def test_very_many_made_up_frames(target: Target) -> None:
    _held_and_grown_little(target, lambda: _feed_made_up(target, MADE_UP, seed=5))


@pytest.mark.slow
def test_very_many_changed_frames(target: Target, real_frames: list[bytes]) -> None:
    _held_and_grown_little(target, lambda: _mutated(target, real_frames, CHANGED, seed=2))


def _held_and_grown_little(target: Target, feed: Callable[[], None]) -> None:
    before = psutil.Process().memory_info().rss
    target.longest = 0.0
    feed()
    grown = psutil.Process().memory_info().rss - before
    print(f"longest {target.longest:.3f} s, grown {grown / 2**20:.1f} MiB")
    assert target.longest < MOST_SECONDS
    assert grown < MOST_BYTES


def test_a_server_that_was_fed_rubbish_is_alive_and_has_not_grown(
    namespace: Any, kit: Any, real_frames: list[bytes]
) -> None:
    hub = namespace.hub("after-rubbish")
    before = namespace.request("describe")["memory_bytes"]
    chance = random.Random(3)

    def attack() -> None:
        for number in range(100):
            client = kit.RawClient(namespace.port, namespace.ca_file)
            try:
                if number % 4:
                    client.sign_in("$ConnectionString", namespace.connection_string)
                for _ in range(3):
                    frame = _changed(chance.choice(real_frames), chance)
                    if chance.random() < 0.2:
                        client.socket.sendall(chance.randbytes(chance.randint(1, 5000)))
                    client.send(frame)
            except OSError:
                pass  # the server has hung up
            finally:
                client.close()

    attackers = [threading.Thread(target=attack) for _ in range(3)]
    for attacker in attackers:
        attacker.start()
    for attacker in attackers:
        attacker.join()
    kit.eventually(lambda: namespace.request("describe")["connections"] == 0)
    assert namespace.request("describe")["memory_bytes"] < before + 64 * 1024 * 1024
    namespace.send(hub, [b"alive"])
    assert namespace.read(hub, 1)[0].value() == b"alive"
    assert not re.search(r"\w in \w+, line \d", namespace.log())  # no defect of the server's own
