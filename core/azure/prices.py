"""What an Azure half costs a month, from a dated table that a user can replace.

Sources: "Azure: Event Hubs pricing" and "Event Hubs FAQ" (units are charged by the hour, ingress
for each begun 64 KB, 84 GB of storage for each throughput unit are included); "Azure Monitor:
diagnostic settings FAQ" (export of platform logs is charged by volume for most categories).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

from pydantic import Field

from core.azure.namespaces import NamespaceWish
from core.costs import CostLine, PricePart, read_price_table
from core.paths import config_folder

BILLED_BYTES = 64 * 1024
"""One ingress event is charged for each begun piece of this size."""

_SECONDS_PER_HOUR = 3600


class _TierPrice(PricePart):
    hour: Annotated[float, Field(ge=0)]
    million: Annotated[float, Field(ge=0)] | None = None


class _CloudPrices(PricePart):
    currency: str
    source: str
    Standard: _TierPrice | None = None
    Premium: _TierPrice | None = None


class _Table(PricePart):
    as_of: str
    hours_per_month: Annotated[int, Field(ge=672, le=744)]
    public: _CloudPrices
    china: _CloudPrices


def estimate(
    wish: NamespaceWish,
    records_per_s: float | None = None,
    mean_bytes: float | None = None,
    cloud: str = "public",
    folder: Path | None = None,
) -> tuple[CostLine, ...]:
    """What ``wish`` costs a month.

    Without a rate only what runs is reckoned. ``mean_bytes`` is the size of one record. ``folder``
    is the config folder, whose own price table comes first. Raises ProblemError
    (prices_unreadable).
    """
    table = read_price_table(folder or config_folder(), "azure.toml", _Table)
    prices = table.china if cloud == "china" else table.public
    tier: _TierPrice | None = getattr(prices, wish.sku, None)
    lines = [_units(table, prices, tier, wish)]
    if tier is not None and tier.million is not None:
        lines.append(_ingress(table, prices, tier.million, records_per_s, mean_bytes))
    lines.append(_export(table, prices, records_per_s, mean_bytes))
    return tuple(lines)


def _units(
    table: _Table, prices: _CloudPrices, tier: _TierPrice | None, wish: NamespaceWish
) -> CostLine:
    unit = "processing unit" if wish.sku == "Premium" else "throughput unit"
    unit += "" if wish.units == 1 else "s"
    what = f"namespace {wish.name}, {wish.sku}, {wish.units} {unit}"
    if tier is None:
        note = "not in the price table; see Azure's pricing page of Event Hubs"
        return CostLine(what, None, None, prices.currency, "running", note, table.as_of)
    low = tier.hour * wish.units * table.hours_per_month
    high, note = low, f"{table.hours_per_month} h"
    if wish.auto_inflate:
        most = wish.max_units or 40
        high = tier.hour * max(most, wish.units) * table.hours_per_month
        note += f", up to {most} units by auto-inflate, which never lowers them"
    return CostLine(what, low, high, prices.currency, "running", note, table.as_of)


def _ingress(
    table: _Table,
    prices: _CloudPrices,
    million: float,
    records_per_s: float | None,
    mean_bytes: float | None,
) -> CostLine:
    what = "messages that arrive"
    if records_per_s is None or mean_bytes is None:
        note = f"{million:g} {prices.currency} for each million of begun 64 KB"
        return CostLine(what, None, None, prices.currency, "usage", note, table.as_of)
    records = records_per_s * table.hours_per_month * _SECONDS_PER_HOUR
    packed = records * mean_bytes / BILLED_BYTES
    alone = records * math.ceil(mean_bytes / BILLED_BYTES)
    low, high = (count / 1_000_000 * million for count in (packed, alone))
    note = "between full messages and one for each record"
    return CostLine(what, low, high, prices.currency, "usage", note, table.as_of)


def _export(
    table: _Table,
    prices: _CloudPrices,
    records_per_s: float | None,
    mean_bytes: float | None,
) -> CostLine:
    note = "charged by volume for most resource logs; see Azure Monitor's pricing, Platform logs"
    if records_per_s is not None and mean_bytes is not None:
        seconds = table.hours_per_month * _SECONDS_PER_HOUR
        note = f"{records_per_s * mean_bytes * seconds / 1e9:.1f} GB a month, {note}"
    what = "export by diagnostic settings, and traffic out of Azure"
    return CostLine(what, None, None, prices.currency, "usage", note, table.as_of)
