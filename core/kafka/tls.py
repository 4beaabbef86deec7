"""TLS towards the namespace, for the probe; the Kafka client brings its own."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from core.errors import Code, problem_error


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


def presented_issuer(host: str, port: int, seconds: float) -> str:
    """Issuer of the certificate that ``host`` presents; "not known" if it shows none.

    The certificate is only read, in a handshake over which nothing is sent: to tell a TLS
    inspection from a missing authority one must see who signed.
    """
    from cryptography import x509

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), seconds) as connection,
            context.wrap_socket(connection, server_hostname=host) as tls,
        ):
            presented = tls.getpeercert(binary_form=True)
        if not presented:
            return "not known"
        return x509.load_der_x509_certificate(presented).issuer.rfc4514_string()
    except (OSError, ValueError):
        return "not known"
