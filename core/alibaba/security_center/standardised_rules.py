"""Standardised rules: SPL that makes standard logs of a product's logs, and the service's check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.alibaba.security_center.calls import Group
from core.alibaba.security_center.schemas import Schema
from core.alibaba.security_center.vendors import Product
from core.errors import Code, Problem, problem

RuleMode = Literal["both", "realtime", "scan"]
Extension = Literal["flat", "pack", "reject"]
"""What becomes of fields outside the structure: kept, packed into ``extend_content``, dropped."""
FieldState = Literal["pass", "warn", "fail"]
_WHERE = "security_center.rule"
_NAMED = 3


@dataclass(frozen=True)
class StandardisedRule:
    """A standardised rule.

    Attributes:
        expression: SPL; may be empty in a list, :meth:`StandardisedRules.rule` has it.
        mode: how policies may use it.
        predefined: whether it is the service's own.
        policies: ids of the policies that use it.
    """

    id: str
    name: str
    expression: str
    mode: str
    schema_id: str
    predefined: bool
    vendor_id: str = ""
    product_id: str = ""
    extension: str = ""
    policies: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldCheck:
    """What the service found of one field.

    Attributes:
        message: why, such as ``OperationDenied.TheValueIsRequired``; empty for a pass.
        value: what the rule made of the sample.
    """

    name: str
    state: FieldState
    message: str = ""
    value: str = ""


@dataclass(frozen=True)
class Validation:
    """What the service says of a rule, by one log."""

    fields: tuple[FieldCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether no field failed, and there is one at all."""
        return bool(self.fields) and not self.failed

    @property
    def failed(self) -> tuple[FieldCheck, ...]:
        """The fields that failed."""
        return tuple(each for each in self.fields if each.state == "fail")

    def problem(self) -> Problem | None:
        """In words; None if the rule is fine."""
        if self.ok:
            return None
        if not self.fields:
            return problem(Code.SECURITY_CENTER_RULE_MAKES_NOTHING, _WHERE)
        told = [f"{each.name}: {each.message or 'not valid'}" for each in self.failed]
        more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
        fields = "; ".join(told[:_NAMED])[:140] + more
        detail = "; ".join(told)[:600]
        return problem(Code.SECURITY_CENTER_RULE_FIELDS, _WHERE, detail, fields=fields)


class StandardisedRules(Group):
    """Standardised rules."""

    async def rules(
        self, product: Product | None = None, name: str | None = None
    ) -> tuple[StandardisedRule, ...]:
        """Rules, predefined and own, of one product or of one name. Raises ProblemError."""
        asked: dict[str, str] = {"normalization_rule_name": name} if name else {}
        if product is not None:
            asked |= {"vendor_id": product.vendor_id, "product_id": product.id}
        listed = self._calls.listed(
            "ListNormalizationRules", "normalization_rules", _WHERE, **asked
        )
        found = [_rule(value) async for value in listed]
        return tuple(each for each in found if name is None or each.name == name)

    async def rule(self, name: str) -> StandardisedRule | None:
        """The rule of that name with its expression; None if there is none. Raises ProblemError."""
        found = await self.rules(name=name)
        return await self.rule_by_id(found[0].id) if found else None

    async def rule_by_id(self, identity: str) -> StandardisedRule | None:
        """The rule with its expression. Raises ProblemError."""
        body = await self._calls.call(
            "GetNormalizationRule", _WHERE, normalization_rule_id=identity
        )
        return _rule(body.normalization_rule) if body.normalization_rule else None

    async def create_rule(
        self,
        name: str,
        product: Product,
        schema: Schema,
        expression: str,
        *,
        mode: RuleMode = "both",
        extension: Extension = "pack",
        description: str = "",
    ) -> StandardisedRule:
        """Make a rule. Raises ProblemError."""
        body = await self._calls.call(
            "CreateNormalizationRule",
            _WHERE,
            normalization_rule_name=name,
            normalization_rule_description=description,
            vendor_id=product.vendor_id,
            product_id=product.id,
            normalization_category_id=schema.category_id,
            normalization_schema_id=schema.id,
            normalization_rule_format="SPL",
            normalization_rule_expression=expression,
            normalization_rule_mode=mode,
            normalization_rule_type="custom",
            extend_field_store_mode=extension,
            extend_content_packed="enabled" if extension == "pack" else "disabled",
        )
        return StandardisedRule(
            id=body.normalization_rule_id,
            name=name,
            expression=expression,
            mode=mode,
            schema_id=schema.id,
            predefined=False,
            vendor_id=product.vendor_id,
            product_id=product.id,
            extension=extension,
        )

    async def delete_rule(self, identity: str) -> None:
        """Delete an own rule. Raises ProblemError."""
        await self._calls.call("DeleteNormalizationRule", _WHERE, normalization_rule_id=identity)

    async def validate_rule(
        self,
        sample: str | Mapping[str, str],
        expression: str,
        schema: Schema,
        mode: RuleMode = "both",
        *,
        product: Product | None = None,
        extension: Extension = "pack",
    ) -> Validation:
        """Let the service try ``expression`` on one stored log of the analyst's own.

        ``sample``: the log's fields, or their JSON. Raises ProblemError if the rule cannot run.
        """
        text = sample if isinstance(sample, str) else json.dumps(dict(sample), ensure_ascii=False)
        body = await self._calls.call(
            "ValidateNormalizationRule",
            _WHERE,
            log_sample=text,
            normalization_rule_expression=expression,
            normalization_schema_id=schema.id,
            normalization_category_id=schema.category_id,
            normalization_rule_mode="realtime" if mode == "realtime" else "both",
            extend_field_store_mode=extension,
            vendor_id=product.vendor_id if product else None,
            product_id=product.id if product else None,
        )
        return Validation(tuple(_check(each) for each in body.validate_result or ()))


def _rule(value: Any) -> StandardisedRule:
    references = getattr(value, "normalization_rule_references", None) or ()
    return StandardisedRule(
        id=value.normalization_rule_id or "",
        name=value.normalization_rule_name or "",
        expression=value.normalization_rule_expression or "",
        mode=value.normalization_rule_mode or "",
        schema_id=value.normalization_schema_id or "",
        predefined=value.normalization_rule_type == "predefined",
        vendor_id=value.vendor_id or "",
        product_id=value.product_id or "",
        extension=value.extend_field_store_mode or "",
        policies=tuple(each.data_ingestion_id for each in references if each.data_ingestion_id),
    )


def _check(value: Any) -> FieldCheck:
    """The documents print the results' numbers twice as 1; the words decide (SC-43)."""
    message = value.message or value.normalization_field_validation_reason or ""
    status = (value.normalization_field_validation_status or "").lower()
    if value.result == 0:
        state: FieldState = "warn"
    elif value.result == -1 or status == "fail":
        state = "fail"
    else:
        state = "fail" if message.startswith("OperationDenied") else "pass"
    return FieldCheck(
        name=value.normalization_field_name or value.field_name or "",
        state=state,
        message="" if message == "success" else message,
        value=value.field_value or "",
    )
