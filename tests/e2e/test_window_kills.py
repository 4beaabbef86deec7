"""The window is killed on every page: started again it is at the same page with the same history,
what was typed is there, right or wrong, and no secret is anywhere on the disk but at its place.

The window is the program itself in a process of its own, used by mouse and keyboard only.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from helpers.waiting import eventually
from helpers.window_process import WindowProcess, window
from helpers.window_sandbox import WindowSandbox

from core.onboarding.draft_store import draft_file
from core.onboarding.steps import BUILT, StepId
from core.sandbox.sandbox import Options, Sandbox

CANARY = "Zm9yLXRlc3RzLW9ubHktbmV2ZXItd3JpdHRlbi1kb3du"


@dataclass(frozen=True)
class Typed:
    """What is typed on a page before it is killed.

    Attributes:
        texts: field -> (text, its place in the draft).
        secret: a field for a secret, which is typed and not kept.
    """

    texts: dict[str, tuple[str, str]]
    secret: str = ""


TYPED: dict[StepId, Typed] = {
    StepId.AZURE_SIGN_IN: Typed(
        {
            "Name of this import": ("contoso to soc", "name"),
            "Tenant": ("not a tenant", "azure_sign_in.tenant"),
        },
        "Client secret",
    ),
    StepId.RESOURCE_GROUP: Typed({"Name of the new group": ("rg-typed", "resource_group.name")}),
    StepId.NAMESPACE: Typed(
        {
            "Name": ("Wrong, and typed all the same", "namespace.name"),
            "Throughput units": ("3", "namespace.throughput_units"),
        }
    ),
    StepId.EVENT_HUB: Typed(
        {"Name": ("hub-typed", "event_hub.name"), "Partitions": ("7", "event_hub.partitions")}
    ),
    StepId.SHARED_ACCESS_POLICY: Typed(
        {"Name of the policy": ("policy-typed", "shared_access_policy.name")}
    ),
    StepId.DIAGNOSTIC_SETTINGS: Typed(
        {"Policy that the settings send with": ("sender-typed", "diagnostic_settings.policy")}
    ),
    StepId.IMPORT_TASK: Typed(
        {
            "Logstore": ("logstore-typed", "import_task.logstore"),
            "Region": ("nowhere", "import_task.region"),
        },
        "AccessKey secret",
    ),
}
"""Pages that are not here have no field."""

LOCAL_PROFILE = """\
schema_version = 1
name = "contoso"

[azure]
tenant = "contoso.example"
resource_group = "rg-soc"
location = "eastasia"

[azure.sign_in]
method = "service_principal"
client_id = "4f1c2a34-0000-4000-8000-000000000001"
client_secret = "env:ISTHMUS_TEST_NO_SUCH"

[azure.namespace]
name = "contoso-logs"

[azure.event_hub]
name = "azure-logs"
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    with Sandbox(folder / "sandbox", Options(empty=True, logstore=True)) as running:
        yield running


@pytest.fixture
def own_sandbox():
    return WindowSandbox()


def secrets_of(info: dict[str, Any]) -> list[str]:
    """Every secret that the sandbox made."""
    found = [info["arm"]["client_secret"], info["log_service"]["access_key_secret"]]
    assert all(found)
    return found


def kept_texts() -> dict[str, str]:
    """All that the window wrote where it keeps things, by file."""
    folder = Path(os.environ["ISTHMUS_CONFIG_DIR"])
    return {
        str(each.relative_to(folder)): each.read_text("utf-8", "replace")
        for each in folder.rglob("*")
        if each.is_file()
    }


def type_all(running: WindowProcess, typed: Typed) -> None:
    for field, (text, _) in typed.texts.items():
        running.do("type", name=field, text=text)
    if typed.secret:
        if "Replace" in running.look()["buttons"]:
            running.do("click", name="Replace")
        running.do("type", name=typed.secret, text=CANARY)


def is_on_disk(typed: Typed) -> bool:
    """Whether the draft has what was typed; nobody closed anything."""
    try:
        draft = json.loads(draft_file().read_text("utf-8"))["draft"]
    except OSError:
        return False
    for text, place in typed.texts.values():
        value = draft
        for part in place.split("."):
            value = value[part]
        if str(value) != text:
            return False
    return True


def killed_and_resumed(step: StepId, *arguments: str, secrets: list[str]) -> None:
    typed = TYPED.get(step, Typed({}))
    with window(*arguments) as running:
        running.until(lambda seen: seen["step"] == step)
        running.quiet()
        type_all(running, typed)
        eventually(lambda: is_on_disk(typed))
        before = running.look()
        fields = running.do("fields")
        picked = running.do("picked")
        running.kill()
    if typed.secret:
        assert fields.pop(typed.secret) == CANARY, "it was typed"
    for file, text in kept_texts().items():
        assert not [each for each in (*secrets, CANARY) if each in text], file
    with window() as again:
        welcome = again.until(lambda seen: seen["welcome"])
        assert "Resume" in welcome["buttons"]
        again.do("click", name="Resume")
        after = again.until(lambda seen: seen["step"])
        again.quiet()
        for what in ("step", "history", "visited", "title"):
            assert after[what] == before[what]
        shown = again.do("fields")
        if typed.secret:
            assert CANARY not in shown.pop(typed.secret), "it was not kept"
        assert shown == fields
        assert again.do("picked") == picked
        if after["history"]:
            again.do("click", name="Back")
            again.until(lambda seen: seen["step"] == before["history"][-1])


def test_the_first_page_survives_a_kill(tmp_path):
    profile = tmp_path / "contoso.toml"
    profile.write_text(LOCAL_PROFILE, "utf-8")
    step = StepId.AZURE_SIGN_IN
    killed_and_resumed(step, str(profile), str(step), secrets=[])


@pytest.mark.slow
@pytest.mark.parametrize("step", BUILT)
def test_every_page_survives_a_kill(sandbox, step):
    secrets = secrets_of(sandbox.info)
    killed_and_resumed(step, sandbox.info["profile"], str(step), secrets=secrets)


@pytest.mark.slow
def test_half_an_apply_is_finished_and_a_running_import_is_found(own_sandbox):
    """``isthmus --sandbox``, killed while the namespace is being made, then in a running import."""
    verb = "Create the Azure part now"
    with window("--sandbox") as running:
        running.until(lambda seen: seen["step"] == StepId.AZURE_SIGN_IN)
        running.do("click", name="Sign in")
        running.go_on()
        running.go_on("Create a new namespace")
        for step in BUILT[3:8]:
            assert running.go_on()["step"] == step
        running.until(lambda seen: seen["on"] == verb and seen["can_go_on"])
        own_sandbox.scenario("arm.slow_create", True)
        running.do("click", name=verb)
        eventually(lambda: '"type": "namespace"' in own_sandbox.journal())
        running.kill()
    with window() as again:
        again.until(lambda seen: seen["welcome"])
        again.do("click", name="Resume")
        assert again.until(lambda seen: seen["step"])["step"] == StepId.KAFKA_TEST
        again.until(lambda seen: seen["on"] == verb and seen["can_go_on"])
        again.do("click", name=verb)
        assert again.go_on()["step"] == StepId.IMPORT_TASK
        again.until(lambda seen: "Start the import" in seen["buttons"])
        again.do("click", name="Start the import")
        again.until(lambda _: again.do("figure", path="view.tail.table.model.shown") > 0)
        again.kill()
    lines = [line for line in own_sandbox.journal().splitlines() if '"type": "namespace"' in line]
    assert len([line for line in lines if '"done"' in line]) == 1
    # A second "begin" only where the kill came before Azure was asked.
    assert 1 <= len([line for line in lines if '"begin"' in line]) <= 2
    with window() as third:
        third.until(lambda seen: seen["welcome"])
        third.do("click", name="Resume")
        assert third.until(lambda seen: seen["step"])["step"] == StepId.IMPORT_TASK
        third.until(lambda seen: "Stop import…" in seen["buttons"])
        third.until(lambda _: third.do("figure", path="view.tail.table.model.shown") > 0)
        third.stop_import()
        third.close()
