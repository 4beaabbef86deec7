"""What has no public API and is done by hand in the console: value by value, proved from outside.

Security Center's own connectors cannot be made by API: no operation knows Apache or Kafka as a
vendor, none creates a connector (cloud-siem 2024-12-12, sas 2018-12-03). Isthmus needs none. Who
wants the console's own import task is guided, and whether it works is looked up where it shows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.errors import ProblemError
from core.kafka.settings import HubAccess, client_settings, hub_access
from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.draft_alibaba import GrantProof
from core.profile import Profile

_ASK_SECONDS = 10.0
_MOVING_SECONDS = 5.0
_LOOKED_AT = 20


@dataclass(frozen=True)
class Value:
    """One value to copy.

    Attributes:
        field: the console's own name of it.
        text: what to enter; of a secret, where it is kept.
        secret: it is to be copied from there and is never shown.
    """

    field: str
    text: str
    secret: bool = False


@dataclass(frozen=True)
class GuidedStep:
    """One thing to do by hand.

    Attributes:
        number: of the documented step.
        title: what it is.
        path: where it is in the console, level by level.
        values: what to enter, in the order of the panel.
        notes: what should be known before.
    """

    number: str
    title: str
    path: tuple[str, ...]
    values: tuple[Value, ...]
    notes: tuple[str, ...] = ()


def guided_steps(profile: Profile, bootstrap: str, hub: str) -> tuple[GuidedStep, ...]:
    """The two steps of the console for ``profile``, whose hub is at ``bootstrap``."""
    center, own = profile.security_center, profile.account.region
    mainland = own.startswith("cn-") and own != "cn-hongkong"
    if center is not None and center.region_id:
        mainland = center.region_id == "cn-hangzhou"
    region = "Chinese Mainland" if mainland else "Outside Chinese Mainland"
    switch = f"In the upper-left corner choose {region}: where the assets are."
    endpoint = bootstrap or "<namespace>.servicebus.windows.net:9093"
    grant = GuidedStep(
        "B1",
        "Let Security Center read the event hub",
        (
            "Security Center console",
            "CTDR",
            "Integration Center",
            "Multi-cloud Configuration Management",
            "Multi-cloud Assets",
            "Grant Permission",
            "IDC",
        ),
        (
            Value("Service Provider", "Apache"),
            Value("Connection Type", "Kafka"),
            Value("Endpoint", endpoint),
            Value("Username", "$ConnectionString"),
            Value("Password", str(profile.kafka_secret), secret=True),
            Value("Communication Protocol", "sasl_ssl"),
            Value("SASL Authentication Mechanism", "plain"),
        ),
        (switch, "The AK service status check does not apply; it can be skipped."),
    )
    logs = profile.logstore
    task = GuidedStep(
        "B2.2-4",
        "Create the data import task",
        ("Security Center console", "CTDR", "Integration Center", "Data Import", "Add Data"),
        (
            Value("Data Source Type", "Kafka"),
            Value("Endpoint", endpoint),
            Value("Topics", hub),
            Value("Value Type", "json"),
            Value("Destination Logstore", f"{logs.project}/{logs.logstore}"),
        ),
        (switch, "It stores one log for each Kafka message; batches are not split."),
    )
    return grant, task


async def look_for_proof(world: AlibabaWorld, ticked: bool = False) -> GrantProof | None:
    """What shows from outside that the console's task reads the hub; None: nothing does.

    A running connector is the best proof, then logs in the Logstore, then a consumer group of the
    hub that moves and is not ours. ``ticked``: the user's word, where nothing else is found.
    Raises ProblemError.
    """
    if found := await _connector(world):
        return found
    if found := await _records(world):
        return found
    if found := await _moving_group(world.profile):
        return found
    return GrantProof("tick", "the user says that it is done") if ticked else None


async def _connector(world: AlibabaWorld) -> GrantProof | None:
    if world.center is None:
        return None
    for each in await world.center.connectors("kafka"):
        here = (each.project, each.logstore) == (world.project, world.profile.logstore.logstore)
        if here and each.enabled and each.running:
            what = f"connector {each.name} ({each.id}) runs job {each.job}: {each.job_state}"
            return GrantProof("connector", what)
    return None


async def _records(world: AlibabaWorld) -> GrantProof | None:
    """Logs that are not the engine's: those bear an ``event_uid``."""
    if world.profile.import_.route != "engine":
        return None  # our own job writes such logs there, so they prove nothing of the console's
    logstore = world.profile.logstore.logstore
    try:
        newest = await world.logs.newest(world.project, logstore, _LOOKED_AT)
    except ProblemError:
        return None  # it is not there, which is no proof of anything
    foreign = [log for log in newest if "event_uid" not in log]
    if not foreign:
        return None
    return GrantProof("records", f"logs arrive in {world.project}/{logstore}")


async def _moving_group(profile: Profile) -> GrantProof | None:
    """A consumer group of the hub, other than ours, whose commits move within some seconds."""
    try:
        access = hub_access(profile)
    except ProblemError:
        return None
    ours = frozenset({profile.group, profile.managed_group})
    before = await asyncio.to_thread(_committed, access, ours)
    if not before:
        return None
    await asyncio.sleep(_MOVING_SECONDS)
    after = await asyncio.to_thread(_committed, access, ours)
    moved = next((group for group, at in before.items() if after.get(group, 0) > at), None)
    if moved is None:
        return None
    return GrantProof("lag", f"consumer group {moved} goes on reading {access.hub}")


def _committed(access: HubAccess, ours: frozenset[str]) -> dict[str, int]:
    """Sum of the committed offsets at the hub, by group; none where the hub cannot be asked."""
    from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
    from confluent_kafka.admin import AdminClient

    admin = AdminClient(client_settings(access))
    found: dict[str, int] = {}
    try:
        listed = admin.list_consumer_groups(request_timeout=_ASK_SECONDS).result()
        for group in (each.group_id for each in listed.valid if each.group_id not in ours):
            asked = [ConsumerGroupTopicPartitions(group)]
            answer = admin.list_consumer_group_offsets(asked, request_timeout=_ASK_SECONDS)
            places = answer[group].result().topic_partitions
            found[group] = sum(p.offset for p in places if p.topic == access.hub and p.offset > 0)
    except KafkaException:
        return {}
    return found
