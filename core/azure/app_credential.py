"""Credentials that need nobody at the keyboard: a service principal, or what ``az login`` left."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.azure.clouds import Cloud
from core.azure.credential import WHERE, AzureCredential
from core.errors import Code, problem_error
from core.secrets.redaction import redact_text

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions

    from core.azure.sign_in import SignIn

_CLI_SECONDS = 60


class AppCredential(AzureCredential):
    """A service principal with a client secret or a certificate."""

    def __init__(
        self, cloud: Cloud, sign_in: SignIn, ca_file: Path | None, proxy: str = ""
    ) -> None:
        super().__init__(cloud, sign_in.method)
        if not sign_in.tenant:
            raise problem_error(Code.AZURE_TENANT_NEEDED, "azure.tenant")
        self._sdk = _service_principal(cloud, sign_in, ca_file, proxy)

    async def _fetch(
        self, scopes: tuple[str, ...], options: TokenRequestOptions
    ) -> AccessTokenInfo:
        info: AccessTokenInfo = await self._sdk.get_token_info(*scopes, options=options)
        return info

    async def close(self) -> None:
        """Close the connections to Entra ID."""
        await self._sdk.close()


class CliCredential(AzureCredential):
    """Tokens from azure-cli, which asks for them where it is signed in."""

    def __init__(self, cloud: Cloud, sign_in: SignIn) -> None:
        from azure.identity.aio import AzureCliCredential

        super().__init__(cloud, sign_in.method)
        with _readable_tenant():
            self._sdk = AzureCliCredential(
                tenant_id=sign_in.tenant,
                process_timeout=_CLI_SECONDS,
                additionally_allowed_tenants=["*"],
            )

    async def _fetch(
        self, scopes: tuple[str, ...], options: TokenRequestOptions
    ) -> AccessTokenInfo:
        info: AccessTokenInfo = await self._sdk.get_token_info(*scopes, options=options)
        return info

    async def close(self) -> None:
        """Nothing is open between two tokens."""
        await self._sdk.close()


def _service_principal(cloud: Cloud, sign_in: SignIn, ca_file: Path | None, proxy: str) -> Any:
    from azure.identity.aio import CertificateCredential, ClientSecretCredential

    from core.azure import pipeline

    options: dict[str, Any] = {
        "authority": cloud.authority,
        "transport": pipeline.open_transport(ca_file),
        "retry_policy_class": pipeline.credential_retry,
        "additionally_allowed_tenants": ["*"],
        **pipeline.proxies(proxy),
    }
    with _readable_tenant():
        if not sign_in.certificate:
            return ClientSecretCredential(
                sign_in.tenant, sign_in.client_id, sign_in.client_secret, **options
            )
    try:
        return CertificateCredential(
            sign_in.tenant, sign_in.client_id, certificate_data=sign_in.certificate, **options
        )
    except (ValueError, TypeError) as error:
        reason = redact_text(str(error)).partition("\n")[0][:120] or "it is not PEM"
        raise problem_error(
            Code.AZURE_CERTIFICATE_UNUSABLE, f"{WHERE}.certificate", reason=reason.rstrip(".")
        ) from None


@contextlib.contextmanager
def _readable_tenant() -> Any:
    """The SDK refuses a tenant with characters that none has."""
    from core.azure.names import TENANT

    try:
        yield
    except ValueError:
        raise problem_error(
            Code.AZURE_NAME_INVALID, "azure.tenant", what=TENANT.what, rule=TENANT.words
        ) from None
