"""The Alibaba half as a whole: its tasks in their order, its plan, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.alibaba.preflight import Missing, check_rights
from core.alibaba.prices import estimate
from core.alibaba.ram import policy_document
from core.onboarding.action import Action, Plan
from core.onboarding.alibaba_center import (
    ActivationTask,
    DataSourceTask,
    DedicatedLogstoreTask,
    DedicatedWriteTask,
    ProductTask,
    VendorTask,
)
from core.onboarding.alibaba_jobs import KafkaImportTask, TransformationTask
from core.onboarding.alibaba_logs import IndexTask, LogstoreTask, ProjectTask
from core.onboarding.alibaba_needs import lacking
from core.onboarding.alibaba_rules import (
    DetectionRuleTask,
    IntegrationPolicyTask,
    PresetRuleTask,
    StandardisedRuleTask,
)
from core.onboarding.alibaba_world import AlibabaWorld, split_of, wanted_logstores
from core.onboarding.costs import usage_of
from core.onboarding.planning import Planned, blocked_by, look_around
from core.onboarding.task import Task
from core.profile import Profile


def alibaba_tasks(profile: Profile) -> list[Task[AlibabaWorld]]:
    """What the profile's Alibaba half asks for, in the order in which it must be made.

    What moves data comes last: a policy in real time begins at the second of its enabling, so what
    is stored before that is never analysed (assumption SC-20).
    """
    tasks: list[Task[AlibabaWorld]] = []
    if profile.security_center is not None:
        tasks.append(ActivationTask())
    tasks += _logstores(profile)
    if profile.security_center is not None:
        tasks += _analysis(profile)
    if profile.import_.route in ("managed", "both"):
        tasks.append(KafkaImportTask(profile))
        if split_of(profile) == "transformation":
            tasks.append(TransformationTask(profile))
    return tasks


def _logstores(profile: Profile) -> list[Task[AlibabaWorld]]:
    logs = profile.logstore
    center = profile.security_center
    if center is not None and center.data_source_type == "dedicated":
        made: list[Task[AlibabaWorld]] = [DedicatedLogstoreTask(profile)]
        if profile.import_.route != "managed":
            made.append(DedicatedWriteTask(profile))
        return made
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
    planned, request = await _with_rights(planned, world)
    return planned, Plan(tuple(each.action for each in planned), _costs(world), request)


async def _with_rights(
    planned: tuple[Planned[AlibabaWorld], ...], world: AlibabaWorld
) -> tuple[tuple[Planned[AlibabaWorld], ...], str]:
    """Changes whose task lacks a right already in reading are blocked, each with that right.

    RAM tells nobody what a key may do, so only what reads can be found out before it is done. What
    no task needs, such as reading alerts, blocks nothing and stands in the text. A plan without a
    change is not asked about.
    """
    if not any(each.action.changes for each in planned):
        return planned, ""
    missing = await check_rights(world.profile, world.logs, world.center)
    if not missing:
        return planned, ""
    problems = {each.action: each.problem for each in missing}
    marked = []
    for each in planned:
        held = lacking(each, list(problems)) if each.action.changes else ()
        free = not held or each.look.is_blocked
        marked.append(each if free else blocked_by(each, problems[held[0]]))
    return tuple(marked), _request(missing, world)


def _request(missing: Sequence[Missing], world: AlibabaWorld) -> str:
    """Text for whoever grants rights in RAM."""
    actions = ", ".join(each.action for each in missing)
    document = policy_document(world.profile, world.identity.account_id)
    return (
        f"{world.identity.arn or world.identity.name} lacks {actions}. "
        f"This RAM policy grants what the plan needs, and no more:\n{document}"
    )


def _costs(world: AlibabaWorld) -> tuple[str, ...]:
    """The estimate, where the profile says how much comes in."""
    costs = world.profile.costs
    if not costs.records_per_s or not costs.mean_bytes:
        return ("Alibaba Cloud: by use; isthmus costs estimates it from a rate and a mean size",)
    usage = usage_of(world.profile, costs.records_per_s, float(costs.mean_bytes))
    return tuple(str(line) for line in estimate(usage)) if usage is not None else ()
