"""The ARM emulator, and a session with it as a service principal."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from helpers.azure_sandbox import AzureSandbox, open_azure

from core.azure.clouds import Cloud, cloud
from core.azure.session import AzureSession
from core.azure.sign_in import SignIn, open_credential
from core.errors import Problem, ProblemError

REGION = "eastasia"


class Azure:
    """The emulator and short ways to use it."""

    def __init__(self, sandbox: AzureSandbox) -> None:
        self.sandbox = sandbox
        self.subscription = sandbox.subscription
        self.waits: list[str] = []
        self.progress: list[str] = []

    @property
    def cloud(self) -> Cloud:
        return cloud("public", self.sandbox.endpoint, self.sandbox.endpoint)

    def sign_in(self, **changes: Any) -> SignIn:
        """As the service principal."""
        known = self.sandbox
        given = {
            "method": "service_principal",
            "tenant": known.tenant,
            "client_id": known.client_id,
            "client_secret": known.client_secret,
        }
        return SignIn(**(given | changes))

    def session(self, cloud: Cloud | None = None, **changes: Any) -> AzureSession:
        credential = open_credential(
            self.sign_in(),
            self.cloud,
            ca_file=self.sandbox.ca_file,
            record_file=None,
            on_device_code=None,
            interactive=False,
        )
        given = {"ca_file": self.sandbox.ca_file, "poll_seconds": 0.05, "wait": self.waits.append}
        return AzureSession(cloud or self.cloud, credential, **(given | changes))

    def run(self, work: Callable[[AzureSession], Awaitable[Any]], **changes: Any) -> Any:
        """What ``work`` returns, in a session that ends with it."""

        async def whole() -> Any:
            async with self.session(**changes) as session:
                return await work(session)

        return asyncio.run(whole())

    def refusal(self, work: Callable[[AzureSession], Awaitable[Any]], **changes: Any) -> Problem:
        """The problem that ``work`` ends with."""
        with pytest.raises(ProblemError) as caught:
            self.run(work, **changes)
        return caught.value.problem

    @contextlib.contextmanager
    def scenario(self, name: str, **options: Any) -> Iterator[None]:
        self.sandbox.arm.request("scenario", name=name, on=True, **options)
        try:
            yield
        finally:
            self.sandbox.arm.request("scenario", name=name, on=False)

    @contextlib.contextmanager
    def device_codes(self, **options: Any) -> Iterator[None]:
        """How device codes behave in the block; nobody is asked to wait between two looks."""
        self.sandbox.arm.request("device_options", interval=0, **options)
        try:
            yield
        finally:
            self.sandbox.arm.request("device_options", interval=1, polls=2, lifetime=900.0)

    @contextlib.contextmanager
    def refusing(self, number: int) -> Iterator[None]:
        """Every sign-in in the block is refused with ``AADSTS<number>``."""
        self.sandbox.arm.request("refuse_sign_in", number=number)
        try:
            yield
        finally:
            self.sandbox.arm.request("refuse_sign_in", number=0)

    @contextlib.contextmanager
    def writes(self) -> Iterator[list[tuple[str, str]]]:
        """Method and path of each request of the block that meant to change something."""
        found: list[tuple[str, str]] = []
        self.sandbox.arm.request("clear_requests")
        yield found
        seen = self.sandbox.arm.request("requests")
        found += [
            (each["method"], each["path"])
            for each in seen
            if each["write"] and "/oauth2/" not in each["path"]
        ]

    def requests(self) -> int:
        return len(self.sandbox.arm.request("requests"))

    def name(self, kind: str) -> str:
        """A name that nothing has yet."""
        return f"{kind}-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureSandbox]:
    with open_azure(tmp_path_factory.mktemp("azure")) as sandbox:
        sandbox.arm.request("long_running", seconds=0.02, retry_after=0.02)
        yield sandbox


@pytest.fixture
def azure(_sandbox: AzureSandbox) -> Azure:
    return Azure(_sandbox)
