"""Signing a request with the SDK's own signer (signature v1, ``hmac-sha1``)."""

from __future__ import annotations

from typing import Any

from core.alibaba.log_service.access import LogServiceAccess


class _Credentials:
    """The SDK's credentials interface over a :class:`LogServiceAccess`."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._access = access

    def get_credentials(self) -> _Credentials:
        return self

    def get_access_key_id(self) -> str:
        return self._access.access_key_id

    def get_access_key_secret(self) -> str:
        return self._access.access_key_secret

    def get_security_token(self) -> str:
        return self._access.security_token


def sign(
    access: LogServiceAccess, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    """Add the signature and the headers that belong to it to ``headers``."""
    from aliyun.log.auth import AuthV1

    signer: Any = AuthV1(_Credentials(access))
    signer.sign_request(method, path, {}, headers, body)
    # The SDK repeats the date in a header that it adds after signing; a service that verifies
    # every x-log- header would refuse it.
    headers.pop("x-log-date", None)
