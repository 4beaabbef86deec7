"""From a profile to an open session with Azure, its subscription chosen."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from core.azure.clouds import Cloud, cloud
from core.azure.session import AzureSession
from core.azure.sign_in import Account, DeviceCode, SignIn, open_credential, sign_in
from core.azure.subscriptions import subscriptions
from core.errors import Code, problem_error
from core.onboarding.azure_world import AzureWorld
from core.onboarding.journal import Journal
from core.profile import Profile

ACCOUNT_FILE = "azure-account.json"
"""In the state folder: who signed in, without any token."""


@dataclass(frozen=True)
class AzureAccess:
    """All that it takes to talk to Azure.

    Attributes:
        cloud: which one.
        sign_in: how to sign in, secrets included.
        record_file: where it is kept who signed in.
        ca_file: authorities to trust; None: the system's.
        proxy: ``http://host:port``; empty: none.
    """

    cloud: Cloud
    sign_in: SignIn
    record_file: Path
    ca_file: Path | None = None
    proxy: str = ""


def azure_access(profile: Profile) -> AzureAccess:
    """What ``profile`` says of its way to Azure, its secret read. Raises ProblemError."""
    azure = profile.azure_half
    given = azure.sign_in
    secret = certificate = ""
    if given.client_secret is not None:
        secret = profile.read_secret(given.client_secret, "azure.sign_in.client_secret")
    if given.certificate is not None:
        certificate = profile.read_secret(given.certificate, "azure.sign_in.certificate")
    return AzureAccess(
        cloud=cloud(azure.cloud, profile.endpoints.arm, profile.endpoints.authority),
        sign_in=SignIn(
            method=given.method,
            tenant=azure.tenant,
            client_id=given.client_id,
            client_secret=secret,
            certificate=certificate.encode(),
        ),
        record_file=profile.state_folder / ACCOUNT_FILE,
        ca_file=profile.ca_file,
        proxy=profile.network.proxy,
    )


@contextlib.asynccontextmanager
async def open_azure(
    access: AzureAccess, on_wait: Callable[[str], None] | None = None
) -> AsyncIterator[AzureSession]:
    """A session with what an earlier sign-in left. Raises ProblemError (azure_sign_in_needed)."""
    credential = open_credential(
        access.sign_in,
        access.cloud,
        ca_file=access.ca_file,
        record_file=access.record_file,
        on_device_code=None,
        interactive=False,
        proxy=access.proxy,
    )
    async with AzureSession(
        access.cloud, credential, ca_file=access.ca_file, proxy=access.proxy, wait=on_wait
    ) as session:
        yield session


@contextlib.asynccontextmanager
async def azure_session(
    profile: Profile, on_wait: Callable[[str], None] | None = None
) -> AsyncIterator[AzureSession]:
    """The session of ``profile``. Raises ProblemError (azure_sign_in_needed)."""
    async with open_azure(azure_access(profile), on_wait) as session:
        yield session


async def sign_in_to_azure(
    access: AzureAccess, on_device_code: Callable[[DeviceCode], None]
) -> Account:
    """Sign in, with the user if the method needs one. Raises ProblemError."""
    credential = open_credential(
        access.sign_in,
        access.cloud,
        ca_file=access.ca_file,
        record_file=access.record_file,
        on_device_code=on_device_code,
        interactive=True,
        proxy=access.proxy,
    )
    async with credential:
        return await sign_in(credential)


@contextlib.asynccontextmanager
async def azure_world(
    profile: Profile, on_wait: Callable[[str], None] | None = None
) -> AsyncIterator[AzureWorld]:
    """All that the tasks of the Azure half share. Raises ProblemError."""
    journal = Journal(profile.state_folder)
    async with azure_session(profile, on_wait) as session:
        wanted = profile.azure_half.subscription
        chosen, tenant = await choose_subscription(session, wanted)
        yield AzureWorld(session, profile, chosen, tenant, journal)


async def choose_subscription(session: AzureSession, wanted: str) -> tuple[str, str]:
    """Ids of the subscription ``wanted``, or of the only one there is, and of its tenant.

    Raises ProblemError (azure_subscription_not_found, azure_subscription_not_chosen).
    """
    seen = [each async for each in subscriptions(session)]
    usable = [each for each in seen if each.state in ("Enabled", "Warned", "PastDue")]
    if wanted:
        found = next((each for each in usable if each.id.lower() == wanted.lower()), None)
        if found is None:
            names = ", ".join(f"{each.name} ({each.id})" for each in usable) or "none"
            raise problem_error(
                Code.AZURE_SUBSCRIPTION_NOT_FOUND,
                "azure.subscription",
                subscription=wanted,
                names=names,
            )
        return found.id, found.tenant
    if len(usable) == 1:
        return usable[0].id, usable[0].tenant
    names = ", ".join(f"{each.name} ({each.id})" for each in usable) or "none"
    raise problem_error(Code.AZURE_SUBSCRIPTION_NOT_CHOSEN, "azure.subscription", names=names)
