"""What the tasks of the Azure half share: the session, the profile, and what was found so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.applied import Applied, read_applied, write_applied
from core.azure.event_hubs import EventHub
from core.azure.namespaces import Namespace, kafka_address
from core.azure.networks import NetworkRules
from core.azure.policies import Policy
from core.azure.session import AzureSession
from core.errors import ProblemError
from core.onboarding.journal import Journal
from core.profile import Profile
from core.profile_azure import Azure

TAG = "isthmus"
"""Tag of resources that Isthmus made; its value is the profile's mark."""


@dataclass
class AzureWorld:
    """The Azure half as the tasks see it; they fill in what they find.

    Attributes:
        session: the way to Azure Resource Manager.
        profile: what is wanted.
        subscription: id of the chosen subscription.
        tenant: id of its tenant.
        journal: what Isthmus made.
        applied: what is known since the last apply.
        resource_group: whether it is there.
        namespace: as found; None: not there yet.
        network: its network rules, once they were needed.
        event_hub: as found.
        read_policy: the shared access policy that reads.
        diagnostic_policy: the one that diagnostic settings send with.
        key_fingerprint: of the key that is kept, once it is known.
    """

    session: AzureSession
    profile: Profile
    subscription: str
    tenant: str
    journal: Journal
    applied: Applied = field(init=False)
    resource_group: bool = False
    namespace: Namespace | None = None
    network: NetworkRules | None = None
    event_hub: EventHub | None = None
    read_policy: Policy | None = None
    diagnostic_policy: Policy | None = None
    key_fingerprint: str = ""

    def __post_init__(self) -> None:
        try:
            self.applied = read_applied(self.profile.state_folder)
        except ProblemError:  # it is written anew from what is found
            self.applied = Applied()

    @property
    def azure(self) -> Azure:
        """The profile's Azure tables."""
        return self.profile.azure_half

    @property
    def mark(self) -> str:
        """Tells the things of this profile from those of another."""
        return self.profile.state_folder.name

    @property
    def tags(self) -> dict[str, str]:
        """Tags of every resource that is made."""
        return {TAG: self.mark}

    @property
    def read_policy_name(self) -> str:
        """Name of the policy that reads."""
        return self.azure.shared_access_policy.name

    @property
    def read_hub(self) -> str | None:
        """The hub that the reading policy is of; None: it is the namespace's."""
        scope = self.azure.shared_access_policy.scope
        return self.azure.event_hub.name if scope == "hub" else None

    def namespace_id(self) -> str:
        """The resource id that the namespace has or will have."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.azure.resource_group}"
            f"/providers/Microsoft.EventHub/namespaces/{self.azure.namespace.name}"
        )

    def rule_id(self) -> str:
        """The resource id of the policy that diagnostic settings send with."""
        return f"{self.namespace_id()}/authorizationRules/{self.azure.diagnostic_policy.name}"

    def learn_hub(self) -> None:
        """Keep where the hub is. Raises OSError."""
        if self.namespace is None or self.event_hub is None:
            return
        self._learn(
            tenant=self.tenant,
            subscription=self.subscription,
            resource_group=self.azure.resource_group,
            namespace=self.namespace.name,
            bootstrap=kafka_address(self.namespace),
            hub=self.event_hub.name,
            hub_id=f"{self.namespace_id()}/eventhubs/{self.event_hub.name}",
        )

    def learn_key(self, key_fingerprint: str) -> None:
        """Keep which key was fetched. Raises OSError."""
        if key_fingerprint == self.applied.key_fingerprint:
            return
        self._learn(
            policy=self.azure.shared_access_policy.name,
            policy_scope=self.azure.shared_access_policy.scope,
            key_fingerprint=key_fingerprint,
            key_fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _learn(self, **values: str) -> None:
        learnt = replace(self.applied, **values)
        if learnt != self.applied:
            write_applied(self.profile.state_folder, learnt)
            self.applied = learnt
