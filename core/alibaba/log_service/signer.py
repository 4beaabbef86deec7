"""Signing a request with the SDK's own signer (signature v1, ``hmac-sha1``)."""

from __future__ import annotations

from typing import Any

from core.alibaba.log_service.access import LogServiceAccess


class _Credentials:
    """The SDK's ``Credentials``: the keys of one request, which belong together."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._keys = access.keys()

    def get_access_key_id(self) -> str:
        return self._keys.access_key_id

    def get_access_key_secret(self) -> str:
        return self._keys.access_key_secret

    def get_security_token(self) -> str:
        return self._keys.security_token


class AccessCredentials:
    """The SDK's ``CredentialsProvider``, which it asks for each request."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._access = access

    def get_credentials(self) -> _Credentials:
        """The keys of the moment; may wait while a role's keys are renewed."""
        return _Credentials(self._access)


def sign(
    access: LogServiceAccess, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    """Add the signature and the headers that belong to it to ``headers``."""
    from aliyun.log.auth import AuthV1

    signer: Any = AuthV1(AccessCredentials(access))
    signer.sign_request(method, path, {}, headers, body)
    # The SDK repeats the date in a header that it adds after signing; a service that verifies
    # every x-log- header would refuse it.
    headers.pop("x-log-date", None)
