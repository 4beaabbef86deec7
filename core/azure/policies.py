"""Shared access policies (authorization rules) of a namespace or an event hub, and their keys.

Sources: "Azure: Event Hubs Resource Manager, Authorization Rules"; "Azure: authorize access with
shared access signatures" (rights; 12 policies at most for each namespace or hub).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.azure.answers import is_about_the_subscription
from core.azure.event_hubs import check_place
from core.azure.names import POLICY, check_name
from core.azure.session import AzureSession, azure_problems
from core.secrets.redaction import know_secret

WHERE = "azure.shared_access_policy"
MOST_POLICIES = 12

Which = Literal["primary", "secondary"]


@dataclass(frozen=True)
class Policy:
    """A policy as it is.

    Attributes:
        name: its name.
        rights: of Manage, Send and Listen; Manage comes with both others.
        hub: the event hub that it is of; None: it is the namespace's.
        created_at: when; None if not known.
    """

    name: str
    rights: frozenset[str]
    hub: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Keys:
    """The two connection strings of a policy; its ``repr`` shows neither."""

    primary: str = field(repr=False)
    secondary: str = field(repr=False)

    def of(self, which: Which) -> str:
        """One of the two."""
        return self.primary if which == "primary" else self.secondary


async def find_policy(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None,
    name: str,
) -> Policy | None:
    """The policy of the hub, or of the namespace if ``hub`` is None; None if there is none.

    Raises ProblemError.
    """
    from azure.core.exceptions import ResourceNotFoundError

    operations, place = _operations(session, subscription, resource_group, namespace, hub, name)
    with azure_problems(WHERE):
        try:
            return read_policy(await operations.get_authorization_rule(*place), hub)
        except ResourceNotFoundError as error:
            if is_about_the_subscription(error):
                raise
            return None


async def list_policies(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None = None,
) -> AsyncIterator[Policy]:
    """Every policy of the hub, or of the namespace. Raises ProblemError."""
    operations, place = _operations(session, subscription, resource_group, namespace, hub)
    with azure_problems(WHERE):
        async for each in operations.list_authorization_rules(*place):
            yield read_policy(each, hub)


async def create_policy(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None,
    name: str,
    rights: Iterable[str],
) -> Policy:
    """Create it, or return the one that is there, its rights unchanged. Raises ProblemError."""
    from azure.mgmt.eventhub import models

    found = await find_policy(session, subscription, resource_group, namespace, hub, name)
    if found is not None:
        return found
    operations, place = _operations(session, subscription, resource_group, namespace, hub, name)
    wished = models.AuthorizationRuleProperties(rights=list(rights))
    with azure_problems(WHERE, name=namespace):
        made = await operations.create_or_update_authorization_rule(
            *place, models.AuthorizationRule(properties=wished)
        )
    return read_policy(made, hub)


async def delete_policy(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None,
    name: str,
) -> None:
    """Delete it; its connection strings end with it. Nothing is done if it is gone.

    Raises ProblemError.
    """
    from azure.core.exceptions import ResourceNotFoundError

    operations, place = _operations(session, subscription, resource_group, namespace, hub, name)
    with azure_problems(WHERE):
        try:
            await operations.delete_authorization_rule(*place)
        except ResourceNotFoundError:
            return


async def list_keys(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None,
    name: str,
) -> Keys:
    """The policy's connection strings; a hub's hold ``EntityPath=``. Raises ProblemError."""
    operations, place = _operations(session, subscription, resource_group, namespace, hub, name)
    with azure_problems(WHERE, what=f"the policy {name}"):
        return _keys(await operations.list_keys(*place))


async def regenerate_key(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None,
    name: str,
    which: Which,
) -> Keys:
    """Make a new key in the place of ``which``; the old one lets nobody sign in any more.

    Connections that are open stay open (Azure: "Event Hubs for Apache Kafka"). Raises
    ProblemError.
    """
    from azure.mgmt.eventhub import models

    operations, place = _operations(session, subscription, resource_group, namespace, hub, name)
    kind = "PrimaryKey" if which == "primary" else "SecondaryKey"
    with azure_problems(WHERE, what=f"the policy {name}"):
        made = await operations.regenerate_keys(
            *place, models.RegenerateAccessKeyParameters(key_type=kind)
        )
    return _keys(made)


def read_policy(found: Any, hub: str | None) -> Policy:
    """What the SDK's model, or the JSON that it was made of, says."""
    rights = (found.properties.rights if found.properties else None) or ()
    created = found.system_data.created_at if getattr(found, "system_data", None) else None
    return Policy(
        name=found.name or "",
        rights=frozenset(str(getattr(each, "value", each)) for each in rights),
        hub=hub,
        created_at=created,
    )


def _operations(
    session: AzureSession,
    subscription: str,
    resource_group: str,
    namespace: str,
    hub: str | None,
    name: str | None = None,
) -> tuple[Any, tuple[str, ...]]:
    """The SDK's operations and their first arguments: a hub's are named like a namespace's."""
    check_place(resource_group, namespace, hub)
    if name is not None:
        check_name(POLICY, name, f"{WHERE}.name")
    client = session.event_hubs(subscription)
    last = (name,) if name is not None else ()
    if hub is None:
        return client.namespaces, (resource_group, namespace, *last)
    return client.event_hubs, (resource_group, namespace, hub, *last)


def _keys(found: Any) -> Keys:
    keys = Keys(found.primary_connection_string or "", found.secondary_connection_string or "")
    for each in (keys.primary, keys.secondary):
        if each:
            know_secret(each)
    return keys
