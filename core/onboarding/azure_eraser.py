"""How things of the Azure half are found again and taken away."""

from __future__ import annotations

from core.applied import forget_applied, read_applied
from core.azure.diagnostic_settings import delete_setting, find_setting, setting_url
from core.azure.event_hubs import delete_event_hub, find_event_hub
from core.azure.namespaces import delete_namespace, find_namespace
from core.azure.policies import delete_policy, find_policy
from core.azure.resource_groups import delete_resource_group, find_resource_group
from core.azure.session import AzureSession
from core.errors import ProblemError
from core.kafka.connection_string import key_fingerprint
from core.onboarding import azure_commands as commands
from core.onboarding.azure_world import TAG
from core.onboarding.journal import Thing
from core.onboarding.removing import Trace
from core.onboarding.task import Progress
from core.profile import Profile
from core.secrets import SecretRef, read_secret
from core.secrets.stores import delete_secret

_STEPS = {
    "resource_group": "resource_group",
    "namespace": "namespace",
    "event_hub": "event_hub",
    "policy": "shared_access_policy",
    "secret": "shared_access_policy",
    "diagnostic_setting": "diagnostic_settings",
}
_SOURCES = {
    "activity": "the activity log",
    "entra": "Entra ID",
    "defender": "Defender for Cloud",
}
_WHERE = "kafka.connection_string"


class AzureEraser:
    """Takes away things of one profile's Azure half."""

    def __init__(self, session: AzureSession, profile: Profile) -> None:
        self._session = session
        self._profile = profile

    async def trace(self, thing: Thing) -> Trace:
        """Whether ``thing`` is there and bears our mark. Raises ProblemError."""
        session, subscription, group = self._session, thing.subscription, thing.resource_group
        if thing.type == "secret":
            return Trace(self._is_our_key(thing))
        if thing.kind:
            setting = await find_setting(session, thing.kind, thing.scope, thing.name)
            return Trace(setting is not None)
        found_group = await find_resource_group(session, subscription, group)
        if found_group is None or thing.type == "resource_group":
            return Trace(found_group is not None and found_group.tags.get(TAG) == thing.mark)
        namespace = await find_namespace(session, subscription, group, thing.namespace)
        if namespace is None or thing.type == "namespace":
            return Trace(namespace is not None and namespace.tags.get(TAG) == thing.mark)
        place = (session, subscription, group, thing.namespace)
        if thing.type == "event_hub":
            return Trace(await find_event_hub(*place, thing.name) is not None)
        if thing.hub and await find_event_hub(*place, thing.hub) is None:
            return Trace(False)
        return Trace(await find_policy(*place, thing.hub or None, thing.name) is not None)

    async def erase(self, thing: Thing, progress: Progress) -> None:
        """Take it away. Raises ProblemError."""
        progress(f"deleting {self.describe(thing)}")
        session, subscription, group = self._session, thing.subscription, thing.resource_group
        place = (session, subscription, group, thing.namespace)
        if thing.type == "secret":
            delete_secret(SecretRef.parse(thing.name), self._profile.file.parent, _WHERE)
        elif thing.kind:
            await delete_setting(session, thing.kind, thing.scope, thing.name)
        elif thing.type == "policy":
            await delete_policy(*place, thing.hub or None, thing.name)
        elif thing.type == "event_hub":
            await delete_event_hub(*place, thing.name)
            forget_applied(self._profile.state_folder)
        elif thing.type == "namespace":
            await delete_namespace(*place, progress)
            forget_applied(self._profile.state_folder)
        elif thing.type == "resource_group":
            await delete_resource_group(session, subscription, group, progress)

    def describe(self, thing: Thing) -> str:
        """It in words."""
        inside = f" of {thing.hub or thing.namespace}" if thing.type == "policy" else ""
        if thing.kind:
            inside = f" of {_SOURCES.get(thing.kind) or thing.scope.rpartition('/')[2]}"
        words = {
            "resource_group": "the resource group",
            "namespace": "the namespace, with all that it holds,",
            "event_hub": "the event hub, with its messages,",
            "policy": "the shared access policy",
            "secret": "the connection string at",
            "diagnostic_setting": "the diagnostic setting",
        }[thing.type]
        return f"{words} {thing.name}{inside}"

    def command(self, thing: Thing) -> str:
        """The line of azure-cli."""
        url = ""
        if thing.kind:
            url = setting_url(thing.kind, thing.scope, thing.name)
        return commands.delete(thing, url)

    def step(self, thing: Thing) -> str:
        """The wizard's step that it belongs to."""
        return _STEPS[thing.type]

    def _is_our_key(self, thing: Thing) -> bool:
        """What is kept there is the key that was fetched, not one that somebody put there since."""
        try:
            kept = read_secret(SecretRef.parse(thing.name), self._profile.file.parent, _WHERE)
        except ProblemError:
            return False
        fetched = read_applied(self._profile.state_folder).key_fingerprint
        return not fetched or key_fingerprint(kept) == fetched
