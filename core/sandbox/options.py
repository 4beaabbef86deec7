"""How a sandbox is started, and what the things in it are called."""

from __future__ import annotations

from dataclasses import dataclass

HUB = "azure-logs"
PROJECT = "isthmus-sandbox"
LOGSTORE = "azure-logs"
FIRST_NAMESPACE = "sandbox"
"""The Event Hubs emulator's own."""

RESOURCE_GROUP = "rg-isthmus"
LOCATION = "eastasia"
NEW_NAMESPACE = "isthmus-logs"
"""What the profile of an empty sandbox wants to be made."""

WAITING_RECORDS = 10_000
"""Records that wait in the hub of a new sandbox."""

PARTITIONS = 4
RETENTION_HOURS = 24
FLOW_RECORDS_PER_SECOND = 20.0


@dataclass(frozen=True)
class Options:
    """How to start a sandbox.

    Attributes:
        empty: no hub, no Logstore; the profile holds names only.
        logstore: with ``empty``, the Logstore is there all the same.
        records: records that a new sandbox's hub gets at the start.
        rate: records per second that go on being sent to it.
        flow_rate: records per second that a diagnostic setting sends to its hub.
        partitions: partitions of the hub.
        discard: Log Service counts logs and keeps a sample only, for benchmarks.
        seed: of the traffic.
        schedule_minute: seconds that a minute of a detection rule's schedule takes.
    """

    empty: bool = False
    logstore: bool = False
    records: int = WAITING_RECORDS
    rate: float = 0.0
    flow_rate: float = FLOW_RECORDS_PER_SECOND
    partitions: int = PARTITIONS
    discard: bool = False
    seed: int = 1
    schedule_minute: float = 1.0
