"""The sandbox's own certificate authority and the server certificates it signs.

The authority lives in the sandbox's folder only and never enters a system store. Its private key
and those of the servers are readable by the owner alone.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID_FOR = dt.timedelta(days=825)


@dataclass(frozen=True)
class ServerCertificate:
    """A server's certificate chain and its PKCS#8 key, both PEM files."""

    chain_file: Path
    key_file: Path


class Authority:
    """A certificate authority kept in one folder: ``ca.pem`` and ``ca.key``.

    It is made on first use and reused afterwards, so that a restarted sandbox keeps the trust
    that clients were given.
    """

    def __init__(self, folder: Path, name: str = "Isthmus sandbox certificate authority") -> None:
        """``name`` counts when it is made."""
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self._key_file = folder / "ca.key"
        folder.mkdir(parents=True, exist_ok=True)
        if not (self.ca_file.exists() and self._key_file.exists()):
            self._create(name)
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self._key_file} does not hold an elliptic-curve key")
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def server(self, name: str, hosts: list[str]) -> ServerCertificate:
        """The certificate of server ``name``, valid for ``hosts`` (DNS names, wildcards or IPs).

        It is signed anew on every call; the authority stays the same.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(f"Isthmus sandbox {name}"))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + _VALID_FOR)
            .add_extension(x509.SubjectAlternativeName([_alt(host) for host in hosts]), False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
            .sign(self._key, hashes.SHA256())
        )
        made = ServerCertificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        chain = certificate.public_bytes(serialization.Encoding.PEM) + self.ca_file.read_bytes()
        made.chain_file.write_bytes(chain)
        write_private(made.key_file, _pem(key))
        return made

    def _create(self, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        subject = _name(name)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + _VALID_FOR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=True,
                    crl_sign=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256())
        )
        write_private(self._key_file, _pem(key))
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def write_private(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically, readable by the owner alone (mode 0600)."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alt(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
