"""The emulator's process: the API, its listeners, and the commands of its parent."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.sandbox.certificates import Authority
from core.sandbox.ports import HOST, listen
from core.sandbox.process import CommandTable, dispatch
from core.sandbox.security_center import connectors, kept, presets, scenarios
from core.sandbox.security_center.connectors import ConsoleForm
from core.sandbox.security_center.front import Front
from core.sandbox.security_center.ground import Ground
from core.sandbox.security_center.live import Live
from core.sandbox.security_center.log_access import LogAccess
from core.sandbox.security_center.log_service import Logs
from core.sandbox.security_center.names import ACCOUNT, SERVICE_ROLE
from core.sandbox.security_center.server import Server, log
from core.sandbox.security_center.service import HOME, Service
from core.sandbox.security_center.snapshot import snapshot
from core.sandbox.security_center.state import State
from core.sandbox.security_center.wire import ApiError


class SecurityCenterEmulator:
    """Offers the API (:class:`core.sandbox.process.Emulator`)."""

    def __init__(self, folder: Path, authority: Path, log_service: Path, minute: float) -> None:
        """``log_service``: file of :mod:`.log_access`; ``minute``: seconds of a schedule's one."""
        self._folder = folder
        self._authority = authority
        self._access = LogAccess(log_service)
        self._minute = minute
        self._commands: CommandTable = {
            "scenario": self._scenario,
            "denied": self._denied,
            "console_connector": self._console_connector,
            "snapshot": self._snapshot,
            "requests": self._requests,
            "clear_requests": self._clear_requests,
        }

    async def start(self) -> dict[str, Any]:
        """Recover what is on disk and open the listeners; ends the process if it cannot."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "kept.json"
        try:
            old = kept.load(file)
            tls, plain = listen(old.tls_port), listen(old.http_port)
            state = State(self._folder / "state.sqlite", ACCOUNT)
        except (OSError, ValueError, sqlite3.Error) as error:
            log(f"cannot start: {error}")
            raise SystemExit(1) from None
        ports = replace(old, tls_port=tls.getsockname()[1], http_port=plain.getsockname()[1])
        kept.save(file, ports)
        presets.seed(state, ports.salt)
        certificate = Authority(self._authority).server("security_center", [HOST, "localhost"])
        self._live = Live(state, self._access, self._minute)
        self._commands |= self._live.commands
        logs = Logs(self._access, ACCOUNT)
        self._service = Service(state, logs, self._live, Ground(logs, ACCOUNT))
        self._server = Server(Front(self._service, self._access))
        await self._server.start(tls, plain, certificate)
        self._live.start()
        return {
            "endpoint": f"{HOST}:{ports.tls_port}",
            "http_endpoint": f"{HOST}:{ports.http_port}",
            "region_id": HOME,
            "account_id": ACCOUNT,
            "service_role": SERVICE_ROLE,
        }

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command; ``ValueError`` for one that is unknown or wrong."""
        try:
            return await dispatch(self._commands, do, arguments)
        except ApiError as refusal:
            raise ValueError(refusal.message) from refusal

    async def stop(self) -> None:
        """Close the listeners, the connections and the file."""
        await self._server.stop()
        await self._service.ground.stop()
        await self._live.stop()
        self._service.logs.close()
        self._service.state.close()

    async def _scenario(self, name: str, on: bool) -> None:
        scenarios.switch(self._service.state, name, on)

    async def _denied(self, actions: list[str]) -> None:
        """RAM actions that are refused from now on; an empty list: none."""
        self._service.denied = set(actions)

    async def _console_connector(self, **form: str) -> dict[str, Any]:
        """Make a data import task as the console does; arguments: :class:`ConsoleForm`."""
        return asdict(await connectors.make_in_console(self._service, ConsoleForm(**form)))

    async def _snapshot(self) -> dict[str, Any]:
        return await snapshot(self._service)

    async def _requests(self) -> list[dict[str, Any]]:
        return list(self._server.requests)

    async def _clear_requests(self) -> None:
        self._server.requests.clear()
