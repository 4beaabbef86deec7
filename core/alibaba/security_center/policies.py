"""Integration policies ("data ingestions"): a data source, read with a standardised rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.alibaba.security_center.calls import Group
from core.alibaba.security_center.vendors import Product
from core.errors import Code, problem_error

PolicyMode = Literal["realtime", "scan"]
_WHERE = "security_center.policy"


@dataclass(frozen=True)
class IntegrationPolicy:
    """An integration policy.

    Attributes:
        mode: ``realtime`` reads logs as they come, ``scan`` queries them.
        enabled: whether it is switched on.
        state: whether it works: ``ingested``, ``uningested`` or ``abnormal``.
        state_code: why it is abnormal.
        custom: whether a user made it.
        product_id: empty if the list was not of one product and does not tell.
    """

    id: str
    data_source_id: str
    product_id: str
    rule_id: str
    mode: str
    enabled: bool
    state: str
    state_code: str = ""
    custom: bool = True


class Policies(Group):
    """Integration policies."""

    async def policies(self, product: Product | None = None) -> tuple[IntegrationPolicy, ...]:
        """All, or those of ``product``. Raises ProblemError."""
        asked = {"product_id": product.id} if product is not None else {}
        body = await self._calls.call("ListDataIngestions", _WHERE, **asked)
        found = body.data_ingestions or ()
        return tuple(_policy(each, product.id if product else "") for each in found)

    async def create_policy(
        self, data_source_id: str, product: Product, rule_id: str, mode: PolicyMode
    ) -> IntegrationPolicy:
        """Make a policy, which is not enabled yet. Raises ProblemError."""
        body = await self._calls.call(
            "CreateDataIngestion",
            _WHERE,
            data_source_id=data_source_id,
            product_id=product.id,
            normalization_rule_id=rule_id,
            data_ingestion_mode=mode,
            data_ingestion_type="custom",
        )
        return IntegrationPolicy(
            id=body.data_ingestion_id,
            data_source_id=data_source_id,
            product_id=product.id,
            rule_id=rule_id,
            mode=mode,
            enabled=False,
            state="uningested",
        )

    async def enable_policy(self, policy: IntegrationPolicy) -> None:
        """Switch it on. Raises ProblemError."""
        await self._calls.call(
            "EnableDataIngestion",
            _WHERE,
            data_ingestion_id=policy.id,
            product_id=policy.product_id or None,
        )

    async def disable_policy(self, policy: IntegrationPolicy) -> None:
        """Switch it off. Raises ProblemError."""
        await self._calls.call("DisableDataIngestion", _WHERE, data_ingestion_id=policy.id)

    async def delete_policy(self, identity: str) -> None:
        """Delete it; disable it before. Raises ProblemError."""
        await self._calls.call("DeleteDataIngestion", _WHERE, data_ingestion_id=identity)


def check_policy(policy: IntegrationPolicy) -> None:
    """Raises ProblemError (security_center_policy_abnormal) if it is abnormal."""
    if policy.state == "abnormal":
        raise problem_error(
            Code.SECURITY_CENTER_POLICY_ABNORMAL,
            _WHERE,
            status_code=policy.state_code or "no code",
        )


def _policy(value: Any, product_id: str) -> IntegrationPolicy:
    return IntegrationPolicy(
        id=value.data_ingestion_id or "",
        data_source_id=value.data_source_id
        or value.realtime_data_source_id
        or value.scan_data_source_id
        or "",
        product_id=product_id,
        rule_id=value.normalization_rule_id or "",
        mode=value.data_ingestion_mode or "",
        enabled=value.data_ingestion_status == "enabled",
        state=value.data_ingestion_state or "uningested",
        state_code=value.data_ingestion_state_code or "",
        custom=value.data_ingestion_type != "preset",
    )
