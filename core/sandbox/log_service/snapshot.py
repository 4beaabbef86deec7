"""What users made in the service, to be compared before and after: no data, no state of runs.

Without the projects of Security Center (``aliyun-cloudsiem-*``), which it makes by itself. Secrets
of a job are replaced by a hash of its configuration.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from core.sandbox.log_service.catalogue import Logstore, Project
from core.sandbox.log_service.jobs.job import Job, JobType
from core.sandbox.log_service.service import Service

_OF_SECURITY_CENTER = "aliyun-cloudsiem-"


def snapshot(service: Service) -> dict[str, Any]:
    """Projects, Logstores, indexes, consumer groups and jobs, by name."""
    return {
        "projects": {
            name: _project(service, project)
            for name, project in sorted(service.catalogue.projects.items())
            if not name.startswith(_OF_SECURITY_CENTER)
        }
    }


def _project(service: Service, project: Project) -> dict[str, Any]:
    jobs = [job for kind in JobType for job in service.jobs.of_project(project.name, kind)]
    return {
        "description": project.description,
        "tags": dict(project.tags),
        "logstores": {name: _logstore(each) for name, each in sorted(project.logstores.items())},
        "jobs": {job.name: _job(job) for job in sorted(jobs, key=lambda job: job.name)},
    }


def _logstore(logstore: Logstore) -> dict[str, Any]:
    return {
        "ttl_days": logstore.ttl_days,
        "shards": logstore.shards,
        "settings": copy.deepcopy(logstore.settings),
        "index": copy.deepcopy(logstore.index),
        "consumer_groups": sorted(logstore.groups),
        "tags": dict(logstore.tags),
    }


def _job(job: Job) -> dict[str, Any]:
    text = json.dumps(job.configuration, sort_keys=True)
    return {
        "type": job.type,
        "display_name": job.display_name,
        "description": job.description,
        "schedule": dict(job.schedule),
        "logstore": job.logstore,
        "configuration_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
