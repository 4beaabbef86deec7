"""What a sandbox holds when it has been started: hub, policies, Logstore, files of its secrets.

Done again in the same folder, it changes nothing that is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.options import (
    HUB,
    LOCATION,
    LOGSTORE,
    PROJECT,
    RESOURCE_GROUP,
    RETENTION_HOURS,
    Options,
)
from core.sandbox.process import Child
from core.sandbox.profile_text import ALIBABA_SECRET, AZURE_SECRET, KAFKA_SECRET

TRAFFIC_SECRET = "traffic.secret"  # noqa: S105  # a file's name
_ARM = ("endpoint", "authority", "tenant", "subscription", "client_id", "client_secret")
_SECURITY_CENTER = ("endpoint", "http_endpoint", "region_id", "account_id")
_LOG_SERVICE = ("endpoint", "address", "http_proxy", "access_key_id", "access_key_secret")


def fill(folder: Path, children: dict[str, Child], options: Options) -> dict[str, Any]:
    """Make it; the parts of ``sandbox.json`` that tell of the emulators. Raises EmulatorError."""
    hubs, logs, azure = (children[name] for name in ("event_hubs", "log_service", "azure"))
    center = children["security_center"]
    info: dict[str, Any] = {
        "event_hubs": {"bootstrap": hubs.ready["bootstrap"], "hub": HUB},
        "log_service": {name: logs.ready[name] for name in _LOG_SERVICE}
        | {"project": PROJECT, "logstore": LOGSTORE},
        "arm": {name: azure.ready[name] for name in _ARM},
        "security_center": {name: center.ready[name] for name in _SECURITY_CENTER},
    }
    write_private(folder / ALIBABA_SECRET, logs.ready["access_key_secret"].encode())
    write_private(folder / AZURE_SECRET, azure.ready["client_secret"].encode())
    if not options.empty:
        info["event_hubs"]["connection_string"] = _make_hub(folder, hubs, options)
        azure.request("adopt_first", resource_group=RESOURCE_GROUP, location=LOCATION)
    if options.logstore or not options.empty:
        logs.request("create_project", name=PROJECT)
        logs.request("create_logstore", project=PROJECT, name=LOGSTORE)
    return info


def _make_hub(folder: Path, hubs: Child, options: Options) -> str:
    """The hub with its two policies; the connection string of the one that may do everything."""
    hubs.request(
        "create_hub",
        name=HUB,
        partitions=options.partitions,
        retention_hours=RETENTION_HOURS,
    )
    rights = ["Manage", "Send", "Listen"]
    root = hubs.request("put_policy", name="RootManageSharedAccessKey", rights=rights, hub=None)
    listen = hubs.request("put_policy", name="isthmus-listen", rights=["Listen"], hub=HUB)
    write_private(folder / TRAFFIC_SECRET, root["connection_string"].encode())
    write_private(folder / KAFKA_SECRET, listen["connection_string"].encode())
    return str(root["connection_string"])
