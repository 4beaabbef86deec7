"""Data transformation jobs by SPL, and the one that makes single records of whole messages.

Sources: Alibaba Cloud, SLS "CreateETL", "ETLConfiguration" and "ETLConfigurationSink" (``lang`` SPL
makes it one of the new kind; ``fromTime`` 0 is the first log received, ``toTime`` 0 is no end);
"SPL instructions"; the SDK's ``create_etl`` (``/jobs`` of type ETL, which is taken to make one of
the new kind as ``/etls`` does, assumption SLS-44).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.alibaba.log_service.caller import Caller
from core.alibaba.log_service.failure import LogServiceError
from core.alibaba.log_service.names import job_name_problem
from core.alibaba.log_service.place import Place
from core.alibaba.log_service.projects import find_project
from core.alibaba.log_service.splitting import splitting_spl
from core.errors import ProblemError

__all__ = ["Transformation", "splitting_spl"]

_PAGE = 100
_ABSENT = ("JobNotExist", "ETLNotExist", "ResourceNotExist")
_EVERYTHING = "__UNNAMED__"
"""The data set of a script that names none."""
ROLE = "aliyunlogetlrole"
"""The system role that Log Service works under; the console offers to make it (SLS-45)."""


@dataclass(frozen=True)
class Transformation:
    """A data transformation job.

    Attributes:
        name: unique in the project.
        display_name: what the console shows.
        description: free text.
        source: the Logstore that it reads.
        spl: its script.
        sink_project: where its logs go.
        sink_logstore: likewise.
        from_time: epoch seconds from which logs are read; 0: from the first that is there.
        role_arn: the RAM role it works under; empty: the account's ``aliyunlogetlrole``.
        status: such as ``RUNNING``, ``STOPPED``; empty in a wish.
    """

    name: str
    display_name: str
    description: str
    source: str
    spl: str
    sink_project: str
    sink_logstore: str
    from_time: int = 0
    role_arn: str = ""
    status: str = ""


async def list_transformations(caller: Caller, project: str) -> tuple[Transformation, ...]:
    """The project's jobs, by name."""
    place = caller.place(f"list the transformations of {project}", "ListJobs", project=project)
    found: list[Transformation] = []
    while True:
        page, total = await caller.ask(place, partial(_page, project, len(found)))
        found += page
        if not page or len(found) >= total:
            return tuple(sorted(found, key=lambda each: each.name))


async def find_transformation(caller: Caller, project: str, name: str) -> Transformation | None:
    """The job; None: there is none of that name."""

    def read(client: Any) -> Transformation | None:
        told = client.get_etl(project, name).get_etl()
        return _told(told) if told.get("type", "ETL") == "ETL" else None

    place = _place(caller, "look for", "GetJob", project, name)
    return await caller.find(place, read, *_ABSENT, "ProjectNotExist")


async def create_transformation(
    caller: Caller, project: str, wish: Transformation
) -> Transformation:
    """Make it and let it run; one that is there is returned as it is. Raises ProblemError."""
    wrong = job_name_problem(wish.name)
    if wrong is not None:
        raise ProblemError(wrong)
    place = _place(caller, "create", "CreateJob", project, wish.name)
    role = wish.role_arn or await _usual_role(caller, project)
    configuration = {
        "lang": "SPL",
        "script": wish.spl,
        "logstore": wish.source,
        "roleArn": role,
        "fromTime": wish.from_time,
        "toTime": 0,
        "parameters": {},
        "sinks": [
            {
                "name": "records",
                "endpoint": caller.endpoint,
                "project": wish.sink_project,
                "logstore": wish.sink_logstore,
                "datasets": [_EVERYTHING],
                "roleArn": role,
            }
        ],
    }
    schedule = {"type": "Resident", "runImmediately": True}

    def create(client: Any) -> None:
        client.create_etl(
            project, wish.name, configuration, schedule, wish.display_name, wish.description
        )

    exists = False
    try:
        await caller.try_(create)
    except LogServiceError as error:
        exists = error.is_one_of("JobAlreadyExist", "ETLAlreadyExist")
        if not exists:
            raise place.error(error) from None
    found = await find_transformation(caller, project, wish.name)
    if found is None and exists:
        raise place.taken()
    return found or wish


async def start_transformation(caller: Caller, project: str, name: str) -> None:
    """Let it run on from where it was."""
    place = _place(caller, "start", "UpdateJob", project, name)
    await caller.ask(place, lambda client: client.start_etl(project, name))


async def stop_transformation(caller: Caller, project: str, name: str) -> None:
    """Let it rest."""
    place = _place(caller, "stop", "UpdateJob", project, name)
    await caller.ask(place, lambda client: client.stop_etl(project, name))


async def delete_transformation(caller: Caller, project: str, name: str) -> None:
    """Delete it; one that is gone is no error. What it stored stays."""
    if await find_transformation(caller, project, name) is None:
        return  # the older API would delete a job of any kind
    place = _place(caller, "delete", "DeleteJob", project, name)
    await caller.find(
        place, lambda client: client.delete_etl(project, name), *_ABSENT, "ProjectNotExist"
    )


async def _usual_role(caller: Caller, project: str) -> str:
    """The account's system role; the account is the project's owner."""
    found = await find_project(caller, project)
    return f"acs:ram::{found.owner if found else ''}:role/{ROLE}"


def _page(project: str, offset: int, client: Any) -> tuple[list[Transformation], int]:
    answer = client.list_etls(project, offset=offset, size=_PAGE)
    return [_told(each) for each in answer.get_etls()], answer.get_total()


def _place(caller: Caller, verb: str, right: str, project: str, name: str) -> Place:
    what = f"{verb} the data transformation job {name}"
    return caller.place(what, right, project=project, job=name, where=f"{project}/{name}")


def _told(told: Mapping[str, Any]) -> Transformation:
    configuration = told.get("configuration") or {}
    sink = (configuration.get("sinks") or [{}])[0]
    return Transformation(
        name=str(told["name"]),
        display_name=str(told.get("displayName") or ""),
        description=str(told.get("description") or ""),
        source=str(configuration.get("logstore") or ""),
        spl=str(configuration.get("script") or ""),
        sink_project=str(sink.get("project") or ""),
        sink_logstore=str(sink.get("logstore") or ""),
        from_time=int(configuration.get("fromTime") or 0),
        role_arn=str(configuration.get("roleArn") or ""),
        status=str(told.get("status") or "").upper(),
    )
