"""What the control plane decides, for causes that no emulator plays, and that it always decides."""

from __future__ import annotations

from dataclasses import replace
from string import Template

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Code, Problem, catalogue, problem
from core.kafka.connection_string import key_fingerprint
from core.kafka.probe import Probe
from core.kafka.settings import HubAccess
from core.onboarding.diagnosis import Action, control_plane_decides, diagnose
from core.onboarding.diagnosis_facts import ControlPlaneFacts, PolicyFacts

HOST = "contoso.servicebus.windows.net"
CANARY = "Q0FOQVJZLUtFWS1DQU5BUlktS0VZLUNBTkFSWS1LRVk="
STRING = f"Endpoint=sb://{HOST}/;SharedAccessKeyName=reader;SharedAccessKey={CANARY}"
ACCESS = HubAccess(f"{HOST}:9093", "azure-logs", STRING, None)
POLICY = PolicyFacts("reader", None, frozenset({"Listen"}), frozenset({key_fingerprint(STRING)}))
FACTS = ControlPlaneFacts(
    namespace="contoso",
    found=True,
    address=f"{HOST}:9093",
    policy=POLICY,
    policy_read=True,
    hubs=("azure-logs",),
)
OTHER_KEYS = replace(POLICY, key_fingerprints=frozenset({"0" * 16}))
UNREAD_KEYS = replace(POLICY, key_fingerprints=None)


def seen(code: Code) -> Problem:
    """The problem ``code`` as the test of a connection would report it."""
    entry = catalogue()[code]
    names = {
        name
        for text in (entry["cause"], entry["remedy"])
        for name in Template(text).get_identifiers()
    }
    return problem(code, "here", "raw text", **dict.fromkeys(names - {"where"}, "VALUE"))


def verdict(code: Code, facts: ControlPlaneFacts | None, access=ACCESS, worked=False):
    return diagnose(Probe(problem=seen(code)), access, facts, worked)


@pytest.mark.parametrize(
    ("code", "facts", "expected", "action"),
    [
        (Code.KAFKA_HOST_UNKNOWN, FACTS, Code.KAFKA_DNS_FAILED, None),
        (
            Code.KAFKA_NO_ANSWER,
            replace(FACTS, sku="Basic"),
            Code.KAFKA_BASIC_TIER,
            Action.CHOOSE_STANDARD_NAMESPACE,
        ),
        (Code.KAFKA_NO_ANSWER, FACTS, Code.KAFKA_NO_ANSWER, None),
        (
            Code.KAFKA_SIGN_IN_CUT,
            replace(FACTS, sku="Basic"),
            Code.KAFKA_BASIC_TIER,
            Action.CHOOSE_STANDARD_NAMESPACE,
        ),
        (
            Code.KAFKA_SIGN_IN_CUT,
            replace(FACTS, default_action="Deny", ip_rules=("203.0.113.0/24",)),
            Code.KAFKA_FIREWALL,
            Action.ADD_IP_RULE,
        ),
        (
            Code.KAFKA_SIGN_IN_CUT,
            replace(FACTS, default_action="Deny"),  # without a rule it lets everybody in
            Code.KAFKA_SIGN_IN_CUT,
            None,
        ),
        (
            Code.KAFKA_SIGN_IN_CUT,
            replace(FACTS, policy=OTHER_KEYS),
            Code.KAFKA_WRONG_KEY,
            Action.FETCH_KEY_AGAIN,
        ),
        (Code.KAFKA_SIGN_IN_CUT, replace(FACTS, policy=UNREAD_KEYS), Code.KAFKA_SIGN_IN_CUT, None),
        (
            Code.KAFKA_SIGN_IN_REFUSED,
            replace(FACTS, public_access="Disabled"),
            Code.KAFKA_PUBLIC_ACCESS_DISABLED,
            Action.ALLOW_PUBLIC_ACCESS,
        ),
        (Code.KAFKA_SIGN_IN_REFUSED, FACTS, Code.KAFKA_SIGN_IN_REFUSED, None),
        (
            Code.KAFKA_FIREWALL,
            replace(FACTS, public_access="SecuredByPerimeter"),
            Code.KAFKA_PERIMETER,
            None,
        ),
        (Code.KAFKA_FIREWALL, FACTS, Code.KAFKA_FIREWALL, None),
        (
            Code.KAFKA_HUB_DENIED,
            replace(FACTS, policy=replace(POLICY, hub="other")),
            Code.CONNECTION_STRING_OTHER_HUB,
            Action.USE_OTHER_POLICY,
        ),
        (
            Code.KAFKA_HUB_DENIED,
            replace(FACTS, hubs=()),
            Code.KAFKA_HUB_NOT_FOUND,
            Action.CREATE_EVENT_HUB,
        ),
        (Code.KAFKA_HUB_DENIED, FACTS, Code.KAFKA_HUB_DENIED, Action.USE_OTHER_POLICY),
        (Code.KAFKA_GROUP_DENIED, FACTS, Code.KAFKA_GROUP_DENIED, Action.USE_OTHER_POLICY),
        (Code.KAFKA_HUB_NOT_FOUND, FACTS, Code.KAFKA_HUB_NOT_FOUND, None),  # made just now
        (Code.KAFKA_TLS_INTERCEPTED, replace(FACTS, sku="Basic"), Code.KAFKA_TLS_INTERCEPTED, None),
    ],
)
def test_what_decides(code, facts, expected, action):
    found = verdict(code, facts)
    assert found.problem is not None
    assert (found.problem.code, found.action) == (expected, action)
    assert found.problem.detail == "raw text"


def test_a_key_that_worked_was_rotated():
    facts = replace(FACTS, policy=OTHER_KEYS)
    assert verdict(Code.KAFKA_SIGN_IN_REFUSED, facts).problem.code == Code.KAFKA_WRONG_KEY
    rotated = verdict(Code.KAFKA_SIGN_IN_REFUSED, facts, worked=True)
    assert rotated.problem.code == Code.KAFKA_KEY_ROTATED
    assert rotated.decided_by == "control plane"
    assert "reader" in rotated.problem.cause


def test_an_action_says_what_it_is_for():
    elsewhere = replace(ACCESS, bootstrap="contosso.servicebus.windows.net:9093")
    found = verdict(Code.KAFKA_HOST_UNKNOWN, FACTS, elsewhere)
    assert (found.action, found.argument) == (Action.USE_NAMESPACE_ADDRESS, f"{HOST}:9093")
    capital = replace(ACCESS, hub="Azure-Logs")
    found = verdict(Code.KAFKA_HUB_NOT_FOUND, FACTS, capital)
    assert (found.action, found.argument) == (Action.USE_OTHER_HUB, "azure-logs")


def test_an_alias_of_the_namespace_is_not_another_namespace():
    """The connection string names the namespace, ``bootstrap`` an alias of it."""
    alias = replace(ACCESS, bootstrap="kafka.contoso.example:9093")
    found = verdict(Code.KAFKA_SIGN_IN_REFUSED, replace(FACTS, policy=OTHER_KEYS), alias)
    assert found.problem.code == Code.KAFKA_WRONG_KEY


def test_what_went_well_has_no_verdict():
    assert diagnose(Probe(), ACCESS, FACTS).problem is None
    assert not control_plane_decides(Probe())


FACTS_OF_ALL_KINDS = st.none() | st.builds(
    ControlPlaneFacts,
    namespace=st.just("contoso"),
    found=st.booleans(),
    address=st.sampled_from(["", f"{HOST}:9093", "other:9093"]),
    sku=st.sampled_from(["Basic", "Standard", "Premium"]),
    local_auth=st.booleans(),
    public_access=st.sampled_from(["Enabled", "Disabled", "SecuredByPerimeter"]),
    default_action=st.sampled_from(["Allow", "Deny"]),
    ip_rules=st.sampled_from([(), ("203.0.113.0/24",)]),
    policy=st.sampled_from([None, POLICY, OTHER_KEYS, UNREAD_KEYS, replace(POLICY, hub="other")]),
    policy_read=st.booleans(),
    hubs=st.sampled_from([None, (), ("azure-logs",), ("Azure-Logs",)]),
)


@given(code=st.sampled_from(list(Code)), facts=FACTS_OF_ALL_KINDS, worked=st.booleans())
def test_there_is_a_verdict_whatever_is_known(code, facts, worked):
    found = verdict(code, facts, worked=worked)
    assert found.problem is not None
    assert "$" not in found.problem.cause + found.problem.remedy
    assert CANARY not in repr(found)
    assert facts is not None or found.action is None
    if not control_plane_decides(Probe(problem=seen(code))):
        assert found.problem == seen(code)
