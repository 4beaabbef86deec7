"""What the account already has: namespaces, their hubs and policies, over all its subscriptions.

At most eight requests are on their way at once. A tenant or subscription that cannot be read is a
problem in the result, not its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from core.azure.diagnostic_settings import DiagnosticSetting, Kind, list_settings
from core.azure.diagnostic_sources import source_scope
from core.azure.event_hubs import EventHub, list_event_hubs
from core.azure.namespaces import Namespace, read_namespace
from core.azure.networks import NetworkRules, network_rules
from core.azure.policies import Policy, list_policies
from core.azure.session import AzureSession, azure_problems
from core.azure.subscriptions import USABLE_STATES, Subscription, Tenant, subscriptions, tenants
from core.errors import Code, Problem, ProblemError

T = TypeVar("T")

_LIST_VERSION = "2024-01-01"


@dataclass(frozen=True)
class DiscoveryProgress:
    """How far it is.

    Attributes:
        phase: subscriptions, namespaces or details.
        tenants: how many there are.
        subscriptions: how many were found so far.
        subscriptions_done: how many of them were searched.
        namespaces: how many were found so far.
        namespaces_done: how many of them were read whole.
    """

    phase: str = "subscriptions"
    tenants: int = 0
    subscriptions: int = 0
    subscriptions_done: int = 0
    namespaces: int = 0
    namespaces_done: int = 0


@dataclass(frozen=True)
class FoundHub:
    """An event hub with its own policies."""

    hub: EventHub
    policies: tuple[Policy, ...] = ()


@dataclass(frozen=True)
class FoundNamespace:
    """A namespace with all that matters for an import.

    Attributes:
        namespace: itself.
        tenant: id of the tenant that its subscription belongs to.
        hubs: its event hubs.
        policies: its own policies; they hold for every hub.
        network: who may connect; None if that could not be read.
        fed_by: diagnostic settings of activity logs and Entra ID that send here. Settings of
            single resources are not searched: that would be a request for each resource.
        problems: what of it could not be read.
    """

    namespace: Namespace
    tenant: str
    hubs: tuple[FoundHub, ...] = ()
    policies: tuple[Policy, ...] = ()
    network: NetworkRules | None = None
    fed_by: tuple[DiagnosticSetting, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether an import can read from it: it speaks Kafka and takes connection strings."""
        return self.namespace.kafka and self.namespace.local_auth


@dataclass(frozen=True)
class Unread:
    """A tenant or subscription that could not be read."""

    what: str
    problem: Problem


@dataclass(frozen=True)
class Discovery:
    """What there is.

    Attributes:
        tenants: that the account is in.
        subscriptions: that it can see, in any of them.
        namespaces: in those; sorted by name.
        unread: what could not be read.
    """

    tenants: tuple[Tenant, ...]
    subscriptions: tuple[Subscription, ...]
    namespaces: tuple[FoundNamespace, ...]
    unread: tuple[Unread, ...] = ()


async def discover(
    session: AzureSession,
    on_progress: Callable[[DiscoveryProgress], None],
    limit: int = 8,
) -> Discovery:
    """Look at everything that the account can see; ``limit`` is how much is read at once.

    Raises ProblemError only if not even the tenants can be listed.
    """
    return await _Search(session, on_progress, limit).run()


class _Search:
    """One discovery; it keeps count and collects what could not be read."""

    def __init__(
        self,
        session: AzureSession,
        on_progress: Callable[[DiscoveryProgress], None],
        limit: int,
    ) -> None:
        self._session = session
        self._on_progress = on_progress
        self._limit = limit
        self._sessions: dict[str, AzureSession] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._namespaces: list[tuple[Namespace, str]] = []
        self._found: list[FoundNamespace] = []
        self._settings: list[DiagnosticSetting] = []
        self._unread: list[Unread] = []
        self._tenants: tuple[Tenant, ...] = ()
        self._phase = "subscriptions"
        self._searched = 0

    async def run(self) -> Discovery:
        """Tenants, then their subscriptions, then their namespaces, then all about each."""
        own = (await self._session.credential.account()).tenant
        self._tenants = tuple([each async for each in tenants(self._session)])
        if own not in {each.id for each in self._tenants}:
            self._tenants = (Tenant(own), *self._tenants)
        for each in self._tenants:
            same = each.id == own
            self._sessions[each.id] = self._session if same else self._session.for_tenant(each.id)
        self._tell()
        await self._each(self._tenants, self._read_tenant)
        self._phase = "namespaces"
        usable = [each for each in self._subscriptions.values() if each.state in USABLE_STATES]
        await self._each(usable, self._read_subscription)
        self._phase = "details"
        await self._each(self._namespaces, self._read_namespace)
        return Discovery(
            tenants=self._tenants,
            subscriptions=tuple(sorted(self._subscriptions.values(), key=lambda s: s.name)),
            namespaces=tuple(sorted(self._found, key=lambda found: found.namespace.name)),
            unread=tuple(self._unread),
        )

    async def _read_tenant(self, tenant: Tenant) -> None:
        session = self._sessions[tenant.id]
        try:
            async for each in subscriptions(session):
                self._subscriptions.setdefault(each.id, each)
        except ProblemError as error:
            self._unread.append(Unread(f"tenant {tenant.name or tenant.id}", error.problem))
            return
        await self._read_settings(session, "entra", source_scope("entra"))
        self._tell()

    async def _read_subscription(self, subscription: Subscription) -> None:
        session = self._session_of(subscription.tenant)
        try:
            async for each in _namespaces(session, subscription.id):
                self._namespaces.append((each, subscription.tenant))
        except ProblemError as error:
            what = f"subscription {subscription.name or subscription.id}"
            self._unread.append(Unread(what, error.problem))
        else:
            scope = source_scope("activity", subscription=subscription.id)
            await self._read_settings(session, "activity", scope)
        self._searched += 1
        self._tell()

    async def _read_settings(self, session: AzureSession, kind: Kind, scope: str) -> None:
        """Who may not see them, as most may not those of Entra ID, goes without."""
        try:
            self._settings += [each async for each in list_settings(session, kind, scope)]
        except ProblemError as error:
            if error.problem.code not in (Code.AZURE_FORBIDDEN, Code.AZURE_NOT_FOUND):
                self._unread.append(Unread(f"diagnostic settings of {scope}", error.problem))

    async def _read_namespace(self, one: tuple[Namespace, str]) -> None:
        namespace, tenant = one
        session = self._session_of(tenant)
        place = (namespace.subscription, namespace.resource_group, namespace.name)
        problems: list[Problem] = []
        hubs = await _collect(list_event_hubs(session, *place), problems)
        found_hubs = []
        for hub in hubs:
            policies = await _collect(list_policies(session, *place, hub.name), problems)
            found_hubs.append(FoundHub(hub, tuple(policies)))
        policies = await _collect(list_policies(session, *place), problems)
        network = await _attempt(network_rules(session, *place), problems)
        home = namespace.id.lower()
        self._found.append(
            FoundNamespace(
                namespace=namespace,
                tenant=tenant,
                hubs=tuple(found_hubs),
                policies=tuple(policies),
                network=network,
                fed_by=tuple(
                    each for each in self._settings if each.target.namespace_id.lower() == home
                ),
                problems=tuple(problems),
            )
        )
        self._tell()

    def _session_of(self, tenant: str) -> AzureSession:
        return self._sessions.get(tenant, self._session)

    async def _each(self, things: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
        """``work`` on all ``things``, ``limit`` at once; cancelling cancels all of it."""
        waiting = iter(list(things))

        async def worker() -> None:
            for thing in waiting:
                await work(thing)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._limit):
                group.create_task(worker())

    def _tell(self) -> None:
        self._on_progress(
            DiscoveryProgress(
                phase=self._phase,
                tenants=len(self._tenants),
                subscriptions=len(self._subscriptions),
                subscriptions_done=self._searched,
                namespaces=len(self._namespaces),
                namespaces_done=len(self._found),
            )
        )


async def _namespaces(session: AzureSession, subscription: str) -> AsyncIterator[Namespace]:
    """As ``list_namespaces``, without an SDK client for each of perhaps 2,000 subscriptions."""
    from azure.mgmt.eventhub import models

    path = f"/subscriptions/{subscription}/providers/Microsoft.EventHub/namespaces"
    with azure_problems("azure.namespace"):
        async for each in session.listed(path, _LIST_VERSION):
            yield read_namespace(models.EHNamespace(each))


async def _collect(values: AsyncIterator[T], problems: list[Problem]) -> list[T]:
    found: list[T] = []
    try:
        async for each in values:
            found.append(each)  # noqa: PERF401  # what came before a failure is kept
    except ProblemError as error:
        problems.append(error.problem)
    return found


async def _attempt(work: Awaitable[T], problems: list[Problem]) -> T | None:
    try:
        return await work
    except ProblemError as error:
        problems.append(error.problem)
        return None
