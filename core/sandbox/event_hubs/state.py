"""What a namespace knows for ever, in one private file: port, settings, policies, hubs, ids."""

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
from core.sandbox.event_hubs.tiers import Attributes, attributes_from


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
    attributes: Attributes


def load(path: Path, attributes: Attributes | None = None) -> State:
    """Read ``path``; a fresh state with ``attributes`` if it is not there yet."""
    if not path.exists():
        fresh = attributes or Attributes()
        return State(0, secrets.token_urlsafe(16), 0, (), {}, fresh)
    content = json.loads(path.read_text(encoding="utf-8"))
    return State(
        content["port"],
        content["cluster_id"],
        content["producer_ids"],
        tuple(_policy(item) for item in content["policies"]),
        {name: _hub(item) for name, item in content["hubs"].items()},
        attributes_from(content.get("attributes", {})),
    )


def save(path: Path, state: State) -> None:
    """Replace ``path``, readable by the owner alone."""
    content = {
        "port": state.port,
        "cluster_id": state.cluster_id,
        "producer_ids": state.producer_ids,
        "attributes": state.attributes.as_json(),
        "policies": [
            {
                "name": policy.name,
                "rights": sorted(policy.rights),
                "hub": policy.hub,
                "primary_key": policy.primary_key,
                "secondary_key": policy.secondary_key,
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
    primary = item.get("primary_key") or item["key"]  # once a policy had one key
    secondary = item.get("secondary_key") or secrets.token_urlsafe(32)
    return Policy(item["name"], rights, item["hub"], primary, secondary)


def _hub(item: dict[str, Any]) -> HubSettings:
    retention = Retention(item["retention_hours"], item["retention_bytes"])
    return HubSettings(item["folder"], item["partitions"], retention)
