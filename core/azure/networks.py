"""Who may connect to a namespace at all. Source: "Azure: Event Hubs network security"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.azure.answers import error_code
from core.azure.event_hubs import check_place
from core.azure.session import AzureSession, azure_problems

WHERE = "azure.namespace"
_NOT_THERE = ("SubscriptionNotFound", "ResourceGroupNotFound", "ParentResourceNotFound")


@dataclass(frozen=True)
class NetworkRules:
    """The namespace's network rule set.

    Attributes:
        default_action: Allow or Deny, for who matches no rule.
        public_access: Enabled, Disabled or SecuredByPerimeter.
        ip_rules: addresses and ranges that are let in.
        virtual_networks: how many subnets are let in.
        trusted_services: whether Azure's own services are let in past the rules; diagnostic
            settings need it where rules are on.
    """

    default_action: str
    public_access: str
    ip_rules: tuple[str, ...] = ()
    virtual_networks: int = 0
    trusted_services: bool = False

    @property
    def has_rules(self) -> bool:
        """Whether only some are let in. Deny without any rule lets everybody in."""
        rules = bool(self.ip_rules or self.virtual_networks)
        return self.default_action == "Deny" and rules

    @property
    def keeps_out_public(self) -> bool:
        """Whether a client somewhere in the internet may be turned away."""
        return self.has_rules or self.public_access != "Enabled"

    @property
    def keeps_out_diagnostics(self) -> bool:
        """Whether diagnostic settings cannot send here."""
        return self.keeps_out_public and not self.trusted_services


async def network_rules(
    session: AzureSession, subscription: str, resource_group: str, namespace: str
) -> NetworkRules:
    """The rules of the namespace. Raises ProblemError."""
    from azure.core.exceptions import ResourceNotFoundError

    check_place(resource_group, namespace)
    client = session.event_hubs(subscription)
    with azure_problems(WHERE, what=f"the namespace {namespace}"):
        try:
            found = await client.namespaces.get_network_rule_set(resource_group, namespace)
        except ResourceNotFoundError as error:
            if error_code(error) in (
                "SubscriptionNotFound",
                "ResourceGroupNotFound",
                "ParentResourceNotFound",
            ):
                raise
            return NetworkRules("Allow", "Enabled")
    return read_rules(found)


async def add_ip_rule(
    session: AzureSession, subscription: str, resource_group: str, namespace: str, address: str
) -> NetworkRules:
    """Let ``address`` (IPv4, or a range) in, beside whom the rules let in; the rules then.

    The whole rule set is read and written again with one rule more; an address that is in it stays
    as it is. Raises ProblemError.
    """
    from azure.mgmt.eventhub.models import NetworkRuleSetProperties, NWRuleSetIpRules

    check_place(resource_group, namespace)
    client = session.event_hubs(subscription)
    with azure_problems(WHERE, what=f"the namespace {namespace}"):
        found = await client.namespaces.get_network_rule_set(resource_group, namespace)
        rules = read_rules(found)
        if address in rules.ip_rules:
            return rules
        properties = found.properties or NetworkRuleSetProperties()
        found.properties = properties
        properties.ip_rules = [
            *(properties.ip_rules or ()),
            NWRuleSetIpRules(ip_mask=address, action="Allow"),
        ]
        made = await client.namespaces.create_or_update_network_rule_set(
            resource_group, namespace, found
        )
    return read_rules(made)


def read_rules(found: Any) -> NetworkRules:
    """What the SDK's model, or the JSON that it was made of, says."""
    properties = found.properties
    if properties is None:
        return NetworkRules("Allow", "Enabled")
    return NetworkRules(
        default_action=_text(properties.default_action) or "Allow",
        public_access=_text(properties.public_network_access) or "Enabled",
        ip_rules=tuple(each.ip_mask or "" for each in properties.ip_rules or ()),
        virtual_networks=len(properties.virtual_network_rules or ()),
        trusted_services=bool(properties.trusted_service_access_enabled),
    )


def _text(value: object) -> str:
    """An enumeration of the SDK is a text too, but its ``str`` is not its value."""
    return str(getattr(value, "value", value) or "")
