"""Which rights each task of the Alibaba half needs, told by the names of its operations.

Actions: Alibaba Cloud, SLS "RAM authorization"; "cloud-siem 2024-12-12: RAM authorization".
"""

from __future__ import annotations

from collections.abc import Sequence

from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.planning import Planned

_NEEDS = {
    "project": ("Project",),
    "logstore": ("LogStore", "Shards"),
    "dedicated_logstore": ("LogStore", "LogProjects", "DataStorage"),
    "dedicated_write": ("PostLogStoreLogs",),
    "index": ("Index",),
    "kafka_import": ("KafkaIngestion", "Job"),
    "transformation": ("Job", "PassRole"),
    "data_source": ("DataSource", "ValidateLogStore", "LogRegions"),
    "vendor": ("Vendor",),
    "product": ("Product",),
    "standardised_rule": ("Normalization",),
    "integration_policy": ("DataIngestion",),
    "detection_rule": ("DetectionRule", "DataStorage"),
    "preset_rule": ("DetectionRule",),
}
"""Kind of a task, as its id begins -> parts of the names of the operations that it calls."""


def lacking(planned: Planned[AlibabaWorld], missing: Sequence[str]) -> tuple[str, ...]:
    """Those of the actions ``missing``, such as ``log:GetIndex``, that ``planned`` needs."""
    kind = planned.task.id.split("/")[1]
    parts = _NEEDS.get(kind, ())
    return tuple(
        action for action in missing if any(part in action.partition(":")[2] for part in parts)
    )
