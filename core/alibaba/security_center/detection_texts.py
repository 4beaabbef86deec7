"""Isthmus's own detection rules, as they stand in ``resources/detection_rules``.

A query names standard fields in braces, ``{src_ip}``. What the structure at hand lacks is looked
for in ``extend_content``, where a rule that packs puts it under its own name: the fields of the
structures for Microsoft Entra ID are published nowhere, nor are those of entities (SC-49).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import resources

import msgspec

from core.alibaba.security_center.detection_rules import DetectionRule, EntityField, EntityMapping
from core.alibaba.security_center.schemas import Schema
from core.errors import Code, problem_error

_FOLDER = "detection_rules"
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_IDENTITY = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_WHERE = "detection.rules"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a file: unknown keys are refused."""


class Entity(_Part, frozen=True):
    """What an alert is about.

    Attributes:
        structure: id of the entity's structure, such as ``ip``.
        fields: the entity's field -> column of the query's result.
    """

    structure: str
    fields: dict[str, str]


class Attack(_Part, frozen=True):
    """Its place in MITRE ATT&CK: tactic ``TA0006``, technique ``T1110.003``."""

    tactic: str
    technique: str


class DetectionText(_Part, frozen=True):
    """A detection rule as written.

    Attributes:
        name: how the profile names it.
        title: its name in Security Center.
        level: 5 critical to 1 informational.
        schema: name of the standard structure that it reads.
        sql: the query, with ``{schema}`` for the structure's id.
        schedule: five fields of cron.
        window: how far back each run looks.
        threshold: rows that make an alert, in one run; the query counts what has to be counted.
    """

    name: str
    title: str
    description: str
    level: int
    schema: str
    alert_type: str
    alert_name: str
    alert_description: str
    schedule: str
    window: str
    attack: Attack
    entities: tuple[Entity, ...]
    sql: str
    threshold: int = 1
    incidents: str = "window"
    incidents_window: str = "60m"

    def rule(self, schema: Schema, entities: Iterable[Schema] = ()) -> DetectionRule:
        """The rule for ``schema``, whose fields must be known.

        ``entities``: the structures of entities that the service has; others are left out, and so
        are fields that a structure lacks, if it comes with its fields.
        """
        there = {each.id: {field.name for field in each.fields} for each in entities}
        return DetectionRule(
            name=self.title,
            description=self.description,
            sql=self.query(schema),
            schema_id=schema.id,
            category_id=schema.category_id,
            level=self.level,
            alert_name=self.alert_name,
            alert_description=self.alert_description,
            alert_type=self.alert_type,
            tactic=self.attack.tactic,
            technique=self.attack.technique,
            schedule=self.schedule,
            window=self.window,
            aggregation=self.incidents,
            aggregation_window=self.incidents_window if self.incidents == "window" else "",
            entities=tuple(
                mapping
                for entity in self.entities
                if entity.structure in there
                and (mapping := _mapping(entity, there[entity.structure])).fields
            ),
        )

    def query(self, schema: Schema) -> str:
        """The query over ``schema``, on one line where it can be."""
        if not _IDENTITY.fullmatch(schema.id):
            raise problem_error(Code.SECURITY_CENTER_SCHEMA_MISSING, _WHERE, name=self.schema)
        known = {field.name for field in schema.fields}

        def place(match: re.Match[str]) -> str:
            name = match[1]
            if name == "schema":
                return f"'{schema.id}'"
            return name if name in known else f"json_extract_scalar(extend_content, '$.{name}')"

        return " ".join(_PLACE.sub(place, self.sql).split())


def _mapping(entity: Entity, known: set[str]) -> EntityMapping:
    fields = [EntityField(*each) for each in entity.fields.items()]
    return EntityMapping(
        entity.structure, tuple(each for each in fields if not known or each.name in known)
    )


def detection_names() -> tuple[str, ...]:
    """Names of all of them."""
    folder = resources.files("resources").joinpath(_FOLDER)
    return tuple(
        sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if _is_rule(each.name))
    )


def detection_text(name: str) -> DetectionText:
    """The rule of that name.

    Raises ProblemError: there is none, or its file is not valid.
    """
    known = detection_names()
    if name not in known:
        raise problem_error(
            Code.SECURITY_CENTER_DETECTION_UNKNOWN, _WHERE, name=name, known=", ".join(known)
        )
    file = resources.files("resources").joinpath(_FOLDER, f"{name}.toml")
    return parse_detection_text(file.read_text("utf-8"), f"{name}.toml")


def parse_detection_text(text: str, file: str) -> DetectionText:
    """The rule that ``text`` holds. Raises ProblemError (security_center_detection_unreadable)."""
    try:
        found = msgspec.convert(tomllib.loads(text), DetectionText)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _unreadable(file, str(error)) from None
    if found.name != file.removesuffix(".toml"):
        raise _unreadable(file, "its name differs from the file's")
    if not 1 <= found.level <= 5:
        raise _unreadable(file, "level is not 1 to 5")
    return found


def _unreadable(file: str, reason: str) -> Exception:
    return problem_error(
        Code.SECURITY_CENTER_DETECTION_UNREADABLE, _WHERE, name=file, reason=reason[:120]
    )


def _is_rule(name: str) -> bool:
    return name.endswith(".toml") and not name.startswith(".")
