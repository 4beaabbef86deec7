"""ListTrafficStatistics: how much raw data was read, in GB (the unit is not documented, SC-17)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from core.sandbox.security_center.model_detection import Traffic
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.state import now_ms
from core.sandbox.security_center.wire import Answer, Call, missing

_KINDS = ("Region", "Product", "DataIngetion", "logUserId")
_DAY_MS, _HOUR_MS = 86_400_000, 3_600_000
_MOST = 400
_GB = 1024**3


async def list_traffic_statistics(service: Service, call: Call) -> Answer:
    """One row of times for each target that had traffic; times without any are 0."""
    kind = call.choice("TrafficStatisticType", _KINDS)
    if not kind:
        raise missing("TrafficStatisticType")
    by_day = call.choice("TrafficStatisticPeriodType", ("day", "hour"), "day") == "day"
    count = call.number("TrafficStatisticPeriod", 30, 1, _MOST)
    length = _DAY_MS if by_day else _HOUR_MS
    first = now_ms() // length - count + 1
    names = [_time((first + place) * length, by_day) for place in range(count)]
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * count)
    for each in service.state.traffic.all():
        place = each.hour // length - first
        if 0 <= place < count and call.text("ProductId", each.product_id) == each.product_id:
            sums[_target(service, kind, each)][place] += each.bytes
    return Answer({"TrafficStatistics": [_row(each, names, sums[each]) for each in sorted(sums)]})


def _target(service: Service, kind: str, traffic: Traffic) -> str:
    if kind == "Region":
        return service.logs.region
    if kind == "logUserId":
        return service.state.account
    return traffic.product_id if kind == "Product" else traffic.policy_id


def _row(target: str, names: list[int], sums: list[int]) -> dict[str, Any]:
    data = [
        {"TrafficStatisticTime": name, "TrafficStatisticValue": bytes_ / _GB}
        for name, bytes_ in zip(names, sums, strict=True)
    ]
    return {"TrafficStatisticTarget": target, "TrafficStatisticData": data}


def _time(milliseconds: int, by_day: bool) -> int:
    """``YYYYMMDD``, with ``HH`` for an hour; in UTC."""
    moment = dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    return int(moment.strftime("%Y%m%d" if by_day else "%Y%m%d%H"))
