"""What a Security Center is set up with. Times are epoch milliseconds; 0: never."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.sandbox.security_center.model_detection import (
    Alert,
    DetectionRule,
    EntityField,
    EntityMapping,
    Incident,
    Note,
    Traffic,
)

__all__ = [
    "Alert",
    "Connector",
    "DataSource",
    "DetectionRule",
    "EntityField",
    "EntityMapping",
    "Incident",
    "Kind",
    "Mode",
    "Note",
    "Policy",
    "Product",
    "Rule",
    "Schema",
    "SchemaField",
    "Store",
    "Traffic",
    "Vendor",
]

Kind = Literal["preset", "custom"]
Mode = Literal["realtime", "scan"]


@dataclass(frozen=True)
class Store:
    """A Logstore of a data source.

    Attributes:
        origin: ``center``: of the dedicated channel, ``custom``: the user's (SC-05).
        status: ``normal`` or ``abnormal``; empty until it was looked at.
        status_code: why it is abnormal.
        checked: when it was looked at last.
    """

    id: str
    region: str
    project: str
    logstore: str
    origin: Literal["center", "custom"] = "custom"
    status: Literal["", "normal", "abnormal"] = ""
    status_code: str = ""
    checked: int = 0
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class DataSource:
    """Logstores that are analysed under one name."""

    id: str
    name: str
    kind: Kind
    origin: Literal["center", "custom"]
    user_id: int
    stores: tuple[Store, ...] = ()
    recognize: bool = False
    created: int = 0
    updated: int = 0

    @property
    def status(self) -> str:
        """``unconfigured`` (no Logstore, or none looked at yet), ``normal`` or ``abnormal``."""
        told = {store.status for store in self.stores}
        if "abnormal" in told:
            return "abnormal"
        return "normal" if told == {"normal"} else "unconfigured"


@dataclass(frozen=True)
class Vendor:
    """Who makes products that write logs."""

    id: str
    name: str
    kind: Kind
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Product:
    """What writes logs."""

    id: str
    name: str
    vendor_id: str
    kind: Kind
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class SchemaField:
    """A field of a standard structure.

    Attributes:
        type: ``varchar``, ``bigint`` or ``double``; of a custom one ``text``, ``long``,
            ``double`` or ``json``.
        values: all that it may be; empty: anything.
        reserved: the service fills it; a rule need not.
    """

    name: str
    type: str = "varchar"
    required: bool = False
    reserved: bool = False
    tokenize: bool = False
    values: tuple[str, ...] = ()
    description: str = ""
    example: str = ""
    kind: Kind = "preset"


@dataclass(frozen=True)
class Schema:
    """A standard structure of logs (``log``) or of what logs are about (``entity``).

    Attributes:
        dataset: the Logstore (StoreView) that its logs are written to.
    """

    id: str
    name: str
    category_id: str
    dataset: str
    fields: tuple[SchemaField, ...]
    type: Literal["log", "entity"] = "log"
    kind: Kind = "preset"
    description: str = ""
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Rule:
    """A standardised rule: from a product's logs to a standard structure.

    Attributes:
        expression: SPL.
        store_mode: what becomes of other fields: ``flat`` as they are, ``pack`` into
            ``extend_content``, ``reject``: dropped.
    """

    id: str
    name: str
    vendor_id: str
    product_id: str
    category_id: str
    schema_id: str
    expression: str
    mode: Literal["both", "realtime", "scan"] = "both"
    kind: Literal["predefined", "custom"] = "custom"
    store_mode: Literal["flat", "pack", "reject"] = "flat"
    packed: bool = False
    description: str = ""
    version: int = 1
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Policy:
    """An integration policy ("data ingestion"): a data source read with a rule.

    Attributes:
        enabled: whether the user wants it.
        state: whether it works: ``ingested``, ``uningested`` or ``abnormal``.
        state_code: why it is abnormal.
        stream_job_id: of the job that reads in real time; empty for ``scan``.
        activated: when it was enabled last.
    """

    id: str
    source_id: str
    product_id: str
    rule_id: str
    mode: Mode
    kind: Kind = "custom"
    enabled: bool = False
    state: Literal["ingested", "uningested", "abnormal"] = "uningested"
    state_code: str = ""
    stream_job_id: str = ""
    activated: int = 0
    created: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Connector:
    """A data import task that was made in the console; there is no call that makes one."""

    id: str
    name: str
    type: Literal["oss", "s3", "kafka"]
    enabled: bool
    config: str
    job: str
    source_id: str
    region: str
    project: str
    logstore: str
    auth_id: str = ""
    auth_vendor: str = "Apache"
    auth_product: str = "Kafka"
    created: int = 0
    updated: int = 0
