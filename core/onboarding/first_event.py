"""``first_event``: how far the analyst's own first record has come, looked at from outside.

Stored is proved by the Logstore, standardised by a row of the dataset that Security Center writes
which names the same record, seen by a rule by an alert. A record is told by its ``correlationId``,
which the standardised rule keeps as ``request_id``; on the engine's route only records of this hub
count, by the beginning of their ``event_uid``. It blocks nothing: Azure may take 90 minutes to send
the first record after a diagnostic setting was made (Azure Monitor: "Diagnostic settings").
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.alibaba.log_service.kafka_job import ImportJob
from core.alibaba.log_service.transformation import Transformation
from core.alibaba.security_center.data_sources import check_data_source
from core.alibaba.security_center.detection_texts import detection_text
from core.alibaba.security_center.policies import check_policy
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA
from core.errors import Code, problem_error
from core.onboarding.alibaba_names import data_source_name, job_name
from core.onboarding.alibaba_world import AlibabaWorld, analysed_logstore, split_of
from core.onboarding.draft_alibaba import Arrived
from core.onboarding.first_batch import SETTLED_SECONDS, check_first_batch
from core.onboarding.own_records import OwnRecord, own_records

INTERVAL_SECONDS = 2.0

_DAY = timedelta(days=1)
_AT_REST = ("FAILED", "STOPPED")
_NEWEST = (200, 2000, 10_000)
"""How many of the newest logs are looked through for a sign-in, further back where there is none:
batches are of one kind."""

_TRACED = 20
"""Sign-ins that are looked for among the standardised logs; a query takes about thirty terms."""


@dataclass(frozen=True)
class Sighting:
    """One look.

    Attributes:
        arrived: how far the newest own record has come; None: none is there yet.
        age_seconds: from the record's own time to this look; None: it has no time.
        standardised: own sign-ins among the newest that were found standardised.
        alerts: alerts of the plan's own rules of the last day.
        waits_for: in words; empty: for nothing, it has arrived. An alert is not waited for: it
            takes an attack.
    """

    arrived: Arrived | None
    age_seconds: float | None = None
    standardised: int = 0
    alerts: int = 0
    waits_for: str = ""


async def look(world: AlibabaWorld, settled: float = SETTLED_SECONDS) -> Sighting:
    """Look once. Raises ProblemError where something is wrong that waiting does not mend."""
    await _check_job(world)
    await _check_analysis(world)
    own = await _own(world)
    if not own:
        logstore = analysed_logstore(world.profile)
        waits = f"the first record of this hub in {logstore}; Azure may take 90 minutes to send it"
        return Sighting(None, waits_for=waits)
    await check_first_batch(world, settled)
    record = next((each for each in own if each.is_sign_in), own[0])
    age = _age(record)
    if world.center is None:
        return Sighting(_arrived(record, "stored"), age)
    traced = [each for each in own if each.is_sign_in and each.correlation_id][:_TRACED]
    if not traced:
        waits = "the first sign-in: only sign-ins have a standardised rule"
        return Sighting(_arrived(record, "stored"), age, waits_for=waits)
    count, alerts = await _standardised(world, traced), await _alerts(world)
    if not count:
        waits = "one of these sign-ins to be standardised by Security Center"
        return Sighting(_arrived(record, "stored"), age, alerts=alerts, waits_for=waits)
    state = _arrived(record, "alert" if alerts else "standardised")
    return Sighting(state, age, count, alerts)


async def follow(
    world: AlibabaWorld,
    seconds: float,
    interval: float = INTERVAL_SECONDS,
    settled: float = SETTLED_SECONDS,
) -> AsyncIterator[Sighting]:
    """Look every ``interval`` seconds until it has arrived or ``seconds`` are over.

    ``settled``: see ``first_batch``. Raises ProblemError.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await look(world, settled)
        yield found
        if not found.waits_for or time.monotonic() >= deadline:
            return
        await asyncio.sleep(min(interval, max(0.0, deadline - time.monotonic())))


async def _own(world: AlibabaWorld) -> list[OwnRecord]:
    """Own records among the newest logs, as far back as the newest sign-in."""
    own: list[OwnRecord] = []
    for count in _NEWEST:
        logs = await world.logs.newest(world.project, analysed_logstore(world.profile), count)
        own = own_records(world.profile, world.bootstrap, world.hub, logs)
        if any(each.is_sign_in for each in own) or len(logs) < count:
            break
    return own


async def _check_job(world: AlibabaWorld) -> None:
    """The managed job and its split must run.

    Raises ProblemError (import_job_failed, split_job_failed).
    """
    if world.profile.import_.route == "engine":
        return
    job = await world.logs.kafka_import(world.project, job_name(world.profile, "kafka"))
    _check_runs(job, Code.IMPORT_JOB_FAILED, "import.route")
    if split_of(world.profile) == "transformation":
        split = await world.logs.transformation(world.project, job_name(world.profile, "split"))
        _check_runs(split, Code.SPLIT_JOB_FAILED, "import.managed_split")


def _check_runs(job: ImportJob | Transformation | None, code: Code, where: str) -> None:
    """That ``job``, if it is there, is not at rest. Raises ProblemError (``code``)."""
    if job is not None and job.status.upper() in _AT_REST:
        raise problem_error(code, where, name=job.name, state=job.status.lower())


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


async def _standardised(world: AlibabaWorld, traced: list[OwnRecord]) -> int:
    """How many of ``traced`` have a standardised row."""
    center = world.security
    storage = await center.storage()
    logstore, _ = storage.datasets.get(SIGN_IN_SCHEMA, ("", ""))
    if not storage.project or not logstore:
        return 0
    schema = await center.schema_by_name(SIGN_IN_SCHEMA)
    known = {field.name for field in schema.fields}
    column = "request_id"
    if column not in known:
        column = "json_extract_scalar(extend_content, '$.request_id')"
    # Ids that are no plain ids were left out when the records were read.
    wanted = ", ".join(f"'{each.correlation_id}'" for each in traced)
    select = f"SELECT count(DISTINCT {column}) AS n FROM log WHERE {column} IN ({wanted})"  # noqa: S608
    text = f"* | set session mode=scan; {select}"
    now = datetime.now(UTC)
    rows = await center.query(
        storage.project, logstore, text, now - _DAY, now + _DAY, region=storage.region
    )
    return int(rows[0].get("n") or 0) if rows else 0


async def _alerts(world: AlibabaWorld) -> int:
    """Alerts of the plan's own rules of the last day."""
    center = world.security
    titles = {detection_text(name).title for name in world.profile.detection.rules}
    rules = {rule.id for rule in await center.detection_rules("custom") if rule.name in titles}
    now = datetime.now(UTC)
    found = await center.alerts(now - _DAY, now + timedelta(minutes=5))
    return sum(each.rule_id in rules for each in found)


def _arrived(record: OwnRecord, state: str) -> Arrived:
    return Arrived(record.service, record.event_time, state)  # type: ignore[arg-type]


def _age(record: OwnRecord) -> float | None:
    if record.at is None:
        return None
    return round((datetime.now(UTC) - record.at).total_seconds(), 1)
