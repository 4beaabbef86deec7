"""Standardised rules: list, get, create, update, delete, ValidateNormalizationRule."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from core.sandbox.security_center.expressions import (
    MODES,
    check_expression,
    judge,
    run,
    sample_rows,
)
from core.sandbox.security_center.model import Rule, Schema
from core.sandbox.security_center.names import display_name
from core.sandbox.security_center.scenarios import Scenario
from core.sandbox.security_center.service import (
    Service,
    check_free,
    matching,
    named,
    only_custom,
)
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid, missing, page

_STORE_MODES = ("flat", "pack", "reject")
_LONGEST = 64 * 1024


async def list_normalization_rules(service: Service, call: Call) -> Answer:
    """ListNormalizationRules."""
    call.choice("NormalizationRuleType", ("predefined", "custom"))
    views = [_view(service, rule) for rule in service.state.rules.all()]
    names = (
        "NormalizationCategoryId",
        "NormalizationRuleName",
        "NormalizationRuleType",
        "NormalizationSchemaId",
        "ProductId",
        "VendorId",
    )
    views = matching(call, views, names)
    if call.has("NormalizationRuleIds"):
        wanted = call.strings("NormalizationRuleIds")
        views = [view for view in views if view["NormalizationRuleId"] in wanted]
    if call.text("OrderField") == "GmtModified":
        views.sort(key=lambda view: int(view["UpdateTime"]))
    return Answer(page(call, "NormalizationRules", views))


async def get_normalization_rule(service: Service, call: Call) -> Answer:
    """GetNormalizationRule."""
    rule = named(service.state.rules, call, "NormalizationRuleId")
    view = _view(service, rule)
    del view["NormalizationRuleReferences"]
    return Answer({"NormalizationRule": view | {"NormalizationRuleVersion": rule.version}})


async def create_normalization_rule(service: Service, call: Call) -> Answer:
    """CreateNormalizationRule: refused if its SPL is not accepted in its mode."""
    name = display_name(call, "NormalizationRuleName")
    if call.choice("NormalizationRuleType", ("predefined", "custom"), "custom") != "custom":
        raise invalid("NormalizationRuleType")
    if call.choice("NormalizationRuleFormat", ("SPL",), "SPL") != "SPL":
        raise invalid("NormalizationRuleFormat")
    product = named(service.state.products, call, "ProductId")
    if call.text("VendorId", product.vendor_id) != product.vendor_id:
        raise invalid("VendorId")
    schema = _log_schema(service, call)
    mode: Any = call.choice("NormalizationRuleMode", MODES, "both")
    store_mode: Any = call.choice("ExtendFieldStoreMode", _STORE_MODES, "flat")
    service.check_quota("normalization rules")
    expression = await _expression(service, call, mode)
    check_free(service.state.rules, name, "NormalizationRuleName")  # after the last await
    made = Rule(
        new_id("nr"),
        name,
        product.vendor_id,
        product.id,
        schema.category_id,
        schema.id,
        expression,
        mode,
        "custom",
        store_mode,
        call.choice("ExtendContentPacked", ("enabled", "disabled"), "disabled") == "enabled",
        call.text("NormalizationRuleDescription"),
        1,
        now_ms(),
        now_ms(),
    )
    service.state.rules.put(made)
    return Answer({"NormalizationRuleId": made.id})


async def update_normalization_rule(service: Service, call: Call) -> Answer:
    """UpdateNormalizationRule: name, description, mode, SPL, structure."""
    old = named(service.state.rules, call, "NormalizationRuleId")
    only_custom(old.kind, "normalization rule")
    changes: dict[str, Any] = {"updated": now_ms()}
    if call.has("NormalizationRuleDescription"):
        changes["description"] = call.text("NormalizationRuleDescription")
    if call.has("NormalizationSchemaId"):
        schema = _log_schema(service, call)
        changes |= {"schema_id": schema.id, "category_id": schema.category_id}
    if call.has("ExtendFieldStoreMode"):
        changes["store_mode"] = call.choice("ExtendFieldStoreMode", _STORE_MODES)
    if call.has("NormalizationRuleExpression") or call.has("NormalizationRuleMode"):
        changes["mode"] = call.choice("NormalizationRuleMode", MODES, old.mode)
        changes["expression"] = await _expression(service, call, changes["mode"], old.expression)
        old = named(service.state.rules, call, "NormalizationRuleId")
    if call.has("NormalizationRuleName"):
        changes["name"] = display_name(call, "NormalizationRuleName")
        check_free(service.state.rules, changes["name"], "NormalizationRuleName", but=old.id)
    service.state.rules.put(replace(old, **changes, version=old.version + 1))
    return Answer()


async def delete_normalization_rule(service: Service, call: Call) -> Answer:
    """DeleteNormalizationRule: not while a policy uses it (SC-12)."""
    old = named(service.state.rules, call, "NormalizationRuleId")
    only_custom(old.kind, "normalization rule")
    if any(policy.rule_id == old.id for policy in service.state.policies.all()):
        raise ApiError(400, "NormalizationRuleReferenced", "The rule is used by a data ingestion.")
    service.state.rules.delete(old.id)
    return Answer()


async def validate_normalization_rule(service: Service, call: Call) -> Answer:
    """ValidateNormalizationRule: the SPL runs on the sample, the structure's fields are judged."""
    schema = _log_schema(service, call)
    mode = call.choice("NormalizationRuleMode", MODES, "realtime")
    rows = sample_rows(call.text("LogSample") or _raise_missing("LogSample"))
    text = call.text("NormalizationRuleExpression") or _raise_missing("NormalizationRuleExpression")
    _check_not_rejected(service)

    def validate() -> list[dict[str, Any]]:
        script, *_ = check_expression(text, mode)
        return judge(schema, run(script, rows))

    return Answer({"ValidateResult": await asyncio.to_thread(validate)})


async def _expression(service: Service, call: Call, mode: str, old: str = "") -> str:
    text = call.text("NormalizationRuleExpression", old)
    if not text.strip():
        raise missing("NormalizationRuleExpression")
    if len(text) > _LONGEST:
        raise invalid("NormalizationRuleExpression")
    _check_not_rejected(service)
    await asyncio.to_thread(check_expression, text, mode)
    return text


def _check_not_rejected(service: Service) -> None:
    """The scenario rule_rejected: the service finds fault with every SPL."""
    if service.plays(Scenario.RULE_REJECTED):
        raise ApiError(
            400,
            "InvalidNormalizationRuleExpression",
            "The specified NormalizationRuleExpression is invalid. line 1, column 1: "
            "the sandbox plays rule_rejected",
        )


def _log_schema(service: Service, call: Call) -> Schema:
    schema = named(service.state.schemas, call, "NormalizationSchemaId")
    if schema.type != "log":
        raise invalid("NormalizationSchemaId")
    if call.text("NormalizationCategoryId", schema.category_id) != schema.category_id:
        raise invalid("NormalizationCategoryId")
    return schema


def _raise_missing(name: str) -> str:
    raise missing(name)


def _view(service: Service, rule: Rule) -> dict[str, Any]:
    policies = [each.id for each in service.state.policies.all() if each.rule_id == rule.id]
    return {
        "NormalizationRuleId": rule.id,
        "NormalizationRuleName": rule.name,
        "NormalizationRuleDescription": rule.description,
        "NormalizationRuleType": rule.kind,
        "NormalizationRuleMode": rule.mode,
        "NormalizationRuleFormat": "SPL",
        "NormalizationRuleExpression": rule.expression,
        "NormalizationRuleStatus": "enabled",
        "NormalizationRuleVersion": str(rule.version),
        "NormalizationRuleReferences": [{"DataIngestionId": policy} for policy in policies],
        "NormalizationSchemaId": rule.schema_id,
        "NormalizationCategoryId": rule.category_id,
        "NormalizationFieldSource": "normalized",
        "ExtendFieldStoreMode": rule.store_mode,
        "ExtendContentPacked": "enabled" if rule.packed else "disabled",
        "ProductId": rule.product_id,
        "VendorId": rule.vendor_id,
        "CreateTime": rule.created,
        "UpdateTime": rule.updated,
    }
