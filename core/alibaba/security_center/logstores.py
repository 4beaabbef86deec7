"""Logstores, as Security Center sees them: regions, validation, the dedicated channel."""

from __future__ import annotations

from core.alibaba.security_center.activation import Activations
from core.errors import Code, problem_error

CHANNEL_PREFIX = "aliyun-cloudsiem-channel-"
"""The project of the dedicated channel is this, the account's id, a hyphen and the region."""
DATA_PREFIX = "aliyun-cloudsiem-data-"
_WHERE = "log_service.logstore"


class Logstores(Activations):
    """Regions, and Logstores that can become a data source."""

    async def regions(self) -> tuple[str, ...]:
        """Regions whose Logstores can be read. Raises ProblemError."""
        body = await self._calls.call("ListLogRegions", "alibaba.region")
        return tuple(body.log_regions or ())

    async def log_projects(self, region: str) -> tuple[str, ...]:
        """Projects of ``region`` that Security Center sees. Raises ProblemError."""
        listed = self._calls.listed(
            "ListLogProjects", "log_projects", "log_service.project", log_region_id=region
        )
        return tuple([name async for name in listed])

    async def log_stores(self, region: str, project: str) -> tuple[str, ...]:
        """Logstores of ``project`` that Security Center sees. Raises ProblemError."""
        listed = self._calls.listed(
            "ListLogStores",
            "log_stores",
            _WHERE,
            log_region_id=region,
            log_project_name=project,
        )
        return tuple([name async for name in listed])

    async def check_logstore(self, region: str, project: str, logstore: str) -> None:
        """Let the service look at a Logstore.

        Raises ProblemError if it cannot become a data source.
        """
        await self._calls.call(
            "ValidateLogStore",
            _WHERE,
            log_region_id=region,
            log_project_name=project,
            log_store_name=logstore,
        )

    async def dedicated_project(self, region: str) -> str:
        """Name of the dedicated channel's project in ``region``.

        Raises ProblemError if the account's id cannot be learnt.
        """
        storage = await self.storage()
        account = storage.account_id
        if not account:
            for name in await self.log_projects(region):
                if name.startswith((CHANNEL_PREFIX, DATA_PREFIX)):
                    account = name.removeprefix(CHANNEL_PREFIX).removeprefix(DATA_PREFIX)
                    account = account.partition("-")[0]
        if not account.isdecimal():
            raise problem_error(Code.SECURITY_CENTER_NO_STORAGE, "security_center.data_source_type")
        return f"{CHANNEL_PREFIX}{account}-{region}"

    async def create_dedicated_logstore(self, region: str, name: str) -> str:
        """Make a Logstore in the dedicated channel; its project comes with the first one.

        The project's name. Raises ProblemError.
        """
        project = await self.dedicated_project(region)
        await self._calls.call(
            "CreateLogStore",
            _WHERE,
            log_region_id=region,
            log_project_name=project,
            log_store_name=name,
        )
        return project

    async def delete_dedicated_logstore(self, region: str, name: str) -> None:
        """Delete a Logstore of the dedicated channel, with its logs. Raises ProblemError."""
        await self._calls.call(
            "DeleteLogStore",
            _WHERE,
            log_region_id=region,
            log_project_name=await self.dedicated_project(region),
            log_store_name=name,
        )
