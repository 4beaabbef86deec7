"""The Alibaba half as a whole: its tasks in their order, its plan, what it costs."""

from __future__ import annotations

from collections.abc import Callable

from core.onboarding.action import Action, Plan
from core.onboarding.alibaba_center import (
    ActivationTask,
    DataSourceTask,
    DedicatedLogstoreTask,
    ProductTask,
    VendorTask,
)
from core.onboarding.alibaba_jobs import KafkaImportTask, TransformationTask
from core.onboarding.alibaba_logs import IndexTask, LogstoreTask, ProjectTask
from core.onboarding.alibaba_rules import (
    DetectionRuleTask,
    IntegrationPolicyTask,
    PresetRuleTask,
    StandardisedRuleTask,
)
from core.onboarding.alibaba_world import AlibabaWorld, split_of, wanted_logstores
from core.onboarding.planning import Planned, look_around
from core.onboarding.task import Task
from core.profile import Profile


def alibaba_tasks(profile: Profile) -> list[Task[AlibabaWorld]]:
    """What the profile's Alibaba half asks for, in the order in which it must be made."""
    tasks: list[Task[AlibabaWorld]] = []
    if profile.security_center is not None:
        tasks.append(ActivationTask())
    tasks += _logstores(profile)
    if profile.import_.route in ("managed", "both"):
        tasks.append(KafkaImportTask(profile))
        if split_of(profile) == "transformation":
            tasks.append(TransformationTask(profile))
    if profile.security_center is not None:
        tasks += _analysis(profile)
    return tasks


def _logstores(profile: Profile) -> list[Task[AlibabaWorld]]:
    logs = profile.logstore
    center = profile.security_center
    if center is not None and center.data_source_type == "dedicated":
        return [DedicatedLogstoreTask(profile)]
    tasks: list[Task[AlibabaWorld]] = [ProjectTask(logs.project)]
    for name in wanted_logstores(profile):
        whole = profile.import_.route != "engine" and name == logs.logstore
        holds = "whole messages" if whole else "single records"
        tasks.append(LogstoreTask(logs.project, name, holds))
        if logs.index:
            tasks.append(IndexTask(logs.project, name, whole))
    return tasks


def _analysis(profile: Profile) -> list[Task[AlibabaWorld]]:
    detection = profile.detection
    return [
        DataSourceTask(profile),
        VendorTask(),
        ProductTask(),
        StandardisedRuleTask(profile),
        IntegrationPolicyTask(profile),
        *(DetectionRuleTask(rule) for rule in detection.rules),
        *(PresetRuleTask(name) for name in detection.builtin),
    ]


async def look_at_alibaba(
    world: AlibabaWorld, on_action: Callable[[Action], None] | None = None
) -> tuple[tuple[Planned[AlibabaWorld], ...], Plan]:
    """What is there, what would be made, and the plan that shows it. Raises ProblemError."""
    planned = await look_around(alibaba_tasks(world.profile), world, on_action)
    return planned, Plan(tuple(each.action for each in planned), _costs(world))


def _costs(world: AlibabaWorld) -> tuple[str, ...]:
    return ()
