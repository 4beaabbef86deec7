"""The settings of Log Service: projects, Logstores, indexes, jobs, and what is in a Logstore.

Everything is async; the SDK (aliyun-log-python-sdk) works in threads. What fails is a ProblemError
whose code names the cause; creating what is there and deleting what is gone are no errors.
"""

from __future__ import annotations

from core.alibaba.credentials import KeySource
from core.alibaba.log_service import (
    contents,
    index,
    logstores,
    projects,
    transformation,
    write_probe,
)
from core.alibaba.log_service.access import LogServiceAccess, log_service_access
from core.alibaba.log_service.caller import Caller
from core.alibaba.log_service.index import Index, index_for_messages, index_for_records
from core.alibaba.log_service.kafka_import import ImportJob, KafkaImport, KafkaImports
from core.alibaba.log_service.logstores import Logstore
from core.alibaba.log_service.projects import Project
from core.alibaba.log_service.transformation import Transformation
from core.profile import Profile

__all__ = [
    "ImportJob",
    "Index",
    "KafkaImport",
    "LogService",
    "Logstore",
    "Project",
    "Transformation",
    "index_for_messages",
    "index_for_records",
]


class LogService:
    """Log Service in one region, as one AccessKey sees it."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._caller = Caller(access)
        self._imports = KafkaImports(self._caller)

    @classmethod
    def of(cls, profile: Profile, keys: KeySource) -> LogService:
        """The profile's region, by its way out. Raises ProblemError (no [log_service])."""
        return cls(log_service_access(profile, keys=keys))

    async def close(self) -> None:
        """Close the idle connections."""
        await self._caller.close()

    async def projects(self) -> tuple[Project, ...]:
        """The region's projects that the account may see."""
        return await projects.list_projects(self._caller)

    async def project(self, name: str) -> Project | None:
        """The project; None: there is none of that name here."""
        return await projects.find_project(self._caller, name)

    async def create_project(self, name: str, description: str = "") -> Project:
        """Make it. Raises ProblemError, log_service_project_taken among others."""
        return await projects.create_project(self._caller, name, description)

    async def delete_project(self, name: str) -> None:
        """Delete it with all that it holds."""
        await projects.delete_project(self._caller, name)

    async def logstores(self, project: str) -> tuple[str, ...]:
        """Names of the project's Logstores."""
        return await logstores.list_logstores(self._caller, project)

    async def logstore(self, project: str, name: str) -> Logstore | None:
        """The Logstore; None: there is none."""
        return await logstores.find_logstore(self._caller, project, name)

    async def create_logstore(self, project: str, wish: Logstore) -> Logstore:
        """Make it; one that is there is returned as it is."""
        return await logstores.create_logstore(self._caller, project, wish)

    async def delete_logstore(self, project: str, name: str) -> None:
        """Delete it with its logs."""
        await logstores.delete_logstore(self._caller, project, name)

    async def index(self, project: str, logstore: str) -> Index | None:
        """The Logstore's index; None: it has none."""
        return await index.find_index(self._caller, project, logstore)

    async def create_index(self, project: str, logstore: str, wish: Index) -> Index:
        """Make it; one that is there is returned as it is."""
        return await index.create_index(self._caller, project, logstore, wish)

    async def update_index(self, project: str, logstore: str, wish: Index) -> Index:
        """Put ``wish`` in place of the one that is there; see :meth:`Index.extended`."""
        return await index.update_index(self._caller, project, logstore, wish)

    async def delete_index(self, project: str, logstore: str) -> None:
        """Delete it."""
        await index.delete_index(self._caller, project, logstore)

    async def count(
        self, project: str, logstore: str, begin: int, end: int, query: str = "*"
    ) -> int:
        """How many logs ``query`` finds with a time from ``begin`` to ``end``, epoch seconds."""
        return await contents.count_logs(self._caller, project, logstore, begin, end, query)

    async def newest(self, project: str, logstore: str, limit: int = 1) -> list[dict[str, str]]:
        """The logs that arrived last, the newest first; no index is needed."""
        return await contents.newest_logs(self._caller, project, logstore, limit)

    async def probe_write(self, project: str, logstore: str) -> None:
        """Write one log that says that it is a test. Raises ProblemError where it is refused."""
        await write_probe.probe_write(self._caller, project, logstore)

    async def kafka_imports(self, project: str) -> tuple[ImportJob, ...]:
        """The project's Kafka import jobs, whoever made them."""
        return await self._imports.all(project)

    async def kafka_import(self, project: str, name: str) -> ImportJob | None:
        """The job; None: there is none."""
        return await self._imports.find(project, name)

    async def create_kafka_import(self, project: str, wish: KafkaImport) -> ImportJob:
        """Make it and let it run; one that is there is returned as it is."""
        return await self._imports.create(project, wish)

    async def update_kafka_import(self, project: str, wish: KafkaImport) -> ImportJob:
        """Give it new settings, a new key among them; restart it afterwards."""
        return await self._imports.update(project, wish)

    async def start_kafka_import(self, project: str, name: str) -> None:
        """Let it run."""
        await self._imports.start(project, name)

    async def stop_kafka_import(self, project: str, name: str) -> None:
        """Let it rest; its consumer group keeps its place."""
        await self._imports.stop(project, name)

    async def restart_kafka_import(self, project: str, name: str) -> None:
        """Stop and start it, so that it signs in with the key that it has now."""
        await self._imports.restart(project, name)

    async def delete_kafka_import(self, project: str, name: str) -> None:
        """Delete it; what it stored stays."""
        await self._imports.delete(project, name)

    async def transformations(self, project: str) -> tuple[Transformation, ...]:
        """The project's data transformation jobs."""
        return await transformation.list_transformations(self._caller, project)

    async def transformation(self, project: str, name: str) -> Transformation | None:
        """The job; None: there is none."""
        return await transformation.find_transformation(self._caller, project, name)

    async def create_transformation(self, project: str, wish: Transformation) -> Transformation:
        """Make it and let it run; one that is there is returned as it is."""
        return await transformation.create_transformation(self._caller, project, wish)

    async def start_transformation(self, project: str, name: str) -> None:
        """Let it run on from where it was."""
        await transformation.start_transformation(self._caller, project, name)

    async def stop_transformation(self, project: str, name: str) -> None:
        """Let it rest."""
        await transformation.stop_transformation(self._caller, project, name)

    async def delete_transformation(self, project: str, name: str) -> None:
        """Delete it; what it stored stays."""
        await transformation.delete_transformation(self._caller, project, name)
