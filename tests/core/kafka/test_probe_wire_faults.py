"""What stands between us and a namespace, and gateways that misbehave: each has a code of its own.

The real client against a gateway that plays on the real wire what the emulator does not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import socket
import struct
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from helpers import kafka_gateway as keys
from helpers.kafka_gateway import Gateway
from helpers.namespaces import open_namespace

from core.errors import Code
from core.kafka.probe import Limits, probe_hub
from core.sandbox.certificates import Authority, ServerCertificate

QUICK = Limits(connect=1.0, step=10.0, group=1.0, records=5.0)
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    opened = open_namespace(tmp_path_factory.mktemp("namespace"))
    opened.create_hub("azure-logs", 1)
    yield opened
    opened.child.stop()


@pytest.fixture
def gateway(namespace):
    opened = []

    def start(certificate: ServerCertificate | None = None) -> Gateway:
        made = Gateway(namespace.child.ready["port"], namespace.folder, certificate)
        opened.append(made)
        return made

    yield start
    for each in opened:
        each.close()


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def through(namespace, gateway, **changes):
    access = namespace.access("azure-logs")
    return dataclasses.replace(access, bootstrap=f"127.0.0.1:{gateway.port}", **changes)


def fails(access, stage: str, code: Code, limits: Limits = QUICK):
    probe = probe_hub(access, limits=limits)
    assert probe.problem is not None
    assert (probe.failed_stage.stage, probe.problem.code) == (stage, code), probe.as_json()
    return probe.problem


def test_through_a_gateway_that_does_nothing_all_is_well(namespace, gateway):
    assert probe_hub(through(namespace, gateway())).problem is None


def test_closed_once_tls_stands(namespace, gateway):
    faulty = gateway()
    faulty.greeting = b""
    found = fails(through(namespace, faulty), "sign_in", Code.KAFKA_CONNECTION_CLOSED)
    assert "as soon as TLS stands" in found.cause


def test_tls_but_no_kafka(namespace, gateway):
    faulty = gateway()
    faulty.greeting = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    fails(through(namespace, faulty), "sign_in", Code.KAFKA_NOT_KAFKA)


@pytest.mark.slow
def test_tls_and_then_silence(namespace, gateway):
    faulty = gateway()
    faulty.hold_at = {keys.API_VERSIONS}
    fails(through(namespace, faulty), "sign_in", Code.KAFKA_NOT_KAFKA)


def test_kafka_that_closes_when_it_is_asked_for_a_mechanism(namespace, gateway):
    faulty = gateway()
    faulty.close_at = {keys.SASL_HANDSHAKE}
    fails(through(namespace, faulty), "sign_in", Code.KAFKA_NOT_EVENT_HUBS)


def test_kafka_that_takes_no_connection_strings(namespace, gateway):
    faulty = gateway()
    other = b"SCRAM-SHA-512"
    unsupported = struct.pack(">hih", 33, 1, len(other)) + other
    faulty.answers = {keys.SASL_HANDSHAKE: unsupported}
    fails(through(namespace, faulty), "sign_in", Code.KAFKA_NOT_EVENT_HUBS)


def test_cut_during_the_sign_in(namespace, gateway):
    faulty = gateway()
    faulty.close_at = {keys.SASL_AUTHENTICATE}
    fails(through(namespace, faulty), "sign_in", Code.KAFKA_SIGN_IN_CUT)


def test_cut_again_and_again_after_the_sign_in(namespace, gateway):
    faulty = gateway()
    faulty.close_at = {keys.METADATA}
    fails(through(namespace, faulty), "sign_in", Code.KAFKA_CONNECTION_DROPS)


@pytest.mark.slow
def test_a_group_that_lets_nobody_in(namespace, gateway):
    faulty = gateway()
    faulty.hold_at = {keys.JOIN_GROUP}
    fails(through(namespace, faulty), "rights", Code.KAFKA_GROUP_UNAVAILABLE)


def test_a_policy_that_may_not_work_in_groups(namespace, gateway):
    faulty = gateway()
    denied = struct.pack(">ihhihi", 0, 30, -1, -1, 0, -1)  # FindCoordinator version 2
    faulty.answers = {keys.FIND_COORDINATOR: denied}
    fails(through(namespace, faulty), "rights", Code.KAFKA_GROUP_DENIED)


@pytest.mark.slow
def test_a_fetch_that_is_not_answered_is_said(namespace, gateway):
    faulty = gateway()
    faulty.hold_at = {keys.FETCH}
    limits = dataclasses.replace(QUICK, step=1.0)
    found = fails(through(namespace, faulty), "rights", Code.KAFKA_FAILED, limits)
    assert "a fetch was not answered within 1 s" in found.cause


def test_a_certificate_for_another_name(namespace, gateway):
    other = Authority(namespace.folder).server("alias", ["contoso.example"])
    access = through(namespace, gateway(other))
    found = fails(access, "tls", Code.KAFKA_CERTIFICATE_NAME)
    assert "contoso.example" in found.cause


def own_chain(folder: Path, organisation: str, ends: dt.datetime) -> ServerCertificate:
    """A root of ``organisation`` and a server certificate that it signed; ``ca.pem`` beside."""
    folder.mkdir()
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, "Root G2"),
        ]
    )

    def signed(subject: x509.Name, of: ec.EllipticCurvePrivateKey, ca: bool) -> x509.Certificate:
        begun = min(NOW, ends) - dt.timedelta(days=30)
        until = NOW + dt.timedelta(days=30) if ca else ends
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(of.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begun)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                False,
            )
            .sign(root_key, hashes.SHA256())
        )

    root = signed(root_name, root_key, True)
    leaf = signed(x509.Name([]), key, False)
    (folder / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM))
    made = ServerCertificate(folder / "server.pem", folder / "server.key")
    made.chain_file.write_bytes(leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    made.key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def test_a_certificate_that_has_ended(namespace, gateway, tmp_path):
    ended = own_chain(tmp_path / "ended", "Contoso", NOW - dt.timedelta(days=2))
    access = through(namespace, gateway(ended), ca_file=tmp_path / "ended" / "ca.pem")
    found = fails(access, "tls", Code.KAFKA_CERTIFICATE_DATES)
    assert "it ended on" in found.cause


def test_a_public_authority_that_this_machine_lacks(namespace, gateway, tmp_path):
    public = own_chain(tmp_path / "public", "DigiCert Inc", NOW + dt.timedelta(days=30))
    found = fails(through(namespace, gateway(public)), "tls", Code.KAFKA_AUTHORITY_MISSING)
    assert "DigiCert" in found.cause


def test_a_ca_file_without_what_the_system_trusts(namespace, gateway, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(namespace.ca_file))
    other = Authority(tmp_path / "other", "Contoso root").ca_file
    access = through(namespace, gateway(), ca_file=other)
    found = fails(access, "tls", Code.KAFKA_AUTHORITY_MISSING)
    assert "network.ca_file does not hold" in found.cause


def test_an_interception_whose_authority_this_machine_has_elsewhere(
    namespace, gateway, tmp_path, monkeypatch
):
    inspection = Authority(tmp_path / "proxy", "Contoso TLS inspection")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(inspection.ca_file))
    proxy = gateway(inspection.server("proxy", ["127.0.0.1"]))
    found = fails(through(namespace, proxy), "tls", Code.KAFKA_TLS_INTERCEPTED)
    assert "Contoso TLS inspection" in found.cause
    assert f"{inspection.ca_file}, which REQUESTS_CA_BUNDLE names" in found.remedy


def test_authorities_that_only_other_programs_find(namespace, gateway, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(namespace.ca_file))
    access = through(namespace, gateway(), ca_file=None)
    found = fails(access, "sign_in", Code.KAFKA_CLIENT_LACKS_AUTHORITIES)
    assert str(namespace.ca_file) in found.remedy


@pytest.fixture
def full_port():
    """A port whose queue is full: further connections get no answer."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        waiting.append(each := socket.socket())
        each.setblocking(False)
        each.connect_ex(listener.getsockname())
    yield listener.getsockname()[1]
    for each in (*waiting, listener):
        each.close()


def test_a_port_that_is_filtered(namespace, full_port):
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=f"127.0.0.1:{full_port}")
    fails(access, "connect", Code.KAFKA_NO_ANSWER, Limits(connect=0.3))


@pytest.mark.slow
def test_a_machine_that_goes_out_through_a_proxy(namespace, full_port, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://me:canary-word@proxy.contoso.example:3128")
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=f"127.0.0.1:{full_port}")
    found = fails(access, "connect", Code.KAFKA_PROXY_ONLY)
    assert "http://proxy.contoso.example:3128" in found.cause
    assert "canary-word" not in str(found)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    fails(access, "connect", Code.KAFKA_NO_ANSWER)


def test_a_proxy_is_named_where_it_does_not_matter(namespace, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.contoso.example:1080")
    probe = probe_hub(namespace.access("azure-logs"), until="connect")
    assert probe.problem is None
    assert "socks5://proxy.contoso.example:1080 is not used" in probe.stage("connect").evidence


def test_a_name_service_that_does_not_answer(namespace, monkeypatch):
    def broken(*_, **__):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", broken)  # no resolver can be broken for a test
    fails(namespace.access("azure-logs"), "resolve", Code.KAFKA_DNS_FAILED)
