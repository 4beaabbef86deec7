"""Signing in: who is let in, and what a client is told that is not."""

from __future__ import annotations

import ssl
import time
from typing import Any

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient
from conformance.brokers import USER
from conformance.kit import Kit, eventually
from conformance.wire import METADATA, WireClient

from core.sandbox.certificates import Authority

pytestmark = pytest.mark.clients
UNSUPPORTED_MECHANISM, ILLEGAL_STATE, FAILED = 33, 34, 58


def _told(kit: Kit, *awaited: int, **settings: Any) -> set[int]:
    """The codes that a client reports, until one of ``awaited``: by default, until one that ends
    the attempt.
    """
    wanted = awaited or (ck.KafkaError._ALL_BROKERS_DOWN, ck.KafkaError._AUTHENTICATION)
    codes: list[int] = []
    admin = AdminClient(
        kit.settings(**settings, error_cb=lambda error: codes.append(error.code()), log_level=0)
    )

    def ended() -> bool:
        admin.poll(0.05)
        return any(code in codes for code in wanted)

    eventually(ended)
    deadline = time.monotonic() + 0.2  # what else comes
    while time.monotonic() < deadline:
        admin.poll(0.05)
    return set(codes)


@pytest.mark.parametrize(
    "settings",
    [
        {"sasl.password": "Endpoint=sb://127.0.0.1/;SharedAccessKeyName=root;SharedAccessKey=no="},
        {"sasl.password": "not a connection string"},
        {"sasl.username": "somebody"},
        {"sasl.mechanism": "SCRAM-SHA-256"},
        {"sasl.mechanism": "SCRAM-SHA-512"},
    ],
)
def test_a_client_that_is_not_let_in_hears_that_it_was_the_sign_in(
    kit: Kit, settings: dict[str, str]
) -> None:
    assert ck.KafkaError._AUTHENTICATION in _told(kit, **settings)


def test_a_client_that_does_not_trust_the_authority_hears_of_tls(kit: Kit, tmp_path: Any) -> None:
    stranger = Authority(tmp_path).ca_file
    # librdkafka may tell of the lost connection first; the reason comes with a later try.
    assert ck.KafkaError._SSL in _told(
        kit, ck.KafkaError._SSL, **{"ssl.ca.location": str(stranger)}
    )


def test_a_client_without_tls_only_hears_that_nobody_is_there(kit: Kit) -> None:
    told = _told(kit, **{"security.protocol": "SASL_PLAINTEXT"})
    assert ck.KafkaError._ALL_BROKERS_DOWN in told
    assert ck.KafkaError._AUTHENTICATION not in told


def test_the_codes_of_the_sign_in(kit: Kit) -> None:
    assert kit.wire(sign_in=False).handshake("SCRAM-SHA-256") == (UNSUPPORTED_MECHANISM, ["PLAIN"])
    assert kit.wire(sign_in=False).handshake("PLAIN") == (0, ["PLAIN"])
    assert kit.wire(sign_in=False).sign_in(USER, "wrong") == FAILED
    assert kit.wire(sign_in=False).sign_in("somebody", kit.broker.connection_string) == FAILED
    assert kit.wire(sign_in=False).sign_in(USER, kit.broker.connection_string) == 0


def test_a_refused_sign_in_ends_the_connection(kit: Kit) -> None:
    client = kit.wire(sign_in=False)
    assert client.sign_in(USER, "wrong") == FAILED
    assert client.is_closed()


def test_nothing_is_answered_before_the_sign_in(kit: Kit) -> None:
    client = kit.wire(sign_in=False)
    client.send(METADATA, 8, b"\xff\xff\xff\xff\0\0\0")
    assert client.is_closed()


def test_the_certificate_is_the_authoritys(kit: Kit, tmp_path: Any) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        WireClient(kit.broker.bootstrap, Authority(tmp_path).ca_file)
