"""Alert thresholds: so many findings of one group within a period are one alert (SC-28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.sandbox.security_center.live.result import Finding, key_of
from core.sandbox.security_center.live.schedule import seconds_of
from core.sandbox.security_center.model_detection import DetectionRule


@dataclass(frozen=True)
class Threshold:
    """A rule's threshold.

    Attributes:
        count: findings that it takes.
        period: seconds that they lie within.
        group: columns in which they agree.
    """

    count: int
    period: int
    group: tuple[str, ...]

    @classmethod
    def of(cls, rule: DetectionRule) -> Threshold | None:
        """None if each finding is an alert by itself. Raises ScheduleError."""
        if rule.threshold_count <= 1:
            return None
        group = tuple(name.strip() for name in rule.threshold_group.split(",") if name.strip())
        return cls(rule.threshold_count, seconds_of(rule.threshold_period or rule.window), group)

    def bursts(self, findings: Iterable[Finding]) -> list[list[Finding]]:
        """Runs of findings of one group in which ``count`` lie within the period, each whole.

        Findings must have a start.
        """
        groups: dict[str, list[Finding]] = {}
        for each in findings:
            groups.setdefault(key_of(each.row, list(self.group)), []).append(each)
        found = []
        for members in groups.values():
            members.sort(key=lambda each: each.start)
            found += self._bursts_of_one(members)
        return found

    def _bursts_of_one(self, members: list[Finding]) -> list[list[Finding]]:
        """Overlapping windows that reach the count, joined."""
        ranges: list[list[int]] = []
        first = 0
        for last, each in enumerate(members):
            while each.start - members[first].start >= self.period:
                first += 1
            if last - first + 1 >= self.count:
                if ranges and first <= ranges[-1][1]:
                    ranges[-1][1] = last
                else:
                    ranges.append([first, last])
        return [members[begin : end + 1] for begin, end in ranges]


def joined(burst: list[Finding], group: tuple[str, ...]) -> Finding:
    """A burst as one finding: its last row, and the time that all of it takes."""
    last = burst[-1]
    return replace(
        last,
        key=key_of(last.row, list(group)),
        is_log=False,
        start=burst[0].start,
        end=max(each.end for each in burst),
    )
