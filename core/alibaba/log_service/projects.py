"""Projects of Log Service (Alibaba Cloud: SLS API 0.6.0, "Project" operations)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from core.alibaba.log_service.caller import Caller
from core.alibaba.log_service.failure import LogServiceError
from core.alibaba.log_service.names import project_name_problem
from core.errors import Code, ProblemError, problem_error

_PAGE = 100
_WHERE = "log_service.project"
ABSENT = "ProjectNotExist"


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        name: unique in all of Alibaba Cloud.
        description: free text.
        region: such as ``ap-southeast-1``.
        owner: the account's id; empty where the service does not say.
        created: when, as the service writes it.
    """

    name: str
    description: str = ""
    region: str = ""
    owner: str = ""
    created: str = ""


async def list_projects(caller: Caller) -> tuple[Project, ...]:
    """The region's projects that the account may see, by name."""
    place = caller.place("list the projects", "ListProject")
    found: list[Project] = []
    while True:
        page, total = await caller.ask(place, partial(_page, len(found)))
        found += page
        if not page or len(found) >= total:
            return tuple(sorted(found, key=lambda each: each.name))


async def find_project(caller: Caller, name: str) -> Project | None:
    """The project; None: there is none of that name here."""
    place = caller.place(f"look for the project {name}", "GetProject", project=name)
    return await caller.find(
        place, lambda client: _project(client.get_project(name).get_body()), ABSENT
    )


async def create_project(caller: Caller, name: str, description: str) -> Project:
    """Make it; one that is there already and ours is returned as it is.

    Raises ProblemError, log_service_project_taken where the name is somebody else's (SLS-40).
    """
    wrong = project_name_problem(name, _WHERE)
    if wrong is not None:
        raise ProblemError(wrong)
    place = caller.place(f"create the project {name}", "CreateProject", project=name, where=_WHERE)
    try:
        await caller.try_(lambda client: client.create_project(name, description))
    except LogServiceError as error:
        if not error.is_one_of("ProjectAlreadyExist"):
            raise place.error(error) from None
        return await _ours(caller, name, str(error))
    return await find_project(caller, name) or Project(name, description)


async def delete_project(caller: Caller, name: str) -> None:
    """Delete it with all that it holds; one that is gone is no error."""
    place = caller.place(f"delete the project {name}", "DeleteProject", project=name)
    await caller.find(place, lambda client: client.delete_project(name), ABSENT)


async def _ours(caller: Caller, name: str, detail: str) -> Project:
    try:
        found = await find_project(caller, name)
    except ProblemError as error:
        if error.problem.code is not Code.ALIBABA_PERMISSION_MISSING:
            raise
        found = None
    if found is None:
        raise problem_error(Code.LOG_SERVICE_PROJECT_TAKEN, _WHERE, detail, project=name)
    return found


def _page(offset: int, client: Any) -> tuple[list[Project], int]:
    answer = client.list_project(offset=offset, size=_PAGE)
    return [_project(each) for each in answer.get_projects()], answer.get_total()


def _project(told: Any) -> Project:
    return Project(
        name=str(told["projectName"]),
        description=str(told.get("description") or ""),
        region=str(told.get("region") or ""),
        owner=str(told.get("owner") or ""),
        created=str(told.get("createTime") or ""),
    )
