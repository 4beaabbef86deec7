"""What every account finds: categories, standard structures, vendors, products, predefined rules.

Classification, structures and datasets: Security Center, "Standardized log access rules". The ids
of most of them are published nowhere; the emulator's are made up, different for vendors and
products of each account, so that a client has to look them up (SC-13).
"""

from __future__ import annotations

from typing import Any, TypeVar

from core.sandbox.security_center.model import Product, Schema, Vendor
from core.sandbox.security_center.preset_rules import detection_rules, preset_id, standardised_rules
from core.sandbox.security_center.standard_fields import COMMON, ENTITIES, FIELDS, fields
from core.sandbox.security_center.state import State, Table, now_ms

_T = TypeVar("_T", bound=Any)

DATASETS = (
    "network_activity",
    "process_activity",
    "risk_activity",
    "alert_activity",
    "vulnerability_activity",
    "audit_activity",
    "account_activity",
    "login_activity",
)
CATEGORIES = {
    "NETWORK_CATEGORY": "Network Log",
    "HOST_CATEGORY": "Host Log",
    "SECURITY_CATEGORY": "Security Log",
    "AUDIT_CATEGORY": "Audit Log",
    "SNAPSHOT_CATEGORY": "Snapshot Log",
    "LOGON_CATEGORY": "Logon Log",
}
"""Id -> name of the categories of logs."""
ENTITY_CATEGORIES = {"ENTITY_CATEGORY": "Entity"}

_SCHEMAS = {
    ("NETWORK_CATEGORY", "network_activity"): {
        "FIVE_TUPLE_ACTIVITY": "5-tuple Log",
        "DNS_ACTIVITY": "DNS Log",
        "HTTP_ACTIVITY": "HTTP Log",
    },
    ("HOST_CATEGORY", "process_activity"): {
        "PROCESS_CONNECT_ACTIVITY": "Process Network Connection Log",
        "PROCESS_FILE_WRITE_ACTIVITY": "Process File Write Log",
        "PROCESS_START_ACTIVITY": "Process Startup Log",
        "PROCESS_DNS_ACTIVITY": "Process DNS Request Log",
    },
    ("SECURITY_CATEGORY", "risk_activity"): {
        "API_RISK_ACTIVITY": "API Security Risk Log",
        "CLOUD_BASELINE_ACTIVITY": "Cloud Service Baseline Log",
        "HOST_BASELINE_ACTIVITY": "Host Baseline Log",
    },
    ("SECURITY_CATEGORY", "alert_activity"): {
        "CLOUD_OPERATION_ALERT_ACTIVITY": "Cloud Platform Operation Alert Log",
        "API_ALERT_ACTIVITY": "API Security Alert Log",
        "EDR_ALERT_ACTIVITY": "EDR Alert Log",
        "FIREWALL_ALERT_ACTIVITY": "Firewall Alert Log",
        "NETWORK_ALERT_ACTIVITY": "Host Network Alert Log",
        "WAF_ALERT_ACTIVITY": "WAF Alert Log",
        "ALERT_ACTIVITY": "Other Alert Log",
        "CRAWLER_ALERT_ACTIVITY": "Crawler Alert Log",
    },
    ("SECURITY_CATEGORY", "vulnerability_activity"): {
        "VULNERABILITY_ACTIVITY": "Vulnerability Log",
    },
    ("AUDIT_CATEGORY", "audit_activity"): {
        "BASTIONHOST_AUDIT_ACTIVITY": "Bastionhost Audit Log",
        "NOSQL_AUDIT_ACTIVITY": "NoSQL Database Audit Log",
        "CLOUD_OPERATION_AUDIT_ACTIVITY": "Cloud Platform Operation Audit Log",
        "K8S_AUDIT_ACTIVITY": "Kubernetes Resource Audit Log",
        "WINDOWS_EVENT_ACTIVITY": "Windows Security Event Log",
        "API_GATEWAY_AUDIT_ACTIVITY": "API Gateway Audit Log",
        "RDS_AUDIT_ACTIVITY": "SQL Database Audit Log",
        "OSS_AUDIT_ACTIVITY": "Object Storage Audit Log",
        "AZURE_AD_AUDIT_ACTIVITY": "Azure Active Directory Audit Log",
        "AZURE_AD_LOGON_ACTIVITY": "Azure Active Directory Logon Log",
    },
    ("SNAPSHOT_CATEGORY", "account_activity"): {
        "ACCOUNT_SNAPSHOT_ACTIVITY": "Account Snapshot Log",
    },
    ("SNAPSHOT_CATEGORY", "process_activity"): {
        "PROCESS_SNAPSHOT_ACTIVITY": "Process Startup Snapshot Log",
        "CONNECTION_SNAPSHOT_ACTIVITY": "Network Connection Snapshot Log",
    },
    ("LOGON_CATEGORY", "login_activity"): {
        "CLOUD_LOGON_ACTIVITY": "Cloud Platform Logon Log",
        "HOST_LOGON_FAILED_ACTIVITY": "Host Logon Failure Log",
        "HOST_LOGON_ACTIVITY": "Host Logon Log",
    },
}
_PRODUCTS = {
    "Alibaba Cloud": ("Security Center", "Web Application Firewall", "ActionTrail"),
    "Microsoft": ("Azure Active Directory", "Microsoft Defender"),
    "Microsoft Cloud": ("Azure Activity Log", "Azure Firewall"),
    "HUAWEI CLOUD": ("Cloud Trace Service",),
    "Tencent Cloud": ("CloudAudit",),
}
"""Vendor -> its products."""


def seed(state: State, salt: str) -> None:
    """Put what an account has from the beginning; what is there already stays as it is.

    ``salt``: what makes this account's ids differ from another's.
    """
    now = now_ms()
    _put_new(state.schemas, _schemas(now))
    vendors = {
        name: Vendor(preset_id(salt, "vendor", name), name, "preset", now, now)
        for name in _PRODUCTS
    }
    products = {
        (vendor, name): Product(
            preset_id(salt, "product", vendor + name), name, vendors[vendor].id, "preset", now, now
        )
        for vendor, names in _PRODUCTS.items()
        for name in names
    }
    _put_new(state.vendors, list(vendors.values()))
    _put_new(state.products, list(products.values()))
    azure = products["Microsoft", "Azure Active Directory"]
    _put_new(state.rules, standardised_rules(salt, azure, now))
    _put_new(state.detections, detection_rules(salt, now))


def structures_of(dataset: str) -> list[str]:
    """Ids of the preset structures whose logs a dataset holds."""
    return [
        identity
        for (_, target), structures in _SCHEMAS.items()
        if target == dataset
        for identity in structures
    ]


def _schemas(now: int) -> list[Schema]:
    logs = [
        Schema(
            identity,
            name,
            category,
            dataset,
            fields(FIELDS[identity] + COMMON),
            created=now,
            updated=now,
        )
        for (category, dataset), structures in _SCHEMAS.items()
        for identity, name in structures.items()
    ]
    entities = [
        Schema(name, name, "ENTITY_CATEGORY", "", fields(notation), "entity", created=now)
        for name, notation in ENTITIES.items()
    ]
    return [*logs, *entities]


def _put_new(table: Table[_T], items: list[_T]) -> None:
    table.put(*(item for item in items if item.id not in table))
