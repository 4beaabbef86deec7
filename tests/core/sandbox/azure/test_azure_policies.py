"""Shared access policies made over ARM have keys that a Kafka client signs in with."""

from __future__ import annotations

import time

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from .conftest import refused

SECONDS = 20


@pytest.fixture(scope="module")
def place(cloud):
    made = cloud.namespace()
    made.hub("logs", 2)
    made.hub("other", 1)
    return made


def kafka(cloud, place, connection_string, client=AdminClient):
    """A Kafka client, and the codes of the errors that it meets."""
    errors = []
    port = place.get().properties.service_bus_endpoint.rstrip("/").rpartition(":")[2]
    opened = client(
        {
            "bootstrap.servers": f"127.0.0.1:{port}",
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": connection_string,
            "ssl.ca.location": str(cloud.box.ca_file),
            "error_cb": errors.append,
            "log_level": 0,
        }
    )
    return opened, errors


def signs_in(cloud, place, connection_string) -> bool:
    client, errors = kafka(cloud, place, connection_string)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            client.list_topics(timeout=0.2)
        except KafkaException:
            client.poll(0)
            if KafkaError._AUTHENTICATION in {error.code() for error in errors}:
                return False
        else:
            return True
    raise AssertionError(f"neither signed in nor refused: {errors}")


def test_a_new_namespace_has_the_root_policy(cloud, place):
    found = cloud.eh.namespaces.get_authorization_rule(
        place.group, place.name, "rootmanagesharedaccesskey"
    )
    assert found.name == "RootManageSharedAccessKey"
    assert set(found.properties.rights) == {"Listen", "Manage", "Send"}


def test_the_keys_are_real_and_a_regenerated_one_fails_at_the_next_connect(cloud, place):
    place.policy("rotate", ["Listen", "Send"])
    before = place.keys("rotate")
    client, errors = kafka(cloud, place, before.primary_connection_string, Producer)
    client.produce("logs", b"connected", partition=0)
    assert client.flush(SECONDS) == 0
    after = cloud.eh.namespaces.regenerate_keys(
        place.group, place.name, "rotate", {"keyType": "PrimaryKey"}
    )
    assert after.primary_key != before.primary_key
    assert after.secondary_key == before.secondary_key
    client.produce("logs", b"still connected", partition=0)
    assert client.flush(SECONDS) == 0
    assert errors == []
    assert not signs_in(cloud, place, before.primary_connection_string)
    assert signs_in(cloud, place, before.secondary_connection_string)
    assert signs_in(cloud, place, after.primary_connection_string)
    own = "b" * 43 + "="
    set_by_user = cloud.eh.namespaces.regenerate_keys(
        place.group, place.name, "rotate", {"keyType": "SecondaryKey", "key": own}
    )
    assert set_by_user.secondary_key == own


def test_a_policy_of_a_hub_names_it_in_its_connection_string(cloud, place):
    made = place.policy("listen", ["Listen"], hub="LOGS")
    assert made.id.endswith("/eventhubs/logs/authorizationRules/listen")
    keys = place.keys("listen", hub="logs")
    assert keys.primary_connection_string.endswith(";EntityPath=logs")
    assert signs_in(cloud, place, keys.primary_connection_string)
    names = cloud.eh.event_hubs.list_authorization_rules(place.group, place.name, "logs")
    assert [item.name for item in names] == ["listen"]
    assert "listen" not in {
        item.name for item in cloud.eh.namespaces.list_authorization_rules(place.group, place.name)
    }
    cloud.eh.event_hubs.delete_authorization_rule(place.group, place.name, "logs", "listen")
    with refused("NotFound", 404):
        place.keys("listen", hub="logs")


def test_changed_rights_leave_the_keys(cloud, place):
    place.policy("changed", ["Listen"])
    before = place.keys("changed")
    assert place.policy("Changed", ["Listen", "Send"]).properties.rights == ["Listen", "Send"]
    assert place.keys("changed").primary_key == before.primary_key


@pytest.mark.parametrize("rights", [[], ["Manage"], ["Manage", "Send"], ["Read"]])
def test_rights_that_cannot_be(place, rights):
    with refused("BadRequest", 400):
        place.policy("wrong", rights)


def test_there_are_twelve_policies_at_most(cloud):
    place = cloud.namespace()
    for index in range(11):  # the root policy is the twelfth
        place.policy(f"policy-{index}", ["Listen"])
    with refused("Conflict", 409, "12"):
        place.policy("one-more", ["Listen"])
    assert place.policy("policy-3", ["Send"]).properties.rights == ["Send"]


@pytest.mark.parametrize("scenario", ["no_listen", "missing_hub", "firewall", "basic_tier"])
def test_a_scenario_of_the_kafka_endpoint_shows_here(cloud, scenario):
    place = cloud.namespace()
    place.hub("logs")
    place.policy("listen", ["Listen"], hub="logs")
    at = (place.group, place.name)

    def seen():
        hubs = [item.name for item in cloud.eh.event_hubs.list_by_namespace(*at)]
        rules = cloud.eh.namespaces.get_network_rule_set(*at).properties
        return {
            "no_listen": [
                rule.properties.rights
                for rule in cloud.eh.event_hubs.list_authorization_rules(*at, "logs")
            ]
            if hubs
            else [],
            "missing_hub": hubs,
            "firewall": (rules.default_action, [item.ip_mask for item in rules.ip_rules]),
            "basic_tier": (place.get().sku.name, place.get().properties.kafka_enabled),
        }

    usual = {
        "no_listen": [["Listen"]],
        "missing_hub": ["logs"],
        "firewall": ("Allow", []),
        "basic_tier": ("Standard", True),
    }
    changed = {
        "no_listen": [["Send"]],
        "missing_hub": [],
        "firewall": ("Deny", ["203.0.113.0/24"]),
        "basic_tier": ("Basic", False),
    }
    assert seen() == usual
    switch = {"do": "scenario", "name": scenario, "namespace": place.name}
    cloud.box.event_hubs.request(**switch, on=True)
    assert seen()[scenario] == changed[scenario]
    cloud.box.event_hubs.request(**switch, on=False)
    assert seen() == usual


def test_keys_that_do_not_fit_are_not_the_ones_that_anybody_stored(cloud, place):
    place.policy("stored", ["Listen"])
    stored = place.keys("stored")
    switch = {"do": "scenario", "name": "wrong_key", "namespace": place.name}
    cloud.box.event_hubs.request(**switch, on=True)
    shown = place.keys("stored")
    assert {shown.primary_key, shown.secondary_key}.isdisjoint(
        {stored.primary_key, stored.secondary_key}
    )
    assert shown.primary_key in shown.primary_connection_string
    assert place.keys("stored").primary_key == shown.primary_key
    cloud.box.event_hubs.request(**switch, on=False)
    assert place.keys("stored").primary_key == stored.primary_key


def test_rotated_keys_are_the_ones_that_work(cloud, place):
    stored = place.keys().primary_connection_string
    switch = {"do": "scenario", "name": "key_rotated", "namespace": place.name}
    cloud.box.event_hubs.request(**switch, on=True)
    fresh = place.keys().primary_connection_string
    assert not signs_in(cloud, place, stored)
    assert signs_in(cloud, place, fresh)
    cloud.box.event_hubs.request(**switch, on=False)


def test_what_is_set_at_the_kafka_endpoint_shows_here(cloud):
    place = cloud.namespace()
    cloud.box.event_hubs.request(
        "update_namespace",
        name=place.name,
        disable_local_auth=True,
        public_network_access=False,
        default_action="Deny",
        ip_rules=["198.51.100.7"],
    )
    properties = place.get().properties
    assert properties.disable_local_auth
    assert properties.public_network_access == "Disabled"
    rules = cloud.eh.namespaces.get_network_rule_set(place.group, place.name).properties
    assert (rules.default_action, rules.ip_rules[0].ip_mask) == ("Deny", "198.51.100.7")
