"""The one place that decides which socket a request to Log Service goes to.

``log_service_address`` works like curl's connect-to: the socket goes to the address, while URL,
Host header, signature and TLS name stay ``<project>.<endpoint>``. Certificates are always checked;
plain HTTP exists for loopback addresses only, which the profile's schema enforces.
"""

from __future__ import annotations

import ssl
from typing import Any

import urllib3

from core.alibaba.log_service.access import LogServiceAccess
from core.errors import Code, problem_error

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0


def open_pool(access: LogServiceAccess, size: int) -> urllib3.HTTPConnectionPool:
    """A pool of up to ``size`` keep-alive connections to the project's host.

    urllib3's own retries are off: the delivery decides about every answer. Requests need the
    header ``Host: <project>.<endpoint>``. Raises ProblemError (ca_file_unusable).
    """
    timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    options: dict[str, Any] = {"maxsize": size, "block": True, "retries": False, "timeout": timeout}
    host, port, plain = socket_place(access)
    if plain:
        return urllib3.HTTPConnectionPool(host, port, **options)
    options |= {"ssl_context": tls_context(access)}
    if access.proxy and not access.address:
        manager = urllib3.ProxyManager(access.proxy, **options)
        return manager.connection_from_host(host, port, scheme="https")
    return urllib3.HTTPSConnectionPool(
        host, port, server_hostname=access.host, assert_hostname=access.host, **options
    )


def socket_place(access: LogServiceAccess) -> tuple[str, int, bool]:
    """Host, port and whether the connection is plain HTTP."""
    if not access.address:
        return access.host, 443, False
    plain = access.address.startswith("http://")
    host, _, port = access.address.removeprefix("http://").rpartition(":")
    return host.strip("[]"), int(port), plain


def tls_context(access: LogServiceAccess) -> ssl.SSLContext:
    """A verifying context. Raises ProblemError (ca_file_unusable)."""
    if access.ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(access.ca_file))
    except OSError as error:
        reason = error.strerror or str(error)
        raise problem_error(Code.CA_FILE_UNUSABLE, "network.ca_file", reason=reason) from None
