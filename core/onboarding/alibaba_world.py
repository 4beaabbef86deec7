"""What the tasks of the Alibaba half share: clients, the profile, and what was found so far."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from core.alibaba.identity import Identity
from core.alibaba.log_service.control import LogService
from core.alibaba.security_center.client import SecurityCenter
from core.alibaba.security_center.data_sources import DataSource
from core.alibaba.security_center.schemas import Schema
from core.alibaba.security_center.standardised_rules import StandardisedRule
from core.alibaba.security_center.vendors import Product, Vendor
from core.applied import Applied, read_applied, write_applied
from core.errors import ProblemError
from core.onboarding.journal import Journal
from core.profile import Profile
from core.profile_alibaba import SecurityCenter as AnalysisTable

Found = TypeVar("Found")


@dataclass
class AlibabaWorld:
    """The Alibaba half as the tasks see it; they fill in what they find.

    Attributes:
        profile: what is wanted.
        logs: the way to Log Service's settings.
        center: the way to Security Center; None where the profile does not ask for it.
        identity: whose AccessKey it is.
        journal: what Isthmus made.
        applied: where the Azure half's hub is, as far as it was applied.
        has_project: whether the project is there.
        logstores: names of the Logstores that are there.
        vendor: as found; None: not there yet.
        product: as found.
        data_source: as found.
        schema: the structure that sign-ins are standardised to.
        rule: as found.
    """

    profile: Profile
    logs: LogService
    center: SecurityCenter | None
    identity: Identity
    journal: Journal
    applied: Applied = field(init=False)
    has_project: bool = False
    logstores: frozenset[str] = frozenset()
    vendor: Vendor | None = None
    product: Product | None = None
    data_source: DataSource | None = None
    schema: Schema | None = None
    rule: StandardisedRule | None = None

    def __post_init__(self) -> None:
        try:
            self.applied = read_applied(self.profile.state_folder)
        except ProblemError:  # the Azure half writes it anew
            self.applied = Applied()

    @property
    def description(self) -> str:
        """Description of every thing that has one: says whose it is, and of which profile."""
        return json.dumps({"made_by": "isthmus", "mark": self.profile.state_folder.name})

    def is_ours(self, description: str) -> bool:
        """Whether ``description`` is that of a thing made for this profile."""
        try:
            told = json.loads(description)
        except ValueError:
            return False
        return isinstance(told, dict) and told.get("mark") == self.profile.state_folder.name

    @property
    def analysis(self) -> AnalysisTable:
        """The profile's table ``[security_center]``."""
        return self.profile.analysis

    @property
    def security(self) -> SecurityCenter:
        """The way to Security Center, for tasks that are there only with it."""
        assert self.center is not None  # noqa: S101
        return self.center

    @property
    def project(self) -> str:
        """Name of the project."""
        return self.profile.logstore.project

    @property
    def region(self) -> str:
        """The region of Log Service."""
        return self.profile.account.region

    @property
    def bootstrap(self) -> str:
        """``host:port`` of the hub's Kafka endpoint; empty: not known before the Azure half is."""
        return self.profile.kafka.bootstrap or self.applied.bootstrap

    @property
    def hub(self) -> str:
        """The event hub's name."""
        azure = self.profile.azure
        named = azure.event_hub.name if azure is not None else ""
        return self.profile.kafka.topic or self.applied.hub or named

    def learn_dedicated(self, place: str) -> None:
        """Keep that ``place`` of the dedicated channel took a log. Raises OSError."""
        self.applied = replace(self.applied, dedicated_written=place)
        write_applied(self.profile.state_folder, self.applied)


Split = Literal["transformation", "realtime_rule", "engine"]
"""Where message batches become single records."""


def split_of(profile: Profile) -> Split:
    """Where the profile's route splits ``records``."""
    imports = profile.import_
    return imports.managed_split if imports.route == "managed" else "engine"


def analysed_logstore(profile: Profile) -> str:
    """Name of the Logstore that Security Center reads."""
    if split_of(profile) == "realtime_rule":
        return profile.logstore.logstore
    return profile.record_logstore


def wanted_logstores(profile: Profile) -> tuple[str, ...]:
    """Names of the Logstores that the profile's route needs, in the order of the data."""
    logs, route = profile.logstore, profile.import_.route
    if route == "engine" or split_of(profile) == "realtime_rule":
        return (profile.record_logstore if route == "engine" else logs.logstore,)
    return (logs.logstore, profile.record_logstore)


def made(thing: Found | None) -> Found:
    """``thing``, which an earlier task of the half has found or made."""
    assert thing is not None  # noqa: S101
    return thing
