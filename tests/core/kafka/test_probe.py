"""Each fault fails its own stage with its own problem, and the stages behind it are not reached."""

from __future__ import annotations

import dataclasses
import socket
import threading

import pytest
from helpers.namespaces import open_namespace

from core.errors import Code
from core.kafka.probe import STAGES, probe_hub


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    opened = open_namespace(tmp_path_factory.mktemp("namespace"))
    opened.create_hub("azure-logs", 3)
    yield opened
    opened.child.stop()


@pytest.fixture
def other_server():
    """A server that is no Event Hub: it answers every connection with ``answer``."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened = []

    def serve(answer: bytes | None) -> str:
        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                opened.append(connection)
                if answer is not None:
                    connection.sendall(answer)
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for connection in opened:
        connection.close()


def failed_at(access, stage: str, code: Code):
    told = []
    probe = probe_hub(access, told.append)
    assert probe.problem is not None
    assert probe.problem.code == code
    place = STAGES.index(stage)
    states = ["ok"] * place + ["failed"] + ["not_reached"] * (len(STAGES) - place - 1)
    assert [each.state for each in probe.stages] == states
    assert told == probe.stages[: place + 1]
    assert probe.as_json()["verdict"] == "failed"
    assert probe.as_json()["code"] == code
    key = access.connection_string.partition("SharedAccessKey=")[2].partition(";")[0]
    assert not key or key not in str(probe.as_json())
    return probe


def test_all_is_well(namespace):
    probe = probe_hub(namespace.access("azure-logs"))
    assert probe.problem is None
    assert [each.stage for each in probe.stages] == list(STAGES)
    assert {each.state for each in probe.stages} == {"ok"}
    assert probe.stages[-1].evidence == "azure-logs has 3 partitions"
    assert probe.as_json()["verdict"] == "ok"


def test_a_connection_string_that_is_none(namespace):
    access = dataclasses.replace(namespace.access("azure-logs"), connection_string="nonsense")
    failed_at(access, "parse", Code.CONNECTION_STRING_INVALID)


def test_a_connection_string_for_another_hub(namespace):
    other = namespace.connection_string + ";EntityPath=other"
    access = dataclasses.replace(namespace.access("azure-logs"), connection_string=other)
    failed_at(access, "parse", Code.CONNECTION_STRING_OTHER_HUB)


@pytest.mark.parametrize("name", ["no-host.invalid", "no..name"])
def test_a_name_without_address(namespace, name):
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=f"{name}:9093")
    failed_at(access, "resolve", Code.KAFKA_HOST_UNKNOWN)


def test_a_port_that_refuses(namespace):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=f"127.0.0.1:{port}")
    failed_at(access, "connect", Code.KAFKA_REFUSED)


def test_a_server_that_does_not_speak_tls(namespace, other_server):
    place = other_server(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=place)
    failed_at(access, "tls", Code.KAFKA_NOT_TLS)


def test_a_server_that_says_nothing(namespace, other_server):
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=other_server(None))
    failed_at(access, "tls", Code.KAFKA_NO_ANSWER)


def test_an_authority_that_is_not_trusted_is_named(namespace):
    access = dataclasses.replace(namespace.access("azure-logs"), ca_file=None)
    probe = failed_at(access, "tls", Code.KAFKA_CERTIFICATE_UNTRUSTED)
    assert "Isthmus sandbox certificate authority" in probe.problem.cause


def test_a_ca_file_that_is_not_there(namespace, tmp_path):
    access = dataclasses.replace(namespace.access("azure-logs"), ca_file=tmp_path / "none.pem")
    failed_at(access, "tls", Code.CA_FILE_UNUSABLE)


def test_a_wrong_key(namespace):
    wrong = namespace.connection_string.replace("SharedAccessKey=", "SharedAccessKey=AAAA")
    access = dataclasses.replace(namespace.access("azure-logs"), connection_string=wrong)
    failed_at(access, "sign_in", Code.KAFKA_SIGN_IN_REFUSED)


def test_a_hub_that_is_not_there(namespace):
    failed_at(namespace.access("other-hub"), "hub", Code.KAFKA_HUB_NOT_FOUND)
