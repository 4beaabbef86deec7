"""The operations of the two APIs of jobs. Both see the same jobs.

Answers: aliyun-log-python-sdk 0.9.52, ``list_ingestion`` and ``list_etls``: count, total, results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sandbox.log_service.jobs.forms import (
    job_kind,
    read_job,
    read_typed,
    shown_job,
    shown_typed,
)
from core.sandbox.log_service.jobs.job import Job, JobType
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer

if TYPE_CHECKING:
    from core.sandbox.log_service.service import Service

_PAGE = 100
_MOST = 500


def create_job(service: Service, call: Call) -> Answer:
    """``POST /jobs``."""
    service.catalogue.project(call.project)
    service.jobs.create(call.project, read_job(_body(call)))
    return _done()


def list_jobs(service: Service, call: Call) -> Answer:
    """``GET /jobs?jobType=&logstore=&offset=&size=``."""
    kind = job_kind(call.parameter("jobType"))
    return _listed(service, call, kind, typed=False)


def get_job(service: Service, call: Call, name: str) -> Answer:
    """``GET /jobs/{name}``."""
    job = _job(service, call, name)
    return json_answer(shown_job(job, service.jobs.status(job)))


def update_job(service: Service, call: Call, name: str) -> Answer:
    """``PUT /jobs/{name}``."""
    job = _job(service, call, name)
    service.jobs.update(job, read_job(_body(call), name))
    return _done()


def delete_job(service: Service, call: Call, name: str) -> Answer:
    """``DELETE /jobs/{name}``."""
    service.jobs.delete(_job(service, call, name))
    return _done()


def start_job(service: Service, call: Call, name: str) -> Answer:
    """``PUT /jobs/{name}?action=START``."""
    service.jobs.run(_job(service, call, name))
    return _done()


def stop_job(service: Service, call: Call, name: str) -> Answer:
    """``PUT /jobs/{name}?action=STOP``."""
    service.jobs.stop(_job(service, call, name))
    return _done()


def restart_job(service: Service, call: Call, name: str) -> Answer:
    """``PUT /jobs/{name}?action=RESTART``; with a body the job is changed at the same time."""
    job = _job(service, call, name)
    if call.body.strip():
        service.jobs.update(job, read_job(_body(call), name), restarts=True)
    else:
        service.jobs.restart(job)
    return _done()


def create_typed(service: Service, call: Call) -> Answer:
    """``POST /kafkaingestions``."""
    service.catalogue.project(call.project)
    service.jobs.create(call.project, read_typed(_body(call)))
    return _done()


def list_typed(service: Service, call: Call) -> Answer:
    """``GET /kafkaingestions?logstore=&offset=&size=``."""
    return _listed(service, call, JobType.INGESTION, typed=True)


def get_typed(service: Service, call: Call, name: str) -> Answer:
    """``GET /kafkaingestions/{name}``."""
    job = _import(service, call, name)
    return json_answer(shown_typed(job, service.jobs.status(job)))


def update_typed(service: Service, call: Call, name: str) -> Answer:
    """``PUT /kafkaingestions/{name}``."""
    job = _import(service, call, name)
    service.jobs.update(job, read_typed(_body(call), name))
    return _done()


def delete_typed(service: Service, call: Call, name: str) -> Answer:
    """``DELETE /kafkaingestions/{name}``."""
    service.jobs.delete(_import(service, call, name))
    return _done()


def start_typed(service: Service, call: Call, name: str) -> Answer:
    """``PUT /kafkaingestions/{name}?action=START``."""
    service.jobs.run(_import(service, call, name))
    return _done()


def stop_typed(service: Service, call: Call, name: str) -> Answer:
    """``PUT /kafkaingestions/{name}?action=STOP``."""
    service.jobs.stop(_import(service, call, name))
    return _done()


def _job(service: Service, call: Call, name: str) -> Job:
    service.catalogue.project(call.project)
    return service.jobs.find(call.project, name)


def _import(service: Service, call: Call, name: str) -> Job:
    service.catalogue.project(call.project)
    return service.jobs.find(call.project, name, JobType.INGESTION)


def _listed(service: Service, call: Call, kind: JobType, typed: bool) -> Answer:
    service.catalogue.project(call.project)
    logstore = call.parameter("logstore", "")
    jobs = [
        job for job in service.jobs.of_project(call.project, kind) if logstore in ("", job.logstore)
    ]
    offset, size = (_number(call, *each) for each in (("offset", 0), ("size", _PAGE)))
    show = shown_typed if typed else shown_job
    page = [show(job, service.jobs.status(job)) for job in jobs[offset : offset + size]]
    return json_answer({"count": len(page), "total": len(jobs), "results": page})


def _number(call: Call, name: str, usual: int) -> int:
    text = call.parameter(name, str(usual))
    if not text.isdecimal() or len(text) > 9 or (name == "size" and int(text) > _MOST):
        raise ServiceError("ParameterInvalid", f"parameter {name} {text} is invalid")
    return int(text)


def _body(call: Call) -> dict[str, Any]:
    return call.json("JsonInfoInvalid")


def _done() -> Answer:
    return json_answer({})
