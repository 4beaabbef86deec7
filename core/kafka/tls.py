"""TLS towards the namespace, for the probe; the Kafka client brings its own."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import Code, problem_error

_DER = 2
"""``_ssl.ENCODING_DER``."""


@dataclass(frozen=True)
class Presented:
    """The certificate that a server showed, trusted or not.

    Attributes:
        issuer: who signed it (RFC 4514).
        names: the host names and addresses that it is for.
        not_before: it holds from here.
        not_after: until here.
    """

    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """A verifying context that trusts ``ca_file``, or the system's authorities.

    Raises ProblemError (ca_file_unusable).
    """
    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:  # SSLError is one too
        reason = error.strerror or str(error)
        raise problem_error(Code.CA_FILE_UNUSABLE, "network.ca_file", reason=reason) from None


def presented(tls: ssl.SSLObject) -> Presented | None:
    """The certificate of a handshake, even one that ended because nobody trusts it.

    To tell a TLS inspection from a missing authority one must see who signed.
    """
    from cryptography import x509

    chain = _chain(tls)
    if not chain:
        return None
    try:
        found = x509.load_der_x509_certificate(chain[0])
        return Presented(
            found.issuer.rfc4514_string(),
            _names(found),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
        )
    except ValueError:
        return None


def outside_its_dates(certificate: Presented) -> str:
    """Why a certificate does not hold now, in words; empty if it does."""
    now = datetime.now(UTC)
    if now < certificate.not_before:
        return f"it begins on {certificate.not_before:%Y-%m-%d}, and it is {now:%Y-%m-%d} here"
    if now > certificate.not_after:
        return f"it ended on {certificate.not_after:%Y-%m-%d}, and it is {now:%Y-%m-%d} here"
    return ""


def _names(found: Any) -> tuple[str, ...]:
    from cryptography import x509

    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return (found.subject.rfc4514_string(),)
    return tuple(str(name.value) for name in extension.value)


def _chain(tls: ssl.SSLObject) -> list[bytes]:
    """What was presented, the server's own first; Python has a public name for it from 3.13 on."""
    public = getattr(tls, "get_unverified_chain", None)
    if public is not None:
        return list(public() or ())
    inner = getattr(tls, "_sslobj", None)
    found = inner.get_unverified_chain() if inner is not None else None
    return [certificate.public_bytes(_DER) for certificate in found or ()]
