"""Namespaces and hubs: made by the Event Hubs SDK, within Azure's rules, and real to Kafka."""

from __future__ import annotations

import asyncio

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity.aio import ClientSecretCredential
from azure.mgmt.eventhub import models as m
from azure.mgmt.eventhub.aio import EventHubManagementClient

from .conftest import LOCATION, QUICK, Place, refused

SHAPES = ["azure_async_operation", "location", "provisioning_state", "synchronous"]


@pytest.fixture(params=SHAPES)
def shape(request, cloud):
    cloud.command("long_running", shape=request.param)
    yield request.param
    cloud.command("long_running", shape="azure_async_operation")


@pytest.fixture(scope="module")
def place(cloud):
    return cloud.namespace()


def kafka(cloud, name):
    """What the Event Hubs emulator says of a namespace."""
    return cloud.box.event_hubs.request("describe", namespace=name)


def test_a_namespace_is_made_and_deleted_in_every_shape(cloud, shape):
    place = Place(cloud, cloud.group(), f"shape-{shape.replace('_', '-')}")
    made = place.create(capacity=2)
    assert made.properties.provisioning_state == "Succeeded"
    assert made.sku.capacity == 2
    told = kafka(cloud, place.name)
    assert made.properties.service_bus_endpoint == f"https://127.0.0.1:{told['port']}/"
    assert (told["sku"], told["units"]) == ("Standard", 2)
    cloud.eh.namespaces.begin_delete(place.group, place.name).result()
    with pytest.raises(ResourceNotFoundError):
        place.get()
    assert place.name not in cloud.command("snapshot")["event_hubs_namespaces"]


def test_a_creation_that_fails_says_so_in_every_shape(cloud, shape):
    place = Place(cloud, cloud.group(), f"fails-{shape.replace('_', '-')}")
    with cloud.playing("failed_create", code="Conflict", message="No capacity."):
        with pytest.raises(HttpResponseError) as caught:
            place.create()
        if shape != "provisioning_state":  # the resource's state is all that a client sees there
            assert (caught.value.error.code, caught.value.error.message) == (
                "Conflict",
                "No capacity.",
            )
        assert place.get().properties.provisioning_state == "Failed"
    assert place.create().properties.provisioning_state == "Succeeded"


def test_the_asynchronous_client_waits_for_the_end_too(cloud):
    group, name = cloud.group(), "contoso-async"
    box = cloud.box

    async def create():
        credential = ClientSecretCredential(
            box.tenant, box.client_id, box.client_secret, **cloud.identity()
        )
        async with (
            credential,
            EventHubManagementClient(credential, box.subscription, **cloud.options()) as client,
        ):
            wanted = m.EHNamespace(location=LOCATION, sku=m.Sku(name="Standard", capacity=1))
            poller = await client.namespaces.begin_create_or_update(group, name, wanted)
            return await poller.result()

    assert asyncio.run(create()).properties.status == "Active"


def test_a_restarted_client_goes_on_waiting(cloud):
    group, name = cloud.group(), "contoso-resumed"
    cloud.command("long_running", seconds=0.5)
    try:
        wanted = m.EHNamespace(location=LOCATION, sku=m.Sku(name="Standard", capacity=1))
        begin = cloud.eh.namespaces.begin_create_or_update
        token = begin(group, name, wanted).continuation_token()
        made = begin(group, name, wanted, continuation_token=token).result()
    finally:
        cloud.command("long_running", **QUICK)
    assert made.properties.provisioning_state == "Succeeded"


def test_a_namespace_in_transition_lets_nothing_be_done_with_it(cloud):
    place = Place(cloud, cloud.group(), "contoso-transit")
    wanted = m.EHNamespace(location=LOCATION, sku=m.Sku(name="Standard", capacity=1))
    with cloud.playing("slow_create", seconds=600):
        cloud.eh.namespaces.begin_create_or_update(place.group, place.name, wanted, polling=False)
        assert place.get().properties.provisioning_state == "Created"
        with refused("Conflict", 409):
            place.create()
        with refused("TooManyRequests", 429, "in transition"):
            place.hub()
    with refused("Conflict", 409):
        cloud.eh.namespaces.begin_delete(place.group, place.name)


def test_where_a_namespace_is_shown_by_its_display_name(cloud, place):
    assert place.get().location == "East Asia"
    assert place.id.lower() in {item.id.lower() for item in cloud.eh.namespaces.list()}
    [found] = cloud.eh.namespaces.list_by_resource_group(place.group)
    assert (found.name, found.properties.kafka_enabled) == (place.name, True)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("abc", "InvalidName"), ("1contoso", "InvalidName"), ("sandbox", "NameInUse")],
)
def test_a_name_that_cannot_be_had(cloud, name, reason):
    told = cloud.eh.namespaces.check_name_availability({"name": name})
    assert (told.name_available, told.reason) == (False, reason)
    with refused("BadRequest", 400):
        Place(cloud, cloud.group(), name).create()


def test_a_name_is_taken_in_other_groups_too(cloud, place):
    assert not cloud.eh.namespaces.check_name_availability({"name": place.name}).name_available
    with refused("BadRequest", 400, "The specified name is not available."):
        Place(cloud, cloud.group(), place.name).create()
    free = cloud.eh.namespaces.check_name_availability({"name": "contoso-unheard-of"})
    assert (free.name_available, free.reason) == (True, "None")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sku": "Standard", "capacity": 41}, "BadRequest"),
        ({"sku": "Premium", "capacity": 17}, "BadRequest"),
        ({"sku": "Gold"}, "BadRequest"),
        ({"is_auto_inflate_enabled": True, "maximum_throughput_units": 41}, "BadRequest"),
        ({"is_auto_inflate_enabled": True, "maximum_throughput_units": 0}, "BadRequest"),
        (
            {"sku": "Premium", "is_auto_inflate_enabled": True, "maximum_throughput_units": 2},
            "BadRequest",
        ),
        ({"minimum_tls_version": "0.9"}, "BadRequest"),
        ({"public_network_access": "Sometimes"}, "BadRequest"),
    ],
)
def test_what_a_tier_does_not_have_is_refused(cloud, wrong, code):
    with refused(code, 400):
        Place(cloud, cloud.group(), "contoso-wrong").create(**wrong)


def test_a_namespace_is_where_it_is(cloud, place):
    wanted = m.EHNamespace(location="westeurope", sku=m.Sku(name="Standard", capacity=1))
    with refused("InvalidResourceLocation", 409):
        cloud.eh.namespaces.begin_create_or_update(place.group, place.name, wanted)
    with refused("ResourceGroupNotFound", 404):
        Place(cloud, "no-such-group", "contoso-nowhere").create()


def test_a_second_put_changes_and_a_patch_changes_only_what_it_names(cloud):
    place = cloud.namespace(is_auto_inflate_enabled=True, maximum_throughput_units=4)
    changed = cloud.eh.namespaces.update(
        place.group,
        place.name,
        m.EHNamespace(sku=m.Sku(name="Standard", capacity=2), tags={"owner": "soc"}),
    )
    assert (changed.sku.capacity, changed.tags) == (2, {"owner": "soc"})
    assert changed.properties.maximum_throughput_units == 4
    told = kafka(cloud, place.name)
    assert (told["units"], told["auto_inflate"], told["max_units"]) == (2, True, 4)
    again = place.create(capacity=3)
    assert (again.sku.capacity, again.tags) == (3, {})
    assert again.properties.created_at == changed.properties.created_at
    with refused("BadRequest", 400):
        place.create("Premium")


def test_a_basic_namespace_has_no_kafka_endpoint(cloud):
    place = cloud.namespace(sku="Basic")
    assert not place.get().properties.kafka_enabled
    assert kafka(cloud, place.name)["sku"] == "Basic"
    with refused("BadRequest", 400, "MessageRetentionInDays"):
        place.hub(hours=48)
    place.hub(hours=24)
    rules = m.NetworkRuleSet(properties=m.NetworkRuleSetProperties(default_action="Deny"))
    with refused("BadRequest", 400):
        cloud.eh.namespaces.create_or_update_network_rule_set(place.group, place.name, rules)


def test_a_hub_made_here_is_one_of_the_kafka_endpoint(cloud, place):
    made = place.hub("logs", partitions=3, hours=168)
    assert made.properties.partition_ids == ["0", "1", "2"]
    assert made.properties.message_retention_in_days == 7
    told = kafka(cloud, place.name)
    assert len(told["hubs"]["logs"]) == 3
    assert told["retention_hours"]["logs"] == 168
    assert place.hub("logs", partitions=3, hours=24).properties.message_retention_in_days == 1
    assert [item.name for item in cloud.eh.event_hubs.list_by_namespace(place.group, place.name)]
    cloud.eh.event_hubs.delete(place.group, place.name, "logs")
    assert "logs" not in kafka(cloud, place.name)["hubs"]
    with refused("NotFound", 404):
        cloud.eh.event_hubs.get(place.group, place.name, "logs")


def test_a_hub_made_over_kafka_is_seen_here(cloud, place):
    cloud.box.event_hubs.request("create_hub", namespace=place.name, name="by-kafka", partitions=1)
    found = cloud.eh.event_hubs.get(place.group, place.name, "by-kafka")
    assert found.properties.partition_count == 1
    cloud.eh.event_hubs.delete(place.group, place.name, "by-kafka")


@pytest.mark.parametrize(
    ("name", "partitions", "hours", "text"),
    [
        ("logs2", 33, 24, "PartitionCount"),
        ("logs2", 0, 24, "PartitionCount"),
        ("logs2", 1, 169, "MessageRetentionInDays"),
        ("-logs", 1, 24, "name"),
    ],
)
def test_the_bounds_of_a_hub(place, name, partitions, hours, text):
    with refused("BadRequest", 400, text):
        place.hub(name, partitions, hours)


def test_partitions_grow_in_premium_only(cloud, place):
    place.hub("grows", 2)
    with refused("BadRequest", 400, "PartitionCount cannot be changed"):
        place.hub("grows", 4)
    premium = cloud.namespace(sku="Premium")
    premium.hub("grows", 2)
    assert premium.hub("grows", 4).properties.partition_count == 4
    with refused("BadRequest", 400, "PartitionCount cannot be changed"):
        premium.hub("grows", 3)


def test_a_standard_namespace_holds_ten_hubs(cloud):
    place = cloud.namespace()
    for index in range(10):
        place.hub(f"hub-{index}", 1)
    with refused("Conflict", 409, "Max allowed: 10"):
        place.hub("hub-10", 1)
    names = [
        item.name
        for item in cloud.eh.event_hubs.list_by_namespace(place.group, place.name, skip=2, top=3)
    ]
    assert names == ["hub-2", "hub-3", "hub-4"]


def test_consumer_groups_of_a_hub(cloud, place):
    place.hub("groups", 1)
    groups = cloud.eh.consumer_groups
    at = (place.group, place.name, "groups")
    wanted = m.ConsumerGroup(properties=m.ConsumerGroupProperties(user_metadata="by a test"))
    groups.create_or_update(*at, "alibaba", wanted)
    assert [item.name for item in groups.list_by_event_hub(*at)] == ["$Default", "alibaba"]
    assert groups.get(*at, "alibaba").properties.user_metadata == "by a test"
    groups.delete(*at, "alibaba")
    with refused("NotFound", 404):
        groups.get(*at, "alibaba")


def test_network_rules_are_replaced_as_a_whole_and_count_for_kafka(cloud):
    place = cloud.namespace()
    at = (place.group, place.name)
    rules = cloud.eh.namespaces.get_network_rule_set(*at).properties
    assert (rules.default_action, rules.public_network_access) == ("Allow", "Enabled")
    wanted = m.NetworkRuleSetProperties(
        default_action="Deny",
        public_network_access="Enabled",
        trusted_service_access_enabled=True,
        ip_rules=[m.NWRuleSetIpRules(ip_mask="198.51.100.0/24", action="Allow")],
    )
    put = cloud.eh.namespaces.create_or_update_network_rule_set
    put(*at, m.NetworkRuleSet(properties=wanted))
    told = kafka(cloud, place.name)
    assert (told["default_action"], told["ip_rules"]) == ("Deny", ["198.51.100.0/24"])
    put(*at, m.NetworkRuleSet(properties=m.NetworkRuleSetProperties(default_action="Deny")))
    assert cloud.eh.namespaces.get_network_rule_set(*at).properties.ip_rules == []
    assert kafka(cloud, place.name)["default_action"] == "Allow", "Deny without rules lets all in"
    wanted = m.NetworkRuleSetProperties(public_network_access="Disabled")
    put(*at, m.NetworkRuleSet(properties=wanted))
    assert place.get().properties.public_network_access == "Disabled"
    assert not kafka(cloud, place.name)["public_network_access"]
    bad = m.NetworkRuleSetProperties(ip_rules=[m.NWRuleSetIpRules(ip_mask="nowhere")])
    with refused("BadRequest", 400, "ipMask"):
        put(*at, m.NetworkRuleSet(properties=bad))


def test_the_first_namespace_shows_after_it_was_adopted(cloud):
    assert "sandbox" not in {item.name for item in cloud.eh.namespaces.list()}
    made = cloud.command("adopt_first", resource_group="sandbox-group", location=LOCATION)
    place = Place(cloud, "sandbox-group", "sandbox")
    assert place.get().id == made["id"]
    assert place.get().properties.service_bus_endpoint.endswith(
        f":{cloud.box.event_hubs.ready['port']}/"
    )
    place.hub("adopted")
    assert "adopted" in kafka(cloud, "sandbox")["hubs"]
    assert kafka(cloud, "sandbox")["units"] is None
    cloud.resources.resource_groups.begin_delete("sandbox-group").result()
    assert kafka(cloud, "sandbox")["hubs"] == {}
