"""Kafka import jobs: the typed API first, the older one where the first is not offered.

Typed: ``/kafkaingestions`` (Alibaba Cloud, SLS "CreateKafkaIngestion"; its siblings for reading,
changing, starting and stopping go by the other import kinds, assumption SLS-42), which the SDK has
no methods for, so its generic ``_send`` is used. Older: the SDK's ``create_ingestion`` and others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.alibaba.log_service.caller import Caller
from core.alibaba.log_service.failure import LogServiceError
from core.alibaba.log_service.kafka_job import Form, ImportJob, KafkaImport, job_body, told_job
from core.alibaba.log_service.names import job_name_problem
from core.alibaba.log_service.place import Place
from core.errors import Code, ProblemError, problem_error
from core.secrets.redaction import know_secret

__all__ = ["ImportJob", "KafkaImport", "KafkaImports"]

_PATH = "/kafkaingestions"
_PAGE = 100
_NO_PROJECT = "ProjectNotExist"
_ABSENT = ("JobNotExist", "KafkaIngestionNotExist", "IngestionNotExist", "ResourceNotExist")
_NO_API = (
    *("InvalidAction", "ActionNotFound", "ApiNotFound", "NotFound", "InvalidMethod"),
    *("MethodNotAllowed", "NotSupported", "Unsupported", "NotImplemented", "ParameterInvalid"),
)
"""What a region without the typed API may answer to its listing (SLS-42)."""


class KafkaImports:
    """The import jobs of a region's projects; it remembers which projects know the typed form."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._typed: dict[str, bool] = {}

    async def all(self, project: str) -> tuple[ImportJob, ...]:
        """The project's jobs of either form, by name."""
        found: dict[str, ImportJob] = {}
        for form in ("jobs", "typed"):  # what both list is told of in the typed form
            if form == "jobs" or await self._knows_typed(project):
                found |= {job.name: job for job in await self._list(project, form)}
        return tuple(found[name] for name in sorted(found))

    async def find(self, project: str, name: str) -> ImportJob | None:
        """The job; None: there is none of that name."""
        place = self._place("look for", "Get", project, name)
        if await self._knows_typed(project):
            job = await self._caller.find(
                place,
                lambda client: told_job(_send(client, "GET", project, f"/{name}"), "typed"),
                *_ABSENT,
            )
            if job is not None:
                return job
        return await self._caller.find(
            self._place("look for", "GetJob", project, name),
            lambda client: told_job(client.get_ingestion(project, name).get_ingestion(), "jobs"),
            *(*_ABSENT, _NO_PROJECT),
        )

    async def create(self, project: str, wish: KafkaImport) -> ImportJob:
        """Make it and let it run; one that is there is returned as it is. Raises ProblemError."""
        wrong = job_name_problem(wish.name)
        if wrong is not None:
            raise ProblemError(wrong)
        know_secret(wish.connection_string)
        form: Form = "typed" if await self._knows_typed(project) else "jobs"
        action = "CreateKafkaIngestion" if form == "typed" else "CreateJob"
        place = self._place("create", action, project, wish.name)
        text = json.dumps(job_body(wish, form))

        def create(client: Any) -> None:
            if form == "typed":
                _send(client, "POST", project, "", text)
            else:
                client.create_ingestion(project, text)

        exists = False
        try:
            await self._caller.try_(create)
        except LogServiceError as error:
            exists = error.is_one_of("JobAlreadyExist", "KafkaIngestionAlreadyExist")
            if form == "jobs" and error.is_one_of(*_NO_API[:-1]):
                detail = str(error)
                code = Code.LOG_SERVICE_IMPORT_UNAVAILABLE
                raise problem_error(code, place.where, detail) from None
            if not exists:
                raise place.error(error) from None
        found = await self.find(project, wish.name)
        if found is None and exists:
            raise place.taken()
        return found or _as_wished(wish, form)

    async def update(self, project: str, wish: KafkaImport) -> ImportJob:
        """Give it new settings; a running job takes them when it is restarted (SLS-42)."""
        know_secret(wish.connection_string)
        form = (await self._existing(project, wish.name)).form
        action = "UpdateKafkaIngestion" if form == "typed" else "UpdateJob"
        place = self._place("change", action, project, wish.name)
        text = json.dumps(job_body(wish, form))

        def update(client: Any) -> None:
            if form == "typed":
                _send(client, "PUT", project, f"/{wish.name}", text)
            else:
                client.update_ingestion(project, wish.name, text)

        await self._caller.ask(place, update)
        return await self.find(project, wish.name) or _as_wished(wish, form)

    async def start(self, project: str, name: str) -> None:
        """Let it run; its consumer group goes on where it was."""
        await self._act(project, name, "START")

    async def stop(self, project: str, name: str) -> None:
        """Let it rest; its consumer group keeps its place."""
        await self._act(project, name, "STOP")

    async def restart(self, project: str, name: str) -> None:
        """Stop and start it, so that it signs in with the key that it has now.

        The older API's own RESTART wants the whole configuration again, and whether it begins
        anew is not said; stopping and starting keeps the group's place.
        """
        await self._act(project, name, "STOP")
        await self._act(project, name, "START")

    async def delete(self, project: str, name: str) -> None:
        """Delete it; one that is gone is no error. What it stored stays."""
        found = await self.find(project, name)
        if found is None:
            return
        action = "DeleteKafkaIngestion" if found.form == "typed" else "DeleteJob"

        def delete(client: Any) -> None:
            if found.form == "typed":
                _send(client, "DELETE", project, f"/{name}")
            else:
                client.delete_ingestion(project, name)

        place = self._place("delete", action, project, name)
        await self._caller.find(place, delete, *_ABSENT)

    async def _act(self, project: str, name: str, action: str) -> None:
        form = (await self._existing(project, name)).form
        verb = "start" if action == "START" else "stop"
        right = f"{verb.capitalize()}KafkaIngestion" if form == "typed" else "UpdateJob"

        def act(client: Any) -> None:
            if form == "typed":
                _send(client, "PUT", project, f"/{name}", action=action)
            elif action == "START":
                client.start_ingestion(project, name)
            else:
                client.stop_ingestion(project, name)

        await self._caller.ask(self._place(verb, right, project, name), act)

    async def _existing(self, project: str, name: str) -> ImportJob:
        found = await self.find(project, name)
        if found is None:
            where = f"{project}/{name}"
            raise problem_error(Code.LOG_SERVICE_JOB_NOT_FOUND, where, project=project, job=name)
        return found

    async def _list(self, project: str, form: str) -> list[ImportJob]:
        right = "ListKafkaIngestions" if form == "typed" else "ListJobs"
        place = self._caller.place(
            f"list the imports of {project}", right, project=project, where=project
        )
        kind: Form = "typed" if form == "typed" else "jobs"
        found: list[ImportJob] = []
        seen = 0
        while True:
            page, total = await self._caller.ask(place, _page_of(kind, project, seen))
            seen += len(page)
            found += [job for job in page if job is not None]
            if not page or seen >= total:
                return found

    async def _knows_typed(self, project: str) -> bool:
        """Whether the project's region offers the typed API; asked once, by a listing."""
        known = self._typed.get(project)
        if known is None:
            place = self._caller.place(
                f"list the imports of {project}", "ListKafkaIngestions", project=project
            )
            try:
                await self._caller.try_(_page_of("typed", project, 0, 1))
                known = True
            except LogServiceError as error:
                if error.is_one_of(_NO_PROJECT):
                    return False
                if not (error.is_one_of(*_NO_API) or error.status in (404, 405, 501)):
                    raise place.error(error) from None
                known = False
            self._typed[project] = known
        return known

    def _place(self, verb: str, right: str, project: str, name: str) -> Place:
        what = f"{verb} the import job {name}"
        right = "GetKafkaIngestion" if right == "Get" else right
        return self._caller.place(what, right, project=project, job=name, where=f"{project}/{name}")


def _send(
    client: Any, method: str, project: str, path: str, text: str = "", **parameters: str
) -> Any:
    """One call of the typed API; its answer's JSON."""
    headers, body = {}, text.encode() if text else None
    if body:
        headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(body))}
    answer, _ = client._send(method, project, body, _PATH + path, parameters, headers)
    return answer


def _page_of(
    form: Form, project: str, offset: int, size: int = _PAGE
) -> Callable[[Any], tuple[list[ImportJob | None], int]]:
    """A page of jobs, None for one that does not import from Kafka; and how many there are."""

    def page(client: Any) -> tuple[list[ImportJob | None], int]:
        if form == "typed":
            answer = _send(client, "GET", project, "", offset=str(offset), size=str(size))
        else:
            answer = client.list_ingestion(project, offset=offset, size=size).get_body()
        jobs = [told_job(each, form) for each in answer.get("results") or ()]
        return jobs, int(answer.get("total") or 0)

    return page


def _as_wished(wish: KafkaImport, form: Form) -> ImportJob:
    job = told_job(job_body(wish, form), form)
    assert job is not None  # noqa: S101
    return job
