"""Signing in to Azure: which way, and who it turned out to be.

Source: "azure-identity" (credential classes); "Microsoft Entra: device code flow".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.azure.clouds import Cloud
from core.azure.credential import Account, AzureCredential
from core.azure.user_credential import DeviceCode
from core.secrets.redaction import know_secret

__all__ = ["Account", "AzureCredential", "DeviceCode", "SignIn", "open_credential", "sign_in"]


@dataclass(frozen=True)
class SignIn:
    """How to sign in; its ``repr`` shows no secret.

    Attributes:
        method: browser, device_code, cli (what ``az login`` left) or service_principal.
        tenant: id or domain; empty: the account's own. A service principal needs it.
        client_id: the application; empty: Microsoft's own for developers.
        client_secret: of a service principal.
        certificate: or its certificate with private key, PEM.
    """

    method: Literal["browser", "device_code", "cli", "service_principal"]
    tenant: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)


def open_credential(
    sign_in: SignIn,
    cloud: Cloud,
    *,
    ca_file: Path | None,
    record_file: Path | None,
    on_device_code: Callable[[DeviceCode], None] | None,
    interactive: bool,
    proxy: str = "",
) -> AzureCredential:
    """A credential for :class:`core.azure.session.AzureSession`; nothing is asked of Azure yet.

    ``record_file`` keeps who signed in (no token). ``on_device_code`` is called on the loop that
    signs in. Without ``interactive`` nobody is ever asked to sign in: what an earlier sign-in left
    is used, or azure_sign_in_needed is raised at the first token. ``proxy`` is ``http://host:port``.

    Raises ProblemError (azure_tenant_needed, azure_certificate_unusable, ca_file_unusable).
    """
    from core.azure.app_credential import AppCredential, CliCredential
    from core.azure.user_credential import UserCredential

    # A failed sign-in is told as a Problem; the SDK would write it to the log as well.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    if sign_in.client_secret:
        know_secret(sign_in.client_secret)
    if sign_in.method == "service_principal":
        return AppCredential(cloud, sign_in, ca_file, proxy)
    if sign_in.method == "cli":
        return CliCredential(cloud, sign_in)
    return UserCredential(
        cloud,
        sign_in,
        ca_file=ca_file,
        record_file=record_file,
        on_device_code=on_device_code,
        interactive=interactive,
        proxy=proxy,
    )


async def sign_in(credential: AzureCredential) -> Account:
    """Sign in, with the user where the method needs one; who it was is kept.

    May take as long as the user does (a device code lasts about 15 minutes); cancelling it stops
    the waiting, and a sign-in that is finished later is ignored. Raises ProblemError.
    """
    return await credential.sign_in()
