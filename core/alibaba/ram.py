"""The rights that a plan needs in RAM, and the policy that grants them and no more.

Actions and resources: Alibaba Cloud, SLS "RAM authorization" (API by API); "cloud-siem 2024-12-12:
RAM authorization", where every action is ``yundun-sas:`` and the operation's name, and few
resources are told. Where an operation's resource is not told, ``*`` is the only form that works
(assumption SLS-47). A policy that names a resource which the action does not know grants nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from core.alibaba.log_service.transformation import ROLE
from core.profile import Profile

Purpose = Literal["apply", "import", "watch", "remove"]
"""``apply``: plan and apply; ``import``: the engine's run; ``watch``: counts, alerts, verification;
``remove``: taking away what apply made."""
PURPOSES: tuple[Purpose, ...] = ("apply", "import", "watch", "remove")
JOBS = "isthmus-*"
"""Names of the jobs that Isthmus makes."""


@dataclass(frozen=True)
class Need:
    """One right.

    Attributes:
        action: such as ``log:CreateLogStore``.
        resource: such as ``acs:log:ap-southeast-1:*:project/contoso``; ``*``: any.
        purpose: what it is needed for first.
    """

    action: str
    resource: str
    purpose: Purpose = "apply"


def needed_actions(
    profile: Profile, account_id: str = "", purposes: Iterable[Purpose] = PURPOSES
) -> tuple[Need, ...]:
    """The rights that the profile's route and choices need, each once.

    Without ``account_id`` resources are those of any account. Raises ProblemError.
    """
    wanted = set(purposes)
    found: dict[tuple[str, str], Need] = {}
    for need in _all(profile, account_id or "*"):
        if need.purpose in wanted:
            found.setdefault((need.action, need.resource), need)
    return tuple(found.values())


def policy_document(
    profile: Profile, account_id: str, purposes: Iterable[Purpose] = PURPOSES
) -> str:
    """The RAM policy of :func:`needed_actions`, JSON as the RAM console takes it."""
    by_resource: dict[str, list[str]] = {}
    for need in needed_actions(profile, account_id, purposes):
        by_resource.setdefault(need.resource, []).append(need.action)
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for resource, actions in by_resource.items():
        by_actions.setdefault(tuple(actions), []).append(resource)
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": list(actions), "Resource": resources}
        for actions, resources in by_actions.items()
    ]
    return json.dumps({"Version": "1", "Statement": statements}, indent=2)


def logstores_of(profile: Profile) -> tuple[str, ...]:
    """Names of the Logstores that the profile's route writes to, in the order of the data."""
    route, raw = profile.import_.route, profile.logstore.logstore
    if route == "engine":
        return (profile.record_logstore,)
    if route == "managed" and profile.import_.managed_split == "realtime_rule":
        return (raw,)
    return tuple(dict.fromkeys((raw, profile.record_logstore)))


def _all(profile: Profile, account: str) -> Iterator[Need]:
    yield from _log_service(profile, account)
    if profile.import_.route != "engine":
        yield from _jobs(profile, account)
    if profile.security_center is not None:
        yield from _security_center(profile, account)


def _log_service(profile: Profile, account: str) -> Iterator[Need]:
    project = f"acs:log:{profile.account.region}:{account}:project/{profile.logstore.project}"
    yield from _needs("apply", project, "log:GetProject", "log:CreateProject")
    yield from _needs("apply", f"{project}/logstore/*", "log:ListLogStores")
    for name in logstores_of(profile):
        store = f"{project}/logstore/{name}"
        yield from _needs("apply", store, "log:GetLogStore", "log:CreateLogStore")
        if profile.logstore.index:
            yield from _needs("apply", store, "log:GetIndex", "log:CreateIndex", "log:UpdateIndex")
        yield from _needs("watch", store, "log:ListShards", "log:GetCursorOrData")
        yield from _needs("watch", store, "log:GetLogStoreHistogram", "log:GetLogStoreLogs")
        yield from _needs("remove", store, "log:DeleteIndex", "log:DeleteLogStore")
    if profile.import_.route != "managed":
        store = f"{project}/logstore/{profile.record_logstore}"
        yield from _needs("import", store, "log:GetLogStore", "log:PostLogStoreLogs")
    yield from _needs("remove", project, "log:DeleteProject")


def _jobs(profile: Profile, account: str) -> Iterator[Need]:
    project = f"acs:log:{profile.account.region}:{account}:project/{profile.logstore.project}"
    typed, older = f"{project}/kafkaingestion", f"{project}/job"
    # Both forms: which one a region offers is known only there (SLS-42).
    yield from _needs("apply", f"{typed}/*", "log:ListKafkaIngestions")
    yield from _needs(
        "apply",
        f"{typed}/{JOBS}",
        *("log:GetKafkaIngestion", "log:CreateKafkaIngestion", "log:UpdateKafkaIngestion"),
        *("log:StartKafkaIngestion", "log:StopKafkaIngestion"),
    )
    yield from _needs("remove", f"{typed}/{JOBS}", "log:DeleteKafkaIngestion")
    yield from _needs("apply", f"{older}/*", "log:ListJobs")
    yield from _needs("apply", f"{older}/{JOBS}", "log:GetJob", "log:CreateJob", "log:UpdateJob")
    yield from _needs("remove", f"{older}/{JOBS}", "log:DeleteJob")
    if profile.import_.managed_split == "transformation" and profile.import_.route == "managed":
        yield from _needs("apply", f"acs:ram::{account}:role/{ROLE}", "ram:PassRole")


def _security_center(profile: Profile, account: str) -> Iterator[Need]:
    wanted = profile.analysis
    sources = f"acs:yundun-sas::{account}:datasource/*"
    rules = f"acs:yundun-sas::{account}:detection/*"
    yield from _siem("apply", "GetUserConfig", "DescribeServiceStatus", "DescribeAuth")
    yield from _siem("apply", "DescribeUserBuyStatus", "ListLogRegions", "ValidateLogStore")
    yield from _siem("apply", "ListDataSources", "RefreshDataSource", "GetDataStorage")
    yield from _needs("apply", sources, "yundun-sas:CreateDataSource")
    yield from _siem("remove", "DeleteDataSource")
    if wanted.data_source_type == "dedicated":
        yield from _siem("apply", "ListLogProjects", "ListLogStores", "CreateLogStore")
        yield from _siem("remove", "DeleteLogStore")
    yield from _siem("apply", "ListVendors", "CreateVendor", "ListProducts", "CreateProduct")
    yield from _siem("remove", "DeleteVendor", "DeleteProduct")
    yield from _siem("apply", "ListNormalizationSchemas", "GetNormalizationSchema")
    yield from _siem("apply", "ListNormalizationFields", "ListNormalizationRules")
    yield from _siem("apply", "GetNormalizationRule", "ValidateNormalizationRule")
    yield from _siem("apply", "CreateNormalizationRule")
    yield from _siem("remove", "DeleteNormalizationRule")
    yield from _siem("apply", "ListDataIngestions", "CreateDataIngestion", "EnableDataIngestion")
    yield from _siem("remove", "DisableDataIngestion", "DeleteDataIngestion")
    yield from _siem("watch", "ListDataConnectors", "ListAlerts", "ListIncidents")
    yield from _siem("watch", "ListTrafficStatistics", "ExecuteLogQuery")
    if profile.detection.rules or profile.detection.builtin:
        yield from _siem("apply", "ListDetectionRules", "UpdateDetectionRule")
    if profile.detection.rules:
        yield from _needs("apply", rules, "yundun-sas:CreateDetectionRule")
        yield from _siem("remove", "DeleteDetectionRule")


def _siem(purpose: Purpose, *operations: str) -> Iterator[Need]:
    return _needs(purpose, "*", *(f"yundun-sas:{operation}" for operation in operations))


def _needs(purpose: Purpose, resource: str, *actions: str) -> Iterator[Need]:
    return (Need(action, resource, purpose) for action in actions)
