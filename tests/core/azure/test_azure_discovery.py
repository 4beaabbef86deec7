"""Discovery over tenants and subscriptions, rights asked beforehand, keys made anew."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses

import pytest
from confluent_kafka import Consumer, KafkaException
from helpers.azure_things import make_namespace, nothing, place

from core.azure.discovery import DiscoveryProgress, discover
from core.azure.event_hubs import EventHubWish, create_event_hub
from core.azure.key_rotation import PolicyPlace, retire, rotate
from core.azure.policies import create_policy, list_keys
from core.azure.preflight import Need, admin_request, allows, check
from core.errors import Code, ProblemError
from core.kafka.settings import HubAccess, client_settings

NAMESPACE_WRITE = "Microsoft.EventHub/namespaces/write"


async def make_hub(azure, session, policy: str = "reader"):
    namespace = await make_namespace(azure, session)
    where = place(azure, namespace)
    await create_event_hub(session, *where, EventHubWish("logs"))
    await create_policy(session, *where, "logs", policy, ["Listen"])
    return where


def test_what_the_account_has_is_found_with_all_that_matters(azure):
    told: list[DiscoveryProgress] = []

    async def work(session):
        where = await make_hub(azure, session)
        return where, await discover(session, told.append)

    where, found = azure.run(work)
    mine = next(each for each in found.namespaces if each.namespace.name == where[-1])
    assert mine.is_usable
    assert [each.hub.name for each in mine.hubs] == ["logs"]
    assert [each.name for each in mine.hubs[0].policies] == ["reader"]
    assert "RootManageSharedAccessKey" in {each.name for each in mine.policies}
    assert not mine.network.keeps_out_public
    assert mine.problems == ()
    assert found.unread == ()
    assert [each.phase for each in told][-1] == "details"
    assert told[-1].namespaces_done == told[-1].namespaces == len(found.namespaces)


def test_every_tenant_of_the_account_is_searched(azure):
    with azure.scenario("two_tenants"):
        found = azure.run(lambda session: discover(session, lambda _: None))
    assert len(found.tenants) == 2
    assert len({each.tenant for each in found.subscriptions}) == 2
    assert found.unread == ()


def test_a_tenant_that_cannot_be_reached_is_not_the_end(azure):
    with azure.scenario("two_tenants", reachable=False):
        found = azure.run(lambda session: discover(session, lambda _: None))
    assert [each.id for each in found.subscriptions] == [azure.subscription]
    (unread,) = found.unread
    assert unread.what.startswith("tenant ")
    assert unread.problem.code in (
        Code.AZURE_APPLICATION_NOT_FOUND,
        Code.AZURE_CONDITIONAL_ACCESS,
        Code.AZURE_MFA_NEEDED,
        Code.AZURE_USER_NOT_IN_TENANT,
        Code.AZURE_SIGN_IN_NEEDED,
    )


def test_a_discovery_can_be_cancelled(azure):
    async def work(session):
        begun = asyncio.Event()
        running = asyncio.create_task(discover(session, lambda _: begun.set()))
        await asyncio.wait_for(begun.wait(), 20)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]

    assert azure.run(work) == []


@pytest.mark.parametrize(
    ("actions", "not_actions", "action", "allowed"),
    [
        (["*"], [], NAMESPACE_WRITE, True),
        (["*/read"], [], NAMESPACE_WRITE, False),
        (["*/read"], [], "Microsoft.EventHub/namespaces/eventhubs/read", True),
        (["Microsoft.EventHub/*"], [], "microsoft.eventhub/NAMESPACES/write", True),
        (["Microsoft.EventHub/*"], ["*/write"], NAMESPACE_WRITE, False),
        (["Microsoft.EventHub/namespaces"], [], NAMESPACE_WRITE, False),
        (["MicrosoftXEventHub/namespaces/write"], [], NAMESPACE_WRITE, False),
        ([], [], NAMESPACE_WRITE, False),
    ],
)
def test_wildcards_of_roles(actions, not_actions, action, allowed):
    assert allows([{"actions": actions, "notActions": not_actions}], action) is allowed


def test_what_one_role_takes_away_another_may_give():
    roles = [{"actions": ["*"], "notActions": [NAMESPACE_WRITE]}, {"actions": [NAMESPACE_WRITE]}]
    assert allows(roles, NAMESPACE_WRITE)


def test_rights_that_are_lacking_are_asked_for(azure):
    scope = f"/subscriptions/{azure.subscription}/resourceGroups/not-made-yet"
    write = Need("namespace", NAMESPACE_WRITE, scope, "Azure Event Hubs Data Owner")
    read = Need("namespace", "Microsoft.EventHub/namespaces/read", scope, "Reader")

    assert azure.run(lambda session: check(session, [write, read])) == []
    with azure.scenario("no_permission"):
        missing = azure.run(lambda session: check(session, [write, read]))
    assert [each.need for each in missing] == [write]
    text = admin_request(missing)
    (line,) = (each for each in text.splitlines() if each.startswith("az "))
    assert '--role "Azure Event Hubs Data Owner"' in line
    assert f'--scope "{scope}"' in line
    assert missing[0].principal
    assert f'--assignee "{missing[0].principal}"' in line
    assert admin_request([]) == ""


def signs_in(azure, connection_string: str) -> bool:
    """Whether a fresh Kafka connection gets in with it."""
    host = connection_string.split("//")[1].split("/", maxsplit=1)[0]
    access = HubAccess(host, "logs", connection_string, azure.sandbox.ca_file)
    refused: list[object] = []
    settings = {"group.id": "fresh", "error_cb": refused.append, "retry.backoff.ms": 10}
    consumer = Consumer(client_settings(access) | settings)
    try:
        for _ in range(100):
            try:
                consumer.list_topics("logs", timeout=0.2)
            except KafkaException:
                consumer.poll(0)
                if refused:
                    return False
            else:
                return True
        raise AssertionError("neither let in nor refused")
    finally:
        consumer.close()


def test_keys_are_made_anew_without_a_moment_in_which_none_works(azure):
    seen: dict[str, bool] = {}

    async def work(session):
        where = PolicyPlace(*await make_hub(azure, session), "logs", "reader")
        before = (await list_keys(session, *_arguments(where))).primary

        async def switch(new: str) -> None:
            seen["new"] = await asyncio.to_thread(signs_in, azure, new)
            seen["old, before it is retired"] = await asyncio.to_thread(signs_in, azure, before)

        return before, await rotate(session, where, before, switch, nothing)

    before, rotation = azure.run(work)
    assert seen == {"new": True, "old, before it is retired": True}
    assert (rotation.now, rotation.switched, rotation.retired) == ("secondary", True, True)
    assert signs_in(azure, rotation.connection_string)
    assert not signs_in(azure, before)
    assert "SharedAccessKey" not in repr(rotation)


@pytest.mark.slow
def test_a_rotation_whose_switch_fails_leaves_the_old_key_and_can_be_run_again(azure):
    async def work(session):
        where = PolicyPlace(*await make_hub(azure, session), "logs", "reader")
        before = await list_keys(session, *_arguments(where))

        async def fails(new: str) -> None:
            raise RuntimeError("no room on the disk")

        with pytest.raises(RuntimeError):
            await rotate(session, where, before.primary, fails, nothing)
        between = await list_keys(session, *_arguments(where))
        kept: list[str] = []

        async def keep(new: str) -> None:
            kept.append(new)

        done = await rotate(session, where, before.primary, keep, nothing)
        after = await list_keys(session, *_arguments(where))
        last = await retire(session, where, done.connection_string, nothing)
        final = await list_keys(session, *_arguments(where))
        return before, between, after, final, kept, last

    before, between, after, final, kept, last = azure.run(work)
    assert between.primary == before.primary
    assert between.secondary != before.secondary
    assert kept == [after.secondary]
    assert after.primary != before.primary
    assert final.secondary == after.secondary
    assert final.primary != after.primary
    assert last.now == "secondary"


def test_a_connection_string_of_another_policy_is_not_rotated(azure):
    async def work(session):
        where = PolicyPlace(*await make_hub(azure, session), "logs", "reader")
        other = "Endpoint=sb://h/;SharedAccessKeyName=reader;SharedAccessKey=b3RoZXI="

        async def switch(new: str) -> None:
            raise AssertionError("nothing to switch to")

        with azure.writes() as writes, pytest.raises(ProblemError) as caught:
            await rotate(session, where, other, switch, nothing)
        return caught.value.problem, writes

    problem, writes = azure.run(work)
    assert problem.code is Code.AZURE_KEY_NOT_OF_POLICY
    assert writes == []


def _arguments(where: PolicyPlace):
    return where.subscription, where.resource_group, where.namespace, where.hub, where.name


class Relay:
    """Passes bytes on and counts connections, each of which carries one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.open = self.most = 0

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.endpoint = f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))
        self.open -= 1


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def test_no_more_than_eight_requests_are_on_their_way_at_once(azure):
    needs = [
        Need("x", NAMESPACE_WRITE, f"/subscriptions/{azure.subscription}/resourceGroups/g{n}", "r")
        for n in range(60)
    ]

    async def work() -> int:
        async with Relay(int(azure.sandbox.endpoint.rpartition(":")[2])) as relay:
            where = dataclasses.replace(azure.cloud, arm=relay.endpoint)
            async with azure.session(cloud=where) as session:
                assert await check(session, needs) == []
            return relay.most

    assert 1 < asyncio.run(work()) <= 8
