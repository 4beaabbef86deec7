"""The Event Hubs emulator, as the ARM emulator uses it: namespaces, hubs, policies and keys."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from core.sandbox.azure.wire import ArmError
from core.sandbox.door import Door, DoorClosedError, DoorError


@dataclass(frozen=True)
class Kept:
    """A namespace of the Event Hubs emulator.

    Attributes:
        hubs: partitions of each hub by its name.
        retention_hours: of each hub by its name.
        policies: those of the namespace and of its hubs, without keys: name, rights, hub.
        scenarios: names of those that are on.
    """

    port: int
    sku: str
    disable_local_auth: bool
    public_network_access: bool
    default_action: str
    ip_rules: tuple[str, ...]
    scenarios: frozenset[str]
    hubs: dict[str, int]
    retention_hours: dict[str, float | None]
    policies: list[dict[str, Any]]

    @property
    def basic(self) -> bool:
        """Whether it is, or plays, the Basic tier."""
        return self.sku == "Basic" or "basic_tier" in self.scenarios

    def policy(self, name: str, hub: str | None) -> dict[str, Any] | None:
        """A policy of the namespace (``hub`` None) or of a hub; case does not count."""
        place = ((hub or "").lower(), name.lower())
        return next(
            (
                item
                for item in self.policies
                if ((item["hub"] or "").lower(), item["name"].lower()) == place
            ),
            None,
        )

    def hub(self, name: str) -> str | None:
        """A hub's name as it was made; None if there is none, or the scenario hides it."""
        if "missing_hub" in self.scenarios:
            return None
        return next((hub for hub in self.hubs if hub.lower() == name.lower()), None)


class EventHubs:
    """Commands of the Event Hubs emulator. Every method raises ArmError if it is not there."""

    def __init__(self, door: Path) -> None:
        self._door = Door(door)

    async def names(self) -> set[str]:
        """Names of all its namespaces, in lower case."""
        return {item["name"].lower() for item in await self.request("list_namespaces")}

    async def listed(self) -> dict[str, Kept]:
        """All its namespaces by name in lower case; without hubs and policies."""
        return {item["name"].lower(): _kept(item) for item in await self.request("list_namespaces")}

    async def namespace(self, name: str) -> Kept:
        """One of its namespaces. ArmError if there is none."""
        return _kept(await self.request("describe", namespace=name))

    async def find(self, name: str) -> Kept | None:
        """One of its namespaces; None if there is none."""
        try:
            return await self.namespace(name)
        except ArmError as refusal:
            if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return None

    async def ensure_namespace(self, name: str, attributes: dict[str, Any]) -> None:
        """Make a namespace; one that is there already stays."""
        if name.lower() not in await self.names():
            await self.request("create_namespace", name=name, **attributes)

    async def ensure_no_namespace(self, name: str, *, first: str) -> None:
        """Delete a namespace. Of the emulator's own, ``first``, only what it holds goes."""
        if name.lower() not in await self.names():
            return
        if name.lower() != first.lower():
            await self.request("delete_namespace", name=name)
            return
        kept = await self.namespace(name)
        for hub in kept.hubs:
            await self.request("delete_hub", name=hub, namespace=name)
        for policy in kept.policies:
            if policy["hub"] is None:
                await self.request("delete_policy", name=policy["name"], namespace=name)

    async def request(self, do: str, **arguments: Any) -> Any:
        """Any command of it."""
        try:
            return await self._door.request(do, **arguments)
        except DoorClosedError as error:
            raise ArmError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                "The service is unavailable. Please retry later.",
            ) from error
        except DoorError as error:
            raise ArmError(400, "BadRequest", str(error)) from error


def _kept(told: dict[str, Any]) -> Kept:
    return Kept(
        told["port"],
        told["sku"],
        told["disable_local_auth"],
        told["public_network_access"],
        told["default_action"],
        tuple(told["ip_rules"]),
        frozenset(told["scenarios"]),
        {name: len(partitions) for name, partitions in told.get("hubs", {}).items()},
        told.get("retention_hours", {}),
        told.get("policies", []),
    )
