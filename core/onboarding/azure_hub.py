"""Tasks of the Azure half: event hub, shared access policies, connection string."""

from __future__ import annotations

from core.azure.event_hubs import (
    EventHubWish,
    create_event_hub,
    differences,
    find_event_hub,
)
from core.azure.policies import Policy, create_policy, find_policy, list_keys
from core.azure.tiers import event_hub_problem
from core.errors import Code, Problem, ProblemError, problem
from core.kafka.connection_string import key_fingerprint
from core.onboarding import azure_commands as commands
from core.onboarding.action import Kind
from core.onboarding.azure_world import AzureWorld
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task
from core.profile_azure import Azure
from core.secrets import read_secret, write_secret
from core.secrets.stores import check_writable

ROOT_POLICY = "RootManageSharedAccessKey"
"""The policy that every namespace is born with; it may do everything."""

LISTEN = ("Listen",)
DIAGNOSTIC_RIGHTS = ("Manage", "Send", "Listen")
"""What a diagnostic setting's policy needs (Azure Monitor: "Diagnostic settings")."""


class EventHubTask(Task[AzureWorld]):
    """The event hub."""

    step = "event_hub"
    cost_class = "usage"

    def __init__(self, azure: Azure) -> None:
        self.id = f"azure/event_hub/{azure.namespace.name}/{azure.event_hub.name}"

    async def look(self, world: AzureWorld) -> Look:
        """Whether it is there; an existing one keeps its settings."""
        azure = world.azure
        wish = _wish(azure)
        thing = Thing(
            "event_hub",
            wish.name,
            subscription=world.subscription,
            resource_group=azure.resource_group,
            namespace=azure.namespace.name,
        )
        found = None
        if world.namespace is not None:
            found = await find_event_hub(
                world.session,
                world.subscription,
                azure.resource_group,
                azure.namespace.name,
                wish.name,
            )
        world.event_hub = found
        if found is None:
            sku = world.namespace.sku if world.namespace else azure.namespace.sku
            what = (
                f"create the event hub {wish.name}: {wish.partitions} partitions, "
                f"{wish.retention_hours} h retention"
            )
            return Look(Kind.CREATE, what, thing, event_hub_problem(wish, sku))
        differs = tuple(
            f"{each.field}: {each.found}, not {each.wished}" for each in differences(found, wish)
        )
        return Look(Kind.REUSE, f"event hub {wish.name} is there", thing, differences=differs)

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        azure = world.azure
        progress(f"creating the event hub {azure.event_hub.name}")
        world.event_hub = await create_event_hub(
            world.session,
            world.subscription,
            azure.resource_group,
            azure.namespace.name,
            _wish(azure),
        )

    def learn(self, world: AzureWorld) -> None:
        """Where the hub is."""
        world.learn_hub()

    def command(self, world: AzureWorld) -> str:
        """``az eventhubs eventhub create``."""
        return commands.create_event_hub(world)


class PolicyTask(Task[AzureWorld]):
    """A shared access policy with the rights that its user needs and no others."""

    def __init__(
        self, azure: Azure, name: str, hub: str | None, rights: tuple[str, ...], step: str
    ) -> None:
        place = f"{azure.namespace.name}/{hub}" if hub else azure.namespace.name
        self.id = f"azure/policy/{place}/{name}"
        self.step = step
        self._name, self._hub, self._rights = name, hub, rights

    async def look(self, world: AzureWorld) -> Look:
        """Whether it is there and may do what it must. Its rights are never changed."""
        azure = world.azure
        thing = Thing(
            "policy",
            self._name,
            subscription=world.subscription,
            resource_group=azure.resource_group,
            namespace=azure.namespace.name,
            hub=self._hub or "",
        )
        found = None
        if world.namespace is not None and (self._hub is None or world.event_hub is not None):
            found = await find_policy(
                world.session,
                world.subscription,
                azure.resource_group,
                azure.namespace.name,
                self._hub,
                self._name,
            )
        self._keep(world, found)
        of = f"event hub {self._hub}" if self._hub else f"namespace {azure.namespace.name}"
        if found is not None:
            what = f"policy {self._name} of the {of} is there ({', '.join(sorted(found.rights))})"
            return Look(Kind.REUSE, what, thing, self._unfit(found))
        rights = ", ".join(self._rights)
        what = f"create the shared access policy {self._name} ({rights}) of the {of}"
        return Look(Kind.CREATE, what, thing)

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        azure = world.azure
        progress(f"creating the policy {self._name}")
        made = await create_policy(
            world.session,
            world.subscription,
            azure.resource_group,
            azure.namespace.name,
            self._hub,
            self._name,
            self._rights,
        )
        self._keep(world, made)

    def command(self, world: AzureWorld) -> str:
        """``az eventhubs ... authorization-rule create``."""
        return commands.create_policy(world, self._name, self._hub, self._rights)

    def _keep(self, world: AzureWorld, policy: Policy | None) -> None:
        if self.step == "diagnostic_settings":
            world.diagnostic_policy = policy
        else:
            world.read_policy = policy

    def _unfit(self, found: Policy) -> Problem | None:
        """Why a policy that is there will not do, or what should be known of it."""
        lacking = sorted(set(self._rights) - found.rights)
        if lacking:
            return problem(
                Code.AZURE_POLICY_LACKS_RIGHTS,
                self.id,
                name=self._name,
                rights=", ".join(lacking),
            )
        more = sorted(found.rights - set(self._rights))
        if self.step == "shared_access_policy" and more:
            return problem(
                Code.AZURE_POLICY_MAY_TOO_MUCH, self.id, name=self._name, rights=", ".join(more)
            )
        return None


class ConnectionStringTask(Task[AzureWorld]):
    """The connection string, from Azure straight to the place where secrets are kept."""

    step = "shared_access_policy"

    def __init__(self, azure: Azure, reference: str) -> None:
        self.id = f"azure/connection_string/{reference}"

    async def look(self, world: AzureWorld) -> Look:
        """Whether what is kept is a key of the policy. Nothing of it is shown."""
        ref = world.profile.kafka_secret
        thing = Thing("secret", str(ref))
        kept = self._kept(world)
        current = await self._current(world)
        if kept and kept in current:
            world.key_fingerprint = key_fingerprint(kept)
            what = f"the connection string at {ref} is one of policy {world.read_policy_name}"
            return Look(Kind.REUSE, what, thing)
        found = _unwritable(world)
        if kept:
            what = f"replace what is kept at {ref}: it is no key of {world.read_policy_name}"
            return Look(Kind.CHANGE, what, thing, found)
        what = f"keep the connection string of policy {world.read_policy_name} at {ref}"
        return Look(Kind.CREATE, what, thing, found)

    async def make(self, world: AzureWorld, look: Look, progress: Progress) -> None:
        """Fetch it and keep it."""
        progress("fetching the connection string")
        primary, _ = await self._current(world)
        profile = world.profile
        write_secret(profile.kafka_secret, primary, profile.file.parent, "kafka.connection_string")
        world.key_fingerprint = key_fingerprint(primary)

    def learn(self, world: AzureWorld) -> None:
        """Which key is kept."""
        world.learn_key(world.key_fingerprint)

    def command(self, world: AzureWorld) -> str:
        """``az eventhubs ... authorization-rule keys list``."""
        return commands.show_keys(world, world.read_policy_name, world.read_hub)

    def _kept(self, world: AzureWorld) -> str:
        profile = world.profile
        try:
            return read_secret(profile.kafka_secret, profile.file.parent, "kafka.connection_string")
        except ProblemError as error:
            if error.problem.code == Code.SECRET_MISSING:
                return ""
            raise

    async def _current(self, world: AzureWorld) -> tuple[str, ...]:
        """Both connection strings of the policy; none while it does not exist."""
        if world.read_policy is None:
            return ()
        azure = world.azure
        keys = await list_keys(
            world.session,
            world.subscription,
            azure.resource_group,
            azure.namespace.name,
            world.read_hub,
            world.read_policy_name,
        )
        return keys.primary, keys.secondary


def _wish(azure: Azure) -> EventHubWish:
    hub = azure.event_hub
    return EventHubWish(hub.name, hub.partitions, hub.retention_hours)


def _unwritable(world: AzureWorld) -> Problem | None:
    try:
        check_writable(world.profile.kafka_secret, "kafka.connection_string")
    except ProblemError as error:
        return error.problem
    return None
