"""What the control plane says of a namespace, as far as it decides why Kafka does not connect."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from core.azure.event_hubs import list_event_hubs
from core.azure.namespaces import Namespace, find_namespace, kafka_address
from core.azure.networks import NetworkRules, network_rules
from core.azure.policies import Policy, find_policy, list_keys
from core.azure.session import AzureSession
from core.errors import ProblemError
from core.kafka.connection_string import (
    ConnectionString,
    key_fingerprint,
    parse_connection_string,
)
from core.kafka.settings import HubAccess

T = TypeVar("T")


@dataclass(frozen=True)
class PolicyFacts:
    """The shared access policy that a connection string names.

    Attributes:
        name: its name.
        hub: the event hub that it is of; None: it is the namespace's.
        rights: of Manage, Send and Listen.
        key_fingerprints: of its current keys; None: they could not be read.
    """

    name: str
    hub: str | None
    rights: frozenset[str]
    key_fingerprints: frozenset[str] | None = None


@dataclass(frozen=True)
class ControlPlaneFacts:
    """A namespace as Azure Resource Manager knows it.

    Attributes:
        namespace: its name.
        found: whether it exists; the rest means nothing if it does not.
        address: ``host:port`` of its Kafka endpoint; empty: not known.
        sku: its tier.
        local_auth: whether it takes connection strings.
        public_access: Enabled, Disabled or SecuredByPerimeter.
        default_action: of its network rules, Allow or Deny.
        ip_rules: addresses that these let in.
        virtual_networks: how many subnets these let in.
        policy: the policy that the connection string names; None: there is none.
        policy_read: whether policies could be read at all.
        hubs: names of its event hubs; None: they could not be read.
    """

    namespace: str
    found: bool
    address: str = ""
    sku: str = "Standard"
    local_auth: bool = True
    public_access: str = "Enabled"
    default_action: str = "Allow"
    ip_rules: tuple[str, ...] = ()
    virtual_networks: int = 0
    policy: PolicyFacts | None = None
    policy_read: bool = False
    hubs: tuple[str, ...] | None = None

    @property
    def basic(self) -> bool:
        """Whether it is of the tier without a Kafka endpoint."""
        return self.found and self.sku.lower() == "basic"

    @property
    def has_network_rules(self) -> bool:
        """Whether only some addresses are let in. Deny without any rule lets everybody in."""
        return self.default_action == "Deny" and bool(self.ip_rules or self.virtual_networks)


async def control_plane_facts(
    session: AzureSession, subscription: str, resource_group: str, namespace: str, access: HubAccess
) -> ControlPlaneFacts:
    """Ask Azure about ``namespace`` and what the connection string of ``access`` names.

    What the account may not read stays unknown. Raises ProblemError when not even the namespace
    can be asked for, or the connection string is none.
    """
    parsed = parse_connection_string(access.connection_string, "kafka.connection_string")
    found = await find_namespace(session, subscription, resource_group, namespace)
    if found is None:
        return ControlPlaneFacts(namespace, found=False)
    place = (session, subscription, resource_group, namespace)
    rules = await _readable(network_rules(*place)) or NetworkRules("Allow", found.public_access)
    policy, policy_read = await _policy(found, session, parsed, access.hub)
    return ControlPlaneFacts(
        namespace=namespace,
        found=True,
        address=kafka_address(found) if found.kafka_host else "",
        sku=found.sku,
        local_auth=found.local_auth,
        public_access=_stricter(found.public_access, rules.public_access),
        default_action=rules.default_action,
        ip_rules=rules.ip_rules,
        virtual_networks=rules.virtual_networks,
        policy=policy,
        policy_read=policy_read,
        hubs=await _readable(_hubs(found, session)),
    )


async def _hubs(found: Namespace, session: AzureSession) -> tuple[str, ...]:
    place = (session, found.subscription, found.resource_group, found.name)
    return tuple([hub.name async for hub in list_event_hubs(*place)])


async def _policy(
    found: Namespace, session: AzureSession, parsed: ConnectionString, hub: str
) -> tuple[PolicyFacts | None, bool]:
    """The policy, looked for first where the connection string says; whether it could be."""
    of_hub = parsed.entity_path or hub
    places: tuple[str | None, ...] = (of_hub, None) if parsed.entity_path else (None, of_hub)
    place = (session, found.subscription, found.resource_group, found.name)
    seen: list[Policy] = []
    for where in places:
        try:
            policy = await find_policy(*place, where, parsed.policy)
        except ProblemError:
            return None, False
        if policy is not None:
            seen.append(policy)
    if not seen:
        return None, True
    first = seen[0]
    prints: frozenset[str] | None = frozenset()
    for policy in seen:  # two policies of one name: a key of either signs in
        keys = await _readable(list_keys(*place, policy.hub, policy.name))
        if keys is None or prints is None:
            prints = None
            continue
        own = frozenset(map(key_fingerprint, (keys.primary, keys.secondary)))
        if key_fingerprint(parsed.text) in own:
            first = policy
        prints |= own
    return PolicyFacts(first.name, first.hub, first.rights, prints), True


async def _readable(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except ProblemError:
        return None


def _stricter(of_namespace: str, of_rules: str) -> str:
    """Both resources say it; while one is being changed they may differ."""
    return of_rules if of_namespace == "Enabled" else of_namespace
