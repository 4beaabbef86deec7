"""The sandbox with its Azure half: what it says of itself, what is there, and what flows."""

from __future__ import annotations

import json
import stat
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.rest import HttpRequest
from azure.identity import ClientSecretCredential
from azure.mgmt.eventhub import EventHubManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from helpers.engines import EngineProcess

from core.profile import load_profile
from core.sandbox.proof import LogServiceAccess, ReadError, prove
from core.sandbox.sandbox import Options, Sandbox
from core.sandbox.scenarios import SCENARIOS, emulator_of
from core.sandbox.traffic import Ledger

pytestmark = pytest.mark.slow

GROUP, LOCATION, NAMESPACE, HUB = "rg-isthmus", "eastasia", "isthmus-logs", "azure-logs"
MONITOR = "2021-05-01-preview"


def eventually(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class Clouds:
    """The real SDK, told of a sandbox's Azure by sandbox.json alone."""

    def __init__(self, sandbox: Sandbox) -> None:
        told = json.loads((sandbox.folder / "sandbox.json").read_text("utf-8"))
        arm, trust = told["arm"], {"connection_verify": told["ca_file"]}
        self.subscription = arm["subscription"]
        self._credential = ClientSecretCredential(
            arm["tenant"],
            arm["client_id"],
            (sandbox.folder / "azure.secret").read_text("utf-8"),
            authority=arm["authority"],
            disable_instance_discovery=True,
            **trust,
        )
        place: dict[str, Any] = {
            "base_url": arm["endpoint"],
            "credential_scopes": ["https://management.azure.com/.default"],
            "retry_total": 0,
            "polling_interval": 0.2,
            **trust,
        }
        self.resources = ResourceManagementClient(self._credential, self.subscription, **place)
        self.hubs = EventHubManagementClient(self._credential, self.subscription, **place)

    def put_setting(self, name: str, categories: list[str]) -> None:
        """A diagnostic setting of the subscription that sends to the hub."""
        rule = (
            f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}/providers/"
            f"Microsoft.EventHub/namespaces/{NAMESPACE}/authorizationRules/"
            "RootManageSharedAccessKey"
        )
        logs = [{"category": each, "enabled": True} for each in categories]
        target = {"eventHubAuthorizationRuleId": rule, "eventHubName": HUB}
        self._monitor("PUT", name, {"properties": {**target, "logs": logs}})

    def delete_setting(self, name: str) -> None:
        self._monitor("DELETE", name)

    def make_hub(self) -> None:
        self.resources.resource_groups.create_or_update(GROUP, {"location": LOCATION})
        sku = {"name": "Standard", "tier": "Standard", "capacity": 1}
        wish = {"location": LOCATION, "sku": sku}
        self.hubs.namespaces.begin_create_or_update(GROUP, NAMESPACE, wish).result(60)
        self.hubs.event_hubs.create_or_update(
            GROUP, NAMESPACE, HUB, {"properties": {"partitionCount": 2}}
        )

    def _monitor(self, method: str, name: str, body: Any = None) -> None:
        path = f"/subscriptions/{self.subscription}/providers/Microsoft.Insights"
        url = f"{path}/diagnosticSettings/{name}?api-version={MONITOR}"
        answer = self.hubs.send_request(HttpRequest(method, url, json=body))
        answer.raise_for_status()

    def close(self) -> None:
        self.resources.close()
        self.hubs.close()
        self._credential.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("empty") / "box"
    with Sandbox(folder, Options(empty=True, logstore=True, flow_rate=100)) as opened:
        yield opened


@pytest.fixture
def clouds(empty: Sandbox) -> Iterator[Clouds]:
    made = Clouds(empty)
    yield made
    made.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("full") / "box"
    with Sandbox(folder, Options(records=0)) as opened:
        yield opened


def ask(sandbox: Sandbox, method: str, path: str, body: Any = None) -> Any:
    """What the control door of a sandbox answers."""
    control = sandbox.info["control"]
    request = urllib.request.Request(
        control["url"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {control['token']}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)["result"]


def sent(flow: dict[str, Any]) -> int:
    ledger = Path(flow["ledger"])
    return Ledger.read(ledger).records_acknowledged() if ledger.exists() else 0


def test_an_empty_sandbox_holds_nothing_in_azure_and_its_profile_names_only(empty, clouds):
    assert list(clouds.resources.resource_groups.list()) == []
    assert list(clouds.hubs.namespaces.list()) == []
    profile = load_profile(empty.info["profile"])
    assert (profile.kafka.bootstrap, profile.kafka.topic) == ("", "")
    azure = profile.azure_half
    assert (azure.resource_group, azure.location) == (GROUP, LOCATION)
    assert (azure.namespace.name, azure.event_hub.name) == (NAMESPACE, HUB)
    assert [each.kind for each in azure.diagnostic_settings] == ["activity", "entra"]
    assert azure.subscription == empty.info["arm"]["subscription"]
    assert profile.endpoints.arm == empty.info["arm"]["endpoint"]
    assert not (empty.folder / "kafka.secret").exists()


@pytest.mark.slow
def test_the_logstore_is_there_if_it_was_asked_for(empty, tmp_path):
    def read(sandbox: Sandbox) -> None:
        logs = dict(sandbox.info["log_service"])
        del logs["address"]
        prove([], LogServiceAccess(**logs))

    read(empty)
    bare = Sandbox(tmp_path / "box", Options(empty=True))
    with bare, pytest.raises(ReadError, match="ProjectNotExist"):
        read(bare)


def test_the_client_secret_is_a_private_file_and_stands_in_no_profile(empty):
    secret = empty.folder / "azure.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_text("utf-8") == empty.info["arm"]["client_secret"]
    profile = (empty.folder / "profile.toml").read_text("utf-8")
    assert empty.info["arm"]["client_secret"] not in profile
    assert tomllib.loads(profile)["azure"]["sign_in"]["client_secret"] == "file:azure.secret"
    assert stat.S_IMODE((empty.folder / "sandbox.json").stat().st_mode) == 0o600


def test_a_full_sandbox_shows_its_namespace_in_arm_as_its_profile_says(full):
    clouds = Clouds(full)
    try:
        profile = load_profile(full.info["profile"])
        azure = profile.azure_half
        place = (azure.resource_group, azure.namespace.name)
        namespace = clouds.hubs.namespaces.get(*place)
        assert namespace.location.replace(" ", "").lower() == azure.location
        assert namespace.sku.name == azure.namespace.sku
        assert namespace.service_bus_endpoint == f"https://{profile.kafka.bootstrap}/"
        hub = clouds.hubs.event_hubs.get(*place, azure.event_hub.name)
        assert hub.partition_count == azure.event_hub.partitions
        assert hub.name == profile.kafka.topic
        keys = clouds.hubs.event_hubs.list_keys(
            *place, azure.event_hub.name, azure.shared_access_policy.name
        )
        kept = (full.folder / "kafka.secret").read_text("utf-8")
        assert keys.primary_connection_string == kept
        assert azure.diagnostic_settings == []
    finally:
        clouds.close()


def test_scenarios_of_arm_are_switched_by_the_sandbox(full):
    names = [name for name in SCENARIOS if name.startswith("arm.")]
    assert len(names) >= 9
    for name in names:
        assert emulator_of(name) == ("azure", name.removeprefix("arm."))
        ask(full, "POST", "/v1/scenario", {"name": name, "on": True})
        ask(full, "POST", "/v1/scenario", {"name": name, "on": False})
    clouds = Clouds(full)
    try:
        options = {"retry_after": 1}
        body = {"name": "arm.throttled", "on": True, "options": options}
        ask(full, "POST", "/v1/scenario", body)
        with pytest.raises(HttpResponseError) as caught:
            clouds.hubs.namespaces.get(GROUP, "sandbox")
        assert caught.value.status_code == 429
        ask(full, "POST", "/v1/scenario", {"name": "arm.throttled", "on": False})
        assert clouds.hubs.namespaces.get(GROUP, "sandbox").name == "sandbox"
    finally:
        clouds.close()


def test_the_page_of_scenarios_lists_those_of_arm():
    page = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if "| `arm." in line]
    listed = {name.strip("`"): what for name, what, *_ in rows}
    assert listed == {name: SCENARIOS[name] for name in SCENARIOS if name.startswith("arm.")}


def test_the_state_names_every_emulator(full):
    state = ask(full, "GET", "/v1/state")
    assert {"event_hubs", "log_service", "azure"} <= set(state)
    assert all(each["alive"] for each in state.values())
    assert set(ask(full, "GET", "/v1/scenarios")) == set(SCENARIOS)


def test_a_diagnostic_setting_makes_records_flow_until_it_is_gone(empty, clouds):
    clouds.make_hub()
    clouds.put_setting("one", ["Administrative", "Security", "Policy"])
    eventually(lambda: ask(empty, "GET", "/v1/flows"))
    (flow,) = ask(empty, "GET", "/v1/flows")
    assert (flow["namespace"], flow["hub"]) == (NAMESPACE, HUB)
    assert flow["kinds"] == ["Administrative", "Policy", "Security"]
    eventually(lambda: sent(flow) > 200)
    clouds.put_setting("one", ["Alert"])
    eventually(lambda: [each["kinds"] for each in empty.flows.told()] == [["Alert"]])
    clouds.delete_setting("one")
    eventually(lambda: empty.flows.told() == [])
    assert len(empty.flows.ledgers(NAMESPACE, HUB)) == 2


@pytest.mark.slow
def test_what_flowed_is_imported_and_proved(empty, clouds, tmp_path):
    clouds.make_hub()
    clouds.put_setting("proved", ["Administrative", "Alert"])
    eventually(empty.flows.told)
    eventually(lambda: sent(empty.flows.told()[0]) > 400)
    ask(empty, "POST", "/v1/flows", {"paused": True})
    clouds.delete_setting("proved")
    root = ("RootManageSharedAccessKey",)
    keys = clouds.hubs.namespaces.list_keys(GROUP, NAMESPACE, *root)
    (empty.folder / "proved.secret").write_text(keys.primary_connection_string, "utf-8")
    (empty.folder / "proved.secret").chmod(0o600)
    bootstrap = clouds.hubs.namespaces.get(GROUP, NAMESPACE).service_bus_endpoint
    place = f'[kafka]\nbootstrap = "{bootstrap[8:-1]}"\ntopic = "{HUB}"'
    profile = (empty.folder / "profile.toml").read_text("utf-8").replace("[kafka]", place)
    copy = empty.folder / "proved.toml"
    copy.write_text(profile.replace("file:kafka.secret", "file:proved.secret"), "utf-8")
    engine = EngineProcess(str(copy), tmp_path / "engine")
    assert engine.wait() == 0
    logs = dict(empty.info["log_service"])
    del logs["address"]
    proof = prove(empty.flows.ledgers(NAMESPACE, HUB), LogServiceAccess(**logs))
    ask(empty, "POST", "/v1/flows", {"paused": False})
    assert proof.holds, proof
    assert proof.sent == proof.stored > 400
    eventually(lambda: empty.flows.told() == [])


@pytest.mark.slow
def test_flows_survive_a_kill_of_each_emulator(empty, clouds):
    clouds.make_hub()
    clouds.put_setting("lasting", ["Administrative"])
    eventually(empty.flows.told)
    (flow,) = empty.flows.told()
    for name in ("azure", "event_hubs"):
        eventually(lambda: sent(flow) > 200)
        empty.restart(name)
        before = sent(flow)
        eventually(lambda before=before: sent(flow) > before + 200)
        assert [each["ledger"] for each in empty.flows.told()] == [flow["ledger"]]
    assert clouds.hubs.namespaces.get(GROUP, NAMESPACE).name == NAMESPACE
    clouds.delete_setting("lasting")
    eventually(lambda: empty.flows.told() == [])


@pytest.mark.slow
def test_a_sandbox_that_is_started_again_goes_on(tmp_path):
    folder = tmp_path / "box"
    options = Options(empty=True, flow_rate=50)
    with Sandbox(folder, options) as first:
        clouds = Clouds(first)
        clouds.make_hub()
        clouds.put_setting("lasting", ["Administrative"])
        clouds.close()
        eventually(first.flows.told)
        (flow,) = first.flows.told()
        eventually(lambda: sent(flow) > 200)
        arm = first.info["arm"]
    before = sent(flow)
    profile = (folder / "profile.toml").read_text("utf-8")
    with Sandbox(folder, options) as second:
        assert second.info["arm"] == arm
        assert (folder / "profile.toml").read_text("utf-8") == profile
        eventually(lambda: sent(flow) > before)
        clouds = Clouds(second)
        assert clouds.hubs.event_hubs.get(GROUP, NAMESPACE, HUB).partition_count == 2
        clouds.close()


def test_a_wrong_client_secret_is_refused(empty):
    arm = empty.info["arm"]
    credential = ClientSecretCredential(
        arm["tenant"],
        arm["client_id"],
        "not-the-secret",
        authority=arm["authority"],
        disable_instance_discovery=True,
        connection_verify=empty.info["ca_file"],
    )
    with credential, pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token("https://management.azure.com/.default")
