"""The emulator's process: the namespaces, and the commands of its parent.

A command about hubs, policies or connections takes ``namespace``; without it, it means the first.
The same commands are open to the sandbox's other emulators by a door (``door.json`` in the folder).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from core.sandbox.door import FILE as DOOR_FILE
from core.sandbox.door import DoorServer
from core.sandbox.event_hubs.codes import RefusedError
from core.sandbox.event_hubs.describe import describe, describe_keys
from core.sandbox.event_hubs.namespaces import NamespaceTable
from core.sandbox.event_hubs.partition import Retention
from core.sandbox.event_hubs.tiers import attributes_from
from core.sandbox.process import CommandTable, dispatch

_SWEEP_SECONDS = 1.0
_FILES = 4096  # every connection, and every partition that is written to, has one open


class EventHubsEmulator:
    """Offers the Kafka endpoints of namespaces (:class:`core.sandbox.process.Emulator`)."""

    def __init__(self, folder: Path, authority: Path, port: int = 0) -> None:
        """``port``: of the first namespace's first start; 0 lets the emulator choose."""
        self._folder = folder
        self._authority = authority
        self._wanted_port = port
        self._commands: CommandTable = {
            "create_namespace": self._create_namespace,
            "update_namespace": self._update_namespace,
            "delete_namespace": self._delete_namespace,
            "list_namespaces": self._list_namespaces,
            "create_hub": self._create_hub,
            "update_hub": self._update_hub,
            "delete_hub": self._delete_hub,
            "put_policy": self._put_policy,
            "get_policy": self._get_policy,
            "regenerate_key": self._regenerate_key,
            "delete_policy": self._delete_policy,
            "describe": self._describe,
            "drop_connections": self._drop_connections,
            "scenario": self._scenario,
        }

    async def start(self) -> dict[str, Any]:
        """Recover what is on disk and open the listeners; ends the process if it cannot."""
        _allow_files()
        try:
            self._namespaces = NamespaceTable(self._folder, self._authority, self._wanted_port)
        except OSError:
            raise SystemExit(1) from None
        self._door = DoorServer(self._folder / DOOR_FILE, self.command)
        await self._door.open()
        self._sweeping = asyncio.create_task(self._sweep())
        first = self._namespaces.first
        return {"bootstrap": first.bootstrap, "port": first.broker.port}

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command; ``ValueError`` for one that is unknown or wrong."""
        try:
            return await dispatch(self._commands, do, arguments)
        except RefusedError as refusal:
            raise ValueError(refusal.text) from refusal

    async def stop(self) -> None:
        """Close the listeners, the connections and the files."""
        await self._door.close()
        self._sweeping.cancel()
        await asyncio.gather(self._sweeping, return_exceptions=True)
        await self._namespaces.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            for namespace in self._namespaces:
                namespace.sweep()

    async def _create_namespace(self, name: str, **attributes: Any) -> dict[str, Any]:
        """Make a namespace; its description, and the keys of RootManageSharedAccessKey."""
        made = self._namespaces.create(name, attributes_from(attributes))
        return {
            **made.describe(),
            **await self._get_policy("RootManageSharedAccessKey", namespace=name),
        }

    async def _update_namespace(self, name: str | None = None, **attributes: Any) -> dict[str, Any]:
        found = self._namespaces.get(name)
        found.update(attributes)
        return found.describe()

    async def _delete_namespace(self, name: str) -> None:
        await self._namespaces.delete(name)

    async def _list_namespaces(self) -> list[dict[str, Any]]:
        return [namespace.describe() for namespace in self._namespaces]

    async def _create_hub(
        self,
        name: str,
        partitions: int,
        retention_hours: float | None = 1,
        retention_bytes: int | None = None,
        namespace: str | None = None,
    ) -> None:
        """Make a hub; one that is there already stays as it is."""
        broker = self._namespaces.get(namespace).broker
        if name not in broker.hubs:
            with broker.changing_hubs() as hubs:
                hubs.create(name, partitions, Retention(retention_hours, retention_bytes))

    async def _update_hub(
        self,
        name: str,
        partitions: int | None = None,
        retention_hours: float | None = None,
        namespace: str | None = None,
    ) -> None:
        """Change what is named of a hub: more partitions (not in every tier), the retention."""
        with self._namespaces.get(namespace).broker.changing_hubs() as hubs:
            hub = hubs.get(name)
            if partitions is not None and partitions != len(hub.partitions):
                hubs.enlarge(name, partitions)
            if retention_hours is not None:
                size = hub.settings.retention.bytes_per_partition
                hubs.set_retention(name, Retention(retention_hours, size))

    async def _delete_hub(self, name: str, namespace: str | None = None) -> None:
        self._namespaces.get(namespace).broker.delete_hub(name)

    async def _put_policy(
        self, name: str, rights: list[str], hub: str | None = None, namespace: str | None = None
    ) -> dict[str, str]:
        """Make a policy or change its rights; its keys, which stay."""
        broker = self._namespaces.get(namespace).broker
        return describe_keys(broker.put_policy(name, rights, hub), broker.port)

    async def _get_policy(
        self, name: str, hub: str | None = None, namespace: str | None = None
    ) -> dict[str, str]:
        broker = self._namespaces.get(namespace).broker
        return describe_keys(broker.policies.get(name, hub), broker.port)

    async def _regenerate_key(
        self,
        name: str,
        which: str = "primary",
        key: str | None = None,
        hub: str | None = None,
        namespace: str | None = None,
    ) -> dict[str, str]:
        """Replace a key. Connections that signed in with the old one live on."""
        broker = self._namespaces.get(namespace).broker
        with broker.changing_policies(hub) as policies:
            policy = policies.regenerate(name, hub, which, key)
        return describe_keys(policy, broker.port)

    async def _delete_policy(
        self, name: str, hub: str | None = None, namespace: str | None = None
    ) -> None:
        """Remove a policy. Connections that signed in with it live on."""
        with self._namespaces.get(namespace).broker.changing_policies(hub) as policies:
            policies.delete(name, hub)

    async def _drop_connections(self, namespace: str | None = None) -> int:
        return await self._namespaces.get(namespace).server.drop_connections()

    async def _describe(self, namespace: str | None = None) -> dict[str, Any]:
        return describe(self._namespaces.get(namespace))

    async def _scenario(
        self, name: str, on: bool, namespace: str | None = None, **options: Any
    ) -> None:
        await self._namespaces.get(namespace).scenario(name, on, options)


def _allow_files() -> None:
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
