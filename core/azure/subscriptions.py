"""Tenants, subscriptions and regions that the account can see.

Source: "Azure Resource Manager: Tenants - List, Subscriptions - List, Subscriptions - List
Locations".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.azure.names import SUBSCRIPTION, check_name
from core.azure.session import AzureSession, azure_problems

USABLE_STATES = ("Enabled", "Warned", "PastDue")
"""States of a subscription in which something can be created."""


@dataclass(frozen=True)
class Tenant:
    """One directory.

    Attributes:
        id: its GUID.
        name: its display name; may be empty.
        domain: its first domain; may be empty.
    """

    id: str
    name: str = ""
    domain: str = ""


@dataclass(frozen=True)
class Subscription:
    """One subscription.

    Attributes:
        id: its GUID.
        name: its display name.
        state: Enabled, Warned, PastDue, Disabled or Deleted.
        tenant: id of the tenant that it belongs to.
    """

    id: str
    name: str
    state: str
    tenant: str


@dataclass(frozen=True)
class Location:
    """One region.

    Attributes:
        name: short, as resources have it: ``eastasia``.
        display_name: for people: ``East Asia``.
    """

    name: str
    display_name: str


async def tenants(session: AzureSession) -> AsyncIterator[Tenant]:
    """Every tenant that the account is a member or guest of. Raises ProblemError."""
    with azure_problems("azure.tenant"):
        async for each in session.subscriptions().tenants.list():
            yield Tenant(each.tenant_id or "", each.display_name or "", each.default_domain or "")


async def subscriptions(session: AzureSession) -> AsyncIterator[Subscription]:
    """Every subscription in the session's tenant. Raises ProblemError."""
    with azure_problems("azure.subscription"):
        async for each in session.subscriptions().subscriptions.list():
            yield Subscription(
                id=each.subscription_id or "",
                name=each.display_name or "",
                state=_text(each.state),
                tenant=each.tenant_id or "",
            )


async def locations(session: AzureSession, subscription: str) -> AsyncIterator[Location]:
    """Every region that the subscription can use. Raises ProblemError."""
    check_name(SUBSCRIPTION, subscription, "azure.subscription")
    with azure_problems("azure.location"):
        async for each in session.subscriptions().subscriptions.list_locations(subscription):
            yield Location(each.name or "", each.display_name or each.name or "")


def _text(value: object) -> str:
    """An enumeration of the SDK is a text too, but its ``str`` is not its value."""
    return str(getattr(value, "value", value) or "")
