"""All jobs, kept in one file that only its owner can read: configurations hold secrets."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.log_service.jobs.job import Counts, Job, JobType, Status
from core.sandbox.log_service.wire import ServiceError

MOST_JOBS = 100
"""Jobs of one type in a project. (Alibaba Cloud: SLS "Limits on data import from Kafka"; for
transformations it is the assumption SLS-32.)"""


class JobBook:
    """The jobs. Every change is on disk when the method returns."""

    def __init__(self, path: Path) -> None:
        """Read ``path`` if it is there."""
        self._path = path
        self._next_id = 1
        self._jobs: dict[tuple[str, str], Job] = {}
        if path.exists():
            content = json.loads(path.read_text("utf-8"))
            self._next_id = content["next_id"]
            for item in content["jobs"]:
                job = _job(item)
                self._jobs[job.project, job.name] = job

    @property
    def all(self) -> list[Job]:
        """Every job."""
        return list(self._jobs.values())

    def of_project(self, project: str, kind: JobType) -> list[Job]:
        """A project's jobs of one type, by name."""
        found = (job for job in self._jobs.values() if (job.project, job.type) == (project, kind))
        return sorted(found, key=lambda job: job.name)

    def find(self, project: str, name: str, kind: JobType | None = None) -> Job:
        """Raises ServiceError JobNotExist."""
        job = self._jobs.get((project, name))
        if job is None or kind not in (None, job.type):
            raise ServiceError("JobNotExist", f"job {name} does not exist")
        return job

    def add(self, job: Job) -> Job:
        """Keep a new job and give it its id. Raises ServiceError."""
        if (job.project, job.name) in self._jobs:
            raise ServiceError("JobAlreadyExist", f"job {job.name} already exists")
        if len(self.of_project(job.project, job.type)) >= MOST_JOBS:
            raise ServiceError(
                "JobQuotaExceed", f"a project has at most {MOST_JOBS} jobs of type {job.type}"
            )
        job.id = self._next_id
        self._next_id += 1
        self._jobs[job.project, job.name] = job
        self.save()
        return job

    def remove(self, job: Job) -> None:
        """Forget a job."""
        del self._jobs[job.project, job.name]
        self.save()

    def save(self) -> None:
        """Write everything."""
        content = {"next_id": self._next_id, "jobs": [asdict(job) for job in self._jobs.values()]}
        write_private(self._path, json.dumps(content, indent=1).encode())


def _job(item: dict[str, Any]) -> Job:
    more: dict[str, Any] = {
        "type": JobType(item.pop("type")),
        "rest": Status(item.pop("rest")),
        "counts": Counts(**item.pop("counts")),
    }
    return Job(**item, **more)
