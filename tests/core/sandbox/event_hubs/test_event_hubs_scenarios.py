"""Scenarios: what a librdkafka client and the connection probe see, and that it ends.

The table in docs/scenarios.md is what these tests measure, word for word.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import confluent_kafka as ck
import pytest

from core.kafka.probe import probe_hub
from core.kafka.settings import HubAccess
from core.onboarding.diagnosis import diagnose
from core.sandbox.event_hubs.scenarios import Scenario
from core.sandbox.process import EmulatorError
from core.sandbox.scenarios import SCENARIOS

DOCS = Path(__file__).parents[4] / "docs"
OPTIONS = {"idle_drop": {"idle_seconds": 0.5}, "throttled": {"units": 0.05}}
# The probe waits for its connect limit in the first.
SLOW = frozenset(Scenario) - {Scenario.WRONG_KEY, Scenario.NO_LISTEN, Scenario.FIREWALL}
"""All but three, which are enough to see the machinery work."""
WAITING = 400
_PATIENT = 4.0


@dataclass
class Seen:
    """What one client reports."""

    errors: list[ck.KafkaError] = field(default_factory=list)
    throttled: list[float] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def told(self) -> set[str]:
        """Codes from the error callback with the connection's state; the vaguest only alone."""
        found = {
            (error.name(), _part(r"in state (\w+)", error), _part(r"routines::([a-z ]+\w)", error))
            for error in self.errors
            if error.code() != ck.KafkaError._ALL_BROKERS_DOWN
        }
        specific = {state for name, state, _ in found if name != "_TRANSPORT"}
        kept = {
            f"{name} in {state}" + (f" ({reason})" if reason else "")
            for name, state, reason in found
            if state and (name != "_TRANSPORT" or state not in specific)
        }
        return kept or {error.name() for error in self.errors}

    def logged(self, pattern: str) -> str:
        """The first thing that a log line says of ``pattern``, with its state."""
        for line in self.lines:
            if found := re.search(rf"({pattern}).*in state (\w+)", line):
                return f"{found[1]} in {found[2]}"
        return ""


def _part(pattern: str, error: ck.KafkaError) -> str:
    found = re.search(pattern, error.str())
    return str(found[1]) if found else ""


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


def opened(namespace: Any, kind: Any, **more: Any) -> tuple[Any, Seen]:
    seen = Seen()
    logger = logging.Logger("client")
    logger.addHandler(_Lines(seen.lines))
    settings = namespace.settings(
        error_cb=seen.errors.append,
        throttle_cb=lambda event: seen.throttled.append(event.throttle_time),
        **{
            "log_level": 6,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
            "retry.backoff.ms": 50,
            "retry.backoff.max.ms": 100,
            "topic.metadata.refresh.fast.interval.ms": 50,
            "socket.connection.setup.timeout.ms": 1000,
            **more,
        },
    )
    return kind(settings, logger=logger), seen


def reader(namespace: Any, group: str) -> tuple[ck.Consumer, Seen]:
    settings = {
        "group.id": group,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": 6000,
        "fetch.wait.max.ms": 100,
    }
    return opened(namespace, ck.Consumer, **settings)


def listed(consumer: ck.Consumer, seen: Seen, hub: str) -> str:
    """What list_topics() comes to, once it works or the client has said why not."""
    outcome: list[str] = []

    def ends() -> bool:
        try:
            error = consumer.list_topics(hub, timeout=0.3).topics[hub].error
            outcome[:] = [error.name() if error else "ok"]
        except ck.KafkaException as failure:
            outcome[:] = [failure.args[0].name()]
            consumer.poll(0)
            said = seen.told() | ({late} if (late := seen.logged("setup timed out")) else set())
            return said not in (set(), {"_ALL_BROKERS_DOWN"})
        return True

    assert _until(ends), (outcome, seen)
    return outcome[0]


def _until(condition: Callable[[], Any], seconds: float = _PATIENT) -> Any:
    """The first true value of ``condition``, or its last one when ``seconds`` are over."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            return value
    return value


def read(consumer: ck.Consumer, enough: int) -> str:
    """What comes: ``enough`` messages, an error, or nothing for a while."""
    count = 0
    while count < enough:
        message = consumer.poll(1.0)
        if message is None:
            return "messages, then a pause" if count else "nothing"
        if message.error():
            return str(message.error().name())
        count += 1
    return "messages"


def of_a_new_client(namespace: Any, hub: str, group: str) -> list[str]:
    facts = []
    joining, seen = reader(namespace, f"{group}-joining")
    facts.append(f"list_topics {(names := listed(joining, seen, hub))}")
    if names in ("_TRANSPORT", "_TIMED_OUT"):
        facts.append("error_cb " + ", ".join(sorted(seen.told())))
        if late := seen.logged("setup timed out"):
            facts.append(f"log `{late}`")
    else:
        joining.subscribe([hub])
        facts.append(f"subscribe {read(joining, WAITING)}")
        alone, alone_seen = reader(namespace, f"{group}-alone")
        alone.assign([ck.TopicPartition(hub, 0)])
        facts.append(f"assign {read(alone, WAITING)}")
        _until(lambda: alone.poll(0.05) or any(alone_seen.throttled), 0.2)
        alone.close()
        if any(seen.throttled + alone_seen.throttled):
            facts.append("throttle_cb")
    joining.close()
    return facts


def of_who_was_connected(client: ck.Producer, seen: Seen, scenario: Scenario) -> str:
    """Whether a connection from before goes on."""
    wait = 0.3 if scenario.lets_connections_live and scenario != "idle_drop" else _PATIENT

    def disconnected() -> str:
        client.poll(0.05)  # log lines come by it
        return seen.logged("Disconnected")

    _until(disconnected, wait)
    line = seen.logged("Disconnected")
    return f"cut, log `{line}`" if line else "stays"


def delivered(producer: ck.Producer, hub: str, value: bytes) -> list[ck.KafkaError | None]:
    """The error, or None, that the report of ``value`` holds."""
    reported: list[ck.KafkaError | None] = []
    producer.produce(hub, value, on_delivery=lambda error, _: reported.append(error))
    assert producer.flush(20) == 0
    return reported


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[str, str]]:
    """What was measured, as rows of the table; printed at the end."""
    measured: dict[str, str] = {}
    yield measured
    print("", *_header(), *measured.values(), sep="\n")


def _section() -> list[str]:
    text = (DOCS / "scenarios.md").read_text("utf-8")
    lines = text.partition("## Event Hubs")[2].partition("\n## ")[0].splitlines()
    return [line for line in lines if line.startswith("|")]


def _header() -> list[str]:
    return _section()[:2]


def documented() -> dict[str, list[str]]:
    """The cells of each scenario's row."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in _section()[2:]]
    return {row[0].strip("`"): row for row in rows}


def _marked(scenario: Scenario) -> Any:
    return pytest.param(scenario, marks=[pytest.mark.slow] if scenario in SLOW else [])


@pytest.mark.parametrize("scenario", [_marked(each) for each in Scenario])
def test_a_client_sees_what_the_page_says_and_recovers(
    namespace: Any, kit: Any, scenario: Scenario, rows: dict[str, str]
) -> None:
    hub = namespace.hub(f"hub-{scenario}")
    namespace.send(hub, [b"{}"] * WAITING)
    old, old_seen = opened(namespace, ck.Producer)
    assert delivered(old, hub, b"before") == [None]
    namespace.request("scenario", name=scenario, on=True, **OPTIONS.get(scenario, {}))
    try:
        facts = [f"connected before: {of_who_was_connected(old, old_seen, scenario)}"]
        if scenario is Scenario.KEY_ROTATED:
            namespace.request("drop_connections")
            facts[0] += " until its next sign-in"
        facts += of_a_new_client(namespace, hub, scenario)
        access = HubAccess(namespace.bootstrap, hub, namespace.connection_string, namespace.ca_file)
        # The key of key_rotated has signed in before, that of wrong_key never has.
        worked = scenario is Scenario.KEY_ROTATED
        problem = diagnose(probe_hub(access), access, worked_before=worked).problem
    finally:
        namespace.request("scenario", name=scenario, on=False)
    full = f"event_hubs.{scenario}"
    source = documented()[full][4] if full in documented() else ""
    row = [f"`{full}`", SCENARIOS[full], "; ".join(facts), f"`{problem.code if problem else 'ok'}`"]
    rows[full] = f"| {' | '.join([*row, source])} |"
    print(rows[full])

    assert delivered(old, hub, b"after") == [None]
    assert not probe_hub(access).failed
    recovered, _ = reader(namespace, f"{scenario}-recovered")
    recovered.assign([ck.TopicPartition(hub, 0, 0)])
    assert kit.take(recovered, WAITING + 2)[-1].value() == b"after"
    recovered.close()
    assert [row[0], *documented()[full][1:4]] == [row[0], *row[1:]]


def test_the_page_names_every_scenario_and_a_source_for_each() -> None:
    ours = [name for name in SCENARIOS if name.startswith("event_hubs.")]
    assert ours == [f"event_hubs.{scenario}" for scenario in Scenario]
    page = documented()
    assert list(page) == ours
    assumptions = (DOCS / "assumptions.md").read_text("utf-8")
    assumed = set(re.findall(r"^\| (EH-\d\d) \|", assumptions, re.MULTILINE))
    for name, row in page.items():
        assert len(row) == 5
        assert row[4], name
        assert set(re.findall(r"EH-\d\d", row[4])) <= assumed


def test_scenarios_are_of_one_namespace(namespace: Any) -> None:
    other = namespace.another("contoso-faulty")
    other.request("scenario", name="wrong_key", on=True)
    assert other.request("describe")["scenarios"] == ["wrong_key"]
    assert namespace.request("describe")["scenarios"] == []
    assert namespace.admin().list_topics(timeout=20)
    other.remove()


def test_what_does_not_exist_cannot_be_switched(namespace: Any) -> None:
    for arguments, text in (
        ({"name": "earthquake"}, "earthquake"),
        ({"name": "throttled", "colour": 1}, "colour"),
        ({"name": "idle_drop", "idle_seconds": 0}, "over 0"),
        ({"name": "idle_drop", "namespace": "nowhere"}, "nowhere"),
    ):
        with pytest.raises(EmulatorError, match=text):
            namespace.child.request("scenario", on=True, **arguments)
    assert namespace.request("describe")["scenarios"] == []


def test_new_keys_work_while_the_old_ones_are_rotated_away(namespace: Any) -> None:
    before = namespace.request("get_policy", name="root")
    namespace.request("scenario", name="key_rotated", on=True)
    during = namespace.request("get_policy", name="root")
    assert not {before["primary_key"], before["secondary_key"]} & {
        during["primary_key"],
        during["secondary_key"],
    }
    secret = {"sasl.password": during["secondary_connection_string"]}
    assert namespace.admin(**secret).list_topics(timeout=20)
    namespace.request("scenario", name="key_rotated", on=False)
    assert namespace.request("get_policy", name="root") == before


def test_rotated_keys_come_back_after_a_kill(own_namespace: Any) -> None:
    own_namespace.request("scenario", name="key_rotated", on=True)
    own_namespace.policy("Send", name="made-meanwhile")
    own_namespace.kill_and_restart()
    assert own_namespace.admin().list_topics(timeout=20)
