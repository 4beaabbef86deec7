"""Resource groups, namespaces, event hubs, policies: made once, found again, never changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from helpers.azure_things import REGION, TAGS, make_group, make_namespace, nothing, place

from core.azure.event_hubs import (
    EventHubWish,
    create_event_hub,
    delete_event_hub,
    find_event_hub,
    list_event_hubs,
)
from core.azure.event_hubs import differences as hub_differences
from core.azure.namespaces import (
    NamespaceWish,
    create_namespace,
    delete_namespace,
    differences,
    find_namespace,
    kafka_address,
    list_namespaces,
    name_check,
)
from core.azure.networks import network_rules
from core.azure.policies import (
    create_policy,
    delete_policy,
    find_policy,
    list_keys,
    list_policies,
)
from core.azure.providers import provider_locations, provider_state, register_provider
from core.azure.resource_groups import (
    create_resource_group,
    delete_resource_group,
    find_resource_group,
)
from core.azure.subscriptions import locations
from core.errors import Code
from core.kafka.connection_string import parse_connection_string


def test_regions_come_with_both_names(azure):
    async def work(session):
        return {
            each.name: each.display_name async for each in locations(session, azure.subscription)
        }

    assert azure.run(work)["eastasia"] == "East Asia"


def test_a_provider_is_registered_and_waited_for(azure):
    told: list[str] = []

    async def work(session):
        before = await provider_state(session, azure.subscription, "Microsoft.EventHub")
        await register_provider(session, azure.subscription, "Microsoft.EventHub", told.append)
        after = await provider_state(session, azure.subscription, "Microsoft.EventHub")
        with azure.writes() as again:
            await register_provider(session, azure.subscription, "Microsoft.EventHub", nothing)
        regions = await provider_locations(
            session, azure.subscription, "Microsoft.EventHub", "namespaces"
        )
        return before, after, again, regions

    with azure.scenario("provider_not_registered"):
        before, after, again, regions = azure.run(work)
    assert (before, after, again) == ("NotRegistered", "Registered", [])
    assert any("Registering" in each for each in told)
    assert REGION in regions


def test_what_a_provider_that_is_not_registered_refuses(azure):
    async def work(session):
        await make_namespace(azure, session)

    with azure.scenario("provider_not_registered"):
        problem = azure.refusal(work)
    assert problem.code is Code.AZURE_PROVIDER_NOT_REGISTERED
    assert "Microsoft.EventHub" in problem.remedy


def test_a_resource_group_is_made_once_and_keeps_its_tags(azure):
    async def work(session):
        name = azure.name("rg")
        subscription = azure.subscription
        assert await find_resource_group(session, subscription, name) is None
        made = await create_resource_group(session, subscription, name, REGION, TAGS)
        with azure.writes() as again:
            found = await create_resource_group(
                session, subscription, name, "westeurope", {"isthmus": "another"}
            )
        return made, found, again

    made, found, again = azure.run(work)
    assert made == found
    assert (found.location, dict(found.tags)) == (REGION, TAGS)
    assert again == []


def test_only_an_empty_resource_group_is_deleted(azure):
    async def fill(session):
        namespace = await make_namespace(azure, session)
        await delete_resource_group(session, azure.subscription, namespace.resource_group, nothing)

    async def empty(session):
        name = await make_group(azure, session)
        await delete_resource_group(session, azure.subscription, name, nothing)
        await delete_resource_group(session, azure.subscription, name, nothing)
        return await find_resource_group(session, azure.subscription, name)

    problem = azure.refusal(fill)
    assert problem.code is Code.AZURE_GROUP_NOT_EMPTY
    assert "ns-" in problem.cause
    assert azure.run(empty) is None


@pytest.mark.parametrize(
    "shape",
    [
        "azure_async_operation",
        pytest.param("location", marks=pytest.mark.slow),
        pytest.param("provisioning_state", marks=pytest.mark.slow),
        pytest.param("synchronous", marks=pytest.mark.slow),
    ],
)
def test_a_namespace_is_made_in_each_shape_of_long_running_operation(azure, shape):
    azure.sandbox.arm.request("long_running", shape=shape)

    async def work(session):
        made = await make_namespace(azure, session)
        return made, await find_namespace(session, *place(azure, made))

    try:
        made, found = azure.run(work)
    finally:
        azure.sandbox.arm.request("long_running", shape="azure_async_operation")
    assert made == found
    assert (made.sku, made.units, made.location, made.state) == ("Standard", 1, REGION, "Succeeded")
    assert made.kafka
    assert made.local_auth
    assert dict(made.tags) == TAGS
    host, _, port = kafka_address(made).partition(":")
    assert host == "127.0.0.1"
    assert int(port) not in (443, 9093)


def test_an_existing_namespace_is_returned_as_it_is(azure):
    async def work(session):
        made = await make_namespace(azure, session)
        wish = NamespaceWish(
            made.name, made.resource_group, "westeurope", units=5, auto_inflate=True, max_units=9
        )
        with azure.writes() as writes:
            again = await create_namespace(session, azure.subscription, wish, {}, nothing)
        return made, again, writes, differences(again, wish)

    made, again, writes, differing = azure.run(work)
    assert made == again
    assert writes == []
    assert {each.field: (each.found, each.wished) for each in differing} == {
        "location": (REGION, "westeurope"),
        "units": ("1", "5"),
        "auto_inflate": ("off", "on"),
    }


@pytest.mark.slow
def test_auto_inflate_goes_up_to_what_is_wished(azure):
    async def work(session):
        return await make_namespace(azure, session, auto_inflate=True, max_units=7, units=2)

    made = azure.run(work)
    assert (made.units, made.auto_inflate, made.max_units) == (2, True, 7)


def test_a_creation_that_was_cut_short_is_waited_for_and_not_begun_again(azure):
    told: list[str] = []

    async def cut_short(session):
        group = await make_group(azure, session)
        wish = NamespaceWish(azure.name("ns"), group, REGION)
        began = asyncio.create_task(
            create_namespace(session, azure.subscription, wish, TAGS, nothing)
        )
        while await find_namespace(session, azure.subscription, group, wish.name) is None:
            await asyncio.sleep(0.02)
        began.cancel()
        with pytest.raises(asyncio.CancelledError):
            await began
        return wish

    async def go_on(session):
        with azure.writes() as writes:
            made = await create_namespace(session, azure.subscription, wish, TAGS, told.append)
        return made, writes

    with azure.scenario("slow_create", seconds=0.5):
        wish = azure.run(cut_short)
        made, writes = azure.run(go_on)
    assert made.state == "Succeeded"
    assert writes == []
    assert told


def test_a_creation_that_failed_says_why_and_can_be_begun_again(azure):
    async def work(session):
        return await create_namespace(session, azure.subscription, wish, TAGS, nothing)

    async def group(session):
        return await make_group(azure, session)

    wish = NamespaceWish(azure.name("ns"), azure.run(group), REGION)
    with azure.scenario("failed_create"):
        problem = azure.refusal(work)
    assert problem.code is Code.AZURE_OPERATION_FAILED
    assert "could not be provisioned" in problem.detail
    assert azure.run(work).state == "Succeeded"


def test_a_name_that_is_taken(azure):
    name = azure.name("ns")

    async def check(session):
        return await name_check(session, azure.subscription, name)

    async def make(session):
        group = await make_group(azure, session)
        wish = NamespaceWish(name, group, REGION)
        await create_namespace(session, azure.subscription, wish, TAGS, nothing)

    assert azure.run(check).available
    with azure.scenario("name_taken"):
        found = azure.run(check)
        problem = azure.refusal(make)
    assert (found.available, found.reason) == (False, "NameInUse")
    assert found.message
    assert problem.code is Code.AZURE_NAMESPACE_NAME_TAKEN
    assert name in problem.cause


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sku": "Basic"}, Code.AZURE_NAMESPACE_BASIC),
        ({"units": 41}, Code.AZURE_OUT_OF_BOUNDS),
        ({"sku": "Premium", "units": 17}, Code.AZURE_OUT_OF_BOUNDS),
        ({"sku": "Premium", "auto_inflate": True}, Code.AZURE_NO_AUTO_INFLATE),
        ({"units": 5, "auto_inflate": True, "max_units": 3}, Code.AZURE_OUT_OF_BOUNDS),
        ({"name": ""}, Code.AZURE_NAME_INVALID),
        ({"name": "-starts-with-a-hyphen"}, Code.AZURE_NAME_INVALID),
        ({"resource_group": ""}, Code.AZURE_NAME_INVALID),
        ({"resource_group": "ends-with."}, Code.AZURE_NAME_INVALID),
        ({"location": "East Asia"}, Code.AZURE_NAME_INVALID),
    ],
)
def test_what_cannot_be_is_refused_before_azure_is_asked(azure, changes, code):
    wish = replace(NamespaceWish("contoso-logs", "rg", REGION), **changes)

    async def work(session):
        await create_namespace(session, azure.subscription, wish, TAGS, nothing)

    azure.sandbox.arm.request("clear_requests")
    assert azure.refusal(work).code is code
    assert azure.requests() == 0


def test_a_subscription_is_an_id(azure):
    async def work(session):
        await find_resource_group(session, "", "rg")

    problem = azure.refusal(work)
    assert (problem.code, problem.where) == (Code.AZURE_NAME_INVALID, "azure.subscription")


def test_a_subscription_that_is_not_seen(azure):
    async def work(session):
        await find_namespace(session, "00000000-0000-0000-0000-000000000001", "rg-x", "contoso-x")

    assert azure.refusal(work).code is Code.AZURE_SUBSCRIPTION_UNSEEN


def test_an_event_hub_is_made_once_and_keeps_its_settings(azure):
    async def work(session):
        where = place(azure, await make_namespace(azure, session))
        made = await create_event_hub(session, *where, EventHubWish("logs", 3, 48))
        wish = EventHubWish("logs", 8, 168)
        with azure.writes() as writes:
            again = await create_event_hub(session, *where, wish)
        seen = [each.name async for each in list_event_hubs(session, *where)]
        await delete_event_hub(session, *where, "logs")
        await delete_event_hub(session, *where, "logs")
        gone = await find_event_hub(session, *where, "logs")
        return made, again, writes, seen, gone, hub_differences(again, wish)

    made, again, writes, seen, gone, differing = azure.run(work)
    assert (made.partitions, made.retention_hours, made.status) == (3, 48, "Active")
    assert made == again
    assert (writes, seen, gone) == ([], ["logs"], None)
    assert [each.field for each in differing] == ["partitions", "retention_hours"]


@pytest.mark.parametrize("hub", [pytest.param(None, marks=pytest.mark.slow), "logs"])
def test_a_policy_is_made_once_and_keeps_its_rights(azure, hub):
    async def work(session):
        where = place(azure, await make_namespace(azure, session))
        await create_event_hub(session, *where, EventHubWish("logs"))
        made = await create_policy(session, *where, hub, "reader", ["Listen"])
        with azure.writes() as writes:
            again = await create_policy(session, *where, hub, "reader", ["Send"])
        keys = await list_keys(session, *where, hub, "reader")
        names = {each.name async for each in list_policies(session, *where, hub)}
        await delete_policy(session, *where, hub, "reader")
        await delete_policy(session, *where, hub, "reader")
        return made, again, writes, keys, names, await find_policy(session, *where, hub, "reader")

    made, again, writes, keys, names, gone = azure.run(work)
    assert made == again
    assert made.rights == frozenset({"Listen"})
    assert (writes, gone) == ([], None)
    assert "reader" in names
    parsed = parse_connection_string(keys.primary, "test")
    assert (parsed.policy, parsed.entity_path) == ("reader", hub or "")
    assert keys.primary != keys.secondary
    assert "SharedAccessKey" not in repr(keys)


@pytest.mark.slow
def test_a_namespace_that_is_deleted_is_gone(azure):
    async def work(session):
        where = place(azure, await make_namespace(azure, session))
        await delete_namespace(session, *where, nothing)
        await delete_namespace(session, *where, nothing)
        found = [each.name async for each in list_namespaces(session, azure.subscription)]
        return where[-1] in found, await find_namespace(session, *where)

    assert azure.run(work) == (False, None)


def test_who_may_connect(azure):
    async def work(session):
        where = place(azure, await make_namespace(azure, session))
        before = await network_rules(session, *where)
        hubs = azure.sandbox.event_hubs
        hubs.request("scenario", name="firewall", on=True, namespace=where[-1])
        after = await network_rules(session, *where)
        hubs.request("scenario", name="firewall", on=False, namespace=where[-1])
        return before, after

    before, after = azure.run(work)
    assert not before.keeps_out_public
    assert after.keeps_out_public
    assert after.default_action == "Deny"
    assert after.ip_rules


def test_a_namespace_that_turned_out_to_be_basic_says_why_it_will_not_do(azure):
    async def work(session):
        where = place(azure, await make_namespace(azure, session))
        hubs = azure.sandbox.event_hubs
        hubs.request("scenario", name="basic_tier", on=True, namespace=where[-1])
        return await find_namespace(session, *where)

    found = azure.run(work)
    assert not found.kafka
    assert "Basic" in found.why_not_kafka
