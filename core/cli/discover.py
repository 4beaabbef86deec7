"""``isthmus discover``: what the account already has in Azure."""

from __future__ import annotations

from typing import Any

from core.azure.discovery import Discovery, DiscoveryProgress, FoundNamespace, discover
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.onboarding.azure_session import azure_session
from core.profile import Profile, load_profile
from core.runtime import Runtime


def find(profile: ProfileOption, as_json: JsonFlag = False) -> None:
    """Look for Event Hubs namespaces in every subscription that the account can see."""
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        found = runtime.run(_discover(load_profile(profile), output))
        output.value(as_value(found))
        if not as_json:
            _show(found, output)


async def _discover(profile: Profile, output: Output) -> Discovery:
    told = ""

    def on_progress(progress: DiscoveryProgress) -> None:
        nonlocal told
        sentence = (
            f"{progress.phase}: {progress.subscriptions_done} of {progress.subscriptions} "
            f"subscriptions, {progress.namespaces_done} of {progress.namespaces} namespaces"
        )
        if sentence != told:
            told = sentence
            output.note(sentence)

    async with azure_session(profile, output.note) as session:
        return await discover(session, on_progress)


def as_value(found: Discovery) -> dict[str, Any]:
    """The result as the command line's JSON shows it."""
    return {
        "tenants": [
            {"id": each.id, "name": each.name, "domain": each.domain} for each in found.tenants
        ],
        "subscriptions": [
            {"id": each.id, "name": each.name, "state": each.state, "tenant": each.tenant}
            for each in found.subscriptions
        ],
        "namespaces": [_namespace(each) for each in found.namespaces],
        "unread": [{"what": each.what, "problem": each.problem.as_json()} for each in found.unread],
    }


def _namespace(found: FoundNamespace) -> dict[str, Any]:
    itself = found.namespace
    return {
        "id": itself.id,
        "name": itself.name,
        "subscription": itself.subscription,
        "tenant": found.tenant,
        "resource_group": itself.resource_group,
        "location": itself.location,
        "sku": itself.sku,
        "units": itself.units,
        "usable": found.is_usable,
        "why_not": _why_not(found),
        "kafka": f"{itself.kafka_host}:{itself.kafka_port}",
        "local_auth": itself.local_auth,
        "public_access": itself.public_access,
        "firewall": found.network.default_action == "Deny" if found.network else None,
        "hubs": [
            {
                "name": each.hub.name,
                "partitions": each.hub.partitions,
                "retention_hours": each.hub.retention_hours,
                "policies": {policy.name: sorted(policy.rights) for policy in each.policies},
            }
            for each in found.hubs
        ],
        "policies": {policy.name: sorted(policy.rights) for policy in found.policies},
        "fed_by": [
            {"kind": each.kind, "name": each.name, "categories": list(each.categories)}
            for each in found.fed_by
        ],
        "problems": [each.as_json() for each in found.problems],
    }


def _why_not(found: FoundNamespace) -> str:
    if not found.namespace.kafka:
        return found.namespace.why_not_kafka
    return (
        "" if found.namespace.local_auth else "it takes no connection strings (local auth is off)"
    )


def _show(found: Discovery, output: Output) -> None:
    for each in found.namespaces:
        itself = each.namespace
        verdict = "usable" if each.is_usable else f"not usable: {_why_not(each)}"
        output.say(f"{itself.name}  {itself.sku} x{itself.units}  {itself.location}  {verdict}")
        output.say(
            f"    resource group {itself.resource_group}, subscription {itself.subscription}"
        )
        for hub in each.hubs:
            output.say(
                f"    event hub {hub.hub.name}: {hub.hub.partitions} partitions, "
                f"{hub.hub.retention_hours} h"
            )
        for setting in each.fed_by:
            output.say(f"    fed by {setting.kind} {setting.name}: {', '.join(setting.categories)}")
    for unread in found.unread:
        output.say(f"not read: {unread.what}: {unread.problem.cause}")
    output.say(
        f"Namespaces: {len(found.namespaces)}, in subscriptions: {len(found.subscriptions)}, "
        f"of tenants: {len(found.tenants)}."
    )
