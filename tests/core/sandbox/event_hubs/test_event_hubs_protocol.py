"""The protocol below the clients: versions, sequences, limits, connections that misbehave."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import Any

import pytest

OUT_OF_ORDER, DUPLICATE, UNSUPPORTED_VERSION, MESSAGE_TOO_LARGE = 45, 46, 35, 10
CORRUPT_MESSAGE = 2
INVALID_RECORD, INVALID_REQUIRED_ACKS, INVALID_TXN_STATE = 87, 21, 48
KEYS = {0, 1, 2, 3, *range(8, 23), 32, 33, 36, 37, 42, 44, 47}


def _offered(answer: bytes) -> dict[int, tuple[int, int]]:
    error, count = struct.unpack_from(">hi", answer)
    assert error in (0, UNSUPPORTED_VERSION)
    rows = [struct.unpack_from(">hhh", answer, 6 + 6 * n) for n in range(count)]
    return {key: (oldest, newest) for key, oldest, newest in rows}


def test_the_offered_apis_are_those_that_event_hubs_clients_need(namespace: Any) -> None:
    client = namespace.raw(sign_in=False)
    offered = _offered(client.call(18, 0, b""))
    assert set(offered) == KEYS
    # the first flexible version of each (Apache Kafka protocol guide) is not offered
    first_flexible = {0: 9, 1: 12, 2: 6, 3: 9, 8: 8, 9: 6, 10: 3, 11: 6, 12: 4, 13: 4, 14: 4}
    first_flexible |= {15: 5, 16: 3, 18: 3, 19: 5, 20: 4, 21: 2, 22: 2, 32: 4, 33: 2, 36: 2}
    first_flexible |= {37: 2, 42: 2, 44: 1}
    assert all(offered[key][1] == newest - 1 for key, newest in first_flexible.items())


def test_a_newer_client_learns_which_versions_there_are(namespace: Any) -> None:
    client = namespace.raw(sign_in=False)
    answer = client.call(18, 3, b"\0\x04abc\x041.0\0")
    assert answer[:2] == struct.pack(">h", UNSUPPORTED_VERSION)
    assert set(_offered(answer)) == KEYS
    client.sign_in("$ConnectionString", namespace.connection_string)


def test_the_old_sasl_handshake_with_a_bare_token_signs_in(namespace: Any, kit: Any) -> None:
    client = namespace.raw(sign_in=False)
    assert client.call(17, 0, kit.string("PLAIN"))[:2] == b"\0\0"
    client.send(b"\0$ConnectionString\0" + namespace.connection_string.encode())
    assert client.receive() == b""
    assert client.call(16, 0, b"")[:2] == b"\0\0"


def test_nothing_works_before_the_sign_in(namespace: Any, kit: Any) -> None:
    for api, body in ((3, struct.pack(">i", -1)), (36, kit.blob(b"\0a\0b")), (0, b"")):
        client = namespace.raw(sign_in=False)
        client.send(client.frame(api, 0, body))
        if api == 36:
            assert client.receive()[4:6] == struct.pack(">h", 34)  # ILLEGAL_SASL_STATE
        else:
            assert client.is_closed()


@pytest.fixture
def produce(namespace: Any, kit: Any, request: pytest.FixtureRequest) -> Any:
    """Produces a batch to a fresh hub; gives error code and base offset."""
    hub = namespace.hub(f"raw-{abs(hash(request.node.name))}")
    client = namespace.raw()

    def send(batch: bytes, **more: Any) -> tuple[int, int]:
        answer: tuple[int, int] = kit.produced(
            client.call(0, 7, kit.produce_body(hub, batch, **more)), hub
        )
        return answer

    send.hub = hub  # type: ignore[attr-defined]
    return send


def test_an_exact_duplicate_gets_its_first_offset_and_a_gap_is_refused(
    namespace: Any, kit: Any, produce: Any
) -> None:
    def batch(sequence: int, count: int = 2) -> bytes:
        return bytes(kit.record_batch([b"v"] * count, producer=(77, 0, sequence)))

    assert [produce(batch(n)) for n in (0, 2, 4, 6, 8)] == [(0, n) for n in (0, 2, 4, 6, 8)]
    assert [produce(batch(n)) for n in (0, 8, 4)] == [(0, 0), (0, 8), (0, 4)]
    assert produce(batch(12))[0] == OUT_OF_ORDER
    assert produce(batch(10)) == (0, 10)
    assert produce(batch(0))[0] == DUPLICATE  # too old for its offset to be remembered
    assert produce(batch(11, 1))[0] == DUPLICATE
    high = namespace.request("describe")["hubs"][produce.hub][0]["high"]
    assert high == 12


def test_batches_that_are_none_are_refused(kit: Any, produce: Any) -> None:
    sound = kit.record_batch([b"v"])
    wrong_magic = sound[:16] + b"\1" + sound[17:]
    wrong_count = sound[:57] + struct.pack(">i", 5) + sound[61:]
    large = kit.record_batch([b"v" * 1_048_577])
    cases = {
        b"": INVALID_RECORD,
        sound[:40]: INVALID_RECORD,
        sound + sound: INVALID_RECORD,
        wrong_magic: 43,
        wrong_count: INVALID_RECORD,
        kit.record_batch([b"v"], attributes=0x10): INVALID_TXN_STATE,
        kit.record_batch([b"v"], attributes=0x20): INVALID_RECORD,
        kit.record_batch([b"v"], attributes=0x08): 32,
        kit.record_batch([b"v"], producer=(5, -1, -1)): INVALID_RECORD,
        large: MESSAGE_TOO_LARGE,
    }
    assert [produce(batch)[0] for batch in cases] == list(cases.values())
    assert produce(sound, acks=2)[0] == INVALID_REQUIRED_ACKS
    assert produce(sound, partition=1)[0] == 3
    assert produce(sound) == (0, 0)


def test_without_acknowledgement_there_is_no_answer(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("no-acks")
    client = namespace.raw()
    client.send(client.frame(0, 7, kit.produce_body(hub, kit.record_batch([b"v"]), acks=0)))
    assert client.call(16, 0, b"")[:2] == b"\0\0"  # the next answer is this request's
    assert namespace.request("describe")["hubs"][hub][0]["high"] == 1


def _fetch_body(kit: Any, hub: str, offset: int, wait_ms: int, min_bytes: int = 1) -> bytes:
    head = struct.pack(">iiiib", -1, wait_ms, min_bytes, 50_000_000, 0) + struct.pack(">i", 1)
    head += kit.string(hub) + struct.pack(">i", 1)
    return head + struct.pack(">iqi", 0, offset, 50_000_000)


def test_a_fetch_waits_for_data(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("waiting")
    waiting, sending = namespace.raw(), namespace.raw()
    waiting.send(waiting.frame(1, 4, _fetch_body(kit, hub, 0, 15_000)))
    waiting.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        waiting.socket.recv(1)
    sending.call(0, 7, kit.produce_body(hub, kit.record_batch([b"needle"])))
    waiting.socket.settimeout(10)
    assert b"needle" in waiting.receive()


def test_a_fetch_that_waits_hears_of_the_hubs_end(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("ending")
    client = namespace.raw()
    client.send(client.frame(1, 4, _fetch_body(kit, hub, 0, 15_000)))
    namespace.request("delete_hub", name=hub)
    answer = client.receive()
    error = struct.unpack_from(">h", answer, answer.index(kit.string(hub)) + len(hub) + 10)[0]
    assert error == 3


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack(">i", 64 * 1024 + 1),
        struct.pack(">i", -1),
        struct.pack(">i", 0),
        struct.pack(">i", 4) + b"abcd",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">ihhih", 12, 18, 0, 1, -2) + b"\0\0",
    ],
)
def test_a_malformed_frame_closes_that_connection_only(namespace: Any, frame: bytes) -> None:
    bystander = namespace.raw()
    lines = len(namespace.log().splitlines())
    client = namespace.raw(sign_in=False)
    client.socket.sendall(frame)
    assert client.is_closed()
    assert bystander.call(16, 0, b"")[:2] == b"\0\0"
    said = namespace.log().splitlines()[lines:]
    assert len(said) == 1
    assert "malformed frame" in said[0]


def test_an_array_that_claims_too_much_is_refused_before_it_is_made(namespace: Any) -> None:
    before = namespace.request("describe")["memory_bytes"]
    for count in (2**31 - 1, 200_000):
        client = namespace.raw()
        client.send(client.frame(3, 1, struct.pack(">i", count) + b"\0" * 1_000_000))
        assert client.is_closed()
    assert namespace.request("describe")["memory_bytes"] < before + 64 * 1024 * 1024


def test_a_plaintext_client_is_turned_away(namespace: Any) -> None:
    with socket.create_connection(("127.0.0.1", namespace.port), 15) as plain:
        plain.sendall(b"\0\0\0\x0a\0\x12\0\0\0\0\0\1\xff\xff")
        with contextlib.suppress(ConnectionError):
            while plain.recv(1000):
                pass
    assert namespace.raw().call(16, 0, b"")[:2] == b"\0\0"


def test_connections_have_a_cap(namespace: Any, kit: Any) -> None:
    cap = namespace.request("describe")["max_connections"]
    with contextlib.ExitStack() as stack:
        for _ in range(cap + 20):
            stack.enter_context(socket.create_connection(("127.0.0.1", namespace.port), 15))
        kit.eventually(lambda: f"refused a connection: there are {cap}" in namespace.log())
        assert namespace.request("describe")["connections"] == cap
    kit.eventually(lambda: namespace.request("describe")["connections"] == 0)
    assert namespace.raw().call(16, 0, b"")[:2] == b"\0\0"


def test_a_client_that_does_not_read_holds_no_memory(namespace: Any, kit: Any) -> None:
    hub = namespace.hub("unread")
    sender = namespace.raw()
    batch = kit.record_batch([b"x" * 1_000_000])
    for _ in range(15):
        assert kit.produced(sender.call(0, 7, kit.produce_body(hub, batch)), hub)[0] == 0
    before = namespace.request("describe")["memory_bytes"]
    for _ in range(20):
        stuck = namespace.raw()
        for _ in range(50):  # 50 answers of 15 MB are asked for, none is read
            stuck.send(stuck.frame(1, 4, _fetch_body(kit, hub, 0, 0)))
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert namespace.request("describe")["memory_bytes"] < before + 100 * 1024 * 1024
    assert sender.call(16, 0, b"")[:2] == b"\0\0"


def test_a_wrong_crc_is_refused_where_crcs_are_checked(
    namespace: Any, kit: Any, produce: Any
) -> None:
    sound = kit.record_batch([b"v"])
    assert kit.crc32c(b"123456789") == 0xE3069283  # RFC 3720's check value
    wrong = sound[:-1] + bytes([sound[-1] ^ 1])
    checked = namespace.request("describe")["crc_checked"]
    assert produce(wrong)[0] == (CORRUPT_MESSAGE if checked else 0)
    assert produce(sound)[0] == 0
