"""What each tier of Event Hubs allows.

Sources: "Azure: Event Hubs quotas and limits" (tier limits, common limits); "Azure: Event Hubs for
Apache Kafka" (Basic has no Kafka endpoint).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Code, Problem, problem

if TYPE_CHECKING:
    from core.azure.event_hubs import EventHubWish
    from core.azure.namespaces import NamespaceWish


@dataclass(frozen=True)
class Tier:
    """The bounds of one tier.

    Attributes:
        name: Basic, Standard or Premium.
        kafka: whether it has a Kafka endpoint.
        unit: what its units are called.
        units: most of them.
        partitions: most of one event hub.
        retention_hours: longest retention.
        event_hubs: most in a namespace (of Premium: for each processing unit).
        kafka_groups: most Kafka consumer groups in a namespace.
        message_bytes: largest message, or batch of messages.
        auto_inflate: whether Azure can raise the units by itself.
        more_partitions: whether an event hub can get more partitions later.
        firewall: whether it has IP rules and private links.
    """

    name: str
    kafka: bool
    unit: str
    units: int
    partitions: int
    retention_hours: int
    event_hubs: int
    kafka_groups: int
    message_bytes: int
    auto_inflate: bool
    more_partitions: bool
    firewall: bool


TIERS = {
    "Basic": Tier(
        name="Basic",
        kafka=False,
        unit="throughput unit",
        units=40,
        partitions=32,
        retention_hours=24,
        event_hubs=10,
        kafka_groups=0,
        message_bytes=256 * 1024,
        auto_inflate=False,
        more_partitions=False,
        firewall=False,
    ),
    "Standard": Tier(
        name="Standard",
        kafka=True,
        unit="throughput unit",
        units=40,
        partitions=32,
        retention_hours=7 * 24,
        event_hubs=10,
        kafka_groups=1000,
        message_bytes=1024 * 1024,
        auto_inflate=True,
        more_partitions=False,
        firewall=True,
    ),
    "Premium": Tier(
        name="Premium",
        kafka=True,
        unit="processing unit",
        units=16,
        partitions=100,
        retention_hours=90 * 24,
        event_hubs=100,
        kafka_groups=1000,
        message_bytes=1024 * 1024,
        auto_inflate=False,
        more_partitions=True,
        firewall=True,
    ),
}


def namespace_problem(wish: NamespaceWish) -> Problem | None:
    """Why no such namespace can carry an import; None: one can."""
    tier = TIERS.get(wish.sku)
    if tier is None or not tier.kafka:
        return problem(Code.AZURE_NAMESPACE_BASIC, "azure.namespace.sku", name=wish.name)
    field = "azure.namespace." + tier.unit.replace(" ", "_") + "s"
    found = _bounds(tier, field, f"{tier.unit}s", wish.units, tier.units)
    if found is None and wish.auto_inflate and not tier.auto_inflate:
        return problem(Code.AZURE_NO_AUTO_INFLATE, "azure.namespace.auto_inflate", tier=tier.name)
    if found is None and wish.auto_inflate and wish.max_units:
        field, what = "azure.namespace.max_throughput_units", "maximum throughput units"
        return _bounds(tier, field, what, wish.max_units, tier.units, wish.units)
    return found


def event_hub_problem(wish: EventHubWish, sku: str) -> Problem | None:
    """Why a namespace of tier ``sku`` cannot have such an event hub; None: it can."""
    tier = TIERS.get(sku, TIERS["Standard"])
    place = "azure.event_hub"
    found = _bounds(tier, f"{place}.partitions", "partitions", wish.partitions, tier.partitions)
    return found or _bounds(
        tier,
        f"{place}.retention_hours",
        "hours of retention",
        wish.retention_hours,
        tier.retention_hours,
    )


def _bounds(
    tier: Tier, field: str, what: str, value: int, highest: int, lowest: int = 1
) -> Problem | None:
    if lowest <= value <= highest:
        return None
    return problem(
        Code.AZURE_OUT_OF_BOUNDS,
        field,
        tier=tier.name,
        what=what,
        value=value,
        lowest=lowest,
        highest=highest,
    )
