"""All that a user made, in a form that two moments can be compared by; not what happened since."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.sandbox.security_center.service import Service

_LEFT_OUT = frozenset(
    {
        "activated",
        "checked",
        "created",
        "state",
        "state_code",
        "status_code",
        "stream_job_id",
        "updated",
        "version",
    }
)
"""Times, and what the service itself says of how things go."""


async def snapshot(service: Service) -> dict[str, Any]:
    """Kind -> name -> what it is. Of preset detection rules only those that are not off."""
    state = service.state
    own_rules = [rule for rule in state.rules.all() if rule.kind == "custom"]
    detections = [
        rule
        for rule in state.detections.all()
        if rule.kind == "custom" or rule.status != "disabled"
    ]
    channel = service.logs.channel
    projects = await service.logs.projects()
    in_channel = await service.logs.logstores(channel) if channel in projects else []
    return {
        "data_sources": _bare([each for each in state.sources.all() if each.kind == "custom"]),
        "vendors": _bare([each for each in state.vendors.all() if each.kind == "custom"]),
        "products": _bare([each for each in state.products.all() if each.kind == "custom"]),
        "schemas": _bare([each for each in state.schemas.all() if each.kind == "custom"]),
        "normalization_rules": _bare(own_rules),
        "data_ingestions": _bare([each for each in state.policies.all() if each.kind == "custom"]),
        "detection_rules": _bare(detections),
        "data_connectors": _bare(state.connectors.all()),
        "dedicated_logstores": sorted(in_channel),
    }


def _bare(items: list[Any]) -> dict[str, Any]:
    return {item.id: _without(asdict(item)) for item in items}


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without(item) for name, item in value.items() if name not in _LEFT_OUT}
        if "logstore" in kept and "status" in kept:  # of a data source: the service's word
            del kept["status"]
        return kept
    return [_without(item) for item in value] if isinstance(value, list | tuple) else value
