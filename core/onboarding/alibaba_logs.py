"""Tasks of the Alibaba half in Log Service: project, Logstores, index, jobs."""

from __future__ import annotations

from core.alibaba.log_service.index import index_for_messages, index_for_records
from core.alibaba.log_service.logstores import Logstore
from core.alibaba.log_service.names import (
    logstore_name_problem,
    project_name_problem,
)
from core.errors import Code, problem
from core.onboarding import alibaba_commands as commands
from core.onboarding.action import Kind
from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task


class ProjectTask(Task[AlibabaWorld]):
    """The project that holds the Logstores."""

    step = "data_source"

    def __init__(self, project: str) -> None:
        self.id = f"alibaba/project/{project}"
        self._name = project

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether it is there. A name that somebody else has is told by the creation."""
        thing = Thing("project", self._name, mark=world.profile.state_folder.name)
        found = await world.logs.project(self._name)
        world.has_project = found is not None
        if found is not None:
            names = await world.logs.logstores(self._name)
            world.logstores = frozenset(names)
            elsewhere = None
            if found.region and found.region != world.region:
                elsewhere = problem(
                    Code.LOG_SERVICE_OTHER_REGION,
                    "alibaba.region",
                    project=self._name,
                    region=found.region,
                    wanted=world.region,
                )
            return Look(Kind.REUSE, f"project {self._name} is there", thing, elsewhere)
        world.logstores = frozenset()
        what = f"create the Log Service project {self._name} in {world.region}"
        return Look(Kind.CREATE, what, thing, project_name_problem(self._name))

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        progress(f"creating the project {self._name}")
        await world.logs.create_project(self._name, world.description)
        world.has_project = True

    def command(self, world: AlibabaWorld) -> str:
        """``aliyunlog log create_project``."""
        return commands.create_project(world)


class LogstoreTask(Task[AlibabaWorld]):
    """One Logstore."""

    step = "data_source"
    cost_class = "running"

    def __init__(self, project: str, name: str, holds: str) -> None:
        self.id = f"alibaba/logstore/{project}/{name}"
        self._project, self._name, self._holds = project, name, holds

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether it is there; an existing one keeps its settings, differences are told."""
        logs = world.profile.logstore
        thing = Thing("logstore", self._name, project=self._project)
        found = None
        if self._name in world.logstores:
            found = await world.logs.logstore(self._project, self._name)
        if found is None:
            what = (
                f"create the Logstore {self._name} for {self._holds}: {logs.shards} shards, "
                f"kept {logs.ttl_days} days"
            )
            return Look(Kind.CREATE, what, thing, logstore_name_problem(self._name))
        differs = []
        if found.ttl_days != logs.ttl_days:
            differs.append(f"ttl_days: {found.ttl_days}, not {logs.ttl_days}")
        if found.auto_split != logs.auto_split:
            differs.append(f"auto_split: {found.auto_split}, not {logs.auto_split}".lower())
        unfit = None
        if found.mode == "query" and world.profile.normalization.mode == "scan":
            unfit = problem(Code.LOG_SERVICE_QUERY_MODE, self.id, logstore=self._name)
        what = f"Logstore {self._name} is there"
        return Look(Kind.REUSE, what, thing, unfit, tuple(differs))

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        progress(f"creating the Logstore {self._name}")
        logs = world.profile.logstore
        wish = Logstore(
            name=self._name,
            ttl_days=logs.ttl_days,
            shards=logs.shards,
            auto_split=logs.auto_split,
        )
        await world.logs.create_logstore(self._project, wish)
        world.logstores |= {self._name}

    def command(self, world: AlibabaWorld) -> str:
        """``aliyunlog log create_logstore``."""
        return commands.create_logstore(world, self._name)


class IndexTask(Task[AlibabaWorld]):
    """The index of the fields that Isthmus writes; queries need it, Security Center does not."""

    step = "data_source"
    cost_class = "usage"

    def __init__(self, project: str, logstore: str, whole_messages: bool) -> None:
        self.id = f"alibaba/index/{project}/{logstore}"
        self._project, self._logstore = project, logstore
        self._wish = index_for_messages() if whole_messages else index_for_records()

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether there is one; an existing one is left alone."""
        thing = Thing("index", self._logstore, project=self._project, logstore=self._logstore)
        found = None
        if self._logstore in world.logstores:
            found = await world.logs.index(self._project, self._logstore)
        if found is not None:
            lacks = found.lacks(self._wish)
            differs = (f"fields without an index: {', '.join(lacks)}",) if lacks else ()
            what = f"Logstore {self._logstore} has an index"
            return Look(Kind.REUSE, what, thing, differences=differs)
        return Look(Kind.CREATE, f"create the index of Logstore {self._logstore}", thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        progress(f"creating the index of {self._logstore}")
        await world.logs.create_index(self._project, self._logstore, self._wish)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyunlog log create_index``."""
        return commands.create_index(world, self._logstore, self._wish)
