"""Data sources: Logstores that Security Center analyses under one name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.alibaba.security_center.calls import Group
from core.alibaba.security_center.logstores import CHANNEL_PREFIX
from core.errors import Code, problem_error

SourceKind = Literal["user", "dedicated"]
_FROM = {"user": "custom", "dedicated": "center"}
"""DataSourceFrom: names suggest that ``center`` is the service's own channel (SC-41)."""
_WHERE = "security_center.data_source"


@dataclass(frozen=True)
class SourceStore:
    """A Logstore of a data source.

    Attributes:
        status: ``normal``, ``abnormal`` or empty: not looked at yet.
        status_code: why it is abnormal.
    """

    region: str
    project: str
    logstore: str
    status: str = ""
    status_code: str = ""


@dataclass(frozen=True)
class DataSource:
    """A data source.

    Attributes:
        kind: ``dedicated``: Security Center's own channel, ``user``: a Logstore of the user's.
        status: ``unconfigured``, ``normal`` or ``abnormal``.
        custom: whether a user made it; only such ones can be deleted.
        policies: ids of the integration policies that read it.
    """

    id: str
    name: str
    kind: SourceKind
    status: str
    stores: tuple[SourceStore, ...]
    custom: bool
    policies: tuple[str, ...] = ()

    @property
    def store_status_code(self) -> str:
        """Why a Logstore of it is abnormal; empty if none is."""
        abnormal = (each for each in self.stores if each.status == "abnormal")
        return next((store.status_code for store in abnormal if store.status_code), "")

    def reads(self, project: str, logstore: str) -> bool:
        """Whether the Logstore is one of its own."""
        return any((store.project, store.logstore) == (project, logstore) for store in self.stores)


class DataSources(Group):
    """Data sources."""

    async def data_sources(self, name: str | None = None) -> tuple[DataSource, ...]:
        """All, or those whose name is exactly ``name``. Raises ProblemError."""
        asked = {"data_source_name": name} if name else {}
        listed = self._calls.listed("ListDataSources", "data_sources", _WHERE, **asked)
        found = [_data_source(value) async for value in listed]
        # The service may look for a part of a name.
        return tuple(each for each in found if name is None or each.name == name)

    async def data_source(self, name: str) -> DataSource | None:
        """The data source of that name; None if there is none. Raises ProblemError."""
        return next(iter(await self.data_sources(name)), None)

    async def create_data_source(
        self, name: str, kind: SourceKind, region: str, project: str, logstore: str
    ) -> DataSource:
        """Make a data source of one Logstore. Raises ProblemError."""
        origin = _FROM[kind]
        body = await self._calls.call(
            "CreateDataSource",
            _WHERE,
            data_source_name=name,
            data_source_type="custom",  # preset ones cannot be deleted
            data_source_from=origin,
            data_source_stores=[
                {
                    "log_region_id": region,
                    "log_project_name": project,
                    "log_store_name": logstore,
                    "data_source_store_from": origin,
                }
            ],
        )
        made = next(
            (each for each in await self.data_sources() if each.id == body.data_source_id), None
        )
        if made is not None:
            return made
        store = SourceStore(region, project, logstore)
        return DataSource(body.data_source_id, name, kind, "unconfigured", (store,), custom=True)

    async def refresh_data_source(self, identity: str) -> None:
        """Let the service look at its Logstores again. Raises ProblemError."""
        await self._calls.call("RefreshDataSource", _WHERE, data_source_id=identity)

    async def delete_data_source(self, identity: str) -> None:
        """Delete it; the Logstore and its logs stay. Raises ProblemError."""
        await self._calls.call("DeleteDataSource", _WHERE, data_source_id=identity)


def check_data_source(source: DataSource) -> None:
    """Raises ProblemError (security_center_source_abnormal) if it is abnormal."""
    if source.status == "abnormal":
        raise problem_error(
            Code.SECURITY_CENTER_SOURCE_ABNORMAL,
            _WHERE,
            name=source.name,
            status_code=source.store_status_code or "no code",
        )


def _data_source(value: Any) -> DataSource:
    stores = tuple(
        SourceStore(
            region=each.log_region_id or "",
            project=each.log_project_name or "",
            logstore=each.log_store_name or "",
            status=each.data_source_store_status or "",
            status_code=each.data_source_store_status_code or "",
        )
        for each in value.data_source_stores or ()
    )
    if not stores and value.log_store_name:
        stores = (
            SourceStore(
                value.log_region_id or "", value.log_project_name or "", value.log_store_name
            ),
        )
    dedicated = any(store.project.startswith(CHANNEL_PREFIX) for store in stores)
    return DataSource(
        id=value.data_source_id or "",
        name=value.data_source_name or "",
        kind="dedicated" if dedicated else "user",
        status=value.data_source_status or "unconfigured",
        stores=stores,
        custom=value.data_source_type == "custom",
        policies=tuple(
            each.data_ingestion_id
            for each in value.data_source_references or ()
            if each.data_ingestion_id
        ),
    )
