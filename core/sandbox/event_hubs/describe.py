"""What a namespace holds, for the commands of the parent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from core.sandbox.event_hubs import checksum
from core.sandbox.event_hubs.coordinator import Coordinator
from core.sandbox.event_hubs.namespace import Namespace
from core.sandbox.event_hubs.policies import Policy


def describe(namespace: Namespace) -> dict[str, Any]:
    """Hubs, groups and policies (without keys), beside the namespace's own description."""
    broker = namespace.broker
    return {
        **namespace.describe(),
        "hubs": {
            name: [
                {"partition": index, "low": item.low, "high": item.high, "bytes": item.size}
                for index, item in enumerate(hub.partitions)
            ]
            for name, hub in broker.hubs.all()
        },
        "retention_hours": {name: hub.settings.retention.hours for name, hub in broker.hubs.all()},
        "groups": {name: _group(broker.coordinator, name) for name in broker.coordinator.names},
        "policies": [policy.described() for policy in broker.policies],
        "crc_checked": checksum.CHECKED,
        "memory_bytes": _resident_bytes(),
    }


def describe_keys(policy: Policy, port: int) -> dict[str, str]:
    """A policy's keys, as listKeys of its resource in Azure gives them."""
    return {
        "connection_string": policy.connection_string(port),
        "secondary_connection_string": policy.connection_string(port, secondary=True),
        "primary_key": policy.primary_key,
        "secondary_key": policy.secondary_key,
    }


def _group(coordinator: Coordinator, name: str) -> dict[str, Any]:
    group = coordinator.find(name)
    return {
        "state": str(group.state) if group else "Empty",
        "generation": group.generation if group else 0,
        "members": list(group.members) if group else [],
        "offsets": [
            {
                "hub": hub,
                "partition": partition,
                "offset": commit.offset,
                "metadata": commit.metadata,
            }
            for (hub, partition), commit in sorted(coordinator.offsets.of(name).items())
        ],
    }


def _resident_bytes() -> int | None:
    """Memory of this process; None where the system does not say it cheaply."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
