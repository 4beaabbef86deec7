"""What each pricing tier of a namespace allows, and the settings that a namespace has.

Source: "Azure: Event Hubs quotas", limits of the tiers and common limits; "Azure: Event Hubs for
Apache Kafka", on compression.
"""

from __future__ import annotations

import ipaddress
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

GZIP = 1
"""The codec in a record batch's attributes; 0 is none."""
IDLE_SECONDS = 240.0
"""After this long without a request Event Hubs closes a connection: "Azure: recommended
configurations for Apache Kafka clients", ``metadata.max.age.ms``."""
OFFSETS_HOURS = 7 * 24.0
"""How long commits of an abandoned group are kept: Apache Kafka's default. Event Hubs' is not
documented (EH-14)."""
MAX_RETENTION_HOURS = 90 * 24


class Sku(StrEnum):
    """The pricing tier."""

    BASIC = "Basic"
    STANDARD = "Standard"
    PREMIUM = "Premium"
    DEDICATED = "Dedicated"


@dataclass(frozen=True)
class Tier:
    """Limits of a tier.

    Attributes:
        kafka: whether there is a Kafka endpoint.
        hubs: event hubs of a namespace.
        partitions: partitions of a hub.
        retention_hours: the longest retention.
        codecs: compression codecs that produced batches may have.
        adds_partitions: whether a hub can get more partitions later.
        units: throughput units (Basic, Standard), processing or capacity units at most.
        rate_limited: whether a unit stands for a fixed rate.
    """

    kafka: bool
    hubs: int
    partitions: int
    retention_hours: int
    codecs: frozenset[int]
    adds_partitions: bool
    units: int
    rate_limited: bool


_PLAIN, _WITH_GZIP = frozenset({0}), frozenset({0, GZIP})
TIERS = {
    Sku.BASIC: Tier(False, 10, 32, 24, _PLAIN, False, 40, True),
    Sku.STANDARD: Tier(True, 10, 32, 7 * 24, _PLAIN, False, 40, True),
    Sku.PREMIUM: Tier(True, 100, 100, MAX_RETENTION_HOURS, _WITH_GZIP, True, 16, False),
    Sku.DEDICATED: Tier(True, 1000, 1024, MAX_RETENTION_HOURS, _WITH_GZIP, True, 20, False),
}


@dataclass(frozen=True)
class Attributes:
    """Settings of a namespace, as its resource in Azure has them.

    Attributes:
        sku: its tier.
        units: throughput, processing or capacity units. None, as in a namespace that nobody gave
            any: produce and fetch are not slowed down, because a throughput unit's 1,000 events/s
            would turn every demonstration and benchmark into a measurement of Azure's price list.
        auto_inflate: kept, not acted on.
        max_units: what auto-inflate may go up to; kept only.
        disable_local_auth: no connection string signs in.
        public_network_access: False refuses every address.
        default_action: Allow, or Deny all but ``ip_rules``.
        ip_rules: addresses and ranges (CIDR) that are let in under Deny.
        idle_seconds: a connection without a request for this long is closed.
        offsets_hours: how long commits of a group without members are kept; None: for ever.
    """

    sku: Sku = Sku.STANDARD
    units: float | None = None
    auto_inflate: bool = False
    max_units: int | None = None
    disable_local_auth: bool = False
    public_network_access: bool = True
    default_action: str = "Allow"
    ip_rules: tuple[str, ...] = ()
    idle_seconds: float = IDLE_SECONDS
    offsets_hours: float | None = OFFSETS_HOURS

    @property
    def tier(self) -> Tier:
        """What its sku allows."""
        return TIERS[self.sku]

    def admits(self, host: str) -> bool:
        """Whether the network rules let ``host`` (an IP address) in."""
        if not self.public_network_access:
            return False
        if self.default_action == "Allow":
            return True
        address = ipaddress.ip_address(host)
        return any(address in ipaddress.ip_network(rule, strict=False) for rule in self.ip_rules)

    def as_json(self) -> dict[str, Any]:
        """For a file or an answer; :func:`attributes_from` reads it."""
        return asdict(self) | {"ip_rules": list(self.ip_rules)}


def attributes_from(given: dict[str, Any], base: Attributes | None = None) -> Attributes:
    """``base`` with the settings in ``given``; ``ValueError`` for what cannot be."""
    known = {item.name for item in fields(Attributes)}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"a namespace has no {', '.join(unknown)}")
    values = asdict(base or Attributes()) | given
    values["sku"] = Sku(values["sku"])
    values["ip_rules"] = tuple(values["ip_rules"])
    made = Attributes(**values)
    _check(made)
    return made


def _check(made: Attributes) -> None:
    for name, units in (("units", made.units), ("max_units", made.max_units)):
        if units is not None and not 0 < units <= made.tier.units:
            raise ValueError(f"{name} of {made.sku}: over 0, at most {made.tier.units}")
    if made.default_action not in ("Allow", "Deny"):
        raise ValueError("default_action is Allow or Deny")
    if not made.tier.kafka and made.ip_rules:
        raise ValueError(f"{made.sku} has no IP firewall")
    for rule in made.ip_rules:
        ipaddress.ip_network(rule, strict=False)
    if not made.idle_seconds > 0:
        raise ValueError("idle_seconds must be over 0")
    if made.offsets_hours is not None and made.offsets_hours < 0:
        raise ValueError("offsets_hours may not be negative")
