"""``first_event``: how far the analyst's own first record has come, looked at from outside.

Stored is proved by the Logstore, standardised by the dataset that Security Center writes, seen by a
rule by an alert. It blocks nothing: Azure may take 90 minutes to send the first record after a
diagnostic setting was made (Azure Monitor: "Diagnostic settings").
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.alibaba.security_center.data_sources import check_data_source
from core.alibaba.security_center.detection_texts import detection_text
from core.alibaba.security_center.policies import check_policy
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA
from core.errors import Code, problem_error
from core.onboarding.alibaba_names import data_source_name, job_name
from core.onboarding.alibaba_world import AlibabaWorld, analysed_logstore
from core.onboarding.draft_alibaba import Arrived

INTERVAL_SECONDS = 2.0

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Sighting:
    """One look.

    Attributes:
        arrived: how far the newest record has come; None: none is there yet.
        standardised: standardised sign-ins of the last day.
        alerts: alerts of the plan's own rules of the last day.
        waits_for: in words; empty: for nothing, it has arrived.
    """

    arrived: Arrived | None
    standardised: int = 0
    alerts: int = 0
    waits_for: str = ""


async def look(world: AlibabaWorld) -> Sighting:
    """Look once. Raises ProblemError where something is wrong that waiting does not mend."""
    await _check_job(world)
    logstore = analysed_logstore(world.profile)
    newest = await world.logs.newest(world.project, logstore)
    if not newest:
        waits = f"the first record in {logstore}; Azure may take 90 minutes to send it"
        await _check_analysis(world)
        return Sighting(None, waits_for=waits)
    log = newest[0]
    service = log.get("event_service") or log.get("category") or "message"
    at = log.get("event_time") or log.get("time") or _epoch_text(log.get("__time__", ""))
    if world.center is None:
        return Sighting(Arrived(service, at, "stored"))
    await _check_analysis(world)
    count, alerts = await _standardised(world), await _alerts(world)
    if alerts:
        return Sighting(Arrived(service, at, "alert"), count, alerts)
    if count:
        return Sighting(Arrived(service, at, "standardised"), count)
    waits = "the first sign-in to be standardised by Security Center"
    return Sighting(Arrived(service, at, "stored"), waits_for=waits)


async def follow(
    world: AlibabaWorld, seconds: float, interval: float = INTERVAL_SECONDS
) -> AsyncIterator[Sighting]:
    """Look until it has arrived or ``seconds`` are over; each look that tells something new.

    Raises ProblemError.
    """
    deadline = time.monotonic() + seconds
    last: Sighting | None = None
    while True:
        found = await look(world)
        if found != last:
            last = found
            yield found
        if not found.waits_for or time.monotonic() >= deadline:
            return
        await asyncio.sleep(min(interval, max(0.0, deadline - time.monotonic())))


async def _check_job(world: AlibabaWorld) -> None:
    """The managed job must run. Raises ProblemError (import_job_failed)."""
    if world.profile.import_.route == "engine":
        return
    name = job_name(world.profile, "kafka")
    job = await world.logs.kafka_import(world.project, name)
    if job is not None and job.status.upper() in ("FAILED", "STOPPED"):
        raise problem_error(
            Code.IMPORT_JOB_FAILED, "import.route", name=name, state=job.status.lower()
        )


async def _check_analysis(world: AlibabaWorld) -> None:
    """Data source and policy must not be abnormal. Raises ProblemError."""
    if world.center is None:
        return
    source = await world.center.data_source(data_source_name(world.profile))
    if source is None:
        raise problem_error(
            Code.NOT_APPLIED, "security_center.data_source", profile=world.profile.file.name
        )
    check_data_source(source)
    for policy in await world.center.policies():
        if policy.data_source_id == source.id:
            check_policy(policy)


async def _standardised(world: AlibabaWorld) -> int:
    """Standardised sign-ins of the last day."""
    center = world.security
    storage = await center.storage()
    logstore, condition = storage.datasets.get(SIGN_IN_SCHEMA, ("", ""))
    if not storage.project or not logstore:
        return 0
    now = datetime.now(UTC)
    text = f"{condition or '*'} | SELECT count(*) AS n"
    rows = await center.query(
        storage.project, logstore, text, now - _DAY, now + _DAY, region=storage.region
    )
    return int(rows[0].get("n", 0)) if rows else 0


async def _alerts(world: AlibabaWorld) -> int:
    """Alerts of the plan's own rules of the last day."""
    center = world.security
    titles = {detection_text(name).title for name in world.profile.detection.rules}
    rules = {rule.id for rule in await center.detection_rules("custom") if rule.name in titles}
    now = datetime.now(UTC)
    found = await center.alerts(now - _DAY, now + timedelta(minutes=5))
    return sum(each.rule_id in rules for each in found)


def _epoch_text(seconds: str) -> str:
    if not seconds.isdecimal():
        return ""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
