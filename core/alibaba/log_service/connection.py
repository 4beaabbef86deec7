"""The one place that decides which socket a request to Log Service goes to.

``log_service_address`` works like curl's connect-to: the socket goes to the address, while URL,
Host header, signature and TLS name stay ``<project>.<endpoint>``. Certificates are always checked;
plain HTTP exists for loopback addresses only, which the profile's schema enforces.
"""

from __future__ import annotations

import ssl
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

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
    host, port, plain = _socket_place(access)
    if plain:
        return urllib3.HTTPConnectionPool(host, port, **options)
    options |= {"ssl_context": _context(access)}
    if access.proxy and not access.address:
        manager = urllib3.ProxyManager(access.proxy, **options)
        return manager.connection_from_host(host, port, scheme="https")
    return urllib3.HTTPSConnectionPool(
        host, port, server_hostname=access.host, assert_hostname=access.host, **options
    )


def steer_session(session: requests.Session, access: LogServiceAccess) -> None:
    """Send what the SDK's session asks of ``http(s)://<project>.<endpoint>`` the same way."""
    session.trust_env = False  # an environment's proxy or CA bundle would override the profile
    session.verify = str(access.ca_file) if access.ca_file else True
    if access.proxy:
        session.proxies = {"https": access.proxy}
    if access.address:
        adapter = _AddressAdapter(access)
        for scheme in ("http", "https"):
            session.mount(f"{scheme}://{access.host}", adapter)
            session.mount(f"{scheme}://{access.endpoint}", adapter)


class _AddressAdapter(HTTPAdapter):
    """A requests adapter whose every connection goes to the profile's address."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._access = access
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Called by requests for each request; its URL has no say in where to connect."""
        host, port, plain = _socket_place(self._access)
        if plain:
            return self.poolmanager.connection_from_host(host, port, scheme="http")
        return self.poolmanager.connection_from_host(
            host,
            port,
            scheme="https",
            pool_kwargs={
                "ssl_context": _context(self._access),
                "server_hostname": self._access.host,
                "assert_hostname": self._access.host,
            },
        )

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to add: the pool's context verifies."""


def _socket_place(access: LogServiceAccess) -> tuple[str, int, bool]:
    """Host, port and whether the connection is plain HTTP."""
    if not access.address:
        return access.host, 443, False
    plain = access.address.startswith("http://")
    host, _, port = access.address.removeprefix("http://").rpartition(":")
    return host.strip("[]"), int(port), plain


def _context(access: LogServiceAccess) -> ssl.SSLContext:
    if access.ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(access.ca_file))
    except OSError as error:
        reason = error.strerror or str(error)
        raise problem_error(Code.CA_FILE_UNUSABLE, "network.ca_file", reason=reason) from None
