"""Integration policies, in the API "data ingestions": a data source read with a standardised rule.

Limits of the modes: Security Center, "Add a product to Agentic SOC 2.0" and "Standardized log
access rules": alert logs and the dedicated channel only in real time, five policies per dataset in
scan mode.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.sandbox.security_center.model import DataSource, Policy, Rule
from core.sandbox.security_center.service import Service, matching, named, only_custom
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid

ALERT_DATASET = "alert_activity"
MOST_SCANS = 5
_MODES = ("realtime", "scan")


async def create_data_ingestion(service: Service, call: Call) -> Answer:
    """CreateDataIngestion: disabled at first."""
    source = _source(service, call)
    product = named(service.state.products, call, "ProductId")
    rule = named(service.state.rules, call, "NormalizationRuleId")
    if rule.product_id != product.id:
        raise invalid("NormalizationRuleId")
    if call.choice("DataIngestionType", ("preset", "custom"), "custom") != "custom":
        raise invalid("DataIngestionType")
    mode: Any = call.choice("DataIngestionMode", _MODES, "realtime")
    _check_mode(service, source, rule, mode)
    service.check_quota("data ingestions")
    now = now_ms()
    made = Policy(
        new_id("di"), source.id, product.id, rule.id, mode, "custom", created=now, updated=now
    )
    service.state.policies.put(made)
    return Answer({"DataIngestionId": made.id})


async def update_data_ingestion(service: Service, call: Call) -> Answer:
    """UpdateDataIngestion: source, rule, mode; not while it is enabled (SC-15)."""
    old = named(service.state.policies, call, "DataIngestionId")
    _check_disabled(old)
    source = _source(service, call) if call.has("DataSourceId") else None
    rule = (
        named(service.state.rules, call, "NormalizationRuleId")
        if call.has("NormalizationRuleId")
        else service.state.rules.get(old.rule_id)
    )
    source = source or service.state.sources.get(old.source_id)
    if source is None or rule is None or rule.product_id != old.product_id:
        raise invalid("NormalizationRuleId")
    mode: Any = call.choice("DataIngestionMode", _MODES, old.mode)
    _check_mode(service, source, rule, mode)
    changed = replace(old, source_id=source.id, rule_id=rule.id, mode=mode, updated=now_ms())
    service.state.policies.put(changed)
    return Answer()


async def enable_data_ingestion(service: Service, call: Call) -> Answer:
    """EnableDataIngestion. Enabling one that is enabled changes nothing."""
    old = named(service.state.policies, call, "DataIngestionId")
    if call.text("ProductId", old.product_id) != old.product_id:
        raise invalid("ProductId")
    if old.enabled:
        return Answer()
    if old.mode == "scan":
        _check_scans(service, old)
    now = now_ms()
    service.state.policies.put(
        replace(
            old,
            enabled=True,
            state="uningested",
            state_code="",
            stream_job_id=new_id("job") if old.mode == "realtime" else "",
            activated=now,
            updated=now,
        )
    )
    return Answer()


async def disable_data_ingestion(service: Service, call: Call) -> Answer:
    """DisableDataIngestion."""
    old = named(service.state.policies, call, "DataIngestionId")
    service.state.policies.put(
        replace(
            old,
            enabled=False,
            state="uningested",
            state_code="",
            stream_job_id="",
            updated=now_ms(),
        )
    )
    return Answer()


async def delete_data_ingestion(service: Service, call: Call) -> Answer:
    """DeleteDataIngestion: only of the user's own, and not while it is enabled (SC-15)."""
    old = named(service.state.policies, call, "DataIngestionId")
    only_custom(old.kind, "data ingestion")
    _check_disabled(old)
    service.state.policies.delete(old.id)
    return Answer()


async def list_data_ingestions(service: Service, call: Call) -> Answer:
    """ListDataIngestions: all of them, without pages."""
    call.choice("DataIngestionStatus", ("enabled", "disabled"))
    views = [_view(policy) for policy in service.state.policies.all()]
    views = matching(call, views, ("DataIngestionStatus", "ProductId"))
    if call.has("DataIngestionIds"):
        views = [
            view for view in views if view["DataIngestionId"] in call.strings("DataIngestionIds")
        ]
    if call.has("NormalizationSchemaIds"):
        schemas = call.strings("NormalizationSchemaIds")
        rules = {rule.id for rule in service.state.rules.all() if rule.schema_id in schemas}
        views = [view for view in views if view["NormalizationRuleId"] in rules]
    return Answer({"DataIngestions": views})


def dataset_of(service: Service, rule: Rule) -> str:
    """The dataset that a rule's logs go to."""
    schema = service.state.schemas.get(rule.schema_id)
    return schema.dataset if schema else ""


def _source(service: Service, call: Call) -> DataSource:
    """Missing and unknown ids are answered alike."""
    source = service.state.sources.get(call.text("DataSourceId"))
    if source is None:
        raise invalid("DataSourceId")
    return source


def _check_mode(service: Service, source: DataSource, rule: Rule, mode: str) -> None:
    """Raises ApiError for a mode that the rule, its dataset or the data source does not allow."""
    if rule.mode not in ("both", mode):
        raise ApiError(
            400, "InvalidDataIngestionMode", "The normalization rule does not support this mode."
        )
    if mode != "scan":
        return
    if source.origin == "center":
        raise ApiError(
            400,
            "InvalidDataIngestionMode",
            "A data source of the dedicated channel supports real-time consumption only.",
        )
    if dataset_of(service, rule) == ALERT_DATASET:
        raise ApiError(
            400, "InvalidDataIngestionMode", "Alert logs support real-time consumption only."
        )


def _check_scans(service: Service, policy: Policy) -> None:
    """At most five enabled policies of a dataset scan. Raises ApiError."""
    rules = service.state.rules
    rule = rules.get(policy.rule_id)
    dataset = dataset_of(service, rule) if rule else ""
    others = [
        each
        for each in service.state.policies.all()
        if each.enabled and each.mode == "scan" and each.id != policy.id
    ]
    same = [
        each
        for each in others
        if (one := rules.get(each.rule_id)) and dataset_of(service, one) == dataset
    ]
    if len(same) >= MOST_SCANS:
        raise ApiError(
            400,
            "ScanDataIngestionQuotaExceeded",
            f"At most {MOST_SCANS} data ingestions of the dataset {dataset} can use scan query.",
        )


def _check_disabled(policy: Policy) -> None:
    if policy.enabled:
        raise ApiError(
            400, "DataIngestionEnabled", "The data ingestion is enabled. Disable it first."
        )


def _view(policy: Policy) -> dict[str, Any]:
    scans = policy.mode == "scan"
    return {
        "DataIngestionId": policy.id,
        "DataIngestionType": policy.kind,
        "DataIngestionMode": policy.mode,
        "DataIngestionModeEditable": not policy.enabled,
        "DataIngestionStatus": "enabled" if policy.enabled else "disabled",
        "DataIngestionState": policy.state,
        "DataIngestionStateCode": policy.state_code,
        "DataSourceId": policy.source_id,
        "DataSourceEditable": not policy.enabled,
        ("ScanDataSourceId" if scans else "RealtimeDataSourceId"): policy.source_id,
        "NormalizationRuleId": policy.rule_id,
        "NormalizationRuleEditable": not policy.enabled,
        "ProductId": policy.product_id,
        "StreamJobId": policy.stream_job_id,
        "CapacityCount": 0,
        "ActiveTime": policy.activated,
        "CreateTime": policy.created,
        "UpdateTime": policy.updated,
    }
