"""Every Kafka scenario gets its own cause first, on the wire alone and with the control plane.

The real test on the real wire, and the real SDK against the emulator of Azure Resource Manager.
What is measured is printed, and is what docs/diagnosis.md says.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from helpers.azure_sandbox import AzureSandbox, open_azure

from core.azure.clouds import cloud
from core.azure.session import AzureSession
from core.azure.sign_in import SignIn, open_credential
from core.errors import Code, catalogue
from core.kafka.known_key import remember_key, worked_before
from core.kafka.probe import probe_hub
from core.kafka.settings import HubAccess
from core.onboarding.diagnosis import Verdict, control_plane_decides, diagnose
from core.onboarding.diagnosis_facts import ControlPlaneFacts, control_plane_facts
from core.sandbox.event_hubs.scenarios import Scenario

PAGE = Path(__file__).parents[3] / "docs" / "diagnosis.md"
GROUP, HUB = "rg-sandbox", "azure-logs"
OPTIONS = {"throttled": {"units": 0.04}, "idle_drop": {"idle_seconds": 0.5}}
WORKED = {"key_rotated"}
"""Scenarios before which the key has signed in."""


@dataclass
class Cloud:
    """The emulators, and the namespace that both show."""

    sandbox: AzureSandbox
    namespace: str
    access: HubAccess
    rows: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def event_hubs(self, do: str, **arguments: Any) -> Any:
        return self.sandbox.event_hubs.request(do, **arguments)

    def policy(self, name: str, rights: list[str], hub: str | None = None) -> HubAccess:
        made = self.event_hubs("put_policy", name=name, rights=rights, hub=hub)
        return replace(self.access, connection_string=made["connection_string"])

    def facts(self, access: HubAccess, namespace: str = "") -> ControlPlaneFacts:
        return asyncio.run(self._facts(access, namespace or self.namespace))

    async def _facts(self, access: HubAccess, namespace: str) -> ControlPlaneFacts:
        known = self.sandbox
        where = cloud("public", known.endpoint, known.endpoint)
        sign_in = SignIn(
            method="service_principal",
            tenant=known.tenant,
            client_id=known.client_id,
            client_secret=known.client_secret,
        )
        credential = open_credential(
            sign_in,
            where,
            ca_file=known.ca_file,
            record_file=None,
            on_device_code=None,
            interactive=False,
        )
        async with AzureSession(where, credential, ca_file=known.ca_file) as session:
            return await control_plane_facts(session, known.subscription, GROUP, namespace, access)

    def verdicts(self, access: HubAccess, state: Path, namespace: str = "") -> list[Verdict]:
        """By the wire alone, and with the control plane."""
        probe = probe_hub(access)
        worked = worked_before(state, access.connection_string)
        facts = self.facts(access, namespace) if control_plane_decides(probe) else None
        return [diagnose(probe, access, each, worked) for each in (None, facts)]


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with open_azure(tmp_path_factory.mktemp("azure")) as sandbox:
        hubs = sandbox.event_hubs
        sandbox.arm.request("adopt_first", resource_group=GROUP, location="eastasia")
        hubs.request("create_hub", name=HUB, partitions=2)
        policy = hubs.request("put_policy", name="isthmus-listen", rights=["Listen"], hub=HUB)
        described = hubs.request("describe")
        access = HubAccess(
            hubs.ready["bootstrap"], HUB, policy["connection_string"], sandbox.ca_file
        )
        _fill(access, hubs)
        made = Cloud(sandbox, described["name"], access)
        yield made
        _print(made)


def _fill(access: HubAccess, hubs: Any) -> None:
    from confluent_kafka import Producer

    from core.kafka.settings import client_settings

    sender = hubs.request("put_policy", name="sender", rights=["Send"], hub=HUB)
    producer = Producer(
        client_settings(replace(access, connection_string=sender["connection_string"]))
    )
    for _ in range(400):
        producer.produce(HUB, b'{"records": [{"category": "AuditEvent"}]}')
    assert producer.flush(20) == 0


def _print(azure: Cloud) -> None:
    print("", *(" | ".join(row) for row in azure.rows.values()), sep="\n")
    if azure.seconds:
        print(f"median seconds to the verdict: {statistics.median(azure.seconds.values()):.2f}")


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of the table below ``heading``, by their first cell."""
    text = PAGE.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row for row in rows}


def cell(verdict: Verdict) -> str:
    code = f"`{verdict.problem.code}`" if verdict.problem else "`ok`"
    return f"{code}, `{verdict.action}`" if verdict.action else code


SLOW = {Scenario.SILENT_PORT, Scenario.THROTTLED, Scenario.IDLE_DROP}


def _marked(scenario: Scenario) -> Any:
    return pytest.param(scenario, marks=[pytest.mark.slow] if scenario in SLOW else [])


@pytest.mark.parametrize("scenario", [_marked(each) for each in Scenario])
def test_the_right_cause_comes_first(azure: Cloud, scenario: Scenario, tmp_path: Path) -> None:
    if scenario in WORKED:
        assert probe_hub(azure.access, until="sign_in").signed_in
        assert remember_key(tmp_path, azure.access.connection_string)
    azure.event_hubs("scenario", name=scenario, on=True, **OPTIONS.get(scenario, {}))
    try:
        began = time.monotonic()
        probe = probe_hub(azure.access)
        worked = worked_before(tmp_path, azure.access.connection_string)
        alone = diagnose(probe, azure.access, None, worked)
        facts = azure.facts(azure.access) if control_plane_decides(probe) else None
        asked = diagnose(probe, azure.access, facts, worked)
        azure.seconds[scenario] = time.monotonic() - began
    finally:
        azure.event_hubs("scenario", name=scenario, on=False)
    row = [f"`{scenario}`", cell(alone), cell(asked)]
    azure.rows[scenario] = [*row, f"{azure.seconds[scenario]:.2f} s"]
    print(azure.rows[scenario])
    assert row == documented("Scenarios")[scenario][:3]


def policy_deleted(azure: Cloud) -> HubAccess:
    access = azure.policy("short-lived", ["Listen"])
    azure.event_hubs("delete_policy", name="short-lived")
    return access


def other_key(azure: Cloud) -> HubAccess:
    access = azure.access
    text = access.connection_string.replace("SharedAccessKey=", "SharedAccessKey=AAAA")
    return replace(access, connection_string=text)


def other_namespace(azure: Cloud) -> HubAccess:
    text = other_key(azure).connection_string.replace("sb://127.0.0.1", "sb://contoso.example")
    return replace(azure.access, connection_string=text)


def other_port(azure: Cloud) -> HubAccess:
    return replace(azure.access, bootstrap="127.0.0.1:1")


def other_name(azure: Cloud) -> HubAccess:
    return replace(azure.access, bootstrap="contoso-logs.invalid:9093")


def other_case(azure: Cloud) -> HubAccess:
    return replace(azure.policy("root", ["Listen"]), hub="Azure-Logs")


def hub_key_of_another_hub(azure: Cloud) -> HubAccess:
    azure.event_hubs("create_hub", name="other", partitions=1)
    return replace(azure.policy("of-other", ["Listen"], "other"), hub=HUB)


def without(**attributes: Any) -> Callable[[Cloud], HubAccess]:
    def switch(azure: Cloud) -> HubAccess:
        azure.event_hubs("update_namespace", **attributes)
        return azure.access

    return switch


CASES: dict[str, Callable[[Cloud], HubAccess]] = {
    "policy_deleted": policy_deleted,
    "other_key": other_key,
    "other_namespace": other_namespace,
    "other_port": other_port,
    "other_name": other_name,
    "other_case": other_case,
    "other_hub": hub_key_of_another_hub,
    "no_local_auth": without(disable_local_auth=True),
    "no_public_access": without(public_network_access=False),
    "namespace_gone": other_name,
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_what_no_scenario_plays_has_its_cause_too(azure: Cloud, case: str, tmp_path: Path) -> None:
    access = CASES[case](azure)
    try:
        namespace = "contoso-gone" if case == "namespace_gone" else ""
        alone, asked = azure.verdicts(access, tmp_path, namespace)
    finally:
        azure.event_hubs("update_namespace", disable_local_auth=False, public_network_access=True)
    row = [f"`{case}`", cell(alone), cell(asked)]
    print(row)
    assert row == documented("Cases beside the scenarios")[case][:3]


def test_each_has_its_own_remedy() -> None:
    rows = [*documented("Scenarios").values(), *documented("Cases beside the scenarios").values()]
    codes = [re.findall(r"`(\w+)`", row[2])[0] for row in rows]
    faults = {code for code in codes if code != "ok"}
    remedies = {catalogue()[code]["remedy"] for code in faults}
    assert len(remedies) == len(faults)
    scenarios = [re.findall(r"`(\w+)`", row[2])[0] for row in documented("Scenarios").values()]
    told = [code for code in scenarios if code != "ok"]
    assert len(set(told)) == len(told)  # no two scenarios share a cause


def test_the_page_names_only_codes_there_are_and_all_of_the_test() -> None:
    page = PAGE.read_text("utf-8")
    named = set(re.findall(r"`((?:kafka|connection_string)_\w+)`", page))
    kinds = ("kafka_", "connection_string_")
    assert named == {str(code) for code in Code if code.startswith(kinds)}


def test_the_page_lists_every_scenario() -> None:
    assert list(documented("Scenarios")) == [str(each) for each in Scenario]
    assert list(documented("Cases beside the scenarios")) == list(CASES)


def test_facts_of_a_namespace(azure: Cloud) -> None:
    facts = azure.facts(azure.access)
    assert facts.found
    assert facts.address == azure.access.bootstrap
    assert (facts.sku, facts.local_auth, facts.public_access) == ("Standard", True, "Enabled")
    assert facts.policy is not None
    assert (facts.policy.hub, facts.policy.rights) == (HUB, frozenset({"Listen"}))
    assert len(facts.policy.key_fingerprints or ()) == 2
    assert HUB in (facts.hubs or ())
    assert "SharedAccessKey" not in repr(facts)


def test_what_the_account_may_not_read_stays_unknown(azure: Cloud) -> None:
    azure.sandbox.arm.request(
        "scenario", name="no_permission", on=True, actions=["*/read"], not_actions=[]
    )
    try:
        facts = azure.facts(other_key(azure))  # listKeys is no read
    finally:
        azure.sandbox.arm.request("scenario", name="no_permission", on=False)
    assert facts.policy is not None
    assert facts.policy.key_fingerprints is None
    probe = probe_hub(other_key(azure))
    verdict = diagnose(probe, other_key(azure), facts)
    assert verdict.problem is not None
    assert verdict.problem.code == Code.KAFKA_WRONG_KEY
