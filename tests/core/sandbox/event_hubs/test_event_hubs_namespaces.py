"""Namespaces: several in one process, their settings, and the keys of their policies."""

from __future__ import annotations

import json
import socket
from typing import Any

import confluent_kafka as ck
import pytest

from core.sandbox.process import EmulatorError

pytestmark = pytest.mark.slow


def refusal(namespace: Any, kit: Any, password: str = "") -> ck.KafkaError | None:
    """What a fresh client is told at its sign-in; None if it gets in."""
    seen: list[ck.KafkaError] = []
    more = {"sasl.password": password or namespace.connection_string, "error_cb": seen.append}
    client = ck.Producer(namespace.settings(**more))

    def outcome() -> bool:
        client.poll(0.05)
        told = [error for error in seen if error.code() != ck.KafkaError._ALL_BROKERS_DOWN]
        if told:
            seen[:] = told
            return True
        try:
            client.list_topics(timeout=0.1)
        except ck.KafkaException:
            return False
        seen.clear()
        return True

    kit.eventually(outcome)
    return seen[0] if seen else None


def test_namespaces_share_nothing(namespace: Any) -> None:
    first, second = namespace, namespace.another("contoso-second", sku="Premium")
    assert first.port != second.port
    for each, value in ((first, b"1"), (second, b"2")):
        each.send(each.hub("same-name"), [value])
    assert [each.read("same-name", 1)[0].value() for each in (first, second)] == [b"1", b"2"]
    where = ck.TopicPartition("same-name", 0, 1)
    second.consumer("same-group").commit(offsets=[where], asynchronous=False)
    found = first.consumer("same-group").committed([ck.TopicPartition("same-name", 0)], 10)[0]
    assert found.offset == ck.OFFSET_INVALID
    second.request("delete_hub", name="same-name")
    assert "same-name" in first.request("describe")["hubs"]
    second.remove()


def test_a_key_of_one_namespace_does_not_fit_another(namespace: Any, kit: Any) -> None:
    other = namespace.another("contoso-other")
    told = refusal(namespace, kit, other.connection_string)
    assert told is not None
    assert told.code() == ck.KafkaError._AUTHENTICATION
    assert refusal(other, kit) is None
    other.remove()


def test_namespaces_survive_a_kill_with_their_ports_and_settings(own_namespace: Any) -> None:
    settings = {"sku": "Premium", "units": 2, "default_action": "Allow", "auto_inflate": True}
    other = own_namespace.another("contoso-kept", **settings)
    other.send(other.hub("kept"), [b"x"], **{"compression.type": "gzip"})
    gone = own_namespace.another("contoso-gone")
    gone.remove()
    before = own_namespace.request("list_namespaces")
    own_namespace.kill_and_restart()
    other.child = own_namespace.child
    assert [item["name"] for item in before] == ["sandbox", "contoso-kept"]
    volatile = {"connections"}
    assert [
        {key: value for key, value in item.items() if key not in volatile}
        for item in own_namespace.request("list_namespaces")
    ] == [{key: value for key, value in item.items() if key not in volatile} for item in before]
    assert settings.items() <= other.request("describe").items()
    assert other.read("kept", 1)[0].value() == b"x"


def test_a_deleted_namespace_has_no_listener_and_can_be_made_again(namespace: Any) -> None:
    old = namespace.another("contoso-again")
    old.hub("hub")
    old.remove()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", old.port), 5)
    new = namespace.another("Contoso-Again")
    assert new.request("describe")["hubs"] == {}
    assert new.connection_string != old.connection_string
    new.remove()


def test_commands_about_namespaces_say_what_is_wrong(namespace: Any) -> None:
    request = namespace.child.request
    made = namespace.another("contoso-taken")
    for arguments, text in (
        ({"name": "Contoso-TAKEN"}, "exists"),
        ({"name": "short"}, "6 to 50"),
        ({"name": "contoso-sku", "sku": "Gold"}, "Gold"),
        ({"name": "contoso-units", "units": 41}, "at most 40"),
        ({"name": "contoso-more", "colour": "red"}, "no colour"),
        ({"name": "contoso-rule", "ip_rules": ["somewhere"]}, "somewhere"),
    ):
        with pytest.raises(EmulatorError, match=text):
            request("create_namespace", **arguments)
    with pytest.raises(EmulatorError, match="stays"):
        request("delete_namespace", name="sandbox")
    with pytest.raises(EmulatorError, match="no namespace 'nowhere'"):
        request("create_hub", name="h", partitions=1, namespace="nowhere")
    made.remove()


def test_either_key_signs_in_and_a_regenerated_one_does_not(namespace: Any, kit: Any) -> None:
    other = namespace.another("contoso-keys")
    keys = other.request("put_policy", name="listen", rights=["Listen"])
    primary, secondary = keys["connection_string"], keys["secondary_connection_string"]
    assert primary != secondary
    assert (refusal(other, kit, primary), refusal(other, kit, secondary)) == (None, None)
    fresh = other.request("regenerate_key", name="listen", which="primary")
    assert fresh["secondary_key"] == keys["secondary_key"]
    told = refusal(other, kit, primary)
    assert told is not None
    assert told.code() == ck.KafkaError._AUTHENTICATION
    assert refusal(other, kit, secondary) is None
    assert refusal(other, kit, fresh["connection_string"]) is None
    chosen = other.request("regenerate_key", name="listen", which="secondary", key="chosen=")
    assert chosen["secondary_key"] == "chosen="
    for wrong in ({"which": "third"}, {"name": "none"}, {"key": "a;b"}, {"hub": "nowhere"}):
        with pytest.raises(EmulatorError):
            other.request("regenerate_key", **{"name": "listen", **wrong})
    other.remove()


def test_who_is_connected_outlives_a_new_key_and_a_deleted_policy_until_the_next_sign_in(
    namespace: Any, kit: Any
) -> None:
    other = namespace.another("contoso-rotating")
    hub = other.hub("hub")
    rotated, deleted = (other.policy("Send", hub=hub, name=name) for name in ("r", "d"))
    connected = [other.raw(password=password) for password in (rotated, deleted)]
    for which in ("primary", "secondary"):
        other.request("regenerate_key", name="r", hub=hub, which=which)
    other.request("delete_policy", name="d", hub=hub)
    for client in connected:
        batch = kit.produce_body(hub, kit.record_batch([b"still here"]))
        assert kit.produced(client.call(0, 7, batch), hub)[0] == 0
    for password in (rotated, deleted):
        told = refusal(other, kit, password)
        assert told is not None
        assert told.code() == ck.KafkaError._AUTHENTICATION
    other.remove()


def test_a_policy_with_manage_has_send_and_listen_too(namespace: Any) -> None:
    with pytest.raises(EmulatorError, match="Manage needs Send and Listen"):
        namespace.policy("Manage")


def test_keys_stand_in_no_description_and_no_log(namespace: Any, kit: Any) -> None:
    keys = namespace.request("put_policy", name="private", rights=["Send"])
    assert refusal(namespace, kit, keys["connection_string"]) is None
    told = json.dumps([namespace.request("describe"), namespace.request("list_namespaces")])
    for name in ("primary_key", "secondary_key"):
        assert keys[name] not in told
        assert keys[name] not in namespace.log()


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"public_network_access": False}, ck.KafkaError.TOPIC_AUTHORIZATION_FAILED),
        (
            {"default_action": "Deny", "ip_rules": ["10.0.0.0/8"]},
            ck.KafkaError.TOPIC_AUTHORIZATION_FAILED,
        ),
        ({"default_action": "Deny", "ip_rules": ["127.0.0.1/32"]}, None),
        ({"default_action": "Allow", "ip_rules": ["10.1.2.3"]}, None),
        ({"disable_local_auth": True}, ck.KafkaError._AUTHENTICATION),
    ],
)
def test_network_rules_and_local_authentication_decide_the_next_sign_in(
    namespace: Any, kit: Any, settings: dict[str, Any], code: int | None
) -> None:
    other = namespace.another("contoso-rules")
    connected = other.raw()
    other.child.request("update_namespace", name="contoso-rules", **settings)
    told = refusal(other, kit)
    assert (told and told.code()) == code
    assert connected.call(16, 0, b"")[:2] == b"\0\0"  # it signed in before
    other.child.request(
        "update_namespace",
        name="contoso-rules",
        public_network_access=True,
        default_action="Allow",
        disable_local_auth=False,
    )
    assert refusal(other, kit) is None
    other.remove()
