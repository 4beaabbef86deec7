"""Tasks of the Alibaba half in Security Center: is it on, data source, vendor, product."""

from __future__ import annotations

from core.alibaba.security_center.vendors import Product
from core.errors import Code, ProblemError, problem, problem_error
from core.onboarding import alibaba_commands as commands
from core.onboarding.action import Kind
from core.onboarding.alibaba_names import (
    OWN_PRODUCT,
    OWN_VENDOR,
    PRESET_PRODUCTS,
    PRESET_VENDORS,
    data_source_name,
)
from core.onboarding.alibaba_world import AlibabaWorld, analysed_logstore, made
from core.onboarding.journal import Thing
from core.onboarding.task import Look, Progress, Task
from core.profile import Profile


class ActivationTask(Task[AlibabaWorld]):
    """Security Center is there, activated, and has its role. Isthmus never buys or authorises."""

    step = "alibaba_sign_in"
    id = "alibaba/activation"

    async def look(self, world: AlibabaWorld) -> Look:
        """Raises ProblemError where it is not; the remedy is the user's."""
        found = await world.security.activation()
        what = f"Security Center is active (version {found.version})"
        return Look(Kind.REUSE, what, Thing("activation", "Security Center"))

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Nothing is ever made."""

    def command(self, world: AlibabaWorld) -> str:
        """There is none."""
        return ""


class DataSourceTask(Task[AlibabaWorld]):
    """The data source: Security Center's name for the Logstore that it reads."""

    step = "data_source"
    cost_class = "usage"

    def __init__(self, profile: Profile) -> None:
        self._name = data_source_name(profile)
        self.id = f"alibaba/data_source/{self._name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether there is one of this name, of this Logstore."""
        logstore, project = analysed_logstore(world.profile), world.project
        kind = world.analysis.data_source_type
        thing = Thing("data_source", self._name, project=project, logstore=logstore)
        found = world.data_source = await world.security.data_source(self._name)
        if found is None:
            words = "dedicated channel" if kind == "dedicated" else "your own Log Service"
            what = f"create the data source {self._name} ({words}): Logstore {logstore}"
            return Look(Kind.CREATE, what, thing)
        if not found.reads(project, logstore):
            other = problem(
                Code.SECURITY_CENTER_OTHER_DATA_SOURCE,
                self.id,
                name=self._name,
                logstore=", ".join(f"{s.project}/{s.logstore}" for s in found.stores) or "none",
                wanted=f"{project}/{logstore}",
            )
            return Look(Kind.REUSE, f"data source {self._name} is there", thing, other)
        return Look(Kind.REUSE, f"data source {self._name} is there ({found.status})", thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Ask Security Center whether it can read the Logstore, then create the data source."""
        logstore, project, center = analysed_logstore(world.profile), world.project, world.security
        progress(f"asking Security Center whether it can read {project}/{logstore}")
        await center.check_logstore(world.region, project, logstore)
        progress(f"creating the data source {self._name}")
        kind = world.analysis.data_source_type
        world.data_source = await center.create_data_source(
            self._name, kind, world.region, project, logstore
        )

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateDataSource``."""
        return commands.create_data_source(world, self._name)


class DedicatedLogstoreTask(Task[AlibabaWorld]):
    """A Logstore in Security Center's own channel, which only Security Center makes."""

    step = "data_source"
    cost_class = "usage"

    def __init__(self, profile: Profile) -> None:
        self._name = analysed_logstore(profile)
        self.id = f"alibaba/dedicated_logstore/{self._name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether it is there; the profile must name the account's own channel."""
        project = await world.security.dedicated_project(world.region)
        thing = Thing("logstore", self._name, project=project, inside="dedicated")
        if world.project != project:
            wrong = problem(
                Code.SECURITY_CENTER_DEDICATED_PROJECT,
                "log_service.project",
                project=project,
                given=world.project,
            )
            return Look(Kind.CREATE, f"create the Logstore {self._name}", thing, wrong)
        names: tuple[str, ...] = ()
        if project in await world.security.log_projects(world.region):  # it comes with the first
            names = await world.security.log_stores(world.region, project)
        world.has_project = True
        world.logstores = frozenset(names)
        if self._name in names:
            what = f"Logstore {self._name} of the dedicated channel is there"
            return Look(Kind.REUSE, what, thing)
        what = f"create the Logstore {self._name} in the dedicated channel {project}"
        return Look(Kind.CREATE, what, thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        progress(f"creating the dedicated Logstore {self._name}")
        await world.security.create_dedicated_logstore(world.region, self._name)
        world.logstores |= {self._name}

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateLogStore``."""
        return commands.create_dedicated_logstore(world, self._name)


class DedicatedWriteTask(Task[AlibabaWorld]):
    """Sees once whether the engine may write into the dedicated channel, before it relies on it."""

    step = "data_source"

    def __init__(self, profile: Profile) -> None:
        self._name = analysed_logstore(profile)
        self.id = f"alibaba/dedicated_write/{self._name}"

    async def look(self, world: AlibabaWorld) -> Look:
        """Whether this profile has written there before."""
        place = f"{world.project}/{self._name}"
        thing = Thing("written_log", self._name, project=world.project)
        if world.applied.dedicated_written == place and self._name in world.logstores:
            return Look(Kind.REUSE, f"{place} takes logs of ours", thing)
        what = f"write one log into {place}, to see whether the dedicated channel takes any"
        return Look(Kind.CHANGE, what, thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Write it."""
        progress(f"writing one log into {self._name}")
        try:
            await world.logs.probe_write(world.project, self._name)
        except ProblemError as error:
            raise problem_error(
                Code.SECURITY_CENTER_DEDICATED_NOT_WRITABLE,
                "security_center.data_source_type",
                f"{error.problem.cause} {error.problem.detail}".strip(),
                logstore=self._name,
            ) from None
        world.learn_dedicated(f"{world.project}/{self._name}")

    def command(self, world: AlibabaWorld) -> str:
        """There is none worth showing."""
        return ""


class VendorTask(Task[AlibabaWorld]):
    """The vendor: a preset one of Microsoft's where there is one, else our own."""

    step = "integration_policy"
    id = "alibaba/vendor"

    async def look(self, world: AlibabaWorld) -> Look:
        """Looks up the one that is named, or the preset ones."""
        wanted = world.analysis.vendor
        for name in (wanted,) if wanted else (*PRESET_VENDORS, OWN_VENDOR):
            world.vendor = await world.security.vendor(name)
            if world.vendor is not None:
                thing = Thing("vendor", world.vendor.name)
                return Look(Kind.REUSE, f"vendor {world.vendor.name} is there", thing)
        name = wanted or OWN_VENDOR
        return Look(Kind.CREATE, f"create the vendor {name}", Thing("vendor", name))

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        progress(f"creating the vendor {look.thing.name}")
        world.vendor = await world.security.create_vendor(look.thing.name)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateVendor``."""
        return commands.create_vendor(world)


class ProductTask(Task[AlibabaWorld]):
    """The product whose logs these are."""

    step = "integration_policy"
    id = "alibaba/product"

    async def look(self, world: AlibabaWorld) -> Look:
        """Looks up the one that is named; else a preset one that takes policies, else our own."""
        wanted, vendor = world.analysis.product, _vendor_name(world)
        for name in (wanted,) if wanted else (*PRESET_PRODUCTS, OWN_PRODUCT):
            world.product = await _product(world, name)
            if world.product is not None and (wanted or world.product.takes_policies):
                thing = Thing("product", world.product.name, inside=vendor)
                return Look(Kind.REUSE, f"product {thing.name} of {vendor} is there", thing)
        world.product = None
        name = wanted or OWN_PRODUCT
        thing = Thing("product", name, inside=vendor)
        return Look(Kind.CREATE, f"create the product {name} of {vendor}", thing)

    async def make(self, world: AlibabaWorld, look: Look, progress: Progress) -> None:
        """Create it."""
        progress(f"creating the product {look.thing.name}")
        vendor = made(world.vendor)
        world.product = await world.security.create_product(vendor, look.thing.name)

    def command(self, world: AlibabaWorld) -> str:
        """``aliyun cloud-siem CreateProduct``."""
        return commands.create_product(world)


def _vendor_name(world: AlibabaWorld) -> str:
    return world.vendor.name if world.vendor else world.analysis.vendor or OWN_VENDOR


async def _product(world: AlibabaWorld, name: str) -> Product | None:
    return await world.security.product(world.vendor, name) if world.vendor else None
