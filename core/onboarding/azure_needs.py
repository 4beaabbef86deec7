"""Which rights each task of the Azure half needs, with the smallest built-in role that has them.

Actions: "Azure: Microsoft.EventHub, Microsoft.Insights, Microsoft.Resources permissions"; roles:
"Azure built-in roles". The role Azure Event Hubs Data Owner holds ``Microsoft.EventHub/*`` as
actions, too, in spite of its name.
"""

from __future__ import annotations

from core.azure.preflight import Need
from core.onboarding.azure_world import AzureWorld
from core.onboarding.planning import Planned

_OWNER = "Azure Event Hubs Data Owner"
_CONTRIBUTOR = "Contributor"
_MONITORING = "Monitoring Contributor"
_SECURITY = "Security Admin"


def needs_of(planned: Planned[AzureWorld], world: AzureWorld) -> tuple[Need, ...]:
    """The rights that ``planned`` needs; none for Entra ID, whose roles are the directory's."""
    step, thing = planned.task.step, planned.look.thing
    subscription = f"/subscriptions/{world.subscription}"
    group = f"{subscription}/resourceGroups/{world.azure.resource_group}"
    # A scope that does not exist yet inherits the rights of what it will be in.
    inside = group if world.resource_group else subscription
    namespace = world.namespace_id() if world.namespace is not None else inside
    if thing.type == "provider":
        action = f"{thing.name}/register/action"
        return (Need(step, action, subscription, _CONTRIBUTOR),)
    if thing.type == "resource_group":
        action = "Microsoft.Resources/subscriptions/resourceGroups/write"
        return (Need(step, action, subscription, _CONTRIBUTOR),)
    if thing.type == "namespace":
        asking = "Microsoft.EventHub/checkNameAvailability/action"
        return (
            Need(step, asking, subscription, _OWNER),
            Need(step, "Microsoft.EventHub/namespaces/write", inside, _OWNER),
        )
    if thing.type == "event_hub":
        return (Need(step, "Microsoft.EventHub/namespaces/eventhubs/write", namespace, _OWNER),)
    if thing.type == "policy":
        base = "Microsoft.EventHub/namespaces"
        base += "/eventhubs/authorizationRules" if thing.hub else "/authorizationRules"
        return (Need(step, f"{base}/write", namespace, _OWNER),)
    if thing.type == "secret":
        base = "Microsoft.EventHub/namespaces"
        base += "/eventhubs/authorizationRules" if world.read_hub else "/authorizationRules"
        return (Need(step, f"{base}/listkeys/action", namespace, _OWNER),)
    return _setting_needs(planned, subscription, namespace, group)


def _setting_needs(
    planned: Planned[AzureWorld], subscription: str, namespace: str, group: str
) -> tuple[Need, ...]:
    step, thing = planned.task.step, planned.look.thing
    listing = Need(
        step, "Microsoft.EventHub/namespaces/authorizationRules/listkeys/action", namespace, _OWNER
    )
    if thing.kind == "entra":
        return (listing,)
    if thing.kind == "defender":
        return (Need(step, "Microsoft.Security/automations/write", group, _SECURITY), listing)
    scope = thing.scope or subscription
    return (Need(step, "Microsoft.Insights/diagnosticSettings/write", scope, _MONITORING), listing)
