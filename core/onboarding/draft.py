"""The draft: everything a user has answered so far, and what was verified about it.

A frozen value with one part per step; moving through the wizard and editing replace it, nothing
changes it in place. A text field holds what was typed, right or wrong; the checks of the steps
(``core.onboarding.checks``) say what is wrong with it. A secret is held as a reference only.

Every part can be saved as JSON (``core.onboarding.draft_store``): unknown fields are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import AwareDatetime

from core.onboarding.draft_alibaba import (
    AlibabaAccount,
    AlibabaSignInDraft,
    Arrived,
    DataSourceDraft,
    DetectionRulesDraft,
    FirstEventDraft,
    GrantDraft,
    GrantProof,
    ImportRouteDraft,
    IntegrationPolicyDraft,
    RulesSeen,
    RuleTried,
)
from core.onboarding.draft_values import Looked, Saved, SavedRef, Value, Verified
from core.secrets import SecretRef

__all__ = [
    "AccessPolicyDraft",
    "AlibabaAccount",
    "AlibabaSignInDraft",
    "AppliedCounts",
    "ApplyDraft",
    "Arrived",
    "DataSourceDraft",
    "DetectionRulesDraft",
    "Discovered",
    "DiscoveryDraft",
    "Draft",
    "EventHubDraft",
    "FirstEventDraft",
    "GrantDraft",
    "GrantProof",
    "ImportRouteDraft",
    "ImportTaskDraft",
    "Imported",
    "IntegrationPolicyDraft",
    "KafkaTestDraft",
    "KeyKept",
    "Looked",
    "NamespaceDraft",
    "Part",
    "PlanSeen",
    "Probed",
    "ResourceGroupDraft",
    "ReviewDraft",
    "RuleTried",
    "RulesSeen",
    "Saved",
    "SettingDraft",
    "SettingsDraft",
    "SettingsSeen",
    "SignInDraft",
    "SignedIn",
    "Value",
    "Verified",
    "part_of",
    "with_part",
]


@dataclass(frozen=True)
class SignedIn(Saved):
    """Who is signed in to Azure: the user's or the application's name, and the tenant's id."""

    user: str
    tenant: str


@dataclass(frozen=True)
class Discovered(Saved):
    """How much a search over all subscriptions found."""

    subscriptions: int
    namespaces: int


@dataclass(frozen=True)
class KeyKept(Saved):
    """The connection string that was put where the draft's reference says.

    Attributes:
        policy: the shared access policy that it belongs to.
        bootstrap: ``host:port`` of the Kafka endpoint.
        entity_path: the one event hub that it opens; empty: all of the namespace.
        fingerprint: the beginning of its SHA-256, for comparison only.
        rights: of the policy, where they are known.
    """

    policy: str
    bootstrap: str
    entity_path: str = ""
    fingerprint: str = ""
    rights: tuple[str, ...] = ()


@dataclass(frozen=True)
class SettingsSeen(Saved):
    """How many diagnostic settings send to the hub already, and how many are still to be made."""

    present: int
    absent: int


@dataclass(frozen=True)
class Probed(Saved):
    """The end of a connection test.

    Attributes:
        verdict: ok or failed.
        code: of the problem; empty: none.
        records: how many records were read.
        newest: event time of the newest one.
    """

    verdict: Literal["ok", "failed"]
    code: str = ""
    records: int = 0
    newest: AwareDatetime | None = None


@dataclass(frozen=True)
class Imported(Saved):
    """What was seen of a running import.

    Attributes:
        received: records that were read from the hub.
        stored: records that are in the Logstore.
    """

    received: int
    stored: int


@dataclass(frozen=True)
class PlanSeen(Saved):
    """The counts of a plan that was shown."""

    create: int
    reuse: int
    change: int
    blocked: int


@dataclass(frozen=True)
class AppliedCounts(Saved):
    """How a plan was carried out: actions that are done, and how many of them changed a cloud."""

    done: int
    changed: int


@dataclass(frozen=True)
class SignInDraft(Saved):
    """Answers of the step ``azure_sign_in``; fields as in ``[azure]`` and ``[azure.sign_in]``."""

    cloud: Literal["public", "china"] = "public"
    method: Literal["browser", "device_code", "cli", "service_principal"] = "browser"
    tenant: str = ""
    client_id: str = ""
    client_secret: SavedRef | None = None
    certificate: SavedRef | None = None
    result: Verified[SignedIn] | None = None


@dataclass(frozen=True)
class DiscoveryDraft(Saved):
    """Answers of the step ``discovery``: the subscription's id; empty: the only one there is."""

    subscription: str = ""
    result: Verified[Discovered] | None = None


@dataclass(frozen=True)
class ResourceGroupDraft(Saved):
    """Answers of the step ``resource_group``; ``location`` is the short name of the region."""

    name: str = ""
    location: str = ""
    result: Verified[Looked] | None = None


@dataclass(frozen=True)
class NamespaceDraft(Saved):
    """Answers of the step ``namespace``; fields as in ``[azure.namespace]``."""

    name: str = ""
    sku: Literal["Basic", "Standard", "Premium"] = "Standard"
    throughput_units: int = 1
    processing_units: int = 1
    auto_inflate: bool = False
    max_throughput_units: int = 0
    result: Verified[Looked] | None = None


@dataclass(frozen=True)
class EventHubDraft(Saved):
    """Answers of the step ``event_hub``; the name is the topic of a Kafka client."""

    name: str = ""
    partitions: int = 4
    retention_hours: int = 24
    result: Verified[Looked] | None = None


@dataclass(frozen=True)
class AccessPolicyDraft(Saved):
    """Answers of the step ``shared_access_policy``.

    Attributes:
        name: of the policy that reads the hub.
        scope: the hub, or the whole namespace.
        connection_string: where it is kept; None: the system's store, by the profile's name.
        result: the connection string that is kept there.
    """

    name: str = "isthmus-listen"
    scope: Literal["hub", "namespace"] = "hub"
    connection_string: SavedRef | None = None
    result: Verified[KeyKept] | None = None


@dataclass(frozen=True)
class SettingDraft(Saved):
    """One diagnostic setting, or one continuous export of Defender for Cloud.

    Attributes:
        kind: the subscription's activity log, Entra ID, a resource or Defender.
        name: of the setting.
        categories: what is sent; ``group:...`` names a category group of a resource.
        resource_id: of the resource.
        location: the resource's region, if it was read from Azure; not part of the profile.
    """

    kind: Literal["activity", "entra", "resource", "defender"]
    name: str = "isthmus"
    categories: tuple[str, ...] = ()
    resource_id: str = ""
    location: str = ""


@dataclass(frozen=True)
class SettingsDraft(Saved):
    """Answers of the step ``diagnostic_settings``; ``policy``: the one that settings send with."""

    policy: str = "isthmus-diagnostics"
    settings: tuple[SettingDraft, ...] = ()
    result: Verified[SettingsSeen] | None = None


@dataclass(frozen=True)
class KafkaTestDraft(Saved):
    """The step ``kafka_test`` asks nothing; it has a result."""

    result: Verified[Probed] | None = None


@dataclass(frozen=True)
class ImportTaskDraft(Saved):
    """Answers of the step ``import_task``; fields as in ``[alibaba]`` and ``[log_service]``.

    All of them empty: nothing is imported, the profile has the Azure half only.

    Attributes:
        region: of Log Service.
        endpoint: host name without the project; empty: the region's own.
        project: the project's name.
        logstore: the Logstore's name.
        access_key_id: the AccessKey's id (no secret).
        access_key_secret: where its secret is kept; None: the system's store, by the profile's
            name.
        result: what was seen of the import.
    """

    region: str = ""
    endpoint: str = ""
    project: str = ""
    logstore: str = ""
    access_key_id: str = ""
    access_key_secret: SavedRef | None = None
    result: Verified[Imported] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        texts = (self.region, self.endpoint, self.project, self.logstore, self.access_key_id)
        return not any(texts)


@dataclass(frozen=True)
class ReviewDraft(Saved):
    """The step ``review`` asks nothing; it has a result."""

    result: Verified[PlanSeen] | None = None


@dataclass(frozen=True)
class ApplyDraft(Saved):
    """The step ``apply`` asks nothing; it has a result."""

    result: Verified[AppliedCounts] | None = None


@dataclass(frozen=True)
class Draft(Saved):
    """All answers. Parts are named by their StepId; each has a ``result``, None before its job ran.

    Attributes:
        name: of the profile that the draft becomes.
        profile_file: path of the profile that is being edited; empty: it is a new one.
    """

    name: str = "azure-logs"
    profile_file: str = ""
    azure_sign_in: SignInDraft = field(default_factory=SignInDraft)
    discovery: DiscoveryDraft = field(default_factory=DiscoveryDraft)
    resource_group: ResourceGroupDraft = field(default_factory=ResourceGroupDraft)
    namespace: NamespaceDraft = field(default_factory=NamespaceDraft)
    event_hub: EventHubDraft = field(default_factory=EventHubDraft)
    shared_access_policy: AccessPolicyDraft = field(default_factory=AccessPolicyDraft)
    diagnostic_settings: SettingsDraft = field(default_factory=SettingsDraft)
    kafka_test: KafkaTestDraft = field(default_factory=KafkaTestDraft)
    alibaba_sign_in: AlibabaSignInDraft = field(default_factory=AlibabaSignInDraft)
    import_route: ImportRouteDraft = field(default_factory=ImportRouteDraft)
    multi_cloud_grant: GrantDraft = field(default_factory=GrantDraft)
    data_source: DataSourceDraft = field(default_factory=DataSourceDraft)
    import_task: ImportTaskDraft = field(default_factory=ImportTaskDraft)
    integration_policy: IntegrationPolicyDraft = field(default_factory=IntegrationPolicyDraft)
    detection_rules: DetectionRulesDraft = field(default_factory=DetectionRulesDraft)
    review: ReviewDraft = field(default_factory=ReviewDraft)
    apply: ApplyDraft = field(default_factory=ApplyDraft)
    first_event: FirstEventDraft = field(default_factory=FirstEventDraft)

    @property
    def kafka_secret(self) -> SecretRef:
        """Where the connection string is kept, as ``Profile.kafka_secret`` will say."""
        chosen = self.shared_access_policy.connection_string
        return chosen or SecretRef("store", f"{self.name}-kafka")

    @property
    def alibaba_secret(self) -> SecretRef:
        """Where the secret of the AccessKey is kept."""
        return self.import_task.access_key_secret or SecretRef("store", f"{self.name}-alibaba")


Part = (
    SignInDraft
    | DiscoveryDraft
    | ResourceGroupDraft
    | NamespaceDraft
    | EventHubDraft
    | AccessPolicyDraft
    | SettingsDraft
    | KafkaTestDraft
    | AlibabaSignInDraft
    | ImportRouteDraft
    | GrantDraft
    | DataSourceDraft
    | ImportTaskDraft
    | IntegrationPolicyDraft
    | DetectionRulesDraft
    | ReviewDraft
    | ApplyDraft
    | FirstEventDraft
)
"""The part of one step."""


def part_of(draft: Draft, step: str) -> Part:
    """The part of ``step`` (a StepId with a part). Raises AttributeError for any other."""
    found: Part = getattr(draft, step)
    return found


def with_part(draft: Draft, step: str, part: Part) -> Draft:
    """``draft`` with ``part`` as the part of ``step``."""
    changes: dict[str, Any] = {str(step): part}
    return replace(draft, **changes)
