"""The Azure half as a whole: its tasks in their order, its plan, what it costs, what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.azure.preflight import Missing, Need, admin_request, check
from core.azure.prices import estimate
from core.errors import Code, problem
from core.onboarding.action import Action, Kind, Plan
from core.onboarding.azure_flow import DiagnosticSettingTask
from core.onboarding.azure_ground import (
    NamespaceTask,
    ProviderTask,
    ResourceGroupTask,
    namespace_wish,
)
from core.onboarding.azure_hub import (
    DIAGNOSTIC_RIGHTS,
    LISTEN,
    ROOT_POLICY,
    ConnectionStringTask,
    EventHubTask,
    PolicyTask,
)
from core.onboarding.azure_needs import needs_of
from core.onboarding.azure_world import AzureWorld
from core.onboarding.planning import Planned, blocked_by, look_around
from core.onboarding.task import Task
from core.profile import Profile

EVENT_HUB_PROVIDER = "Microsoft.EventHub"
INSIGHTS_PROVIDER = "Microsoft.Insights"


def azure_tasks(profile: Profile) -> list[Task[AzureWorld]]:
    """What the profile's Azure half asks for, in the order in which it must be made."""
    azure = profile.azure_half
    reader = azure.shared_access_policy
    rights = DIAGNOSTIC_RIGHTS if reader.name == ROOT_POLICY else LISTEN
    tasks: list[Task[AzureWorld]] = [
        ProviderTask(EVENT_HUB_PROVIDER, "namespace"),
        ResourceGroupTask(azure),
        NamespaceTask(azure),
        EventHubTask(azure),
        PolicyTask(
            azure,
            reader.name,
            azure.event_hub.name if reader.scope == "hub" else None,
            rights,
            "shared_access_policy",
        ),
        ConnectionStringTask(azure, str(profile.kafka_secret)),
    ]
    settings = azure.diagnostic_settings
    if settings:
        tasks.append(ProviderTask(INSIGHTS_PROVIDER, "diagnostic_settings"))
        name = azure.diagnostic_policy.name
        tasks.append(PolicyTask(azure, name, None, DIAGNOSTIC_RIGHTS, "diagnostic_settings"))
        tasks.extend(DiagnosticSettingTask(setting) for setting in settings)
    return tasks


async def look_at_azure(
    world: AzureWorld, on_action: Callable[[Action], None] | None = None
) -> tuple[tuple[Planned[AzureWorld], ...], Plan]:
    """What is there, what would be made, and the plan that shows it. Raises ProblemError."""
    planned = await look_around(azure_tasks(world.profile), world, on_action)
    planned, request = await _with_rights(planned, world)
    plan = Plan(tuple(each.action for each in planned), _costs(planned, world), request)
    return planned, plan


async def _with_rights(
    planned: tuple[Planned[AzureWorld], ...], world: AzureWorld
) -> tuple[tuple[Planned[AzureWorld], ...], str]:
    """Actions that the signed-in account may not do are blocked, before anything is made."""
    needs: dict[str, Sequence[Need]] = {
        each.task.id: needs_of(each, world) for each in planned if each.action.changes
    }
    wanted = [need for group in needs.values() for need in group]
    missing = {each.need: each for each in await check(world.session, wanted)} if wanted else {}
    if not missing:
        return planned, ""
    marked = []
    for each in planned:
        lacking = [missing[need] for need in needs.get(each.task.id, ()) if need in missing]
        marked.append(_blocked(each, lacking) if lacking and not each.look.is_blocked else each)
    return tuple(marked), admin_request(list(missing.values()))


def _blocked(planned: Planned[AzureWorld], lacking: list[Missing]) -> Planned[AzureWorld]:
    first = lacking[0].need
    found = problem(
        Code.AZURE_PERMISSION_MISSING,
        planned.task.id,
        ", ".join(f"{each.need.action} at {each.need.scope}" for each in lacking),
        action=first.action,
        role=first.role,
        scope=first.scope,
    )
    return blocked_by(planned, found)


def _costs(planned: Sequence[Planned[AzureWorld]], world: AzureWorld) -> tuple[str, ...]:
    """What the namespace will cost, if one is made."""
    creates = any(
        isinstance(each.task, NamespaceTask) and each.look.kind is Kind.CREATE for each in planned
    )
    if not creates:
        return ()
    return tuple(
        str(line) for line in estimate(namespace_wish(world.azure), cloud=world.azure.cloud)
    )
