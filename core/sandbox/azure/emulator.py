"""The emulator's process: ARM, the sign-in endpoints, and the commands of its parent."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from core.sandbox.azure import directory as directory_file
from core.sandbox.azure import namespace_work, namespaces, providers, resource_groups, resources
from core.sandbox.azure.access import Access
from core.sandbox.azure.app_credentials import AppCredentials
from core.sandbox.azure.device_codes import DeviceCodes
from core.sandbox.azure.event_hubs_door import EventHubs
from core.sandbox.azure.flows import flows
from core.sandbox.azure.grants import Grants
from core.sandbox.azure.operations import Operations, Shape
from core.sandbox.azure.scenarios import Scenario, ScenarioTable
from core.sandbox.azure.server import Server, log
from core.sandbox.azure.service import Service
from core.sandbox.azure.sign_in import SignIn
from core.sandbox.azure.sign_in_errors import NUMBERS
from core.sandbox.azure.snapshot import snapshot
from core.sandbox.azure.store import Store
from core.sandbox.azure.wire import ArmError
from core.sandbox.certificates import Authority
from core.sandbox.ports import HOST, listen
from core.sandbox.process import CommandTable, dispatch


class AzureEmulator:
    """Offers one listener for ARM and sign-in (:class:`core.sandbox.process.Emulator`)."""

    def __init__(self, folder: Path, authority: Path, door: Path, port: int = 0) -> None:
        """``door``: of the Event Hubs emulator; ``port``: of the first start, 0: a free one."""
        self._folder = folder
        self._authority = authority
        self._door = door
        self._wanted_port = port
        self._commands: CommandTable = {
            "scenario": self._scenario,
            "requests": self._requests,
            "clear_requests": self._clear_requests,
            "flows": self._flows,
            "snapshot": self._snapshot,
            "describe": self._describe,
            "add_resources": self._add_resources,
            "adopt_first": self._adopt_first,
            "page_size": self._page_size,
            "long_running": self._long_running,
            "register_certificate": self._register_certificate,
            "device_code": self._device_code,
            "device_options": self._device_options,
            "consent": self._consent,
            "refuse_sign_in": self._refuse_sign_in,
            "token_lifetime": self._token_lifetime,
            "expire_refresh_tokens": self._expire_refresh_tokens,
        }

    async def start(self) -> dict[str, Any]:
        """Recover what is on disk and open the listener; ends the process if it cannot."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "directory.json"
        self._directory = directory_file.load(file)
        try:
            listener = listen(self._directory.port or self._wanted_port)
            store = Store(self._folder / "state.sqlite")
        except (OSError, sqlite3.Error) as error:
            log(f"cannot start: {error}")
            raise SystemExit(1) from None
        self._directory.port = listener.getsockname()[1]
        directory_file.save(file, self._directory)
        self._assemble(store, f"https://{HOST}:{self._directory.port}")
        certificate = Authority(self._authority).server("azure", [HOST, "localhost"])
        await self._server.start(listener, certificate)
        self._service.operations.resume()
        home = self._directory.home
        return {
            "endpoint": self._service.endpoint,
            "authority": self._service.endpoint,
            "tenant": home.id,
            "subscription": home.subscription.id,
            "client_id": self._directory.client_id,
            "client_secret": self._directory.client_secret,
        }

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command; ``ValueError`` for one that is unknown or wrong."""
        try:
            return await dispatch(self._commands, do, arguments)
        except ArmError as refusal:
            raise ValueError(refusal.message) from refusal

    async def stop(self) -> None:
        """Close the listener, the connections and the files."""
        await self._server.stop()
        await self._service.operations.stop()
        self._service.store.close()

    def _assemble(self, store: Store, endpoint: str) -> None:
        scenarios = ScenarioTable()
        operations = Operations(store, endpoint)
        self._service = service = Service(
            endpoint,
            self._directory,
            store,
            scenarios,
            Access(scenarios),
            EventHubs(self._door),
            operations,
        )
        operations.register(
            namespace_work.CREATING,
            partial(namespace_work.finish_create, service),
            partial(namespace_work.fail_create, service),
        )
        operations.register(namespace_work.DELETING, partial(namespace_work.finish_delete, service))
        operations.register(
            resource_groups.DELETING, partial(resource_groups.finish_delete, service)
        )
        self._grants = Grants(self._directory, store, scenarios, endpoint)
        self._devices = DeviceCodes(store, endpoint)
        self._app = AppCredentials(self._directory, store, endpoint)
        self._sign_in = SignIn(self._directory, self._grants, self._app, self._devices, endpoint)
        self._server = Server(service, self._grants, self._sign_in)

    async def _scenario(self, name: str, on: bool, **options: Any) -> None:
        scenario = self._service.scenarios.switch(name, on, options)
        if scenario is Scenario.TWO_TENANTS:
            self._directory.two = on
        elif scenario is Scenario.PROVIDER_NOT_REGISTERED:
            self._set_providers(on)
        elif scenario is Scenario.BASIC_ONLY:
            for namespace in await self._service.hubs.names():
                await self._service.hubs.request(
                    "scenario", name="basic_tier", on=on, namespace=namespace
                )

    def _set_providers(self, unregistered: bool) -> None:
        """Take the registration of the scenario's providers back, or give all of them theirs."""
        named, state = list(providers.TYPES), providers.REGISTERED
        if unregistered:
            state = providers.NOT_REGISTERED
            named = self._service.scenarios.option(Scenario.PROVIDER_NOT_REGISTERED, "providers")
        for tenant in self._directory.all_tenants:
            for provider in named:
                providers.set_state(self._service, tenant.subscription.id, provider, state)

    async def _requests(self) -> list[dict[str, Any]]:
        return list(self._server.requests)

    async def _clear_requests(self) -> None:
        self._server.requests.clear()

    async def _flows(self) -> list[dict[str, Any]]:
        return await flows(self._service)

    async def _snapshot(self) -> dict[str, Any]:
        return await snapshot(self._service)

    async def _describe(self) -> dict[str, Any]:
        return {
            "endpoint": self._service.endpoint,
            "scenarios": self._service.scenarios.names,
            "tenants": [asdict(tenant) for tenant in self._directory.all_tenants],
            "user": self._directory.user_name,
            "client_id": self._directory.client_id,
            "page_size": self._service.page_size,
            "long_running": asdict(self._service.operations.pace),
        }

    async def _add_resources(
        self,
        count: int,
        type: str = "Microsoft.KeyVault/vaults",
        location: str = "westeurope",
        resource_group: str = "estate",
        subscription: str | None = None,
    ) -> None:
        """Make up resources, in a group that is made if it is not there."""
        where = subscription or self._directory.home.subscription.id
        group = self._ensure_group(where, resource_group, location)
        resources.add(self._service, where, group, type, location, count)

    async def _adopt_first(self, resource_group: str, location: str) -> dict[str, Any]:
        """Show the Event Hubs emulator's first namespace as a resource; its id."""
        where = self._directory.home.subscription.id
        self._ensure_group(where, resource_group, location)
        made = await namespaces.adopt(self._service, where, resource_group, location)
        return {"id": made["id"]}

    async def _page_size(self, size: int) -> None:
        if not 0 < size <= 1000:
            raise ValueError("a page has 1 to 1,000 items")
        self._service.page_size = size

    async def _long_running(self, **changes: Any) -> dict[str, Any]:
        """Set shape, seconds and retry_after of the operations from now on; what holds."""
        if "shape" in changes:
            changes["shape"] = Shape(changes["shape"])
        self._service.operations.pace = replace(self._service.operations.pace, **changes)
        return asdict(self._service.operations.pace)

    async def _register_certificate(self, pem: str) -> str:
        return self._app.register(pem)

    async def _device_code(self, approve: bool) -> int:
        return self._devices.decide(approve)

    async def _device_options(self, **changes: Any) -> dict[str, Any]:
        """Set polls, interval and lifetime of device codes from now on; what holds."""
        self._devices.options = replace(self._devices.options, **changes)
        return asdict(self._devices.options)

    async def _consent(self, approve: bool = True, user: str | None = None) -> None:
        """Whether a browser that asks gets a code; who the user is from now on."""
        self._sign_in.consents = approve
        if user:
            self._directory.user_name = user
            directory_file.save(self._folder / "directory.json", self._directory)

    async def _refuse_sign_in(self, number: int = 0) -> None:
        """Refuse every token request with an AADSTS number; 0: no longer."""
        if number and number not in NUMBERS:
            raise ValueError(f"no AADSTS{number}; there are {', '.join(map(str, sorted(NUMBERS)))}")
        self._grants.refusal = number

    async def _token_lifetime(self, seconds: float) -> None:
        self._grants.lifetime = seconds

    async def _expire_refresh_tokens(self) -> int:
        return self._grants.forget_refresh_tokens()

    def _ensure_group(self, subscription: str, name: str, location: str) -> str:
        groups = resource_groups.all_groups(self._service, subscription)
        for group in groups:
            if group["name"].lower() == name.lower():
                return str(group["name"])
        place = "westeurope" if location == "global" else location
        made = resource_groups.save_group(self._service, subscription, name, place, {})
        return str(made["name"])
