"""The parameter EntityMappings, a JSON text: which columns of a result make which entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.sandbox.security_center.model_detection import EntityField, EntityMapping
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.wire import Call, invalid, is_utf8, json_parameter

_NAME = "EntityMappings"
_MOST = 20


def entity_mappings(service: Service, call: Call) -> tuple[EntityMapping, ...]:
    """What the parameter says. Raises ApiError for a shape or an entity that there is not."""
    given = json_parameter(call, _NAME)
    if not isinstance(given, list) or len(given) > _MOST:
        raise invalid(_NAME)
    return tuple(_mapping(service, each) for each in given)


def _mapping(service: Service, given: Any) -> EntityMapping:
    if not isinstance(given, dict):
        raise invalid(_NAME)
    schema = service.state.schemas.get(str(given.get("NormalizationSchemaId", "")))
    fields = given.get("NormalizationFieldMappings")
    if schema is None or schema.type != "entity" or not isinstance(fields, list):
        raise invalid(_NAME)
    known = {each.name for each in schema.fields}
    return EntityMapping(schema.id, tuple(_field(each, known) for each in fields))


def _field(given: Any, known: set[str]) -> EntityField:
    if not isinstance(given, Mapping):
        raise invalid(_NAME)
    name, source, kind = (
        given.get(member)
        for member in ("NormalizationFieldName", "MappingFieldName", "NormalizationFieldType")
    )
    kind = kind or "varchar"
    if not all(isinstance(each, str) and is_utf8(each) for each in (name, source, kind)):
        raise invalid(_NAME)
    if name not in known or not source:
        raise invalid(_NAME)
    return EntityField(name, source, kind)
