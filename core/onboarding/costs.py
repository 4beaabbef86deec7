"""What the whole road costs a month: both clouds, both types of data source side by side.

Source of what is billed where: "Import Azure log data", Expenses and costs. Prices come from dated
tables (``core.azure.prices``, ``core.alibaba.prices``); nothing is asked of a cloud.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core.alibaba import prices as alibaba
from core.azure import prices as azure
from core.costs import CostLine, Sum, sums
from core.errors import Code, problem_error
from core.onboarding.azure_ground import namespace_wish
from core.profile import Profile


@dataclass(frozen=True)
class WholeCost:
    """An estimate of the whole road.

    Attributes:
        records_per_s: what it goes by.
        mean_bytes: of one record.
        measured: the two were measured, not typed in.
        azure: lines of the Azure half.
        alibaba: lines of the Alibaba half, for the profile's type of data source.
        instead: the same ingestion as a subscription.
        by_type: the Alibaba half for each type of data source, as the documented table has them.
    """

    records_per_s: float
    mean_bytes: float
    measured: bool
    azure: tuple[CostLine, ...]
    alibaba: tuple[CostLine, ...]
    instead: CostLine | None
    by_type: dict[Literal["user", "dedicated"], tuple[CostLine, ...]]

    @property
    def sums(self) -> tuple[Sum, ...]:
        """What the known lines come to, by currency."""
        return sums((*self.azure, *self.alibaba))

    @property
    def unknown(self) -> tuple[CostLine, ...]:
        """Lines whose price is not known."""
        return tuple(line for line in (*self.azure, *self.alibaba) if line.low is None)

    def as_json(self) -> dict[str, Any]:
        """The estimate as the command line's JSON shows it."""
        return {
            "records_per_s": self.records_per_s,
            "mean_bytes": self.mean_bytes,
            "measured": self.measured,
            "azure": [_as_json(line) for line in self.azure],
            "alibaba": [_as_json(line) for line in self.alibaba],
            "instead": _as_json(self.instead) if self.instead else None,
            "by_type": {
                kind: [_as_json(line) for line in lines] for kind, lines in self.by_type.items()
            },
            "sums": [
                {"currency": each.currency, "low": each.low, "high": each.high}
                for each in self.sums
            ],
            "unknown": [line.what for line in self.unknown],
        }


def whole_cost(
    profile: Profile,
    records_per_s: float = 0.0,
    mean_bytes: float = 0.0,
    measured: bool = False,
    folder: Path | None = None,
) -> WholeCost:
    """The estimate of ``profile``; a rate or size of 0 is taken from its ``[costs]``.

    Raises ProblemError (costs_rate_unknown, prices_unreadable).
    """
    rate = records_per_s or profile.costs.records_per_s
    size = mean_bytes or float(profile.costs.mean_bytes)
    if not rate or not size:
        field = "costs.records_per_s" if not rate else "costs.mean_bytes"
        raise problem_error(Code.COSTS_RATE_UNKNOWN, field, profile=profile.file.name)
    half = profile.azure
    azure_lines: tuple[CostLine, ...] = ()
    if half is not None:
        azure_lines = azure.estimate(namespace_wish(half), rate, size, half.cloud, folder)
    usage = usage_of(profile, rate, size)
    if usage is None:
        return WholeCost(rate, size, measured, azure_lines, (), None, {})
    by_type: dict[Literal["user", "dedicated"], tuple[CostLine, ...]] = {}
    kinds: tuple[Literal["user", "dedicated"], ...] = ("user", "dedicated")
    for kind in kinds if usage.analysed else ("user",):
        by_type[kind] = alibaba.estimate(replace(usage, data_source_type=kind), folder)
    instead = alibaba.subscription(usage, folder) if usage.analysed else None
    lines = by_type[usage.data_source_type]
    return WholeCost(rate, size, measured, azure_lines, lines, instead, by_type)


def usage_of(profile: Profile, records_per_s: float, mean_bytes: float) -> alibaba.Usage | None:
    """What the Alibaba half of ``profile`` uses; None: it has none."""
    logs, center = profile.log_service, profile.security_center
    if logs is None:
        return None
    detection = profile.detection
    return alibaba.Usage(
        records_per_s=records_per_s,
        mean_bytes=mean_bytes,
        route=profile.import_.route,
        split=profile.import_.managed_split,
        data_source_type=center.data_source_type if center else "user",
        analysed=center is not None,
        custom_rules=center is not None and bool(detection.rules),
        mode=profile.normalization.mode,
        ttl_days=logs.ttl_days,
        shards=logs.shards,
        indexed=logs.index,
    )


def _as_json(line: CostLine) -> dict[str, Any]:
    return {
        "what": line.what,
        "low": line.low,
        "high": line.high,
        "currency": line.currency,
        "cost_class": line.cost_class,
        "note": line.note,
        "as_of": line.as_of,
        "source": line.source,
    }
