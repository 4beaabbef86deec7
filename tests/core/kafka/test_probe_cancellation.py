"""A test can be stopped from another thread whatever it waits for; it then says so, at once.

Every limit is ten minutes here: a test that ends, ends because it was stopped. How long that took
is printed; half a second is promised.
"""

from __future__ import annotations

import dataclasses
import socket
import threading
import time

import pytest
from helpers import kafka_gateway as keys
from helpers.kafka_gateway import Gateway
from helpers.namespaces import open_namespace

from core.errors import Code
from core.kafka.probe import STAGES, Cancellation, Limits, probe_hub

ENDLESS = Limits(resolve=600, connect=600, step=600, group=600, records=600)
DEADLINE = 20.0


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    opened = open_namespace(tmp_path_factory.mktemp("namespace"))
    opened.create_hub("azure-logs", 1)
    opened.produce("azure-logs", [b'{"records": [{"category": "AuditEvent"}]}'], 0)
    yield opened
    opened.child.stop()


@pytest.fixture
def gateway(namespace):
    made = Gateway(namespace.child.ready["port"], namespace.folder)
    yield made
    made.close()


def stopped_in(access, stage: str, waits: threading.Event | None = None):
    """Start a test, stop it once it waits in ``stage``, and check what it says."""
    cancellation = Cancellation()
    before = STAGES[STAGES.index(stage) - 1]
    reached = threading.Event()
    results = []

    def told(ended) -> None:
        if ended.stage == before:
            reached.set()

    def run() -> None:
        results.append(probe_hub(access, told, limits=ENDLESS, cancellation=cancellation))

    thread = threading.Thread(target=run)
    thread.start()
    assert reached.wait(DEADLINE)
    if waits is not None:
        assert waits.wait(DEADLINE)
    began = time.monotonic()
    cancellation.cancel()
    thread.join(DEADLINE)
    assert not thread.is_alive()
    print(f"stopped in {stage} after {time.monotonic() - began:.2f} s")
    (probe,) = results
    assert probe.cancelled
    assert probe.failed
    assert probe.problem.code == Code.PROBE_CANCELLED
    states = [each.state for each in probe.stages]
    place = STAGES.index(stage)
    assert states == ["ok"] * place + ["not_reached"] * (len(STAGES) - place)
    assert probe.as_json()["verdict"] == "failed"


def test_before_it_begins(namespace):
    cancellation = Cancellation()
    cancellation.cancel()
    probe = probe_hub(namespace.access("azure-logs"), cancellation=cancellation)
    assert probe.cancelled
    assert {each.state for each in probe.stages} == {"not_reached"}


def test_in_a_look_up(namespace, monkeypatch):
    asked, done = threading.Event(), threading.Event()

    def hangs(*_, **__):
        asked.set()
        done.wait(DEADLINE)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)  # a resolver that hangs cannot be had
    try:
        stopped_in(namespace.access("azure-logs"), "resolve", asked)
    finally:
        done.set()


def test_while_it_connects(namespace):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # they fill the queue
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        stopped_in(dataclasses.replace(namespace.access("azure-logs"), bootstrap=place), "connect")
        for each in waiting:
            each.close()


def test_in_a_tls_handshake(namespace):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        stopped_in(dataclasses.replace(namespace.access("azure-logs"), bootstrap=place), "tls")


@pytest.mark.parametrize(
    ("key", "stage"),
    [
        (keys.API_VERSIONS, "sign_in"),
        pytest.param(keys.SASL_AUTHENTICATE, "sign_in", marks=pytest.mark.slow),
        pytest.param(keys.METADATA, "sign_in", marks=pytest.mark.slow),
        pytest.param(keys.FETCH, "rights", marks=pytest.mark.slow),
        (keys.JOIN_GROUP, "rights"),
    ],
)
def test_in_a_call_of_the_kafka_client(namespace, gateway, key, stage):
    gateway.hold_at = {key}
    place = f"127.0.0.1:{gateway.port}"
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=place)
    stopped_in(access, stage, gateway.held)


@pytest.mark.slow
def test_a_stop_after_the_end_changes_nothing(namespace):
    cancellation = Cancellation()
    probe = probe_hub(namespace.access("azure-logs"), cancellation=cancellation)
    cancellation.cancel()
    assert not probe.cancelled
    assert probe.problem is None
