"""The two wire forms of a job: the older one for all types, and the typed one for Kafka imports.

The older: aliyun-log-python-sdk 0.9.52, ``create_ingestion`` and ``create_etl``; aliyun-log-go-sdk,
client_job.go. The typed one: Alibaba Cloud, "CreateKafkaIngestion", and its siblings in
alibabacloud_sls20201230 5.15.1.
"""

from __future__ import annotations

from typing import Any

from core.sandbox.log_service.jobs.job import Job, JobType
from core.sandbox.log_service.jobs.kafka_source import read_source
from core.sandbox.log_service.jobs.reading import (
    an_object,
    job_name,
    refused,
    text_of,
    unsupported,
)
from core.sandbox.log_service.jobs.runner import Draft

_VERSION = "v2.0"
_RESIDENT = "Resident"
_SCHEDULES = ("FixedRate", "Hourly", "Daily", "Weekly", "Cron", "DryRun", _RESIDENT)


def job_kind(text: Any) -> JobType:
    """Raises ServiceError for a type that is missing or that the sandbox does not play."""
    if not isinstance(text, str) or not text:
        raise refused("type is required")
    if text not in list(JobType):
        raise unsupported(f"jobs of type {text}")
    return JobType(text)


def read_job(given: dict[str, Any], name: str | None = None) -> Draft:
    """The older form; ``name``: as the path has it. Raises ServiceError."""
    kind = job_kind(given.get("type"))
    configuration = an_object(given.get("configuration"), "configuration")
    text_of(configuration, "logstore", "configuration")
    if kind is JobType.INGESTION:
        read_source(configuration, typed=False)
    schedule = an_object(given.get("schedule"), "schedule")
    return _draft(given, kind, schedule, configuration, name)


def read_typed(given: dict[str, Any], name: str | None = None) -> Draft:
    """The typed form. Raises ServiceError."""
    configuration = an_object(given.get("configuration"), "configuration")
    text_of(configuration, "logstore", "configuration")
    read_source(configuration, typed=True)
    source = {"type": "Kafka", **configuration["source"]}
    whole = {"version": _VERSION, **configuration, "source": source}
    schedule = given.get("schedule")
    schedule = {"type": _RESIDENT} if schedule is None else an_object(schedule, "schedule")
    return _draft(given, JobType.INGESTION, schedule, whole, name)


def shown_job(job: Job, status: str) -> dict[str, Any]:
    """A job in the older form."""
    return {**_shown(job, status), "type": job.type, "recyclable": False}


def shown_typed(job: Job, status: str) -> dict[str, Any]:
    """A Kafka import in the typed form."""
    source = {name: value for name, value in job.configuration["source"].items() if name != "type"}
    configuration = {"logstore": job.logstore, "source": source}
    return {**_shown(job, status), "configuration": configuration}


def _shown(job: Job, status: str) -> dict[str, Any]:
    """What both forms have. Secrets come back as they were written (assumption SLS-37)."""
    return {
        "name": job.name,
        "displayName": job.display_name,
        "description": job.description,
        "schedule": {**job.schedule, "id": job.schedule_id, "jobName": job.name},
        "scheduleId": job.schedule_id,
        "configuration": job.configuration,
        "createTime": job.created,
        "lastModifiedTime": job.modified,
        "status": status,
    }


def _draft(
    given: dict[str, Any],
    kind: JobType,
    schedule: dict[str, Any],
    configuration: dict[str, Any],
    name: str | None,
) -> Draft:
    cadence = text_of(schedule, "type", "schedule")
    if cadence not in _SCHEDULES:
        raise refused(f"schedule.type {cadence!r} is not one of {', '.join(_SCHEDULES)}")
    if cadence != _RESIDENT:
        raise unsupported(f"schedule.type {cadence} for a job of type {kind}; it is {_RESIDENT}")
    return Draft(
        job_name(given.get("name", name)),
        kind,
        text_of(given, "displayName"),
        text_of(given, "description", needed=False),
        schedule,
        configuration,
    )
