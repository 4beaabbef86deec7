"""The emulator's process: the broker, its listener, and the commands of its parent."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from core.sandbox.certificates import Authority
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.codes import RefusedError
from core.sandbox.event_hubs.partition import Retention, expire_all
from core.sandbox.event_hubs.server import MAX_CONNECTIONS, Server, log
from core.sandbox.ports import HOST, listen
from core.sandbox.process import CommandTable, dispatch

_SWEEP_SECONDS = 1.0
_FILES = 4096  # every connection, and every partition that is written to, has one open


class EventHubsEmulator:
    """Offers the Kafka endpoint of one namespace (:class:`core.sandbox.process.Emulator`)."""

    def __init__(self, folder: Path, authority: Path, port: int = 0) -> None:
        """``port`` counts for the first start only; 0 lets the emulator choose."""
        self._folder = folder
        self._authority = authority
        self._wanted_port = port
        self._commands: CommandTable = {
            "create_hub": self._create_hub,
            "delete_hub": self._delete_hub,
            "put_policy": self._put_policy,
            "describe": self._describe,
            "drop_connections": self._drop_connections,
        }

    async def start(self) -> dict[str, Any]:
        """Recover what is on disk and open the listener; ends the process if it cannot."""
        _allow_files()
        self._broker = Broker(self._folder)
        port = self._broker.port or self._wanted_port
        try:
            listener = listen(port)
        except OSError as error:
            log(f"port {port} of {HOST} cannot be used: {os.strerror(error.errno or 0)}")
            raise SystemExit(1) from None
        self._broker.set_port(listener.getsockname()[1])
        certificate = Authority(self._authority).server("event_hubs", [HOST, "localhost"])
        self._server = Server(self._broker, listener, certificate)
        self._server.start()
        self._sweeping = asyncio.create_task(self._sweep())
        return {"bootstrap": f"{HOST}:{self._broker.port}", "port": self._broker.port}

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command; ``ValueError`` for one that is unknown or wrong."""
        try:
            return await dispatch(self._commands, do, arguments)
        except RefusedError as refusal:
            raise ValueError(refusal.text) from refusal

    async def stop(self) -> None:
        """Close the listener, the connections and the files."""
        self._sweeping.cancel()
        await asyncio.gather(self._sweeping, return_exceptions=True)
        await self._server.stop()
        self._broker.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            expire_all(self._broker.hubs.all_partitions())

    async def _create_hub(
        self,
        name: str,
        partitions: int,
        retention_hours: float | None = 1,
        retention_bytes: int | None = None,
    ) -> None:
        """Make a hub; one that is there already stays as it is."""
        if self._broker.hubs.find(name) is None:
            with self._broker.changing_hubs() as hubs:
                hubs.create(name, partitions, Retention(retention_hours, retention_bytes))

    async def _delete_hub(self, name: str) -> None:
        self._broker.delete_hub(name)

    async def _put_policy(
        self, name: str, rights: list[str], hub: str | None = None
    ) -> dict[str, str]:
        policy = self._broker.put_policy(name, rights, hub)
        return {"connection_string": policy.connection_string(self._broker.port)}

    async def _drop_connections(self) -> int:
        return await self._server.drop_connections()

    async def _describe(self) -> dict[str, Any]:
        hubs, coordinator = self._broker.hubs, self._broker.coordinator
        return {
            "hubs": {
                name: [
                    {"partition": index, "low": item.low, "high": item.high, "bytes": item.size}
                    for index, item in enumerate(hubs.get(name).partitions)
                ]
                for name in hubs.names
            },
            "groups": {name: self._describe_group(name) for name in coordinator.names},
            "policies": [
                {"name": policy.name, "rights": sorted(policy.rights), "hub": policy.hub}
                for policy in self._broker.policies.all()
            ],
            "connections": self._server.connections,
            "max_connections": MAX_CONNECTIONS,
            "memory_bytes": _resident_bytes(),
        }

    def _describe_group(self, name: str) -> dict[str, Any]:
        group = self._broker.coordinator.find(name)
        return {
            "state": str(group.state) if group else "Empty",
            "generation": group.generation if group else 0,
            "members": list(group.members) if group else [],
            "offsets": [
                {
                    "hub": hub,
                    "partition": partition,
                    "offset": commit.offset,
                    "metadata": commit.metadata,
                }
                for (hub, partition), commit in sorted(
                    self._broker.coordinator.offsets.of(name).items()
                )
            ],
        }


def _resident_bytes() -> int | None:
    """Memory of this process; None where the system does not say it cheaply."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _allow_files() -> None:
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
