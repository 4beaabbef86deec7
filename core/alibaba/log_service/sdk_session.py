"""The SDK's HTTP session, steered the way that our own connections go."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.connection import socket_place, tls_context


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
        host, port, plain = socket_place(self._access)
        if plain:
            return self.poolmanager.connection_from_host(host, port, scheme="http")
        return self.poolmanager.connection_from_host(
            host,
            port,
            scheme="https",
            pool_kwargs={
                "ssl_context": tls_context(self._access),
                "server_hostname": self._access.host,
                "assert_hostname": self._access.host,
            },
        )

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to add: the pool's context verifies."""
