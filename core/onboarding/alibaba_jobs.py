"""Tasks of the Alibaba half that move data: the managed Kafka import, the split into records."""

from __future__ import annotations

from core.alibaba.log_service.kafka_import import ImportJob, KafkaImport
from core.alibaba.log_service.splitting import splitting_spl
from core.alibaba.log_service.transformation import Transformation
from core.errors import Code, Problem, ProblemError, problem, problem_error
from core.kafka.connection_string import key_fingerprint
from core.onboarding import alibaba_commands as commands
from core.onboarding.action import Kind
from core.onboarding.alibaba_names import job_name
from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task
from core.profile import Profile

_FIELD = "kafka.connection_string"
_ROLE = "aliyunlogetlrole"
"""What data transformation jobs run as (SLS: "Authorize a data transformation job")."""


class KafkaImportTask(Task[AlibabaWorld]):
    """Log Service's own import job: it reads the hub, one log per message."""

    step = "import_task"
    cost_class = "usage"

    def __init__(self, profile: Profile) -> None:
        self._name = job_name(profile, "kafka")
        self._project = profile.logstore.project
        self.id = f"alibaba/kafka_import/{self._project}/{self._name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether it is there, runs, reads this hub and has the key of today."""
        profile = world.profile
        logstore = profile.logstore.logstore
        thing = Thing("kafka_import", self._name, project=self._project, logstore=logstore)
        found = None
        if world.has_project:
            found = await world.logs.kafka_import(self._project, self._name)
        if found is None:
            what = (
                f"create the import job {self._name}: {world.hub or 'the event hub'} to Logstore "
                f"{logstore}, one log per message, by consumer group {profile.managed_group}"
            )
            return Look(Kind.CREATE, what, thing, self._cannot(world))
        wrong = self._stale(world, found)
        if wrong:
            what = f"change the import job {self._name}: {', '.join(wrong)}"
            return Look(Kind.CHANGE, what, thing, self._cannot(world))
        return Look(Kind.REUSE, f"import job {self._name} is there ({found.status})", thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it, or give it the hub and key of today and start it again."""
        wish = self._wish(world)
        if look.kind is Kind.CREATE:
            progress(f"creating the import job {self._name}")
            await world.logs.create_kafka_import(self._project, wish)
            return
        progress(f"changing the import job {self._name}")
        await world.logs.update_kafka_import(self._project, wish)
        await world.logs.restart_kafka_import(self._project, self._name)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyunlog log create_ingestion``."""
        return commands.create_kafka_import(world, self._name)

    def _wish(self, world: AlibabaWorld) -> KafkaImport:
        profile = world.profile
        if not world.bootstrap or not world.hub:
            raise problem_error(Code.NOT_APPLIED, "kafka.bootstrap", profile=profile.file.name)
        return KafkaImport(
            name=self._name,
            display_name=f"Azure Event Hubs import ({profile.name})"[:64],
            description=world.description,
            logstore=profile.logstore.logstore,
            bootstrap=world.bootstrap,
            topic=world.hub,
            group=profile.managed_group,
            start="latest" if profile.kafka.start == "latest" else "earliest",
            connection_string=profile.read_secret(profile.kafka_secret, _FIELD),
        )

    def _stale(self, world: AlibabaWorld, found: ImportJob) -> list[str]:
        """What of the job is not of today, in words."""
        wrong = []
        if world.bootstrap and found.bootstrap != world.bootstrap:
            wrong.append("another namespace")
        if world.hub and found.topic != world.hub:
            wrong.append("another event hub")
        kept = _kept_fingerprint(world)
        if kept and found.key_fingerprint and found.key_fingerprint != kept:
            wrong.append("the key was rotated")
        if found.status.upper() in ("STOPPED", "FAILED"):
            wrong.append(f"it is {found.status.lower()}")
        return wrong

    def _cannot(self, world: AlibabaWorld) -> Problem | None:
        """Why it cannot be made: a time to start at that the job does not know."""
        start = world.profile.kafka.start
        if start not in ("earliest", "latest"):
            return problem(Code.MANAGED_START_UNSUPPORTED, "kafka.start", start=start)
        if not world.bootstrap and world.profile.azure is None:
            return problem(Code.NOT_APPLIED, "kafka.bootstrap", profile=world.profile.file.name)
        return None


class TransformationTask(Task[AlibabaWorld]):
    """The data transformation job that makes single records of whole messages."""

    step = "import_task"
    cost_class = "usage"

    def __init__(self, profile: Profile) -> None:
        self._name = job_name(profile, "split")
        self._project = profile.logstore.project
        self.id = f"alibaba/transformation/{self._project}/{self._name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether it is there and runs."""
        logs = world.profile.logstore
        thing = Thing("transformation", self._name, project=self._project, logstore=logs.logstore)
        found = None
        if world.has_project:
            found = await world.logs.transformation(self._project, self._name)
        if found is None:
            what = (
                f"create the data transformation job {self._name}: messages of {logs.logstore} "
                f"become single records in {logs.record_logstore}"
            )
            return Look(Kind.CREATE, what, thing)
        if found.status.upper() in ("STOPPED", "FAILED"):
            what = f"start the data transformation job {self._name}: it is {found.status.lower()}"
            return Look(Kind.CHANGE, what, thing)
        return Look(
            Kind.REUSE, f"data transformation job {self._name} is there ({found.status})", thing
        )

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it, or start it."""
        if look.kind is Kind.CHANGE:
            progress(f"starting the data transformation job {self._name}")
            await world.logs.start_transformation(self._project, self._name)
            return
        progress(f"creating the data transformation job {self._name}")
        await world.logs.create_transformation(self._project, self._wish(world))

    def command(self, world: AlibabaWorld) -> str:
        """``aliyunlog log create_etl``."""
        return commands.create_transformation(world, self._wish(world))

    def _wish(self, world: AlibabaWorld) -> Transformation:
        logs = world.profile.logstore
        return Transformation(
            name=self._name,
            display_name=f"Azure records ({world.profile.name})"[:64],
            description=world.description,
            source=logs.logstore,
            spl=splitting_spl(),
            sink_project=self._project,
            sink_logstore=logs.record_logstore,
            role_arn=f"acs:ram::{world.identity.account_id}:role/{_ROLE}",
        )


def _kept_fingerprint(world: AlibabaWorld) -> str:
    """Of the connection string that is kept; empty: there is none yet."""
    profile = world.profile
    try:
        return key_fingerprint(profile.read_secret(profile.kafka_secret, _FIELD))
    except ProblemError:
        return ""
