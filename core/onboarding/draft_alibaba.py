"""The parts of a draft that are about Alibaba Cloud; ``core.onboarding.draft`` has the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.onboarding.draft_values import Looked, Saved, SavedRef, Verified


@dataclass(frozen=True)
class AlibabaAccount(Saved):
    """Whose AccessKey it is, and the version of Security Center there; empty: not asked."""

    account_id: str
    name: str
    center: str = ""


@dataclass(frozen=True)
class AlibabaSignInDraft(Saved):
    """Answers of the step ``alibaba_sign_in``; region and AccessKey stand in ``import_task``.

    Attributes:
        method: an AccessKey that is named, or what the credentials chain finds.
        security_token: where an STS token is kept, if there is one.
    """

    method: Literal["access_key", "chain"] = "access_key"
    security_token: SavedRef | None = None
    result: Verified[AlibabaAccount] | None = None


@dataclass(frozen=True)
class ImportRouteDraft(Saved):
    """Answers of the step ``import_route``; fields as in ``[import]``.

    Attributes:
        route: who imports.
        managed_split: how the managed route makes single records.
        managed_group: consumer group of the managed job; empty: made of the engine's.
        console_task: the import task is made by hand in the console, which has no API; only then
            the step ``multi_cloud_grant`` is needed.
        result: how the Logstore of the route was found.
    """

    route: Literal["managed", "engine", "both"] = "engine"
    managed_split: Literal["transformation", "realtime_rule"] = "transformation"
    managed_group: str = ""
    console_task: bool = False
    result: Verified[Looked] | None = None


@dataclass(frozen=True)
class GrantProof(Saved):
    """What proves that Security Center reads the hub, which no API tells.

    Attributes:
        by: a connector that it lists, records that arrived, the group's progress at the hub, or
            the user's word.
        what: the evidence.
    """

    by: Literal["connector", "records", "lag", "tick"]
    what: str


@dataclass(frozen=True)
class GrantDraft(Saved):
    """Answers of the step ``multi_cloud_grant``: the tick, where nothing else can prove it."""

    ticked: bool = False
    result: Verified[GrantProof] | None = None


@dataclass(frozen=True)
class DataSourceDraft(Saved):
    """Answers of the step ``data_source``, as in ``[log_service]`` and ``[security_center]``.

    Attributes:
        analysed: Security Center reads the records; else they are only stored.
        name: of the data source; empty: the plan chooses.
        kind: a Logstore of the user's, or the dedicated channel.
        record_logstore: Logstore of single records; empty: the one of ``import_task``.
        ttl_days: days that logs are kept in a Logstore that is made.
        shards: of a Logstore that is made.
    """

    analysed: bool = False
    name: str = ""
    kind: Literal["user", "dedicated"] = "user"
    record_logstore: str = ""
    ttl_days: int = 30
    shards: int = 2
    result: Verified[Looked] | None = None


@dataclass(frozen=True)
class RuleTried(Saved):
    """How the standardised rule did on a sample: fields that passed, fields that did not."""

    passed: int
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class IntegrationPolicyDraft(Saved):
    """Answers of the step ``integration_policy``; empty names are chosen by the plan."""

    vendor: str = ""
    product: str = ""
    rule: str = ""
    mode: Literal["realtime", "scan"] = "realtime"
    result: Verified[RuleTried] | None = None


@dataclass(frozen=True)
class RulesSeen(Saved):
    """How many of the chosen detection rules are there, and how many still have to be made."""

    present: int
    absent: int


@dataclass(frozen=True)
class DetectionRulesDraft(Saved):
    """Answers of the step ``detection_rules``: names of own and of preset rules."""

    rules: tuple[str, ...] = ("password_spray", "impossible_travel")
    builtin: tuple[str, ...] = ()
    result: Verified[RulesSeen] | None = None


@dataclass(frozen=True)
class Arrived(Saved):
    """How far the analyst's first own record has come.

    Attributes:
        service: what kind of record it is.
        event_time: its own time, RFC 3339.
        state: stored in the Logstore, standardised by Security Center, or seen by a rule.
    """

    service: str
    event_time: str
    state: Literal["stored", "standardised", "alert"]


@dataclass(frozen=True)
class FirstEventDraft(Saved):
    """The step ``first_event`` asks nothing; it has a result."""

    result: Verified[Arrived] | None = None
