"""The jobs as the API and the emulator's commands see them: made, changed, started and stopped.

Every method but :meth:`Jobs.close` returns at once; what a thread has to do comes to pass after.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.log_service.jobs.job import Job, JobType, Status
from core.sandbox.log_service.jobs.job_book import JobBook
from core.sandbox.log_service.jobs.kafka_run import KafkaRun
from core.sandbox.log_service.jobs.kafka_source import read_source
from core.sandbox.log_service.jobs.reading import refused
from core.sandbox.log_service.jobs.run import Run
from core.sandbox.log_service.jobs.stores import Stores
from core.sandbox.log_service.jobs.transformation import read_transformation
from core.sandbox.log_service.jobs.transformation_run import TransformationRun

_END_SECONDS = 8.0
_PLAYED = "the sandbox plays job_failed"


@dataclass(frozen=True)
class Draft:
    """A job as its user writes it."""

    name: str
    type: JobType
    display_name: str
    description: str
    schedule: dict[str, Any]
    configuration: dict[str, Any] = field(repr=False)


class Jobs:
    """All jobs of the service and their executions."""

    def __init__(self, folder: Path, stores: Stores, ca_file: Path) -> None:
        """``ca_file``: the authority that a hub's certificate must come from."""
        self._folder = folder
        self._stores = stores
        self._ca_file = ca_file
        self._book = JobBook(folder / "jobs.json")
        self._runs: dict[int, Run] = {}
        self._leaving: list[Run] = []
        self._plays_failure = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Go on with what ran when the emulator ended. Needs a running event loop."""
        self._loop = asyncio.get_running_loop()
        for job in self._book.all:
            if job.rest is Status.RUNNING:
                self._begin(job)

    async def close(self) -> None:
        """End every execution; they go on at the next start."""
        runs = [*self._runs.values(), *self._leaving]
        for run in runs:
            run.stop()
        deadline = time.monotonic() + _END_SECONDS
        for run in runs:
            await asyncio.to_thread(run.join, max(0.0, deadline - time.monotonic()))
        self._book.save()

    def find(self, project: str, name: str, kind: JobType | None = None) -> Job:
        """Raises ServiceError JobNotExist."""
        return self._book.find(project, name, kind)

    def of_project(self, project: str, kind: JobType) -> list[Job]:
        """A project's jobs of one type, by name."""
        return self._book.of_project(project, kind)

    def create(self, project: str, draft: Draft) -> None:
        """Make a job and start it. Raises ServiceError."""
        self._check(project, draft)
        now = int(time.time())
        job = Job(0, project, **_parts(draft), created=now, modified=now)
        self._begin(self._book.add(job))

    def update(self, job: Job, draft: Draft, restarts: bool = False) -> None:
        """Replace what its user wrote; what runs, or failed, starts anew. Raises ServiceError.

        ``restarts``: a job that is stopped starts, too.
        """
        if draft.name != job.name or draft.type is not job.type:
            raise refused("name and type of a job cannot be changed")
        self._check(job.project, draft)
        for name, value in _parts(draft).items():
            setattr(job, name, value)
        job.modified = int(time.time())
        if restarts or job.rest in (Status.RUNNING, Status.FAILED):
            self.restart(job)
        else:
            self._book.save()

    def delete(self, job: Job) -> None:
        """Stop and forget a job."""
        run = self._runs.pop(job.id, None)
        if run is not None:
            run.stop()
            self._leaving.append(run)
        self._book.remove(job)
        self._place_file(job).unlink(missing_ok=True)

    def delete_project(self, project: str) -> None:
        """Stop and forget all jobs of a project."""
        for job in [job for job in self._book.all if job.project == project]:
            self.delete(job)

    def run(self, job: Job) -> None:
        """START. A job that runs goes on (assumption SLS-36)."""
        run = self._runs.get(job.id)
        if run is None or run.is_stopping or run.failure:
            job.rest, job.failure = Status.RUNNING, ""
            self._book.save()
            self._begin(job)

    def stop(self, job: Job) -> None:
        """STOP."""
        job.rest, job.failure = Status.STOPPED, ""
        self._book.save()
        if (run := self._runs.get(job.id)) is not None:
            run.stop()

    def restart(self, job: Job) -> None:
        """RESTART."""
        job.rest, job.failure = Status.RUNNING, ""
        self._book.save()
        if (run := self._runs.get(job.id)) is not None:
            run.stop()
        self._begin(job, is_restart=True)

    def status(self, job: Job) -> Status:
        """What the service says of a job now."""
        run = self._runs.get(job.id)
        if run is None:
            return job.rest
        if run.is_stopping:
            return Status.STOPPING
        if run.failure:
            return Status.FAILED
        if run.is_ready:
            return Status.RUNNING
        return Status.RESTARTING if run.is_restart else Status.STARTING

    def play_failure(self, on: bool) -> None:
        """Every Kafka import fails, and so does each that is started meanwhile."""
        self._plays_failure = on
        for run in self._runs.values():
            if on and isinstance(run, KafkaRun):
                run.fail(_PLAYED)

    def told(self) -> list[dict[str, Any]]:
        """State and counts of every job, for the sandbox's own doors."""
        return [
            {
                "project": job.project,
                "name": job.name,
                "type": job.type,
                "logstore": job.logstore,
                "status": self.status(job),
                "failure": self._failure(job),
                **asdict(job.counts),
            }
            for job in self._book.all
        ]

    def _failure(self, job: Job) -> str:
        run = self._runs.get(job.id)
        return job.failure if run is None or run.is_stopping else run.failure

    def _check(self, project: str, draft: Draft) -> None:
        if draft.type is JobType.ETL:
            read_transformation(project, draft.configuration, self._stores.check)
        else:
            read_source(draft.configuration, typed=False)
            self._stores.check(project, str(draft.configuration.get("logstore")))

    def _begin(self, job: Job, is_restart: bool = False) -> None:
        run = self._made(job)
        run.is_restart = is_restart
        if self._plays_failure and isinstance(run, KafkaRun):
            run.fail(_PLAYED)
        before = self._runs.get(job.id)
        self._runs[job.id] = run
        run.begin(before, lambda ended: self._tell(job, ended))

    def _made(self, job: Job) -> Run:
        if job.type is JobType.ETL:
            return TransformationRun(
                job.project, job.configuration, self._place_file(job), self._stores, job.counts
            )
        source = read_source(job.configuration, typed=False)
        group = source.group or f"sls-{job.project}-{job.name}"  # assumption SLS-39
        target = (job.project, job.logstore)
        return KafkaRun(source, group, self._ca_file, self._stores, target, job.counts)

    def _tell(self, job: Job, run: Run) -> None:
        """An execution ended: said in its own thread, noted in the loop's."""
        with contextlib.suppress(RuntimeError):  # the loop has ended too
            assert self._loop is not None  # noqa: S101
            self._loop.call_soon_threadsafe(self._note_end, job, run)

    def _note_end(self, job: Job, run: Run) -> None:
        if run in self._leaving:
            self._leaving.remove(run)
            self._place_file(job).unlink(missing_ok=True)
        if self._runs.get(job.id) is not run:
            return
        del self._runs[job.id]
        if run.failure and not run.is_stopping:
            job.rest, job.failure = Status.FAILED, run.failure
        elif run.is_finished:
            job.rest = Status.SUCCEEDED
        self._book.save()

    def _place_file(self, job: Job) -> Path:
        return self._folder / f"job-{job.id}.place.json"


def _parts(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
