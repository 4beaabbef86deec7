"""Data import tasks that were made in the console ("data connectors"). No API makes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.alibaba.security_center.calls import Group

_WHERE = "import.route"
ConnectorType = Literal["oss", "s3", "kafka"]


@dataclass(frozen=True)
class Connector:
    """A data import task.

    Attributes:
        job: name of the import job of Log Service that does the work.
        job_state: its state, such as ``running``.
        config: its settings, JSON text.
        authorised_by: id of the access that the user granted in the console.
    """

    id: str
    name: str
    type: str
    job: str
    job_state: str
    region: str
    project: str
    logstore: str
    enabled: bool
    data_source_id: str = ""
    config: str = ""
    authorised_by: str = ""

    @property
    def running(self) -> bool:
        """Whether it is enabled and its job runs."""
        return self.enabled and self.job_state.lower() == "running"


class Connectors(Group):
    """Data connectors."""

    async def connectors(self, kind: ConnectorType | None = None) -> tuple[Connector, ...]:
        """All, enabled or not. Raises ProblemError.

        The filter by status is always given: what is left out counts as ``disabled``.
        """
        found: dict[str, Connector] = {}
        for status in ("enabled", "disabled"):
            asked: dict[str, str] = {"data_connector_status": status}
            if kind:
                asked["data_connector_type"] = kind
            listed = self._calls.listed("ListDataConnectors", "data_connector", _WHERE, **asked)
            async for each in listed:
                found[each.data_connector_id] = Connector(
                    id=each.data_connector_id or "",
                    name=each.data_connector_name or "",
                    type=each.data_connector_type or "",
                    job=each.sls_ingestion_job_name or "",
                    job_state=each.sls_ingestion_job_state or "",
                    region=each.log_region_id or "",
                    project=each.log_project_name or "",
                    logstore=each.log_store_name or "",
                    enabled=each.data_connector_status == "enabled",
                    data_source_id=each.dest_data_source_id or "",
                    config=each.data_connector_config or "",
                    authorised_by=each.auth_config_id or "",
                )
        return tuple(found.values())

    async def set_connector(self, identity: str, enabled: bool) -> None:
        """Pause a task, or let it go on. Raises ProblemError."""
        await self._calls.call(
            "UpdateDataConnector",
            _WHERE,
            data_connector_id=identity,
            data_connector_status="enabled" if enabled else "disabled",
        )
