"""Standard structures and their fields. Ids are looked up by name, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from core.alibaba.security_center.calls import Group
from core.errors import Code, problem_error

SIGN_IN_SCHEMA = "Azure Active Directory Logon Log"
"""Name of the structure for sign-ins ("Standardized log access rules")."""
ALERT_DATASET = "alert_activity"
"""The dataset of all structures for alerts; these are read in real time only."""
SchemaType = Literal["log", "entity"]
_WHERE = "security_center.rule"


@dataclass(frozen=True)
class SchemaField:
    """A field of a structure.

    Attributes:
        type: ``varchar``, ``bigint``, ``double`` (of own structures text, long, double, json).
        required: a rule must set it.
        reserved: the service sets it.
    """

    name: str
    type: str
    required: bool
    reserved: bool
    description: str = ""


@dataclass(frozen=True)
class Schema:
    """A standard structure.

    Attributes:
        dataset: StoreView that its logs are found in, such as ``audit_activity``.
        logstore: Logstore that they are written to.
        fields: empty when it comes from a list.
    """

    id: str
    name: str
    category_id: str
    dataset: str
    logstore: str = ""
    custom: bool = False
    fields: tuple[SchemaField, ...] = ()

    @property
    def for_alerts(self) -> bool:
        """Whether it is a structure for alerts."""
        return self.dataset == ALERT_DATASET or "alert" in self.id.lower()


class Schemas(Group):
    """Structures and fields."""

    async def schemas(self, kind: SchemaType = "log") -> tuple[Schema, ...]:
        """All, without their fields. Raises ProblemError."""
        listed = self._calls.listed(
            "ListNormalizationSchemas",
            "normalization_schemas",
            _WHERE,
            normalization_schema_type=kind,
        )
        return tuple([_schema(value) async for value in listed])

    async def schema_by_name(self, name: str, kind: SchemaType = "log") -> Schema:
        """The structure of that name, with its fields.

        Raises ProblemError (security_center_schema_missing) if there is none.
        """
        wanted = name.strip().casefold()
        for schema in await self.schemas(kind):
            if wanted in (schema.name.strip().casefold(), schema.id.casefold()):
                return await self.schema_by_id(schema.id, kind)
        raise problem_error(Code.SECURITY_CENTER_SCHEMA_MISSING, _WHERE, name=name)

    async def schema_by_id(self, identity: str, kind: SchemaType = "log") -> Schema:
        """The structure with its fields. Raises ProblemError."""
        body = await self._calls.call(
            "GetNormalizationSchema",
            _WHERE,
            normalization_schema_id=identity,
            normalization_schema_type=kind,
        )
        if body.normalization_schema is None:
            raise problem_error(Code.SECURITY_CENTER_SCHEMA_MISSING, _WHERE, name=identity)
        schema = _schema(body.normalization_schema)
        fields = body.normalization_schema.normalization_fields or ()
        return replace(schema, fields=tuple(_field(each) for each in fields))

    async def entities(self) -> tuple[Schema, ...]:
        """The structures of entities, with their fields. Raises ProblemError."""
        return tuple(
            [await self.schema_by_id(each.id, "entity") for each in await self.schemas("entity")]
        )

    async def fields(self, schema_id: str) -> tuple[SchemaField, ...]:
        """Fields of one structure, by the list of all fields. Raises ProblemError."""
        listed = self._calls.listed(
            "ListNormalizationFields",
            "normalization_fields",
            _WHERE,
            normalization_schema_type="log",
        )
        return tuple(
            [_field(each) async for each in listed if each.normalization_schema_id == schema_id]
        )


def _schema(value: Any) -> Schema:
    return Schema(
        id=value.normalization_schema_id or "",
        name=value.normalization_schema_name or "",
        category_id=value.normalization_category_id or "",
        dataset=value.target_store_view or value.target_log_store or "",
        logstore=value.target_log_store or "",
        custom=value.normalization_schema_from == "custom",
    )


def _field(value: Any) -> SchemaField:
    return SchemaField(
        name=value.normalization_field_name or "",
        type=value.normalization_field_type or "",
        required=bool(value.normalization_field_required or value.normalization_field_requirement),
        reserved=bool(value.normalization_field_reserved),
        description=value.normalization_field_description or "",
    )
