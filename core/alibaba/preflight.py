"""Whether the AccessKey may do what is planned, asked by calls that change nothing.

RAM tells nobody what an AccessKey may do; so each read-only call of the plan is made once, and a
refusal names the action that is missing. Rights to change things are found out by changing them;
:func:`unproved` lists them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from core.alibaba.log_service.control import LogService
from core.alibaba.ram import Need, logstores_of, needed_actions
from core.alibaba.security_center.client import SecurityCenter
from core.errors import Code, Problem, ProblemError
from core.profile import Profile

_ACTION = re.compile(r"\b[a-z][a-z-]*:[A-Z][A-Za-z]+\b")
_RESOURCE = re.compile(r"\bacs:[^\s,;'\"]+")
_WRITES = re.compile(
    r":(Create|Update|Delete|Post|Start|Stop|Enable|Disable|Refresh|Pass)", re.ASCII
)
_AT_ONCE = 4


@dataclass(frozen=True)
class Missing:
    """A right that the AccessKey lacks.

    Attributes:
        action: such as ``log:GetIndex``.
        resource: what it was refused on; ``*`` if that was not told.
        problem: the refusal in words.
    """

    action: str
    resource: str
    problem: Problem


def denied_action(problem: Problem) -> tuple[str, str]:
    """The RAM action and the resource that an alibaba_permission_missing names."""
    text = f"{problem.cause} {problem.detail}"
    action, resource = _ACTION.search(text), _RESOURCE.search(text)
    return action[0] if action else "", resource[0].rstrip(".") if resource else "*"


async def check_rights(
    profile: Profile, logs: LogService, center: SecurityCenter | None = None
) -> tuple[Missing, ...]:
    """The rights that reading for the plan would need and the AccessKey lacks, each once.

    Raises ProblemError for anything that is not a matter of rights, such as a wrong key.
    """
    calls = _of_log_service(profile, logs)
    if center is not None:
        calls += _of_security_center(center)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def held(call: Callable[[], Awaitable[object]]) -> Problem | None:
        async with gate:
            return await _refusal(call)

    refusals = await asyncio.gather(*(held(call) for call in calls))
    found: dict[str, Missing] = {}
    for refusal in refusals:
        if refusal is not None:
            action, resource = denied_action(refusal)
            found.setdefault(action, Missing(action, resource, refusal))
    return tuple(found[action] for action in sorted(found))


def unproved(profile: Profile, account_id: str = "") -> tuple[Need, ...]:
    """The rights that no read-only call can prove: they show when the plan is applied."""
    return tuple(
        need for need in needed_actions(profile, account_id) if _WRITES.search(need.action)
    )


_Call = Callable[[], Awaitable[object]]
_NOT_THERE = (
    Code.LOG_SERVICE_PROJECT_NOT_FOUND,
    Code.LOG_SERVICE_LOGSTORE_NOT_FOUND,
    Code.LOG_SERVICE_INDEX_MISSING,
    Code.LOG_SERVICE_JOB_NOT_FOUND,
)
"""Nothing to look at yet; whether one might is not known then."""


async def _refusal(call: _Call) -> Problem | None:
    try:
        await call()
    except ProblemError as error:
        if error.problem.code is Code.ALIBABA_PERMISSION_MISSING:
            return error.problem
        if error.problem.code in _NOT_THERE or error.problem.code.startswith("security_center_"):
            return None  # that the service is off or in another region is for the plan to say
        raise
    return None


def _of_log_service(profile: Profile, logs: LogService) -> list[_Call]:
    project = profile.logstore.project
    calls: list[_Call] = [partial(logs.project, project), partial(logs.logstores, project)]
    for name in logstores_of(profile):
        calls += [
            partial(logs.logstore, project, name),
            partial(logs.index, project, name),
            partial(logs.newest, project, name),
            partial(logs.count, project, name, 0, 1),
        ]
    if profile.import_.route != "engine":
        calls += [partial(logs.kafka_imports, project), partial(logs.transformations, project)]
    return calls


def _of_security_center(center: SecurityCenter) -> list[_Call]:
    now = datetime.now(UTC)
    lately = (now - timedelta(hours=1), now)
    return [
        center.activation,
        center.regions,
        center.data_sources,
        center.vendors,
        center.schemas,
        center.rules,
        center.storage,
        center.policies,
        center.detection_rules,
        center.connectors,
        partial(center.alerts, *lately),
        partial(center.incidents, *lately),
        partial(center.traffic, 1),
    ]
