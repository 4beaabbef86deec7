"""Every fault that the sandbox plays, met in the window: the right page says the right cause and
offers the right remedy, and once the fault is lifted the road goes on in the same window.

docs/diagnosis.md says the same of the commands. The expectations here are written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from helpers.azure_halves import AzureHalf
from helpers.window_process import WindowProcess, WindowSeen, window

from core.onboarding.steps import StepId
from core.sandbox.sandbox import Options, Sandbox
from core.sandbox.scenarios import SCENARIOS

pytestmark = pytest.mark.slow
NAMESPACE = "isthmus-logs"
VERB = "Create the Azure part now"
SIGN_IN, FIND, SECURE = "Sign in", "Find the event hub", "Secure the line"


@dataclass(frozen=True)
class Refused:
    """The Kafka test fails.

    Attributes:
        code: of the cause.
        row: the one that fails.
        remedies: buttons that lead to a remedy, beside "Test again".
        options: of the scenario.
    """

    code: str
    row: str
    remedies: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


KAFKA: dict[str, Refused] = {
    "wrong_key": Refused(  # Isthmus fetched the key itself, so it did fit once
        "kafka_key_rotated", SIGN_IN, ("Fetch key and test again", "Choose another policy")
    ),
    "key_rotated": Refused(
        "kafka_key_rotated", SIGN_IN, ("Fetch key and test again", "Choose another policy")
    ),
    "firewall": Refused("kafka_firewall", SIGN_IN, ("Let this machine in…",)),
    "basic_tier": Refused("kafka_basic_tier", FIND, ("Choose another namespace",)),
    "no_listen": Refused("kafka_no_listen", FIND, ("Choose another policy",)),
    "silent_port": Refused("kafka_stalled", SECURE),
    "tls_intercepted": Refused("kafka_tls_intercepted", SECURE, ("Open network settings",)),
    "not_tls": Refused("kafka_not_tls", SECURE),
}
HARMLESS = {
    "throttled": ("The namespace slows reading down", {"units": 0.04}),
    "idle_drop": ("The hub can be read", {"idle_seconds": 0.5}),
}
"""Scenarios in which the test passes, and what it says."""
ELSEWHERE = {"missing_hub"}


@dataclass
class Kept:
    """A sandbox and a window on it that stay for all tests of a file."""

    sandbox: Sandbox
    window: WindowProcess
    state: Path

    def event_hubs(self, name: str, on: bool, **options: Any) -> None:
        self.sandbox.scenario(f"event_hubs.{name}", on, namespace=NAMESPACE, **options)

    def arm(self, name: str, on: bool, **options: Any) -> None:
        self.sandbox.scenario(f"arm.{name}", on, **options)

    def test_again(self) -> WindowSeen:
        return self.press("Test again")

    def press(self, button: str) -> WindowSeen:
        """Press it, and wait for the end of what it began."""
        self.window.do("click", name=button)
        return self.window.quiet()

    def look_anew(self) -> WindowSeen:
        """Leave the page and come back: it looks at Azure again."""
        self.window.do("click", name="Back")
        self.window.until(lambda seen: seen["step"] == StepId.DIAGNOSTIC_SETTINGS)
        self.window.quiet()
        self.window.go_on()
        return self.window.quiet()

    def text(self) -> str:
        return "\n".join(self.window.do("texts"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenarios")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISTHMUS_STATE_DIR", str(folder / "state"))
        patch.setenv("ISTHMUS_CONFIG_DIR", str(folder / "config"))
        with (
            Sandbox(folder / "sandbox", Options(empty=True, logstore=True)) as sandbox,
            window(sandbox.info["profile"], str(StepId.KAFKA_TEST)) as running,
        ):
            running.until(lambda seen: seen["step"] == StepId.KAFKA_TEST)
            yield Kept(sandbox, running, folder / "state")


@pytest.fixture
def hub(kept):
    """The window at its Kafka test, which passes."""
    seen = kept.window.quiet()
    if seen["verb"]:
        seen = kept.press(VERB)
    elif not seen["can_go_on"]:  # an earlier test ended in the middle
        seen = kept.test_again()
    assert seen["can_go_on"], seen
    return kept


def passes(seen: WindowSeen, kept: Kept) -> None:
    assert (seen["on"], seen["can_go_on"], seen["problem"]) == ("Continue", True, ""), seen
    *way, records = kept.window.do("stages").values()
    assert set(way) == {"ok"}
    assert records in ("ok", "empty"), "a hub that was just made may hold nothing yet"


def test_every_scenario_is_met_here():
    of_hubs = {each.partition(".")[2] for each in SCENARIOS if each.startswith("event_hubs.")}
    assert of_hubs == {*KAFKA, *HARMLESS, *ELSEWHERE}
    of_arm = {each.partition(".")[2] for each in SCENARIOS if each.startswith("arm.")}
    assert of_arm == {*BLOCKED, *BROKEN, *WAITS, "provider_not_registered", "two_tenants"}


@pytest.mark.parametrize("name", KAFKA)
def test_a_kafka_fault_is_named_and_the_road_goes_on_after_it(hub, name):
    wanted = KAFKA[name]
    hub.event_hubs(name, True, **wanted.options)
    try:
        seen = hub.test_again()
        stages = hub.window.do("stages")
    finally:
        hub.event_hubs(name, False)
    assert seen["step"] == StepId.KAFKA_TEST
    assert seen["problem"] == wanted.code
    assert [row for row, state in stages.items() if state == "failed"] == [wanted.row]
    assert "Test again" in seen["remedies"]
    assert set(wanted.remedies) <= set(seen["remedies"])
    assert not seen["can_go_on"]
    passes(hub.test_again(), hub)


_TRIES = 5


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_failure_does_not_stop_the_road(hub, name):
    words, options = HARMLESS[name]
    hub.event_hubs(name, True, **options)
    try:
        for _ in range(_TRIES):  # throttling is felt once the namespace has something to hold back
            seen = hub.test_again()
            said = hub.text()
            if words in said:
                break
    finally:
        hub.event_hubs(name, False)
    passes(seen, hub)
    assert words in said


def test_a_hub_that_is_gone_is_offered_to_be_made_again(hub):
    hub.event_hubs("missing_hub", True)
    try:
        seen = hub.test_again()
    finally:
        hub.event_hubs("missing_hub", False)
    assert seen["lead"] == "The event hub azure-logs does not exist yet."
    assert (seen["on"], seen["verb"], seen["can_go_on"]) == (VERB, True, True)
    passes(hub.look_anew(), hub)


# Azure Resource Manager


BLOCKED = {
    "no_permission": "The account lacks the right",
    "name_taken": "The namespace name isthmus-logs cannot be had",
}
"""Known before anything is made: the plan says it, and its verb is off."""
BROKEN = {
    "failed_create": "Azure began it and could not finish it",
    "policy_denied": "An Azure Policy of your organisation forbids it",
    "basic_only": "Azure does not offer this in the region",
}
"""Known when the attempt fails."""
WAITS: dict[str, tuple[str, dict[str, Any]]] = {
    "throttled": ("Azure asks for fewer requests", {"requests": 3, "retry_after": 2}),
    "slow_create": ("namespace", {"seconds": 3}),
}
"""No failure: it takes longer, and the page says what for."""


@pytest.fixture
def empty(kept):
    """The window at its Kafka test, with the plan of all that is to be made."""
    left = AzureHalf(kept.sandbox, kept.state).remove("--confirm-name", NAMESPACE)
    assert left.code == 0, left
    seen = kept.look_anew()
    assert (seen["on"], seen["can_go_on"]) == (VERB, True), seen
    return kept


@pytest.mark.parametrize("name", BLOCKED)
def test_what_is_known_before_blocks_the_plan_and_says_why(empty, name):
    empty.arm(name, True)
    try:
        seen = empty.look_anew()
        said = empty.text()
    finally:
        empty.arm(name, False)
    assert (seen["on"], seen["can_go_on"]) == (VERB, False)
    assert BLOCKED[name] in said
    assert "cannot be done yet" in seen["reason"]
    seen = empty.press("Look again")
    assert (seen["on"], seen["can_go_on"]) == (VERB, True)
    passes(empty.press(VERB), empty)


@pytest.mark.parametrize("name", BROKEN)
def test_what_fails_in_the_middle_is_named_and_finished_later(empty, name):
    empty.arm(name, True)
    try:
        empty.press(VERB)
        said = empty.text()
    finally:
        empty.arm(name, False)
    assert "isthmus-logs failed" in said
    assert BROKEN[name] in said
    assert "What was made stays." in said
    passes(empty.press(VERB), empty)


@pytest.mark.parametrize("name", WAITS)
def test_what_takes_long_says_what_for_and_needs_nobody(empty, name):
    words, options = WAITS[name]
    empty.arm(name, True, **options)
    try:
        empty.window.do("click", name=VERB)
        empty.window.until(lambda _: words in empty.text())
        passes(empty.window.quiet(), empty)
    finally:
        empty.arm(name, False)


def test_a_look_that_azure_slows_down_says_so(empty):
    empty.arm("throttled", True, requests=2, retry_after=2)
    try:
        empty.window.do("click", name="Look again")
        empty.window.until(lambda _: "Azure asks for fewer requests" in empty.text())
        assert empty.window.quiet()["on"] == VERB
    finally:
        empty.arm("throttled", False)


def test_a_provider_that_is_not_registered_is_one_more_action(empty):
    empty.arm("provider_not_registered", True)
    try:
        empty.look_anew()
        assert "provider" in "\n".join(empty.window.do("texts")).lower()
        passes(empty.press(VERB), empty)
    finally:
        empty.arm("provider_not_registered", False)


def test_a_tenant_that_cannot_be_read_is_named(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("ISTHMUS_CONFIG_DIR", str(tmp_path / "second"))
    with window(kept.sandbox.info["profile"], str(StepId.DISCOVERY)) as second:
        kept.arm("two_tenants", True, reachable=False)
        try:
            second.until(lambda seen: seen["step"] == StepId.DISCOVERY)
            second.quiet()
            second.do("click", name="Look again")
            second.quiet()
            said = "\n".join(second.do("texts"))
        finally:
            kept.arm("two_tenants", False)
        assert "1 place could not be read" in said
        second.do("click", name="Look again")
        second.quiet()
        assert "could not be read" not in "\n".join(second.do("texts"))
