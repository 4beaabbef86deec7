"""Credentials of a user who signs in by browser or device code.

The SDK has these without asyncio only, and they cannot be cancelled: they run in daemon threads,
and what comes after a cancellation is ignored.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.azure.clouds import Cloud
from core.azure.credential import WHERE, Account, AzureCredential
from core.azure.daemon import in_daemon_thread
from core.azure.problems import azure_problems
from core.azure.token_store import cache_options, read_record, store_is_usable, write_record
from core.errors import Code, problem_error

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
    from azure.identity import AuthenticationRecord

    from core.azure.sign_in import SignIn

_in_memory: dict[tuple[str, str, str, str], Any] = {}
"""SDK credentials of users who signed in to this process, where there is no store for tokens."""


@dataclass(frozen=True)
class DeviceCode:
    """What the user enters on any machine with a browser.

    Attributes:
        uri: where.
        code: what.
        expires_at: until when, UTC.
    """

    uri: str
    code: str
    expires_at: datetime


class UserCredential(AzureCredential):
    """A user, signed in by browser or device code."""

    def __init__(
        self,
        cloud: Cloud,
        sign_in: SignIn,
        *,
        ca_file: Path | None,
        record_file: Path | None,
        on_device_code: Callable[[DeviceCode], None] | None,
        interactive: bool,
        proxy: str = "",
    ) -> None:
        super().__init__(cloud, sign_in.method)
        self._wanted = sign_in
        self._ca_file = ca_file
        self._proxy = proxy
        self._record_file = record_file
        self._on_device_code = on_device_code
        self._interactive = interactive
        self._key = (sign_in.method, cloud.authority, sign_in.tenant, sign_in.client_id)
        self._sdk: Any = None

    async def sign_in(self) -> Account:
        """Have the user sign in, and keep who it was. Raises ProblemError."""
        if not self._interactive:
            return await self.account()
        if self.method == "browser":
            _check_browser()
        loop = asyncio.get_running_loop()

        def prompt(uri: str, code: str, expires_at: datetime) -> None:
            if self._on_device_code is not None:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    shown = DeviceCode(uri, code, expires_at)
                    loop.call_soon_threadsafe(self._on_device_code, shown)

        sdk = self._open(None, prompt)

        def work() -> AuthenticationRecord:
            record: AuthenticationRecord = sdk.authenticate(scopes=[self.cloud.scope])
            return record

        with azure_problems(WHERE, method=self.method):
            try:
                record = await in_daemon_thread(work, "azure-sign-in")
            except Exception:
                sdk.close()
                raise
        await self._replace(sdk)
        write_record(self._record_file, record)
        account = await self.account()
        return Account(record.username, record.tenant_id, account.principal, store_is_usable())

    def forget(self) -> None:
        """Forget who signed in; the next session has to sign in again.

        Without the account file no token that may be left in the system's store is used any more.
        """
        super().forget()
        sdk = _in_memory.pop(self._key, None)
        if sdk is not None:
            sdk.close()
        if self._record_file is not None:
            self._record_file.unlink(missing_ok=True)

    async def _replace(self, sdk: Any) -> None:
        await self.close()
        self._tokens.clear()
        self._sdk = sdk
        if not store_is_usable():
            _in_memory[self._key] = sdk

    async def _fetch(
        self, scopes: tuple[str, ...], options: TokenRequestOptions
    ) -> AccessTokenInfo:
        sdk = self._known()
        return await in_daemon_thread(
            lambda: sdk.get_token_info(*scopes, options=options), "azure-token"
        )

    def _known(self) -> Any:
        """The SDK's credential with what an earlier sign-in left."""
        if self._sdk is None:
            self._sdk = _in_memory.get(self._key)
        if self._sdk is None:
            record = read_record(self._record_file)
            fits = record is not None and (
                record.authority == self.cloud.authority_host
                and self._wanted.client_id in ("", record.client_id)
            )
            self._sdk = self._open(record if fits else None, None)
        return self._sdk

    def _open(self, record: AuthenticationRecord | None, prompt: Any) -> Any:
        from azure.identity import DeviceCodeCredential, InteractiveBrowserCredential

        from core.azure import pipeline

        wanted = self._wanted
        options: dict[str, Any] = {
            "authority": self.cloud.authority,
            "disable_instance_discovery": not self.cloud.is_known_authority,
            "disable_automatic_authentication": True,
            "additionally_allowed_tenants": ["*"],
            "transport": pipeline.open_blocking_transport(self._ca_file),
            "retry_policy_class": pipeline.BlockingRetry,
            **pipeline.proxies(self._proxy),
            **cache_options(),
        }
        if wanted.tenant:
            options["tenant_id"] = wanted.tenant
        if wanted.client_id:
            options["client_id"] = wanted.client_id
        if record is not None:
            options["authentication_record"] = record
            options.pop("authority")  # the record has its own, and the SDK takes only one
        if wanted.method == "browser":
            return InteractiveBrowserCredential(**options)
        return DeviceCodeCredential(prompt_callback=prompt, **options)

    async def close(self) -> None:
        """Close the connections to Entra ID, unless the sign-in lives in this process only."""
        if self._sdk is not None and self._sdk not in _in_memory.values():
            self._sdk.close()
        self._sdk = None


def _check_browser() -> None:
    """Raise ProblemError if there is none: the SDK finds out too late, and leaves a port open."""
    import platform
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        if "microsoft" in platform.release().lower():  # Windows opens its own from inside WSL
            return
        raise problem_error(Code.AZURE_BROWSER_UNAVAILABLE, WHERE, reason="there is none") from None
