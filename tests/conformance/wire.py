"""A Kafka client from the protocol guide, for what client libraries do not let one send or see.

Source: "Apache Kafka protocol guide"; versions without tagged fields, as the emulator offers.
It shares nothing with either broker.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from typing import Any

from helpers import kafka_wire
from helpers.kafka_wire import SECONDS, Connection, blob, nullable, string

__all__ = ["SECONDS", "WireClient", "record_batch"]

PRODUCE, FETCH, METADATA, OFFSET_COMMIT = 0, 1, 3, 8
JOIN_GROUP, HEARTBEAT, LEAVE_GROUP, SYNC_GROUP = 11, 12, 13, 14
COORDINATOR_LOAD_IN_PROGRESS = 14
SASL_HANDSHAKE, API_VERSIONS, INIT_PRODUCER_ID, SASL_AUTHENTICATE = 17, 18, 22, 36


class Cursor:
    """Reads the fields of an answer one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def numbers(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(">" + layout, self.data, self.position)
        self.position += struct.calcsize(">" + layout)
        return values

    def number(self, layout: str) -> int:
        return self.numbers(layout)[0]

    def string(self) -> str:
        return self._take(self.number("h")).decode()

    def blob(self) -> bytes:
        return self._take(self.number("i"))

    def _take(self, size: int) -> bytes:
        size = max(size, 0)  # -1 means null
        self.position += size
        return self.data[self.position - size : self.position]


class WireClient(Connection):
    """One TLS connection."""

    def __init__(self, bootstrap: str, ca_file: Any) -> None:
        host, port = bootstrap.split(":")
        super().__init__(host, int(port), ca_file)

    def sign_in(self, user: str, password: str) -> int:
        """The error code of SaslAuthenticate."""
        assert self.handshake("PLAIN")[0] == 0
        token = b"\0" + user.encode() + b"\0" + password.encode()
        return self.call(SASL_AUTHENTICATE, 1, blob(token)).number("h")

    def handshake(self, mechanism: str) -> tuple[int, list[str]]:
        """Error code and the mechanisms that the broker knows."""
        answer = self.call(SASL_HANDSHAKE, 1, string(mechanism))
        error, count = answer.numbers("hi")
        return error, [answer.string() for _ in range(count)]

    def call(self, api: int, version: int, body: bytes) -> Cursor:
        """The answer's fields, after its correlation id was checked."""
        self.send(api, version, body)
        answer = Cursor(self.receive())
        assert answer.number("i") == self.correlation_id
        return answer

    def send(self, api: int, version: int, body: bytes) -> None:
        self.send_frame(self.request(api, version, body, "wire"))

    # Data

    def produce(
        self, topic: str, batch: bytes, *, partition: int = 0, acks: int = -1
    ) -> tuple[int, int]:
        """Error code and offset of the first record."""
        body = struct.pack(">hhii", -1, acks, 10_000, 1) + string(topic)
        answer = self.call(PRODUCE, 7, body + struct.pack(">ii", 1, partition) + blob(batch))
        answer.number("i")
        answer.string()
        _, _, error, offset = answer.numbers("iihq")
        return error, offset

    def producer_id(self) -> int:
        """A fresh one, of epoch 0; asked for again while the broker is getting ready."""
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self.call(INIT_PRODUCER_ID, 1, struct.pack(">hi", -1, 60_000))
            _, error, made, epoch = answer.numbers("ihqh")
            if error != COORDINATOR_LOAD_IN_PROGRESS:
                assert (error, epoch) == (0, 0)
                return made
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def fetch(
        self,
        topic: str,
        offset: int,
        *,
        partition: int = 0,
        wait_ms: int = 0,
        min_bytes: int = 1,
        max_bytes: int = 50_000_000,
    ) -> Fetched:
        body = struct.pack(">iiiibiii", -1, wait_ms, min_bytes, max_bytes, 0, 0, -1, 1)
        body += string(topic) + struct.pack(">iiiqqi", 1, partition, -1, offset, -1, max_bytes)
        answer = self.call(FETCH, 11, body + struct.pack(">i", 0) + string(""))
        assert answer.numbers("ihi")[1] == 0
        answer.number("i")
        answer.string()
        _, _, error, high, _, low, _, _ = answer.numbers("iihqqqii")
        return Fetched(error, low, high, answer.blob())

    # Groups

    def join(
        self,
        group: str,
        *,
        member: str = "",
        instance: str | None = None,
        session_ms: int = 6000,
        kind: str = "consumer",
        protocol: str = "own",
    ) -> Joined:
        """JoinGroup; answered when the next generation begins."""
        body = string(group) + struct.pack(">ii", session_ms, session_ms) + string(member)
        body += nullable(instance) + string(kind)
        body += struct.pack(">i", 1) + string(protocol) + blob(b"")
        answer = self.call(JOIN_GROUP, 5, body)
        _, error, generation = answer.numbers("ihi")
        answer.string()
        leader, given = answer.string(), answer.string()
        return Joined(error, generation, given, leader == given)

    def become_member(self, group: str, instance: str | None = None, **more: Any) -> Joined:
        """Join and sync, with the id that the broker asks a dynamic member to come back with."""
        joined = self.join(group, instance=instance, **more)
        if joined.error == 79:  # MEMBER_ID_REQUIRED, KIP-394
            joined = self.join(group, member=joined.member, instance=instance, **more)
        assert joined.error == 0
        assert self.sync(group, joined, instance) == 0
        return joined

    def sync(self, group: str, joined: Joined, instance: str | None = None) -> int:
        body = self._who(group, joined.generation, joined.member, instance)
        shares = struct.pack(">i", 1) + string(joined.member) + blob(b"")
        answer = self.call(SYNC_GROUP, 3, body + (shares if joined.leads else struct.pack(">i", 0)))
        return answer.numbers("ih")[1]

    def heartbeat(
        self, group: str, generation: int, member: str, instance: str | None = None
    ) -> int:
        who = self._who(group, generation, member, instance)
        return self.call(HEARTBEAT, 3, who).numbers("ih")[1]

    def leave(self, group: str, member: str) -> int:
        body = string(group) + struct.pack(">i", 1) + string(member) + nullable(None)
        answer = self.call(LEAVE_GROUP, 3, body)
        assert answer.numbers("ih")[1] == 0
        answer.number("i")
        answer.string()
        answer.string()
        return answer.number("h")

    def commit(
        self,
        group: str,
        topic: str,
        offset: int,
        *,
        generation: int = -1,
        member: str = "",
        instance: str | None = None,
        partition: int = 0,
    ) -> int:
        """The error code of OffsetCommit."""
        body = self._who(group, generation, member, instance) + struct.pack(">i", 1)
        body += string(topic) + struct.pack(">iiqi", 1, partition, offset, -1) + nullable(None)
        answer = self.call(OFFSET_COMMIT, 7, body)
        answer.numbers("ii")
        answer.string()
        return answer.numbers("iih")[2]

    def _who(self, group: str, generation: int, member: str, instance: str | None) -> bytes:
        return string(group) + struct.pack(">i", generation) + string(member) + nullable(instance)


@dataclass(frozen=True)
class Fetched:
    error: int
    low: int
    high: int
    records: bytes

    def base_offsets(self) -> list[int]:
        """First offsets of the whole batches in it."""
        found, position = [], 0
        while position + 12 <= len(self.records):
            base, size = struct.unpack_from(">qi", self.records, position)
            position += 12 + size
            if position <= len(self.records):
                found.append(base)
        return found


@dataclass(frozen=True)
class Joined:
    error: int
    generation: int
    member: str
    leads: bool


def record_batch(
    values: list[bytes],
    *,
    producer: tuple[int, int, int] = (-1, -1, -1),
    timestamp: int | None = None,
    broken: bool = False,
) -> bytes:
    """A batch as the guide's "Record Batch" says; ``producer``: id, epoch, first sequence.

    ``timestamp`` in ms; without it, now: brokers may delete what says that it is old.
    """
    when = int(time.time() * 1000) if timestamp is None else timestamp
    times = [when] * len(values)
    return kafka_wire.record_batch(values, times, producer=producer, broken=broken)
