"""One namespace: its broker, its listener, and what its settings and scenarios make of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from core.sandbox.certificates import Authority
from core.sandbox.event_hubs.admission import Admission
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.listening import Front, intercepting_context, tls_context
from core.sandbox.event_hubs.partition import expire_all
from core.sandbox.event_hubs.scenarios import Scenario, ScenarioTable
from core.sandbox.event_hubs.server import MAX_CONNECTIONS, Server, log
from core.sandbox.event_hubs.throttle import Throttle
from core.sandbox.event_hubs.tiers import Attributes, attributes_from
from core.sandbox.ports import HOST, listen


class Namespace:
    """A namespace that is open.

    Attributes:
        name: unique in the emulator.
        broker: what it holds.
        server: its listener.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        authority: Path,
        port: int = 0,
        attributes: Attributes | None = None,
    ) -> None:
        """Recover what is in ``folder`` and open the listener; ``OSError`` if it cannot.

        ``port`` and ``attributes`` count for a new folder only; port 0: any free one.
        """
        self.name = name
        self._folder = folder
        self._scenarios = ScenarioTable()
        self.broker = Broker(folder, attributes)
        try:
            listener = listen(self.broker.port or port)
        except OSError as error:
            wanted = self.broker.port or port
            self.broker.close()
            log(f"port {wanted} of {HOST} cannot be used: {os.strerror(error.errno or 0)}")
            raise
        self.broker.set_port(listener.getsockname()[1])
        certificate = Authority(authority).server("event_hubs", [HOST, "localhost"])
        self.server = Server(self.broker, listener, {Front.TLS: tls_context(certificate)})
        self._settle()
        self.server.start()

    @property
    def bootstrap(self) -> str:
        """``host:port`` for its clients."""
        return f"{HOST}:{self.broker.port}"

    def update(self, changes: dict[str, Any]) -> None:
        """Change settings; they count for the next sign-in. ``ValueError`` if one is wrong."""
        self.broker.set_attributes(attributes_from(changes, self.broker.attributes))
        self._settle()

    async def scenario(self, name: str, on: bool, options: dict[str, Any]) -> None:
        """Switch a scenario; connections that would not feel it are cut. ``ValueError``."""
        scenario = self._scenarios.switch(name, on, options)
        self._settle()
        if not scenario.lets_connections_live:
            await self.server.drop_connections()

    def sweep(self) -> None:
        """Let data and commits go whose time is over."""
        expire_all(self.broker.hubs.all_partitions())
        hours = self.broker.attributes.offsets_hours
        if hours is not None:
            self.broker.coordinator.expire(hours, time.time())

    async def close(self) -> None:
        """Close the listener, the connections and the files."""
        await self.server.stop()
        self.broker.close()

    def describe(self) -> dict[str, Any]:
        """It in short: address, settings, scenarios."""
        return {
            "name": self.name,
            "bootstrap": self.bootstrap,
            "port": self.broker.port,
            **self.broker.attributes.as_json(),
            "scenarios": self._scenarios.names,
            "connections": self.server.connections,
            "max_connections": MAX_CONNECTIONS,
        }

    def _settle(self) -> None:
        """Make broker and listener what settings and scenarios ask for."""
        on, attributes = self._scenarios, self.broker.attributes
        self.broker.admission = Admission(
            attributes,
            firewall=Scenario.FIREWALL in on,
            no_key_fits=Scenario.WRONG_KEY in on,
            basic=Scenario.BASIC_TIER in on,
            send_only=Scenario.NO_LISTEN in on,
        )
        self.broker.hubs.hidden = Scenario.MISSING_HUB in on
        self._settle_throttle()
        if Scenario.KEY_ROTATED in on:
            self.broker.policies.rotate_all()
        else:
            self.broker.policies.restore()
        idle_drop = on.options(Scenario.IDLE_DROP)
        self.server.idle_seconds = idle_drop.idle_seconds if idle_drop else attributes.idle_seconds
        self.server.front = self._front()

    def _settle_throttle(self) -> None:
        attributes, throttled = self.broker.attributes, self._scenarios.options(Scenario.THROTTLED)
        units = attributes.units if attributes.tier.rate_limited else None
        if throttled:
            units = throttled.units
        if units is None:
            self.broker.throttle = None
        elif self.broker.throttle is None or self.broker.throttle.units != units:
            self.broker.throttle = Throttle(units)

    def _front(self) -> Front:
        if Scenario.SILENT_PORT in self._scenarios:
            return Front.SILENT
        if Scenario.NOT_TLS in self._scenarios:
            return Front.NOT_TLS
        if Scenario.TLS_INTERCEPTED not in self._scenarios:
            return Front.TLS
        if Front.INTERCEPTED not in self.server.contexts:
            proxy = intercepting_context(self._folder / "proxy")
            self.server.contexts[Front.INTERCEPTED] = proxy
        return Front.INTERCEPTED
