"""How much is read, and queries over logs by way of Security Center."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.alibaba.security_center.calls import Group

Dimension = Literal["Region", "Product", "DataIngetion", "logUserId"]
"""``DataIngetion`` is how the service writes it."""


@dataclass(frozen=True)
class TrafficDay:
    """What was read for one target in one day.

    Attributes:
        target: a region, product or policy, by the dimension that was asked for.
        day: ``YYYYMMDD``.
        value: as the service gives it; its documents name no unit.
    """

    target: str
    day: int
    value: float


class Traffic(Group):
    """Traffic statistics and log queries."""

    async def traffic(
        self, days: int = 30, dimension: Dimension = "DataIngetion"
    ) -> tuple[TrafficDay, ...]:
        """What was read in the last ``days``. Raises ProblemError."""
        body = await self._calls.call(
            "ListTrafficStatistics",
            "security_center.traffic",
            traffic_statistic_type=dimension,
            traffic_statistic_period_type="day",
            traffic_statistic_period=str(days),
        )
        return tuple(
            TrafficDay(
                statistic.traffic_statistic_target or "",
                each.traffic_statistic_time or 0,
                float(each.traffic_statistic_value or 0),
            )
            for statistic in body.traffic_statistics or ()
            for each in statistic.traffic_statistic_data or ()
        )

    async def query(
        self,
        project: str,
        logstore: str,
        text: str,
        begin: datetime,
        end: datetime,
        *,
        region: str = "",
    ) -> tuple[dict[str, Any], ...]:
        """Rows of a query over logs; ``region``: the Logstore's; empty: the profile's.

        Raises ProblemError.
        """
        body = await self._calls.call(
            "ExecuteLogQuery",
            "security_center.query",
            log_region_id=region or self._calls.log_region,
            log_project_name=project,
            log_store_name=logstore,
            log_query=text,
            start_time=str(int(begin.timestamp() * 1000)),
            end_time=str(int(end.timestamp() * 1000)),
        )
        return tuple(row for row in body.query_result or () if isinstance(row, dict))
