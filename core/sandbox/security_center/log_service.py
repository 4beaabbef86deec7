"""What Security Center does in Log Service. Every call goes over the wire, in a thread."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from core.sandbox.security_center.log_access import LogAccess, NotReadyError
from core.sandbox.security_center.log_calls import LogCalls, LogServiceError, UnreachableError
from core.sandbox.security_center.names import channel_project, is_logstore, is_project
from core.sandbox.security_center.wire import ApiError, invalid

_T = TypeVar("_T")
_PAGE = 500
_GONE = {"ProjectNotExist": "LogProjectName", "LogStoreNotExist": "LogStoreName"}
_CHANNEL_TTL_DAYS = 30
_SHARDS = 2


class Logs:
    """Projects and Logstores of the account."""

    def __init__(self, access: LogAccess, account: str) -> None:
        self._access = access
        self._calls = LogCalls(access)
        self._account = account

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    @property
    def region(self) -> str:
        """The one region that has Logstores. Raises ApiError."""
        try:
            return self._access.keys().region
        except NotReadyError:
            raise ApiError(503, "ServiceUnavailable", "Log Service is not there yet.") from None

    @property
    def channel(self) -> str:
        """The project of the dedicated channel."""
        return channel_project(self._account, self.region)

    def check_region(self, region: str) -> None:
        """Raises ApiError for a region without Logstores."""
        if region != self.region:
            raise invalid("LogRegionId")

    async def projects(self) -> list[str]:
        """Names of all projects. Raises ApiError."""

        def names(client: Any) -> list[str]:
            found: list[str] = []
            while True:
                answer = client.list_project(offset=len(found), size=_PAGE)
                found += [project["projectName"] for project in answer.get_projects()]
                if len(found) >= answer.get_total() or not answer.get_count():
                    return found

        return await self.call(names)

    async def logstores(self, project: str) -> list[str]:
        """Names of all Logstores of a project. Raises ApiError."""
        _check_names(project)

        def names(client: Any) -> list[str]:
            answer = client.list_logstore(project, offset=0, size=_PAGE)
            return [str(name) for name in answer.get_logstores()]

        return await self.call(names)

    async def check(self, project: str, logstore: str) -> None:
        """That there is such a Logstore. Raises ApiError."""
        _check_names(project, logstore)
        await self.call(lambda client: client.get_logstore(project, logstore))

    async def create_in_channel(self, logstore: str) -> None:
        """A Logstore of the dedicated channel, and its project at the first one."""
        project = self.channel
        if project not in await self.projects():
            await self.call(
                lambda client: client.create_project(project, "Security Center dedicated channel")
            )
        await self.call(
            lambda client: client.create_logstore(
                project, logstore, ttl=_CHANNEL_TTL_DAYS, shard_count=_SHARDS
            )
        )

    async def delete_in_channel(self, logstore: str) -> None:
        """Raises ApiError."""
        await self.call(lambda client: client.delete_logstore(self.channel, logstore))

    async def query(
        self, project: str, logstore: str, text: str, begin: int, end: int
    ) -> list[dict[str, str]]:
        """What GetLogs answers for a time range in epoch seconds. Raises ApiError."""
        _check_names(project, logstore)

        def rows(client: Any) -> list[dict[str, str]]:
            answer = client.get_log(project, logstore, begin, end, query=text, size=100)
            return [dict(log.contents) for log in answer.get_logs()]

        return await self.call(rows)

    async def create_import(self, project: str, job: dict[str, Any]) -> None:
        """Make an import job. Raises ApiError."""
        await self.call(lambda client: client.create_ingestion(project, json.dumps(job)))

    async def switch_import(self, project: str, job: str, on: bool) -> None:
        """Start or stop an import job. Raises ApiError."""
        await self.call(
            lambda client: (
                client.start_ingestion(project, job) if on else client.stop_ingestion(project, job)
            )
        )

    async def call(self, work: Callable[[Any], _T]) -> _T:
        """What ``work`` makes of a ``LogClient``. Raises ApiError."""
        try:
            return await self._calls.run(work)
        except UnreachableError:
            raise ApiError(503, "ServiceUnavailable", "Log Service does not answer.") from None
        except LogServiceError as error:
            if error.code in _GONE:
                raise invalid(_GONE[error.code]) from None
            if error.code == "LogStoreAlreadyExist":
                raise ApiError(
                    400, "LogStoreNameExists", "The specified LogStoreName already exists."
                ) from None
            raise ApiError(400, f"LogService.{error.code}", str(error)) from None


def _check_names(project: str, logstore: str = "") -> None:
    """Before a caller's names become a part of a URL. Raises ApiError."""
    if not is_project(project):
        raise invalid("LogProjectName")
    if logstore and not is_logstore(logstore):
        raise invalid("LogStoreName")
