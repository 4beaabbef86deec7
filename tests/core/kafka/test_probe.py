"""Each fault fails its own stage with its own problem, and the stages behind it are not reached."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
import time

import pytest
from helpers.namespaces import open_namespace

from core.errors import Code
from core.kafka.probe import STAGES, Limits, probe_hub

RECORD = {
    "category": "AuditEvent",
    "resourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
}


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


def failed_at(access, stage: str, code: Code, **options):
    told = []
    probe = probe_hub(access, told.append, **options)
    assert probe.problem is not None
    assert probe.problem.code == code
    place = STAGES.index(stage)
    states = ["ok"] * place + ["failed"] + ["not_reached"] * (len(STAGES) - place - 1)
    assert [each.state for each in probe.stages] == states
    assert told == probe.stages[: place + 1]
    assert probe.failed
    assert probe.as_json()["verdict"] == "failed"
    assert probe.as_json()["code"] == code
    key = access.connection_string.partition("SharedAccessKey=")[2].partition(";")[0]
    assert not key or key not in str(probe.as_json())
    return probe


def evidence(probe, stage: str) -> str:
    return probe.stage(stage).evidence


def message(*times: str) -> bytes:
    return json.dumps({"records": [RECORD | {"time": time} for time in times]}).encode()


def test_an_empty_hub_is_no_failure(namespace):
    probe = probe_hub(namespace.access("azure-logs"))
    assert probe.problem is None
    assert [each.stage for each in probe.stages] == list(STAGES)
    assert {each.state for each in probe.stages} == {"ok"}
    assert evidence(probe, "hub") == "azure-logs has 3 partitions"
    assert evidence(probe, "records") == "no record yet"
    assert probe.as_json()["verdict"] == "ok"
    assert probe.signed_in


def test_the_newest_records_are_taken_apart_and_counted_by_service(namespace):
    access = namespace.create_hub("filled", 2)
    namespace.produce("filled", [message("2026-11-24T08:00:00Z", "2026-11-24T09:30:00.5Z")] * 3, 0)
    sign_in = {"category": "SignInLogs", "time": "2026-11-24T09:00:00Z"}
    namespace.produce("filled", [json.dumps({"records": [sign_in]}).encode(), b"{broken"], 1)
    probe = probe_hub(access)
    assert probe.problem is None
    assert evidence(probe, "watermarks") == "5 messages (offsets by partition 0: 0-3, 1: 0-2)"
    assert evidence(probe, "records") == (
        "7 records in the newest 5 messages: keyvault 6, signinlogs 1; "
        "newest event 2026-11-24T09:30:00.5Z; 1 cannot be read"
    )


def test_of_a_full_hub_only_the_newest_are_read(namespace):
    access = namespace.create_hub("full", 1)
    old, new = message("2026-11-23T00:00:00Z"), message("2026-11-24T00:00:00Z")
    namespace.produce("full", [old] * 300 + [new] * 150, 0)
    probe = probe_hub(access)
    assert evidence(probe, "records") == (
        "200 records in the newest 200 messages: keyvault 200; newest event 2026-11-24T00:00:00Z"
    )


def test_a_few_of_the_newest_records_are_shown_short_and_without_a_secret(namespace):
    access = namespace.create_hub("shown", 1)
    canary = "cHJvYmUtc2FtcGxlLWNhbmFyeS1mb3ItdGVzdHM="
    records = [
        {
            "time": f"2026-11-24T08:00:{at:02d}Z",
            "category": "SignInLogs",
            "properties": {"nested": "is not shown"},
            "callerIpAddress": "203.0.113.77",
            "operationName": "Sign-in activity",
            "note": f"Endpoint=sb://x/;SharedAccessKey={canary}",
            "long": "x" * 500,
        }
        for at in range(40)
    ]
    namespace.produce("shown", [json.dumps({"records": records}).encode()], 0)
    probe = probe_hub(access)
    assert [row.event_time for row in probe.sample] == [
        f"2026-11-24T08:00:{at:02d}Z" for at in range(28, 40)
    ]
    row = probe.sample[-1]
    assert (row.partition, row.offset, row.service) == (0, 0, "signinlogs")
    assert row.size == len(json.dumps(records[-1], separators=(",", ":")))
    assert row.fields[:2] == (
        ("operationName", "Sign-in activity"),
        ("callerIpAddress", "203.0.113.77"),
    )
    assert "nested" not in dict(row.fields)
    assert max(len(value) for _, value in row.fields) <= 80
    assert canary not in repr(probe)
    assert "sample" not in probe.as_json()


def test_messages_that_hold_no_record_are_a_warning(namespace):
    access = namespace.create_hub("noise", 1)
    namespace.produce("noise", [b"hello", b"\xff\xfe"], 0)
    probe = probe_hub(access)
    assert probe.problem.code == Code.KAFKA_RECORDS_UNREADABLE
    assert probe.problem.severity == "warning"
    assert not probe.failed
    assert probe.as_json()["verdict"] == "ok"


def test_it_leaves_nothing_behind(namespace):
    """No commit, and no group that stays."""
    before = namespace.child.request("describe")
    probe_hub(namespace.access("azure-logs"))
    deadline = time.monotonic() + 20
    while namespace.child.request("describe")["groups"] != before["groups"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_stops_where_it_is_told_to(namespace):
    probe = probe_hub(namespace.access("azure-logs"), until="hub")
    assert probe.problem is None
    assert not probe.failed
    assert [each.state for each in probe.stages] == ["ok"] * 6 + ["not_reached"] * 3
    assert evidence(probe_hub(namespace.access("azure-logs"), until="tls"), "sign_in") == ""


def test_the_issuer_of_the_certificate_is_told_always(namespace):
    probe = probe_hub(namespace.access("azure-logs"), until="tls")
    assert "issuer CN=Isthmus sandbox certificate authority" in evidence(probe, "tls")


def test_a_connection_string_that_is_none(namespace):
    access = dataclasses.replace(namespace.access("azure-logs"), connection_string="nonsense")
    failed_at(access, "parse", Code.CONNECTION_STRING_INVALID)


def test_a_connection_string_for_another_hub(namespace):
    other = namespace.connection_string + ";EntityPath=other"
    access = dataclasses.replace(namespace.access("azure-logs"), connection_string=other)
    failed_at(access, "parse", Code.CONNECTION_STRING_OTHER_HUB)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no-host.invalid", Code.KAFKA_HOST_SUFFIX),
        ("no..name", Code.KAFKA_HOST_SUFFIX),
        (f"{'n' * 64}.servicebus.windows.net", Code.KAFKA_HOST_UNKNOWN),  # no DNS name can be it
    ],
)
def test_a_name_without_address(namespace, name, code):
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=f"{name}:9093")
    failed_at(access, "resolve", code)


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
    failed_at(access, "tls", Code.KAFKA_STALLED, limits=Limits(connect=0.5))


def test_a_server_that_closes_at_once(namespace, other_server):
    access = dataclasses.replace(namespace.access("azure-logs"), bootstrap=other_server(b""))
    failed_at(access, "tls", Code.KAFKA_CONNECTION_CLOSED)


def test_an_authority_that_is_not_trusted_is_named(namespace):
    access = dataclasses.replace(namespace.access("azure-logs"), ca_file=None)
    probe = failed_at(access, "tls", Code.KAFKA_TLS_INTERCEPTED)
    assert "Isthmus sandbox certificate authority" in probe.problem.cause


def test_a_ca_file_that_is_not_there(namespace, tmp_path):
    access = dataclasses.replace(namespace.access("azure-logs"), ca_file=tmp_path / "none.pem")
    failed_at(access, "tls", Code.CA_FILE_UNUSABLE)


def test_a_wrong_key(namespace):
    wrong = namespace.connection_string.replace("SharedAccessKey=", "SharedAccessKey=AAAA")
    access = dataclasses.replace(namespace.access("azure-logs"), connection_string=wrong)
    probe = failed_at(access, "sign_in", Code.KAFKA_SIGN_IN_REFUSED)
    assert not probe.signed_in


def test_a_hub_that_is_not_there(namespace):
    failed_at(namespace.access("other-hub"), "hub", Code.KAFKA_HUB_NOT_FOUND)


def test_a_hub_that_is_written_otherwise(namespace):
    probe = failed_at(namespace.access("Azure-Logs"), "hub", Code.KAFKA_HUB_OTHER_CASE)
    assert probe.problem.remedy.endswith(": azure-logs")


def test_a_policy_that_may_only_send(namespace):
    policy = namespace.child.request("put_policy", name="sender", rights=["Send"], hub=None)
    access = dataclasses.replace(
        namespace.access("azure-logs"), connection_string=policy["connection_string"]
    )
    failed_at(access, "rights", Code.KAFKA_NO_LISTEN)


def test_a_listen_policy_of_the_hub_is_enough(namespace):
    policy = namespace.child.request(
        "put_policy", name="reader", rights=["Listen"], hub="azure-logs"
    )
    access = dataclasses.replace(
        namespace.access("azure-logs"), connection_string=policy["connection_string"]
    )
    probe = probe_hub(access)
    assert probe.problem is None
    assert evidence(probe, "parse").startswith("policy reader of event hub azure-logs at ")
