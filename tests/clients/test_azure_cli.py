"""azure-cli, unchanged, against the sandbox's Azure Resource Manager and sign-in.

It is told of the sandbox as of any cloud that is not Microsoft's own (Azure CLI: "az cloud
register"), trusts the sandbox's authority by REQUESTS_CA_BUNDLE and reaches nothing else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.clients
CLOUD, GROUP, NAMESPACE, HUB = "IsthmusSandbox", "rg-isthmus", "sandbox", "azure-logs"
ENDPOINTS = (
    "active-directory",
    "active-directory-resource-id",
    "active-directory-graph-resource-id",
    "management",
    "resource-manager",
)
_NO_PROXY_THERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI's own folder: clouds, accounts, tokens."""
    return tmp_path_factory.mktemp("azure-cli")


@pytest.fixture
def az(
    box: dict[str, Any],
    run: Callable[..., str],
    configuration: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """``az COMMAND``, signed in; what it prints, as JSON."""
    for name, value in {
        "AZURE_CONFIG_DIR": str(configuration),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "AZURE_CORE_LOGIN_EXPERIENCE_V2": "false",
        "REQUESTS_CA_BUNDLE": box["ca_file"],
        "HTTPS_PROXY": _NO_PROXY_THERE,
        "HTTP_PROXY": _NO_PROXY_THERE,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Any:
        told = run("az", *words, "--output", "json", hide=box["arm"]["client_secret"], kind="azure")
        return json.loads(told) if told.strip() else None

    if not (configuration / "signed-in").exists():
        _sign_in(call, box)
        (configuration / "signed-in").touch()
    return call


def _sign_in(az: Callable[..., Any], box: dict[str, Any]) -> None:
    arm = box["arm"]
    places = dict.fromkeys(ENDPOINTS, arm["endpoint"])
    places["active-directory"] = arm["authority"]
    options = [word for name, url in places.items() for word in (f"--endpoint-{name}", url)]
    az("cloud", "register", "--name", CLOUD, "--skip-endpoint-discovery", *options)
    az("cloud", "set", "--name", CLOUD)
    az("config", "set", "core.instance_discovery=false")
    secret = Path(box["folder"]) / "azure.secret"
    who = ("--username", arm["client_id"], "--password", f"@{secret}", "--tenant", arm["tenant"])
    az("login", "--service-principal", *who)


@pytest.fixture
def made(az: Callable[..., Any], project: str) -> Iterator[str]:
    """A namespace that the CLI made, with one hub ``own``."""
    place = ("--resource-group", GROUP, "--name", project)
    az("eventhubs", "namespace", "create", *place, "--location", "eastasia", "--sku", "Standard")
    own = ("--resource-group", GROUP, "--namespace-name", project)
    az("eventhubs", "eventhub", "create", *own, "--name", "own", "--partition-count", "2")
    yield project
    az("eventhubs", "namespace", "delete", *place)
    names = [each["name"] for each in az("eventhubs", "namespace", "list")]
    assert project not in names


def test_it_signs_in_and_shows_the_subscription(
    az: Callable[..., Any], box: dict[str, Any]
) -> None:
    (account,) = az("account", "list")
    assert account["id"] == box["arm"]["subscription"]
    assert account["tenantId"] == box["arm"]["tenant"]
    assert account["state"] == "Enabled"
    assert account["user"] == {"name": box["arm"]["client_id"], "type": "servicePrincipal"}
    group = az("group", "show", "--name", GROUP)
    assert (group["name"], group["location"]) == (GROUP, "eastasia")


def test_it_shows_the_namespace_and_its_hubs(az: Callable[..., Any], box: dict[str, Any]) -> None:
    place = ("--resource-group", GROUP, "--name", NAMESPACE)
    namespace = az("eventhubs", "namespace", "show", *place)
    assert namespace["sku"]["name"] == "Standard"
    assert namespace["kafkaEnabled"] is True
    assert namespace["serviceBusEndpoint"] == f"https://{box['event_hubs']['bootstrap']}/"
    own = ("--resource-group", GROUP, "--namespace-name", NAMESPACE)
    listed = az("eventhubs", "eventhub", "list", *own)
    (hub,) = [each for each in listed if each["name"] == HUB]  # others test with hubs of theirs
    assert (hub["name"], hub["partitionCount"], hub["status"]) == (HUB, 4, "Active")


def test_it_lists_policies_and_their_keys(az: Callable[..., Any], box: dict[str, Any]) -> None:
    rules = ("authorization-rule", "list", "--resource-group", GROUP)
    of_namespace = az("eventhubs", "namespace", *rules, "--namespace-name", NAMESPACE)
    (root,) = [each for each in of_namespace if each["name"] == "RootManageSharedAccessKey"]
    assert sorted(root["rights"]) == ["Listen", "Manage", "Send"]
    hub = ("--namespace-name", NAMESPACE, "--eventhub-name", HUB)
    (listen,) = az("eventhubs", "eventhub", *rules, *hub)
    assert (listen["name"], listen["rights"]) == ("isthmus-listen", ["Listen"])
    named = ("--resource-group", GROUP, "--name", "isthmus-listen")
    keys = az("eventhubs", "eventhub", "authorization-rule", "keys", "list", *hub, *named)
    kept = (Path(box["folder"]) / "kafka.secret").read_text("utf-8")
    assert keys["primaryConnectionString"] == kept
    assert re.search(r";SharedAccessKey=[^;]+;EntityPath=azure-logs$", kept)


def test_it_makes_a_namespace_with_a_diagnostic_setting(
    az: Callable[..., Any], box: dict[str, Any], made: str
) -> None:
    subscription = ("monitor", "diagnostic-settings", "subscription")
    rule = (
        f"/subscriptions/{box['arm']['subscription']}/resourceGroups/{GROUP}/providers/"
        f"Microsoft.EventHub/namespaces/{made}/authorizationRules/RootManageSharedAccessKey"
    )
    logs = json.dumps([{"category": "Policy", "enabled": True}])
    target = ("--event-hub-name", "own", "--event-hub-auth-rule", rule, "--location", "eastasia")
    az(*subscription, "create", "--name", made, *target, "--logs", logs)
    listed = az(*subscription, "list")
    settings = listed["value"] if isinstance(listed, dict) else listed
    (setting,) = [each for each in settings if each["name"] == made]
    assert setting["eventHubName"] == "own"
    assert setting["eventHubAuthorizationRuleId"].lower() == rule.lower()
    assert [each["category"] for each in setting["logs"] if each["enabled"]] == ["Policy"]
    az(*subscription, "delete", "--name", made, "--yes")


def test_it_shows_what_isthmus_made(
    az: Callable[..., Any], box: dict[str, Any], tmp_path: Path
) -> None:
    """``isthmus apply`` makes it, the CLI lists it, ``isthmus remove`` leaves nothing of it."""
    folder, group, namespace = Path(box["folder"]), "rg-made-here", "made-by-isthmus"
    profile = folder / "made.toml"
    text = Path(box["profile"]).read_text("utf-8").partition("[kafka]")[0]
    text = text.replace(GROUP, group)
    text = re.sub(r"(\[azure\.namespace\]\n)name = .*\n", rf'\1name = "{namespace}"\n', text)
    text += """
[[azure.diagnostic_settings]]
kind = "activity"
name = "made-by-isthmus"
categories = ["Administrative", "Policy"]

[kafka]
connection_string = "file:made.secret"

[network]
ca_file = "ca.pem"

[endpoints]
""" + "".join(f'{name} = "{box["arm"][key]}"\n' for name, key in _ENDPOINT_KEYS)
    profile.write_text(text, "utf-8")
    _isthmus("apply", "--yes", profile, tmp_path)
    shown = az("group", "show", "--name", group)
    assert shown["tags"]["isthmus"].startswith("sandbox-")
    place = ("--resource-group", group, "--namespace-name", namespace)
    assert az("eventhubs", "namespace", "show", "--resource-group", group, "--name", namespace)
    assert [each["name"] for each in az("eventhubs", "eventhub", "list", *place)] == [HUB]
    rules = az("eventhubs", "namespace", "authorization-rule", "list", *place)
    assert "isthmus-diagnostics" in {each["name"] for each in rules}
    listed = az("monitor", "diagnostic-settings", "subscription", "list")
    settings = listed["value"] if isinstance(listed, dict) else listed
    (setting,) = [each for each in settings if each["name"] == "made-by-isthmus"]
    sent = {each["category"] for each in setting["logs"] if each["enabled"]}
    assert sent == {"Administrative", "Policy"}
    _isthmus("remove", "--yes", profile, tmp_path, "--confirm-name", namespace)
    assert namespace not in {each["name"] for each in az("eventhubs", "namespace", "list")}


_ENDPOINT_KEYS = (("arm", "endpoint"), ("authority", "authority"))


def _isthmus(verb: str, yes: str, profile: Path, state: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "core", verb, yes, *words, "--profile", str(profile)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"ISTHMUS_STATE_DIR": str(state)},
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
