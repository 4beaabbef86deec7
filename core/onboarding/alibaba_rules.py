"""Tasks of the Alibaba half that analyse: standardised rule, policy, detection rules."""

from __future__ import annotations

from core.alibaba.security_center import limits
from core.alibaba.security_center.detection_rules import DetectionRule
from core.alibaba.security_center.detection_texts import detection_text
from core.alibaba.security_center.policies import IntegrationPolicy
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA
from core.alibaba.security_center.sign_in_rule import rule_mode, sign_in_rule
from core.errors import Code, Problem, ProblemError, problem
from core.onboarding import alibaba_commands as commands
from core.onboarding.action import Kind
from core.onboarding.alibaba_names import data_source_name, rule_name
from core.onboarding.alibaba_world import AlibabaWorld, made, split_of
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task
from core.profile import Profile


class StandardisedRuleTask(Task[AlibabaWorld]):
    """The rule that makes standard fields of sign-in records."""

    step = "integration_policy"

    def __init__(self, profile: Profile) -> None:
        self._batches = split_of(profile) == "realtime_rule"
        self._name = rule_name(profile, self._batches)
        self._mode = profile.normalization.mode
        self.id = f"alibaba/standardised_rule/{self._name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether there is one of this name; one that is there is used as it is."""
        product = world.product.name if world.product else ""
        thing = Thing("standardised_rule", self._name, inside=product)
        found = world.rule = await world.security.rule(self._name)
        try:
            world.schema = await world.security.schema_by_name(SIGN_IN_SCHEMA)
        except ProblemError as error:
            what = f"create the standardised rule {self._name}"
            return Look(Kind.CREATE, what, thing, error.problem)
        if found is None:
            what = f"create the standardised rule {self._name}: {world.schema.name}"
            return Look(Kind.CREATE, what, thing)
        same = found.expression.strip() == self._expression()
        differs = () if same else ("its expression is not Isthmus's own",)
        what = f"standardised rule {self._name} is there"
        return Look(Kind.REUSE, what, thing, differences=differs)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it. Security Center checks the expression."""
        product, schema = made(world.product), made(world.schema)
        progress(f"creating the standardised rule {self._name}")
        world.rule = await world.security.create_rule(
            self._name,
            product,
            schema,
            self._expression(),
            mode=rule_mode(self._batches),
        )

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateNormalizationRule``."""
        return commands.create_rule(world, self._name, self._expression())

    def _expression(self) -> str:
        return sign_in_rule(self._batches, self._mode).strip()


class IntegrationPolicyTask(Task[AlibabaWorld]):
    """The integration policy: which rule standardises what comes from which data source."""

    step = "integration_policy"
    cost_class = "usage"

    def __init__(self, profile: Profile) -> None:
        self._batches = split_of(profile) == "realtime_rule"
        self._source, self._rule = data_source_name(profile), rule_name(profile, self._batches)
        self.id = f"alibaba/integration_policy/{self._source}/{self._rule}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether there is one for this data source, product and rule, and whether it is on."""
        mode = world.profile.normalization.mode
        thing = Thing("integration_policy", self._rule, inside=self._source)
        found = await self._find(world)
        words = {"realtime": "as logs arrive", "scan": "by scan query"}[mode]
        what = f"create and enable the integration policy of {self._source}: {self._rule}, {words}"
        if found is None:
            unfit = limits.mode_problem(
                mode,
                kind=world.analysis.data_source_type,
                splits_batches=self._batches,
                schema=world.schema,
            )
            return Look(Kind.CREATE, what, thing, unfit or await _too_many(world))
        if not found.enabled:
            return Look(Kind.CHANGE, f"enable the integration policy of {self._source}", thing)
        differs = () if found.mode == mode else (f"mode: {found.mode}, not {mode}",)
        what = f"integration policy of {self._source} is there ({found.state})"
        return Look(Kind.REUSE, what, thing, differences=differs)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it where it is not there, and enable it."""
        center = world.security
        found = await self._find(world)
        if found is None:
            progress(f"creating the integration policy of {self._source}")
            found = await center.create_policy(
                made(world.data_source).id,
                made(world.product),
                made(world.rule).id,
                mode=world.profile.normalization.mode,
            )
        progress(f"enabling the integration policy of {self._source}")
        await center.enable_policy(found)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateDataIngestion`` and ``EnableDataIngestion``."""
        return commands.create_policy(world)

    async def _find(self, world: AlibabaWorld) -> IntegrationPolicy | None:
        if world.data_source is None or world.product is None or world.rule is None:
            return None
        for each in await world.security.policies(world.product):
            ids = (each.data_source_id, each.rule_id)
            if ids == (world.data_source.id, world.rule.id):
                return each
        return None


class DetectionRuleTask(Task[AlibabaWorld]):
    """A detection rule of our own, created and enabled."""

    step = "detection_rules"
    cost_class = "usage"

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self.id = f"alibaba/detection_rule/{rule}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether it is there, and whether it is enabled."""
        text = detection_text(self._rule)
        thing = Thing("detection_rule", text.title)
        found = await self._find(world)
        if found is None:
            what = f"create and enable the detection rule {text.title}"
            return Look(Kind.CREATE, what, thing, await self._unseeing(world))
        if not found.enabled:
            return Look(Kind.CHANGE, f"enable the detection rule {text.title}", thing)
        return Look(Kind.REUSE, f"detection rule {text.title} is there and enabled", thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it where it is not there, and enable it."""
        center, text = world.security, detection_text(self._rule)
        found = await self._find(world)
        identity = found.id if found is not None else ""
        if found is None:
            progress(f"creating the detection rule {text.title}")
            entities = await center.entities()
            identity = await center.create_detection_rule(text.rule(made(world.schema), entities))
        progress(f"enabling the detection rule {text.title}")
        await center.set_detection_rule(identity, "custom", True)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateDetectionRule``."""
        text = detection_text(self._rule)
        sql = text.query(world.schema) if world.schema else text.sql
        return commands.create_detection_rule(world, text.title, sql)

    async def _find(self, world: AlibabaWorld) -> DetectionRule | None:
        title = detection_text(self._rule).title
        found = await world.security.detection_rules("custom", title)
        return found[0] if found else None

    async def _unseeing(self, world: AlibabaWorld) -> Problem | None:
        """The warning that own rules see nothing of what the account's storage does not keep."""
        mode = world.profile.normalization.mode
        if mode == "scan":
            return None
        storage = await world.security.storage()
        return limits.log_management_problem(mode, 1, storage.log_management)


class PresetRuleTask(Task[AlibabaWorld]):
    """A preset detection rule, enabled; a removal disables it again."""

    step = "detection_rules"
    cost_class = "usage"

    def __init__(self, name: str) -> None:
        self._name = name
        self.id = f"alibaba/preset_rule/{name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether there is one of this name, and whether it is enabled."""
        thing = Thing("preset_rule", self._name)
        found = await self._find(world)
        if found is None:
            missing = problem(Code.SECURITY_CENTER_NO_PRESET_RULE, self.id, name=self._name)
            return Look(Kind.CHANGE, f"enable the preset rule {self._name}", thing, missing)
        if found.enabled:
            return Look(Kind.REUSE, f"preset rule {self._name} is enabled", thing)
        return Look(Kind.CHANGE, f"enable the preset rule {self._name}", thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Enable it."""
        progress(f"enabling the preset rule {self._name}")
        found = made(await self._find(world))
        await world.security.set_detection_rule(found.id, "preset", True)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem UpdateDetectionRule``."""
        return commands.enable_preset_rule(world, self._name)

    async def _find(self, world: AlibabaWorld) -> DetectionRule | None:
        found = await world.security.detection_rules("preset", self._name)
        return found[0] if found else None


async def _too_many(world: AlibabaWorld) -> Problem | None:
    """Why one more policy may not scan the dataset."""
    if world.profile.normalization.mode != "scan" or world.schema is None:
        return None
    center = world.security
    datasets = {each.id: each.dataset for each in await center.schemas()}
    rules = {each.id: datasets.get(each.schema_id, "") for each in await center.rules()}
    return limits.scan_policies_problem(world.schema.dataset, await center.policies(), rules)
