"""Tokens for Azure Resource Manager, whoever they come from.

One token serves every client of a session until five minutes before its end, so that azure-cli is
not started, and Entra ID not asked, for each of them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.azure.clouds import Cloud
from core.azure.problems import azure_problems
from core.secrets.redaction import know_secret

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions

WHERE = "azure.sign_in"
_SPARE_SECONDS = 300


@dataclass(frozen=True)
class Account:
    """Who is signed in.

    Attributes:
        user: the name to sign in with; empty for a service principal.
        tenant: id of the tenant.
        principal: object id of the user or service principal; empty if not known.
        remembered: whether a later process can go on with this sign-in. If not, this machine has
            no store for tokens, and the sign-in ends with this process.
    """

    user: str
    tenant: str
    principal: str = ""
    remembered: bool = True


class AzureCredential(ABC):
    """A credential for the SDK's asyncio clients.

    Attributes:
        cloud: what its tokens are for.
        method: how it signs in.
    """

    def __init__(self, cloud: Cloud, method: str) -> None:
        self.cloud = cloud
        self.method = method
        self._tokens: dict[tuple[tuple[str, ...], str], AccessTokenInfo] = {}
        self._locks: dict[tuple[tuple[str, ...], str], asyncio.Lock] = {}

    async def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **_: Any
    ) -> AccessToken:
        """A token for ``scopes``; the SDK's interface. Raises the SDK's errors."""
        from azure.core.credentials import AccessToken

        options: TokenRequestOptions = {}
        if claims:
            options["claims"] = claims
        if tenant_id:
            options["tenant_id"] = tenant_id
        info = await self.get_token_info(*scopes, options=options)
        return AccessToken(info.token, info.expires_on)

    async def get_token_info(
        self, *scopes: str, options: TokenRequestOptions | None = None
    ) -> AccessTokenInfo:
        """The same with more to it; the SDK's interface. Raises the SDK's errors."""
        claims = (options or {}).get("claims")
        tenant = (options or {}).get("tenant_id") or ""
        key = (scopes, tenant)
        async with self._locks.setdefault(key, asyncio.Lock()):
            kept = self._tokens.get(key)
            if kept is not None and not claims and kept.expires_on - time.time() > _SPARE_SECONDS:
                return kept
            wanted: TokenRequestOptions = {}
            if claims:
                wanted["claims"] = claims
            if tenant:
                wanted["tenant_id"] = tenant
            info = await self._fetch(scopes, wanted)
            know_secret(info.token)
            self._tokens[key] = info
            return info

    async def account(self) -> Account:
        """Who the tokens are for. Raises ProblemError if there are none."""
        with azure_problems(WHERE, method=self.method):
            info = await self.get_token_info(self.cloud.scope)
        claims = token_claims(info.token)
        user = claims.get("upn") or claims.get("unique_name") or claims.get("preferred_username")
        return Account(str(user or ""), str(claims.get("tid", "")), str(claims.get("oid", "")))

    async def sign_in(self) -> Account:
        """Sign in, with the user where the method needs one. Raises ProblemError."""
        return await self.account()

    def forget(self) -> None:
        """Forget who signed in, where this program keeps it. Nothing is told to Entra ID."""
        self._tokens.clear()

    @abstractmethod
    async def _fetch(
        self, scopes: tuple[str, ...], options: TokenRequestOptions
    ) -> AccessTokenInfo:
        """A fresh token. Raises the SDK's errors."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections."""

    async def __aenter__(self) -> AzureCredential:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


class TenantCredential:
    """Tokens of one credential for one tenant; the SDK's interface."""

    def __init__(self, credential: AzureCredential, tenant: str) -> None:
        self._credential = credential
        self._tenant = tenant

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token for the tenant. Raises the SDK's errors."""
        return await self._credential.get_token(*scopes, **(options | {"tenant_id": self._tenant}))

    async def get_token_info(
        self, *scopes: str, options: TokenRequestOptions | None = None
    ) -> AccessTokenInfo:
        """The same with more to it. Raises the SDK's errors."""
        wanted: TokenRequestOptions = {**(options or {}), "tenant_id": self._tenant}
        return await self._credential.get_token_info(*scopes, options=wanted)

    async def close(self) -> None:
        """Nothing: the credential behind it is somebody else's."""

    async def __aenter__(self) -> TenantCredential:
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Nothing either."""


def token_claims(token: str) -> dict[str, Any]:
    """What an access token says of its owner; for showing only, its signature is not checked."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(payload)
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
