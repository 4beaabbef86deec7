"""The stage tls: the handshake, and why it does not come off.

The handshake is verified, always. It runs over memory buffers, so that it can be stopped, and so
that the certificate of a handshake that failed can still be looked at.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from pathlib import Path

from core.errors import Code, ProblemError, problem_error
from core.kafka.probe.cancellation import Cancellation, wait_for
from core.kafka.probe.reach import Address, open_connection
from core.kafka.probe.stages import Limits
from core.kafka.probe.surroundings import authority_files
from core.kafka.settings import HubAccess
from core.kafka.tls import client_context, outside_its_dates, presented

_CHUNK = 65536
_SECOND_LOOK_SECONDS = 2.0
_WRONG_NAME = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_PUBLIC_AUTHORITIES = ("O=DigiCert", "O=Microsoft Corporation")
"""Who signs the certificates of namespaces (Azure: "Azure Certificate Authority details")."""
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")


def handshake(
    access: HubAccess,
    connection: socket.socket,
    deadline: float,
    limits: Limits,
    cancellation: Cancellation,
) -> str:
    """The evidence of a handshake on ``connection``. Raises ProblemError, CancelledError."""
    context = client_context(access.ca_file)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=access.host)
    try:
        _shake_hands(tls, incoming, outgoing, connection, deadline, cancellation)
    except ssl.SSLCertVerificationError as error:
        with contextlib.suppress(OSError):  # the alert tells the server why
            connection.send(outgoing.read())
        address = Address(connection.family, connection.getpeername())
        raise _untrusted(access, tls, error, address, cancellation) from None
    except TimeoutError:
        raise problem_error(
            Code.KAFKA_STALLED,
            "kafka.bootstrap",
            "the connection opened, the TLS handshake was not answered",
            host=access.host,
            port=access.port,
            seconds=f"{limits.connect:g}",
        ) from None
    except ssl.SSLError as error:
        raise _no_tls(access, error) from None
    except OSError as error:
        raise _closed(access, str(error)) from None
    certificate = presented(tls)
    issuer = certificate.issuer if certificate else "not known"
    until = f", until {certificate.not_after:%Y-%m-%d}" if certificate else ""
    return f"{tls.version()}, certificate trusted{until}; issuer {issuer}"


def _shake_hands(
    tls: ssl.SSLObject,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
    connection: socket.socket,
    deadline: float,
    cancellation: Cancellation,
) -> None:
    """Raises ssl.SSLError, OSError, TimeoutError, CancelledError."""
    while True:
        try:
            tls.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        waiting = outgoing.read()
        while waiting:
            wait_for(connection, selectors.EVENT_WRITE, deadline, cancellation)
            waiting = waiting[connection.send(waiting) :]
        if done:
            return
        wait_for(connection, selectors.EVENT_READ, deadline, cancellation)
        data = connection.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        incoming.write(data)


def _no_tls(access: HubAccess, error: ssl.SSLError) -> ProblemError:
    reason = error.reason or ""
    if "ALERT" in reason:
        return _closed(access, str(error))
    detail = str(error) if reason in _NOT_TLS else f"TLS error: {error}"
    return problem_error(
        Code.KAFKA_NOT_TLS, "kafka.bootstrap", detail, host=access.host, port=access.port
    )


def _closed(access: HubAccess, detail: str) -> ProblemError:
    return problem_error(
        Code.KAFKA_CONNECTION_CLOSED,
        "kafka.bootstrap",
        detail,
        host=access.host,
        when="during the TLS handshake",
    )


def _untrusted(
    access: HubAccess,
    tls: ssl.SSLObject,
    error: ssl.SSLCertVerificationError,
    address: Address,
    cancellation: Cancellation,
) -> ProblemError:
    """Which of the reasons to distrust a certificate it is."""
    certificate = presented(tls)
    issuer = certificate.issuer if certificate else "not known"
    detail = f"{error.verify_message}; issuer {issuer}"
    if error.verify_code in _WRONG_NAME:
        names = ", ".join(certificate.names[:5]) if certificate else "not known"
        return _certificate(Code.KAFKA_CERTIFICATE_NAME, access, detail, names=names)
    if dates := outside_its_dates(certificate) if certificate else "":
        return _certificate(Code.KAFKA_CERTIFICATE_DATES, access, detail, reason=dates)

    def trusted_with(ca_file: Path | None) -> bool:
        return _trusted_with(ca_file, access, address, cancellation)

    if any(name in issuer for name in _PUBLIC_AUTHORITIES) or (
        access.ca_file is not None and trusted_with(None)
    ):
        place = "network.ca_file" if access.ca_file else "this machine"
        return _certificate(
            Code.KAFKA_AUTHORITY_MISSING, access, detail, issuer=issuer, place=place
        )
    others = {path: who for path, who in authority_files().items() if path != access.ca_file}
    found = ""
    if holder := next(filter(trusted_with, others), None):
        found = f" ({holder}, which {others[holder]} names, holds it)"
    return _certificate(Code.KAFKA_TLS_INTERCEPTED, access, detail, issuer=issuer, found=found)


def _certificate(code: Code, access: HubAccess, detail: str, **parameters: object) -> ProblemError:
    return problem_error(code, "network.ca_file", detail, host=access.host, **parameters)


def _trusted_with(
    ca_file: Path | None, access: HubAccess, address: Address, cancellation: Cancellation
) -> bool:
    """Whether the server is trusted with other authorities; a handshake of its own tells."""
    deadline = time.monotonic() + _SECOND_LOOK_SECONDS
    try:
        context = client_context(ca_file)
        with open_connection(address, deadline, cancellation) as connection:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_hostname=access.host)
            _shake_hands(tls, incoming, outgoing, connection, deadline, cancellation)
    except (OSError, ProblemError):
        return False
    return True
