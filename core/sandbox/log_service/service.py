"""What the service consists of, and the changes that touch more than one part of it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from core.sandbox.log_service.catalogue import FULL_TEXT_INDEX, Catalogue, Logstore
from core.sandbox.log_service.group_members import GroupMembers
from core.sandbox.log_service.jobs.runner import Jobs
from core.sandbox.log_service.jobs.stores import Stores
from core.sandbox.log_service.put import Writer
from core.sandbox.log_service.query import Reader
from core.sandbox.log_service.search_index import SearchIndex
from core.sandbox.log_service.storage import Shards, Storage


class Service:
    """Projects, Logstores and their LogGroups in one folder.

    Attributes:
        catalogue: settings of projects and Logstores.
        region: as GetProject says it.
        members: who is alive in the consumer groups.
        jobs: imports and transformations; the emulator starts and closes them.
    """

    def __init__(self, folder: Path, region: str, discard: bool, ca_file: Path) -> None:
        """Recover everything. Raises BrokenSegmentError, OSError.

        ``ca_file``: the authority of the hubs that jobs read from.
        """
        self.region = region
        self.members = GroupMembers()
        self.catalogue = Catalogue(folder / "projects.json")
        self.writer = Writer(discard)
        self.storage = Storage(folder / "logstores")
        self._index = SearchIndex(folder)
        for project in self.catalogue.projects.values():
            for logstore in project.logstores.values():
                self.storage.open(logstore)
        self.jobs = Jobs(folder, Stores(self.catalogue, self.storage, self.writer), ca_file)

    def shards(self, project: str, logstore: str) -> Shards:
        """Raises ServiceError ProjectNotExist, LogStoreNotExist."""
        return self.storage.shards(self.catalogue.logstore(project, logstore))

    def reader(self, project: str, logstore: str) -> Reader:
        """Raises ServiceError ProjectNotExist, LogStoreNotExist, IndexConfigNotExist."""
        found = self.catalogue.logstore(project, logstore)
        return Reader(found, self.storage.shards(found), self._index)

    def create_logstore(
        self, project: str, name: str, ttl_days: int, shards: int, settings: dict[str, Any]
    ) -> Logstore:
        """Raises ServiceError."""
        made = self.catalogue.create_logstore(project, name, ttl_days, shards, settings)
        self.storage.open(made)
        return made

    def create_indexed_logstore(
        self, project: str, name: str, ttl_days: int, shards: int, index: bool
    ) -> None:
        """A Logstore as the sandbox makes it. Raises ServiceError."""
        made = self.create_logstore(project, name, ttl_days, shards, {})
        if index:
            made.index = copy.deepcopy(FULL_TEXT_INDEX)
            self.catalogue.save()

    async def delete_logstore(self, project: str, name: str) -> None:
        """Raises ServiceError ProjectNotExist, LogStoreNotExist."""
        await self._forget(self.catalogue.delete_logstore(project, name))

    async def delete_project(self, name: str) -> None:
        """Delete a project with all that is in it. Raises ServiceError ProjectNotExist."""
        logstores = self.catalogue.delete_project(name)
        self.jobs.delete_project(name)
        for logstore in logstores:
            await self._forget(logstore)

    def close(self) -> None:
        """Close every file."""
        self.writer.close()
        self.storage.close()
        self._index.close()

    async def _forget(self, logstore: Logstore) -> None:
        self._index.forget(logstore.id)
        await self.writer.in_turn(self.storage.delete, logstore)
