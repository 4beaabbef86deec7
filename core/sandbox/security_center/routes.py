"""Which operation a request names, what RAM calls it, and what must hold before it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.sandbox.security_center import (
    account,
    connectors,
    detections,
    findings,
    log_query,
    logstores,
    policies,
    products,
    rules,
    schemas,
    sources,
    storage,
    traffic,
    vendors,
)
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.wire import Answer, ApiError, Call

Run = Callable[[Service, Call], Awaitable[Answer]]
VERSION, OLD_VERSION, STS_VERSION = "2024-12-12", "2022-06-16", "2015-04-01"


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        resource: RAM's name of what it acts on, below ``acs:yundun-sas::<uid>:``.
        reads_logs: the service needs its role for it.
    """

    name: str
    version: str
    run: Run
    resource: str = "*"
    reads_logs: bool = False

    @property
    def on_ground(self) -> bool:
        """Whether the project of the normalised logs must be there first."""
        return self.name in _ON_GROUND

    @property
    def ram_action(self) -> str:
        """Its RAM action."""
        return f"{'sts' if self.version == STS_VERSION else 'yundun-sas'}:{self.name}"


_ON_GROUND = frozenset(
    {
        "EnableDataIngestion",
        "ExecuteLogQuery",
        "GetDataStorage",
        "ListLogProjects",
        "ListLogStores",
        "UpdateDetectionRule",
        "ValidateLogStore",
    }
)


def _of(module_runs: list[Run], resource: str, *, reads_logs: bool = False) -> list[Operation]:
    return [Operation(_action(run), VERSION, run, resource, reads_logs) for run in module_runs]


def _action(run: Run) -> str:
    name = getattr(run, "__name__", "")
    return "".join(word.capitalize() for word in name.split("_"))


_ALL = [
    *_of([account.get_user_config, storage.get_data_storage], "*"),
    *_of(
        [
            logstores.list_log_regions,
            logstores.list_log_projects,
            logstores.list_log_stores,
            logstores.validate_log_store,
            logstores.create_log_store,
            logstores.delete_log_store,
        ],
        "logstore/*",
        reads_logs=True,
    ),
    *_of(
        [sources.create_data_source, sources.update_data_source, sources.refresh_data_source],
        "datasource/*",
        reads_logs=True,
    ),
    *_of([sources.delete_data_source, sources.list_data_sources], "datasource/*"),
    *_of([connectors.list_data_connectors, connectors.update_data_connector], "dataconnector/*"),
    *_of(
        [
            vendors.list_vendors,
            vendors.create_vendor,
            vendors.update_vendor,
            vendors.delete_vendor,
        ],
        "vendor/*",
    ),
    *_of(
        [
            products.list_products,
            products.create_product,
            products.update_product,
            products.delete_product,
        ],
        "product/*",
    ),
    *_of(
        [
            schemas.list_normalization_categories,
            schemas.list_normalization_schemas,
            schemas.get_normalization_schema,
            schemas.list_normalization_fields,
            schemas.create_normalization_schema,
            schemas.delete_normalization_schema,
            rules.list_normalization_rules,
            rules.get_normalization_rule,
            rules.create_normalization_rule,
            rules.update_normalization_rule,
            rules.delete_normalization_rule,
            rules.validate_normalization_rule,
        ],
        "normalization/*",
    ),
    *_of(
        [
            policies.create_data_ingestion,
            policies.update_data_ingestion,
            policies.enable_data_ingestion,
            policies.disable_data_ingestion,
            policies.delete_data_ingestion,
            policies.list_data_ingestions,
        ],
        "dataingestion/*",
    ),
    *_of(
        [
            detections.create_detection_rule,
            detections.update_detection_rule,
            detections.delete_detection_rule,
            detections.list_detection_rules,
            detections.get_detection_statistic,
        ],
        "detection/*",
    ),
    *_of(
        [
            findings.list_alerts,
            findings.get_alert,
            findings.list_incidents,
            findings.get_incident,
            traffic.list_traffic_statistics,
        ],
        "*",
    ),
    *_of([log_query.execute_log_query], "*", reads_logs=True),
    Operation("DescribeServiceStatus", OLD_VERSION, account.describe_service_status),
    Operation("DescribeAuth", OLD_VERSION, account.describe_auth),
    Operation("DescribeUserBuyStatus", OLD_VERSION, account.describe_user_buy_status),
    Operation("GetCallerIdentity", STS_VERSION, account.get_caller_identity),
]
_TABLE = {(operation.version, operation.name): operation for operation in _ALL}


def find(version: str, name: str) -> Operation:
    """Raises ApiError if there is no such operation."""
    found = _TABLE.get((version, name))
    if found is None:
        raise ApiError(
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        )
    return found
