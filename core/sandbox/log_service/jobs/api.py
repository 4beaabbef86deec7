"""The operations of the two APIs of jobs. Both see the same jobs.

Answers: aliyun-log-python-sdk 0.9.52, ``list_ingestion`` and ``list_etls``: count, total, results.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.sandbox.log_service.jobs.forms import (
    job_kind,
    read_job,
    read_typed,
    shown_job,
    shown_typed,
)
from core.sandbox.log_service.jobs.job import Job, JobType
from core.sandbox.log_service.jobs.runner import Draft
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer

if TYPE_CHECKING:
    from core.sandbox.log_service.service import Service

_PAGE = 100
_MOST = 500


@dataclass(frozen=True)
class JobApi:
    """One of the two APIs; its methods are the operations.

    Attributes:
        read: makes a draft of a body, and of the name in the path.
        show: how the API shows a job and its status.
        kind: the type of its jobs; None for all, and then a list names one.
    """

    read: Callable[[dict[str, Any], str | None], Draft]
    show: Callable[[Job, str], dict[str, Any]]
    kind: JobType | None = None

    def create(self, service: Service, call: Call) -> Answer:
        """``POST /``."""
        service.catalogue.project(call.project)
        service.jobs.create(call.project, self.read(_body(call), None))
        return _done()

    def list(self, service: Service, call: Call) -> Answer:
        """``GET /?logstore=&offset=&size=``, with ``jobType=`` for jobs of all types."""
        kind = self.kind or job_kind(call.parameter("jobType"))
        service.catalogue.project(call.project)
        logstore = call.parameter("logstore", "")
        jobs = [
            job
            for job in service.jobs.of_project(call.project, kind)
            if logstore in ("", job.logstore)
        ]
        offset, size = (_number(call, *each) for each in (("offset", 0), ("size", _PAGE)))
        page = [self.show(job, service.jobs.status(job)) for job in jobs[offset : offset + size]]
        return json_answer({"count": len(page), "total": len(jobs), "results": page})

    def get(self, service: Service, call: Call, name: str) -> Answer:
        """``GET /{name}``."""
        job = self._job(service, call, name)
        return json_answer(self.show(job, service.jobs.status(job)))

    def update(self, service: Service, call: Call, name: str) -> Answer:
        """``PUT /{name}``."""
        job = self._job(service, call, name)
        service.jobs.update(job, self.read(_body(call), name))
        return _done()

    def delete(self, service: Service, call: Call, name: str) -> Answer:
        """``DELETE /{name}``."""
        service.jobs.delete(self._job(service, call, name))
        return _done()

    def start(self, service: Service, call: Call, name: str) -> Answer:
        """``PUT /{name}?action=START``."""
        service.jobs.run(self._job(service, call, name))
        return _done()

    def stop(self, service: Service, call: Call, name: str) -> Answer:
        """``PUT /{name}?action=STOP``."""
        service.jobs.stop(self._job(service, call, name))
        return _done()

    def restart(self, service: Service, call: Call, name: str) -> Answer:
        """``PUT /{name}?action=RESTART``; with a body the job is changed at the same time."""
        job = self._job(service, call, name)
        if call.body.strip():
            service.jobs.update(job, self.read(_body(call), name), restarts=True)
        else:
            service.jobs.restart(job)
        return _done()

    def _job(self, service: Service, call: Call, name: str) -> Job:
        service.catalogue.project(call.project)
        return service.jobs.find(call.project, name, self.kind)


JOBS = JobApi(read_job, shown_job)
"""``/jobs``: the older one, for all types."""
IMPORTS = JobApi(read_typed, shown_typed, JobType.INGESTION)
"""``/kafkaingestions``: the typed one, which has no RESTART."""


def _number(call: Call, name: str, usual: int) -> int:
    text = call.parameter(name, str(usual))
    if not text.isdecimal() or len(text) > 9 or (name == "size" and int(text) > _MOST):
        raise ServiceError("ParameterInvalid", f"parameter {name} {text} is invalid")
    return int(text)


def _body(call: Call) -> dict[str, Any]:
    return call.json("JsonInfoInvalid")


def _done() -> Answer:
    return json_answer({})
