"""The SDK's HTTP session, steered the way that our own connections go."""

from __future__ import annotations

import urllib.parse
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.connection import socket_place, tls_context


def steer_session(session: requests.Session, access: LogServiceAccess) -> None:
    """Send what the SDK's session asks of ``http(s)://[<project>.]<endpoint>`` the same way.

    Raises ProblemError (ca_file_unusable).
    """
    if access.ca_file:
        tls_context(access)  # requests would tell of it with each request, and not as what it is
    session.max_redirects = 0  # nobody else is given what was meant for Log Service
    session.trust_env = False  # an environment's proxy or CA bundle would override the profile
    session.verify = str(access.ca_file) if access.ca_file else True
    if access.proxy:
        session.proxies = {"https": access.proxy}
    if access.address:
        adapter = _AddressAdapter(access)
        for scheme in ("http", "https"):
            session.mount(f"{scheme}://", adapter)


class _AddressAdapter(HTTPAdapter):
    """A requests adapter whose every connection goes to the profile's address."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._access = access
        plain = socket_place(access)[2]
        # One context for all, or each request would open a connection of its own.
        self._context = None if plain else tls_context(access)
        super().__init__()

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> Any:
        """Called by requests for each request; its URL has no say in where to connect."""
        host, port, plain = socket_place(self._access)
        if plain:
            return self.poolmanager.connection_from_host(host, port, scheme="http")
        name = urllib.parse.urlsplit(str(request.url)).hostname or self._access.host
        return self.poolmanager.connection_from_host(
            host,
            port,
            scheme="https",
            pool_kwargs={
                "ssl_context": self._context,
                "server_hostname": name,
                "assert_hostname": name,
            },
        )

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to add: the pool's context verifies."""
