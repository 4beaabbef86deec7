"""What the broker knows for ever, in one private file: port, policies, hubs, producer ids."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.event_hubs.hubs import HubSettings
from core.sandbox.event_hubs.partition import Retention
from core.sandbox.event_hubs.policies import Policy, Right


@dataclass(frozen=True)
class State:
    """The content of ``state.json``.

    Attributes:
        port: 0 until the first start has chosen one.
        producer_ids: the first producer id that no start has reserved yet.
    """

    port: int
    cluster_id: str
    producer_ids: int
    policies: tuple[Policy, ...]
    hubs: dict[str, HubSettings]


def load(path: Path) -> State:
    """Read ``path``; a fresh state if it is not there yet."""
    if not path.exists():
        return State(0, secrets.token_urlsafe(16), 0, (), {})
    content = json.loads(path.read_text(encoding="utf-8"))
    return State(
        content["port"],
        content["cluster_id"],
        content["producer_ids"],
        tuple(_policy(item) for item in content["policies"]),
        {name: _hub(item) for name, item in content["hubs"].items()},
    )


def save(path: Path, state: State) -> None:
    """Replace ``path``, readable by the owner alone."""
    content = {
        "port": state.port,
        "cluster_id": state.cluster_id,
        "producer_ids": state.producer_ids,
        "policies": [
            {
                "name": policy.name,
                "rights": sorted(policy.rights),
                "hub": policy.hub,
                "key": policy.key,
            }
            for policy in state.policies
        ],
        "hubs": {
            name: {
                "folder": hub.folder,
                "partitions": hub.partitions,
                "retention_hours": hub.retention.hours,
                "retention_bytes": hub.retention.bytes_per_partition,
            }
            for name, hub in state.hubs.items()
        },
    }
    write_private(path, json.dumps(content, indent=1).encode())


def _policy(item: dict[str, Any]) -> Policy:
    rights = frozenset(Right(right) for right in item["rights"])
    return Policy(item["name"], rights, item["hub"], item["key"])


def _hub(item: dict[str, Any]) -> HubSettings:
    retention = Retention(item["retention_hours"], item["retention_bytes"])
    return HubSettings(item["folder"], item["partitions"], retention)
