"""Tasks of the Azure half: providers, resource group, namespace."""

from __future__ import annotations

from core.azure.namespaces import (
    Namespace,
    NamespaceWish,
    create_namespace,
    differences,
    find_namespace,
    name_check,
)
from core.azure.providers import provider_locations, provider_state, register_provider
from core.azure.resource_groups import create_resource_group, find_resource_group
from core.azure.tiers import namespace_problem
from core.errors import Code, Problem, ProblemError, problem
from core.onboarding import azure_commands as commands
from core.onboarding.action import Kind
from core.onboarding.azure_world import AzureWorld
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task
from core.profile_azure import Azure

_STILL_COMING = frozenset({"creating", "created", "activating", "accepted", "failed"})
"""States of a namespace (ARM: ``provisioningState``) that another PUT takes on from."""


class ProviderTask(Task[AzureWorld]):
    """Register a resource provider in the subscription. It stays registered for good."""

    def __init__(self, provider: str, step: str) -> None:
        self.id = f"azure/provider/{provider}"
        self.step = step
        self._provider = provider

    async def look(self, world: AzureWorld) -> Look:
        """Whether it is registered."""
        state = await provider_state(world.session, world.subscription, self._provider)
        thing = Thing("provider", self._provider, subscription=world.subscription)
        if state == "Registered":
            return Look(Kind.REUSE, f"resource provider {self._provider} is registered", thing)
        return Look(Kind.CHANGE, f"register the resource provider {self._provider}", thing)

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Register it and wait."""
        await register_provider(world.session, world.subscription, self._provider, progress)

    def command(self, world: AzureWorld) -> str:
        """``az provider register``."""
        return commands.register_provider(world, self._provider)


class ResourceGroupTask(Task[AzureWorld]):
    """The resource group."""

    step = "resource_group"

    def __init__(self, azure: Azure) -> None:
        self.id = f"azure/resource_group/{azure.resource_group}"

    async def look(self, world: AzureWorld) -> Look:
        """Whether it is there; a group may lie in another region than what it holds."""
        name, location = world.azure.resource_group, world.azure.location
        found = await find_resource_group(world.session, world.subscription, name)
        world.resource_group = found is not None
        thing = Thing(
            "resource_group",
            name,
            subscription=world.subscription,
            resource_group=name,
            mark=world.mark,
        )
        if found is None:
            return Look(Kind.CREATE, f"create the resource group {name} in {location}", thing)
        differs = (
            () if found.location == location else (f"region {found.location}, not {location}",)
        )
        return Look(Kind.REUSE, f"resource group {name} is there", thing, differences=differs)

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        azure = world.azure
        progress(f"creating the resource group {azure.resource_group}")
        await create_resource_group(
            world.session, world.subscription, azure.resource_group, azure.location, world.tags
        )
        world.resource_group = True

    def command(self, world: AzureWorld) -> str:
        """``az group create``."""
        return commands.create_group(world)


class NamespaceTask(Task[AzureWorld]):
    """The Event Hubs namespace."""

    step = "namespace"
    cost_class = "running"

    def __init__(self, azure: Azure) -> None:
        self.id = f"azure/namespace/{azure.namespace.name}"

    async def look(self, world: AzureWorld) -> Look:
        """Whether it is there, usable, and as the profile wants it; else whether it can be."""
        azure = world.azure
        name = azure.namespace.name
        thing = Thing(
            "namespace",
            name,
            subscription=world.subscription,
            resource_group=azure.resource_group,
            namespace=name,
            mark=world.mark,
        )
        found = None
        if world.resource_group:
            found = await find_namespace(
                world.session, world.subscription, azure.resource_group, name
            )
        if found is None:
            wanted = namespace_wish(azure)
            what = (
                f"create the namespace {name}: {wanted.sku}, {wanted.units} "
                f"{'processing' if wanted.sku == 'Premium' else 'throughput'} unit(s), "
                f"in {wanted.location}"
            )
            return Look(Kind.CREATE, what, thing, await self._obstacle(world))
        if found.state.lower() in _STILL_COMING:
            return Look(Kind.CREATE, f"finish creating the namespace {name}", thing)
        world.namespace = found
        differs = tuple(
            f"{each.field}: {each.found}, not {each.wished}"
            for each in differences(found, namespace_wish(azure))
        )
        what = f"namespace {name} is there ({found.sku}, {found.units} unit(s))"
        return Look(Kind.REUSE, what, thing, _unusable(found), differs)

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Create it and wait until it is ready."""
        wish = namespace_wish(world.azure)
        world.namespace = await create_namespace(
            world.session, world.subscription, wish, world.tags, progress
        )

    def command(self, world: AzureWorld) -> str:
        """``az eventhubs namespace create``."""
        return commands.create_namespace(world, namespace_wish(world.azure))

    async def _obstacle(self, world: AzureWorld) -> Problem | None:
        namespace = world.azure.namespace
        unfit = namespace_problem(namespace_wish(world.azure))
        if unfit is not None:
            return unfit
        offered = await provider_locations(
            world.session, world.subscription, "Microsoft.EventHub", "namespaces"
        )
        if offered and world.azure.location not in offered:
            detail = f"offered: {', '.join(offered)}"
            return problem(Code.AZURE_LOCATION_UNAVAILABLE, "azure.location", detail)
        try:
            check = await name_check(world.session, world.subscription, namespace.name)
        except ProblemError as error:
            if error.problem.code == Code.AZURE_FORBIDDEN:
                return None  # the preflight names this right beside the others
            raise
        if check.available:
            return None
        return problem(
            Code.AZURE_NAMESPACE_NAME_TAKEN,
            "azure.namespace.name",
            f"{check.reason}: {check.message}",
            name=namespace.name,
        )


def namespace_wish(azure: Azure) -> NamespaceWish:
    """The namespace that the profile asks for."""
    namespace = azure.namespace
    premium = namespace.sku == "Premium"
    units = namespace.processing_units if premium else namespace.throughput_units
    return NamespaceWish(
        name=namespace.name,
        resource_group=azure.resource_group,
        location=azure.location,
        sku=namespace.sku,
        units=units,
        auto_inflate=namespace.auto_inflate,
        max_units=namespace.max_throughput_units,
    )


def _unusable(found: Namespace) -> Problem | None:
    """Why a namespace that is there cannot carry the import."""
    if not found.kafka:
        return problem(Code.AZURE_NAMESPACE_BASIC, "azure.namespace.sku", name=found.name)
    if not found.local_auth:
        return problem(Code.AZURE_LOCAL_AUTH_DISABLED, "azure.namespace", name=found.name)
    return None
