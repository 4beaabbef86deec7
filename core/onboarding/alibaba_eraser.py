"""How things of the Alibaba half are found again and taken away."""

from __future__ import annotations

from core.alibaba.security_center.data_sources import DataSource
from core.alibaba.security_center.detection_rules import DetectionKind, DetectionRule
from core.alibaba.security_center.policies import IntegrationPolicy
from core.errors import Code, Problem, problem
from core.onboarding import alibaba_commands as commands
from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.journal import Thing
from core.onboarding.removing import Trace
from core.onboarding.task import Progress

STEPS = {
    "project": "data_source",
    "logstore": "data_source",
    "index": "data_source",
    "kafka_import": "import_task",
    "transformation": "import_task",
    "data_source": "data_source",
    "vendor": "integration_policy",
    "product": "integration_policy",
    "standardised_rule": "integration_policy",
    "integration_policy": "integration_policy",
    "detection_rule": "detection_rules",
    "preset_rule": "detection_rules",
}
"""The things that this eraser knows, and the wizard's step of each."""

_WORDS = {
    "project": "the project {name}, with all that it holds",
    "logstore": "the Logstore {name}, with its logs",
    "index": "the index of Logstore {name}",
    "kafka_import": "the import job {name}",
    "transformation": "the data transformation job {name}",
    "data_source": "the data source {name}",
    "vendor": "the vendor {name}",
    "product": "the product {name}",
    "standardised_rule": "the standardised rule {name}",
    "integration_policy": "the integration policy of {inside}",
    "detection_rule": "the detection rule {name}",
    "preset_rule": "the enabling of the preset rule {name}",
}


class AlibabaEraser:
    """Takes away things of one profile's Alibaba half."""

    def __init__(self, world: AlibabaWorld) -> None:
        self._world = world

    async def trace(self, thing: Thing) -> Trace:
        """Whether ``thing`` is there; of what has a description, whether it is this profile's."""
        world, logs = self._world, self._world.logs
        if thing.type == "project":
            project = await logs.project(thing.name)
            if project is None or not world.is_ours(project.description):
                return Trace(False)
            return Trace(True, await self._strangers(thing))
        if thing.type in ("logstore", "index", "kafka_import", "transformation"):
            return Trace(await self._is_in_log_service(thing))
        return Trace(await self._is_in_security_center(thing))

    async def erase(self, thing: Thing, progress: Progress) -> None:
        """Take it away. Raises ProblemError."""
        progress(f"deleting {self.describe(thing)}")
        logs = self._world.logs
        if thing.type == "project":
            await logs.delete_project(thing.name)
        elif thing.type == "logstore" and thing.inside == "dedicated":
            await self._world.security.delete_dedicated_logstore(self._world.region, thing.name)
        elif thing.type == "logstore":
            await logs.delete_logstore(thing.project, thing.name)
        elif thing.type == "index":
            await logs.delete_index(thing.project, thing.logstore)
        elif thing.type == "kafka_import":
            await logs.delete_kafka_import(thing.project, thing.name)
        elif thing.type == "transformation":
            await logs.delete_transformation(thing.project, thing.name)
        else:
            await self._erase_in_security_center(thing)

    def describe(self, thing: Thing) -> str:
        """It in words."""
        return _WORDS[thing.type].format(name=thing.name, inside=thing.inside)

    def command(self, thing: Thing) -> str:
        """The line of ``aliyun``."""
        return commands.delete(self._world, thing)

    def step(self, thing: Thing) -> str:
        """The wizard's step that it belongs to."""
        return STEPS[thing.type]

    async def _strangers(self, project: Thing) -> Problem | None:
        """A project is not deleted with what somebody else keeps in it."""
        ours = {
            made.thing.name
            for made in self._world.journal.made()
            if made.thing.type == "logstore" and made.thing.project == project.name
        }
        others = sorted(set(await self._world.logs.logstores(project.name)) - ours)
        if not others:
            return None
        where = f"project {project.name}"
        return problem(Code.REMOVAL_HELD_BACK, where, name=project.name, holder=others[0])

    async def _is_in_log_service(self, thing: Thing) -> bool:
        world, logs = self._world, self._world.logs
        if thing.type == "logstore" and thing.inside == "dedicated":
            if thing.project not in await world.security.log_projects(world.region):
                return False
            return thing.name in await world.security.log_stores(world.region, thing.project)
        if await logs.project(thing.project) is None:
            return False
        if thing.type == "kafka_import":
            job = await logs.kafka_import(thing.project, thing.name)
            return job is not None and world.is_ours(job.description)
        if thing.type == "transformation":
            transformation = await logs.transformation(thing.project, thing.name)
            return transformation is not None and world.is_ours(transformation.description)
        name = thing.logstore or thing.name
        if name not in await logs.logstores(thing.project):
            return False
        return thing.type == "logstore" or await logs.index(thing.project, name) is not None

    async def _is_in_security_center(self, thing: Thing) -> bool:
        center = self._world.security
        if thing.type == "data_source":
            return await self._data_source(thing.name) is not None
        if thing.type == "vendor":
            vendor = await center.vendor(thing.name)
            return vendor is not None and not vendor.preset
        if thing.type == "product":
            vendor = await center.vendor(thing.inside)
            product = await center.product(vendor, thing.name) if vendor else None
            return product is not None and not product.preset
        if thing.type == "standardised_rule":
            rule = await center.rule(thing.name)
            return rule is not None and not rule.predefined
        if thing.type == "integration_policy":
            return await self._policy(thing) is not None
        found = await self._detection_rule(thing)
        return found is not None and (found.kind == "custom" or found.enabled)

    async def _erase_in_security_center(self, thing: Thing) -> None:
        center = self._world.security
        if thing.type == "data_source":
            if source := await self._data_source(thing.name):
                await center.delete_data_source(source.id)
        elif thing.type == "vendor":
            if vendor := await center.vendor(thing.name):
                await center.delete_vendor(vendor.id)
        elif thing.type == "product":
            vendor = await center.vendor(thing.inside)
            if vendor and (product := await center.product(vendor, thing.name)):
                await center.delete_product(product.id)
        elif thing.type == "standardised_rule":
            if rule := await center.rule(thing.name):
                await center.delete_rule(rule.id)
        elif thing.type == "integration_policy":
            if policy := await self._policy(thing):
                await center.disable_policy(policy)
                await center.delete_policy(policy.id)
        elif found := await self._detection_rule(thing):
            await center.set_detection_rule(found.id, found.kind, False)
            if thing.type == "detection_rule":
                await center.delete_detection_rule(found.id)

    async def _data_source(self, name: str) -> DataSource | None:
        """A custom one; what Security Center makes by itself cannot be deleted."""
        found = await self._world.security.data_source(name)
        return found if found is not None and found.custom else None

    async def _detection_rule(self, thing: Thing) -> DetectionRule | None:
        kind: DetectionKind = "preset" if thing.type == "preset_rule" else "custom"
        found = await self._world.security.detection_rules(kind, thing.name)
        return found[0] if found else None

    async def _policy(self, thing: Thing) -> IntegrationPolicy | None:
        center = self._world.security
        source, rule = await center.data_source(thing.inside), await center.rule(thing.name)
        if source is None or rule is None:
            return None
        wanted = (source.id, rule.id)
        policies = await center.policies()
        return next((p for p in policies if (p.data_source_id, p.rule_id) == wanted), None)
