"""What the Alibaba half costs a month, from a dated table that a user can replace.

Sources: "Security Center: buy Agentic SOC (billing)" (ingestion in GB a day, tiers, a GB is
1024 x 1024 KB; both items of a dedicated channel consume Log Ingestion Traffic); "SLS: billing
overview" (pay-by-feature); "Import Azure log data", Expenses and costs (who bills what, by the
type of the data source). No live call is ever made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from core.costs import CostLine, PricePart, read_price_table
from core.paths import config_folder
from core.profile_alibaba import Route

OWN_FIELDS_BYTES = 130
"""Added to a record: ``event_uid``, ``event_service``, ``event_time``, ``event_flags``."""

GROUP_LOGS = 4096
"""Logs in a full request of the engine."""

GROUPS_PER_SECOND = 4
"""Requests a second of an engine whose LogGroups are never full, at the most."""

_GB = 1024**3
_DAY = 86_400
Price = Annotated[float, Field(ge=0)]


class _Tier(PricePart):
    gb: Price | None = None
    price: Price


class _SecurityCenter(PricePart):
    source: str
    minimum_gb: Price
    tiers: tuple[_Tier, ...]
    subscription_step_gb: Annotated[int, Field(ge=1)]
    subscription_first: Price
    subscription_more: Price


class _LogService(PricePart):
    source: str
    traffic_gb: Price
    index_gb: Price
    storage_gb_day: Price
    shard_day: Price
    requests_million: Price
    compression_low: Annotated[float, Field(ge=1)]
    compression_high: Annotated[float, Field(ge=1)]


class _Table(PricePart):
    as_of: str
    hours_per_month: Annotated[int, Field(ge=672, le=744)]
    currency: str
    security_center: _SecurityCenter
    log_service: _LogService


@dataclass(frozen=True)
class Usage:
    """What an estimate of the Alibaba half goes by.

    Attributes:
        records_per_s: averaged over a day.
        mean_bytes: size of one record.
        route: who imports.
        split: how the managed route makes single records.
        data_source_type: ``user`` or ``dedicated``.
        analysed: Security Center reads the records.
        custom_rules: own detection rules look at them.
        mode: how they are standardised.
        ttl_days: days that logs are kept.
        shards: of each Logstore.
        indexed: Logstores have an index.
    """

    records_per_s: float
    mean_bytes: float
    route: Route = "engine"
    split: Literal["transformation", "realtime_rule"] = "transformation"
    data_source_type: Literal["user", "dedicated"] = "user"
    analysed: bool = True
    custom_rules: bool = True
    mode: Literal["realtime", "scan"] = "realtime"
    ttl_days: int = 30
    shards: int = 2
    indexed: bool = True

    @property
    def raw_gb(self) -> float:
        """GB a day of Azure's own bytes."""
        return self.records_per_s * _DAY * self.mean_bytes / _GB

    @property
    def stored_gb(self) -> float:
        """GB a day of records as the engine stores them."""
        return self.records_per_s * _DAY * (self.mean_bytes + OWN_FIELDS_BYTES) / _GB


@dataclass(frozen=True)
class _Store:
    """A Logstore as the bill sees it: its name, GB a day written, how many readers it has."""

    name: str
    gb: float
    readers: int


def estimate(usage: Usage, folder: Path | None = None) -> tuple[CostLine, ...]:
    """What ``usage`` costs a month on Alibaba Cloud.

    ``folder`` is the config folder, whose own price table comes first. Raises ProblemError
    (prices_unreadable).
    """
    table = read_price_table(folder or config_folder(), "alibaba.toml", _Table)
    stores = _stores(usage)
    lines: list[CostLine] = []
    if usage.analysed:
        lines += _security_center(table, usage, stores[-1].gb)
    if usage.data_source_type == "dedicated":
        note = "billed by Log Service where there is any; no price was found"
        lines.append(_line(table, "public network traffic of the dedicated channel", None, note))
    else:
        for store in stores:
            lines += _logstore(table, usage, store)
        lines.append(_requests(table, usage, len(stores)))
    return (*lines, *_jobs(table, usage))


def subscription(usage: Usage, folder: Path | None = None) -> CostLine:
    """The same ingestion into Security Center as a subscription, instead of pay-as-you-go."""
    table = read_price_table(folder or config_folder(), "alibaba.toml", _Table)
    center = table.security_center
    gb = _stores(usage)[-1].gb
    steps = max(1, math.ceil(gb / center.subscription_step_gb))
    price = center.subscription_first if steps == 1 else center.subscription_more
    bought = steps * center.subscription_step_gb
    amount = bought * price * _days(table)
    note = f"{bought} GB a day at {price:g} for each GB; no monthly fee of Log Management in it"
    what = "or, instead: ingestion as a subscription"
    return _line(table, what, (amount, amount), note, center.source, "running")


def _stores(usage: Usage) -> tuple[_Store, ...]:
    """The Logstores of the route, in the order of the data; Security Center reads the last."""
    reads = int(usage.analysed and usage.mode == "realtime")
    if usage.route == "engine":
        return (_Store("records", usage.stored_gb, reads),)
    if usage.route == "both":
        whole = _Store("whole messages", usage.raw_gb, 0)
        return (whole, _Store("records", usage.stored_gb, reads))
    if usage.split == "realtime_rule":
        return (_Store("whole messages", usage.raw_gb, reads),)
    return (
        _Store("whole messages", usage.raw_gb, 1),
        _Store("records", usage.raw_gb, reads),
    )


def _security_center(table: _Table, usage: Usage, gb: float) -> list[CostLine]:
    center = table.security_center
    days = _days(table)
    low = high = _ingestion(center, gb) * days
    note = f"{gb:.2f} GB a day, pay-as-you-go"
    if usage.data_source_type == "dedicated":
        high = _ingestion(center, 2 * gb) * days
        note += "; storing and writing draw on the same traffic, how much is not published"
    lines = [_line(table, "Security Center: log ingestion", (low, high), note, center.source)]
    if usage.custom_rules and usage.mode == "realtime":
        note = (
            "own detection rules over logs standardised in real time need Log Storage Capacity "
            "or pay-as-you-go Log Management; its price was not found"
        )
        lines.append(_line(table, "Security Center: Log Management", None, note, center.source))
    return lines


def _ingestion(center: _SecurityCenter, gb: float) -> float:
    """A day's price of ``gb``; less than the least is charged as the least."""
    left, price = max(gb, center.minimum_gb), 0.0
    for tier in center.tiers:
        part = left if tier.gb is None else min(left, tier.gb)
        price += part * tier.price
        left -= part
    return price


def _logstore(table: _Table, usage: Usage, store: _Store) -> list[CostLine]:
    prices, days = table.log_service, _days(table)
    name = f"Logstore of {store.name}"
    packed = (store.gb / prices.compression_high, store.gb / prices.compression_low)
    moved = 1 + store.readers
    traffic = _scaled(packed, prices.traffic_gb * days * moved)
    words = "written" if not store.readers else f"written once, read {_times(store.readers)}"
    ratio = f"{prices.compression_low:g}:1 to {prices.compression_high:g}:1"
    note = f"{store.gb:.2f} GB a day, compressed {ratio}, {words}"
    lines = [_line(table, f"{name}: traffic", traffic, note, prices.source)]
    index = store.gb if usage.indexed else 0.0
    if usage.indexed:
        amount = store.gb * prices.index_gb * days
        note = f"{store.gb:.2f} GB a day, whole logs indexed"
        lines.append(_line(table, f"{name}: index", (amount, amount), note, prices.source))
    kept = _scaled((packed[0] + index, packed[1] + index), usage.ttl_days)
    storage = _scaled(kept, prices.storage_gb_day * days)
    with_index = " and index" if usage.indexed else ""
    note = f"logs{with_index} of {usage.ttl_days} days, once those are full"
    lines.append(_line(table, f"{name}: storage", storage, note, prices.source, "running"))
    shards = usage.shards * prices.shard_day * days
    note = f"{usage.shards} shards; some are free, how many is not known here"
    lines.append(_line(table, f"{name}: shards", (0.0, shards), note, prices.source, "running"))
    return lines


def _requests(table: _Table, usage: Usage, stores: int) -> CostLine:
    """Between full requests and as many as a slow stream makes."""
    prices, seconds = table.log_service, _days(table) * _DAY
    full = usage.records_per_s / GROUP_LOGS
    most = max(full, min(usage.records_per_s, GROUPS_PER_SECOND))
    price = prices.requests_million / 1e6 * seconds * stores
    note = f"from full requests of {GROUP_LOGS} logs up to {GROUPS_PER_SECOND} a second"
    return _line(
        table, "Log Service: write requests", (full * price, most * price), note, prices.source
    )


def _jobs(table: _Table, usage: Usage) -> list[CostLine]:
    if usage.route == "engine":
        return []
    note = "no fee of its own was found; see Log Service's pricing page"
    lines = [_line(table, "Log Service: the Kafka import job", None, note)]
    if usage.route == "managed" and usage.split == "transformation":
        lines.append(_line(table, "Log Service: the data transformation job", None, note))
    return lines


def _line(
    table: _Table,
    what: str,
    amount: tuple[float, float] | None,
    note: str,
    source: str = "",
    cost_class: Literal["running", "usage"] = "usage",
) -> CostLine:
    low, high = amount or (None, None)
    return CostLine(what, low, high, table.currency, cost_class, note, table.as_of, source)


def _days(table: _Table) -> float:
    return table.hours_per_month / 24


def _scaled(amount: tuple[float, float], factor: float) -> tuple[float, float]:
    return amount[0] * factor, amount[1] * factor


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
