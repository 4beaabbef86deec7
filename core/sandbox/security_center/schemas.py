"""Standard structures: their categories and fields; a user's own have ids ``custom-...``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.sandbox.security_center.model import Schema, SchemaField
from core.sandbox.security_center.names import display_name
from core.sandbox.security_center.presets import CATEGORIES, DATASETS, ENTITY_CATEGORIES
from core.sandbox.security_center.service import (
    Service,
    check_free,
    matching,
    named,
    only_custom,
)
from core.sandbox.security_center.state import now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid, missing, page

_TYPES = ("log", "entity")
_FIELD_TYPES = ("text", "long", "double", "json")
_OWN_ID = re.compile(r"custom-[a-z0-9-]{1,57}", re.ASCII)
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_MOST_FIELDS = 200


async def list_normalization_categories(service: Service, call: Call) -> Answer:
    """ListNormalizationCategories."""
    kind = call.choice("NormalizationCategoryType", _TYPES, "log")
    names = ENTITY_CATEGORIES if kind == "entity" else CATEGORIES
    views = [
        {"NormalizationCategoryId": identity, "NormalizationCategoryName": name}
        for identity, name in names.items()
    ]
    return Answer(page(call, "NormalizationCategories", views))


async def list_normalization_schemas(service: Service, call: Call) -> Answer:
    """ListNormalizationSchemas: without their fields."""
    call.choice("NormalizationSchemaType", _TYPES)
    views = [_view(schema) for schema in service.state.schemas.all()]
    names = ("NormalizationCategoryId", "NormalizationFieldSource", "NormalizationSchemaType")
    return Answer(page(call, "NormalizationSchemas", matching(call, views, names)))


async def get_normalization_schema(service: Service, call: Call) -> Answer:
    """GetNormalizationSchema: with its fields and the rules that use it."""
    schema = named(service.state.schemas, call, "NormalizationSchemaId")
    if call.choice("NormalizationSchemaType", _TYPES, schema.type) != schema.type:
        raise invalid("NormalizationSchemaId")
    rules = [rule.id for rule in service.state.rules.all() if rule.schema_id == schema.id]
    more = {
        "NormalizationFields": [_field_view(each, schema) for each in schema.fields],
        "NormalizationSchemaReferences": [{"NormalizationRuleId": rule} for rule in rules],
    }
    return Answer({"NormalizationSchema": _view(schema) | more})


async def list_normalization_fields(service: Service, call: Call) -> Answer:
    """ListNormalizationFields: of all structures of a type."""
    kind = call.choice("NormalizationSchemaType", _TYPES, "log")
    name = call.text("Name")
    views = [
        {
            **_field_view(each, schema),
            "NormalizationSchemaId": schema.id,
            "NormalizationCategoryId": schema.category_id,
        }
        for schema in service.state.schemas.all()
        if schema.type == kind
        for each in schema.fields
        if name in ("", each.name)
    ]
    return Answer(page(call, "NormalizationFields", views))


async def create_normalization_schema(service: Service, call: Call) -> Answer:
    """CreateNormalizationSchema."""
    identity = call.needed("NormalizationSchemaId")
    if not _OWN_ID.fullmatch(identity):
        raise invalid("NormalizationSchemaId")
    if identity in service.state.schemas:
        raise ApiError(
            400,
            "NormalizationSchemaIdExists",
            "The specified NormalizationSchemaId already exists.",
        )
    name = display_name(call, "NormalizationSchemaName")
    check_free(service.state.schemas, name, "NormalizationSchemaName")
    kind: Any = call.choice("NormalizationSchemaType", _TYPES)
    if not kind:
        raise missing("NormalizationSchemaType")
    dataset = call.needed("TargetLogStore")
    if dataset not in DATASETS:
        raise invalid("TargetLogStore")
    given = call.objects("NormalizationFields")
    if not given:
        raise missing("NormalizationFields")
    if len(given) > _MOST_FIELDS:
        raise invalid("NormalizationFields")
    service.check_quota("normalization schemas")
    service.state.schemas.put(
        Schema(
            identity,
            name,
            call.text("NormalizationCategoryId"),
            dataset,
            tuple(_field(each) for each in given),
            kind,
            "custom",
            call.text("NormalizationSchemaDescription"),
            now_ms(),
            now_ms(),
        )
    )
    return Answer()


async def delete_normalization_schema(service: Service, call: Call) -> Answer:
    """DeleteNormalizationSchema: not while a rule uses it (SC-12)."""
    old = named(service.state.schemas, call, "NormalizationSchemaId")
    only_custom(old.kind, "normalization schema")
    if any(rule.schema_id == old.id for rule in service.state.rules.all()):
        raise ApiError(
            400, "NormalizationSchemaReferenced", "The schema is used by a normalization rule."
        )
    service.state.schemas.delete(old.id)
    return Answer()


def _field(given: Mapping[str, Any]) -> SchemaField:
    name = str(given.get("NormalizationFieldName", ""))
    kind = str(given.get("NormalizationFieldType", ""))
    if not _FIELD_NAME.fullmatch(name):
        raise invalid("NormalizationFieldName")
    if kind not in _FIELD_TYPES:
        raise invalid("NormalizationFieldType")
    return SchemaField(
        name,
        kind,
        required=_yes(given.get("NormalizationFieldRequired")),
        tokenize=_yes(given.get("NormalizationFieldTokenize")),
        description=str(given.get("NormalizationFieldDescription", "")),
        example=str(given.get("NormalizationFieldExample", "")),
        kind="custom",
    )


def _yes(value: Any) -> bool:
    return str(value).lower() == "true"


def _view(schema: Schema) -> dict[str, Any]:
    view: dict[str, Any] = {
        "NormalizationSchemaId": schema.id,
        "NormalizationSchemaName": schema.name,
        "NormalizationSchemaType": schema.type,
        "NormalizationSchemaFrom": schema.kind,
        "NormalizationSchemaDescription": schema.description,
        "NormalizationCategoryId": schema.category_id,
        "NormalizationFieldSource": "normalized",
        "CreateTime": schema.created,
        "UpdateTime": schema.updated,
    }
    if schema.dataset:
        view |= {"TargetLogStore": schema.dataset, "TargetStoreView": schema.dataset}
    return view


def _field_view(each: SchemaField, schema: Schema) -> dict[str, Any]:
    return {
        "NormalizationFieldName": each.name,
        "NormalizationFieldType": each.type,
        "NormalizationFieldFrom": each.kind,
        "NormalizationFieldRequired": each.required,
        "NormalizationFieldRequirement": each.required,
        "NormalizationFieldReserved": each.reserved,
        "NormalizationFieldTokenize": each.tokenize,
        "NormalizationFieldDescription": each.description or " or ".join(each.values),
        "NormalizationFieldExample": each.example,
        "CreateTime": schema.created,
        "UpdateTime": schema.updated,
    }
