"""Tasks of the Azure half: the diagnostic settings that send logs to the hub."""

from __future__ import annotations

from core.azure.diagnostic_settings import (
    DiagnosticSetting,
    DiagnosticTarget,
    find_setting,
    put_setting,
    setting_request,
)
from core.azure.diagnostic_sources import obstacle, source_scope
from core.azure.networks import network_rules
from core.errors import Code, Problem, problem
from core.onboarding import azure_commands as commands
from core.onboarding.action import Kind
from core.onboarding.azure_world import AzureWorld
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task
from core.profile_azure import AzureDiagnosticSetting

_SOURCES = {
    "activity": "the subscription's activity log",
    "entra": "Entra ID",
    "defender": "Defender for Cloud",
}


class DiagnosticSettingTask(Task[AzureWorld]):
    """One diagnostic setting, or one continuous export of Defender for Cloud."""

    step = "diagnostic_settings"
    cost_class = "usage"

    def __init__(self, setting: AzureDiagnosticSetting) -> None:
        of = setting.resource_id or setting.kind
        self.id = f"azure/diagnostic_setting/{of}/{setting.name}"
        self._setting = setting

    async def look(self, world: AzureWorld) -> Look:
        """Whether it is there and sends what it should to this hub."""
        wanted = self._wanted(world)
        thing = Thing(
            "diagnostic_setting",
            wanted.name,
            subscription=world.subscription,
            resource_group=world.azure.resource_group,
            kind=wanted.kind,
            scope=wanted.scope,
        )
        source = _SOURCES.get(wanted.kind, self._setting.resource_id.rpartition("/")[2])
        categories = ", ".join(wanted.categories)
        found = await self._found(world, wanted)
        if found is None:
            what = f"send {categories} of {source} to the hub (setting {wanted.name})"
            found_problem = await self._obstacle(world, wanted) or await _kept_out(world)
            return Look(Kind.CREATE, what, thing, found_problem)
        ours = world.journal.made_by(self.id) is not None
        more_than = set(wanted.categories) < set(found.categories)
        if found.target.is_same_hub(wanted.target) and (
            set(wanted.categories) == set(found.categories) or (more_than and not ours)
        ):
            more = sorted(set(found.categories) - set(wanted.categories))
            differs = (f"also sends {', '.join(more)}",) if more else ()
            what = f"setting {wanted.name} of {source} sends {categories} already"
            return Look(Kind.REUSE, what, thing, await _kept_out(world), differs)
        what = f"let setting {wanted.name} of {source} send {categories} to the hub"
        return Look(Kind.CHANGE, what, thing, self._foreign(world, found, wanted))

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Put it."""
        progress(f"switching on {', '.join(self._setting.categories)}")
        ours = world.journal.made_by(self.id) is not None
        await put_setting(world.session, self._wanted(world), whole=ours)

    def command(self, world: AzureWorld) -> str:
        """``az rest --method put``: the one way that all kinds have."""
        url, body = setting_request(self._wanted(world))
        return commands.put_setting(url, body)

    def _wanted(self, world: AzureWorld) -> DiagnosticSetting:
        setting = self._setting
        return DiagnosticSetting(
            kind=setting.kind,
            name=setting.name,
            scope=source_scope(
                setting.kind,
                subscription=world.subscription,
                resource_group=world.azure.resource_group,
                resource_id=setting.resource_id,
            ),
            categories=tuple(setting.categories),
            target=DiagnosticTarget(world.rule_id(), world.azure.event_hub.name),
        )

    async def _found(
        self, world: AzureWorld, wanted: DiagnosticSetting
    ) -> DiagnosticSetting | None:
        if wanted.kind == "defender" and not world.resource_group:
            return None
        return await find_setting(world.session, wanted.kind, wanted.scope, wanted.name)

    async def _obstacle(self, world: AzureWorld, wanted: DiagnosticSetting) -> Problem | None:
        if wanted.kind == "defender" and not world.resource_group:
            return None  # it will be in a group that is still to be made
        where = world.namespace.location if world.namespace else world.azure.location
        return await obstacle(world.session, wanted, where)

    def _foreign(
        self, world: AzureWorld, found: DiagnosticSetting, wanted: DiagnosticSetting
    ) -> Problem | None:
        """A setting of this name that Isthmus did not make is left alone."""
        if world.journal.made_by(self.id) is not None:
            return None
        return problem(
            Code.AZURE_SETTING_NOT_OURS,
            self.id,
            name=wanted.name,
            target=found.target.hub or found.target.rule_id or "another place",
        )


async def _kept_out(world: AzureWorld) -> Problem | None:
    """Whether what Azure Monitor sends would be turned away by the namespace's network rules."""
    if world.namespace is None:
        return None
    if world.network is None:
        world.network = await network_rules(
            world.session, world.subscription, world.azure.resource_group, world.namespace.name
        )
    if not world.network.keeps_out_diagnostics:
        return None
    return problem(Code.AZURE_TRUSTED_SERVICES_OFF, "azure.namespace", name=world.namespace.name)
