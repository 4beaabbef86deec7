"""What Log Service refuses, in words: each cause has a code of its own."""

from __future__ import annotations

import socket
import threading

import pytest

from core.alibaba.log_service import answers
from core.alibaba.log_service.control import Logstore
from core.alibaba.log_service.failure import LogServiceError
from core.alibaba.log_service.place import Place
from core.errors import Code

HERE = Place("create the Logstore logs", "here", "log:CreateLogStore", "e.test", "p", "logs")


def look(logs):
    return logs.projects()


def test_a_name_that_somebody_else_has(region, project):
    """The emulator has one account, so the look at the project is refused as a stranger's is."""

    async def work(logs):
        return await logs.create_project(project)

    with region.denied("log:GetProject"):
        found = region.refusal(work)
    assert found.code is Code.LOG_SERVICE_PROJECT_TAKEN
    assert project in found.cause


def test_a_logstore_in_a_project_that_is_not_there(region):
    found = region.refusal(lambda logs: logs.create_logstore("nowhere", Logstore("logs")))
    assert found.code is Code.LOG_SERVICE_PROJECT_NOT_FOUND
    assert found.where == "log_service.project"


def test_settings_that_are_refused_are_told_with_the_reason(region, project):
    wish = Logstore("logs", ttl_days=5000)
    found = region.refusal(lambda logs: logs.create_logstore(project, wish))
    assert found.code is Code.LOG_SERVICE_CALL_REFUSED
    assert "create the Logstore logs" in found.cause
    assert "LogStoreInfoInvalid" in found.cause


def test_a_wrong_secret(region):
    (region.folder / "wrong.secret").touch(0o600)
    (region.folder / "wrong.secret").write_text("not-the-secret-at-all")
    profile = region.profile(alibaba={"access_key_secret": "file:wrong.secret"})
    found = region.refusal(look, profile)
    assert found.code is Code.ALIBABA_KEY_REFUSED
    assert found.where == "alibaba.access_key_id"
    assert "not-the-secret-at-all" not in str(found)


def test_a_clock_that_is_wrong(region):
    with region.scenario("time_skew"):
        assert region.refusal(look).code is Code.ALIBABA_CLOCK_WRONG


def test_a_right_that_is_lacking_is_named_with_its_resource(region, project):
    with region.scenario("unauthorized"):
        found = region.refusal(lambda logs: logs.logstores(project))
    assert found.code is Code.ALIBABA_PERMISSION_MISSING
    assert "log:ListLogStores" in found.cause
    assert f"project/{project}/logstore/*" in found.cause


def test_nobody_at_the_address(region):
    profile = region.profile(endpoints={"log_service_address": "127.0.0.1:1"})
    found = region.refusal(look, profile)
    assert found.code is Code.LOG_SERVICE_UNREACHABLE
    assert region.ready["endpoint"] in found.cause
    assert "0x" not in found.detail


def test_a_certificate_of_another_authority(region):
    profile = region.profile(network={"ca_file": None})
    assert region.refusal(look, profile).code is Code.LOG_SERVICE_CERTIFICATE_UNTRUSTED


def test_a_proxy_that_is_not_there(region):
    profile = region.profile(
        endpoints={"log_service_address": ""}, network={"proxy": "http://127.0.0.1:1"}
    )
    found = region.refusal(look, profile)
    assert found.code is Code.LOG_SERVICE_UNREACHABLE
    assert "proxy" in found.cause


def test_a_ca_file_that_is_not_there(region):
    profile = region.profile(network={"ca_file": "nothing.pem"})
    assert region.refusal(look, profile).code is Code.CA_FILE_UNUSABLE


def test_a_host_without_an_address():
    text = "Failed to resolve 'p.e.test' ([Errno -2] Name or service not known)"
    found = HERE.problem(LogServiceError("NoAnswer", 0, text))
    assert found.code is Code.LOG_SERVICE_HOST_UNKNOWN
    assert "p.e.test" in found.cause


def test_a_service_that_says_nothing_is_not_waited_for_for_ever(region, monkeypatch):
    monkeypatch.setattr(answers, "_TIMEOUT", (5.0, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as hole:
        place = f"http://127.0.0.1:{hole.getsockname()[1]}"
        profile = region.profile(endpoints={"log_service_address": place})
        found = region.refusal(look, profile)
    assert found.code is Code.LOG_SERVICE_NO_ANSWER
    assert "list the projects" in found.cause


def test_a_page_that_is_not_log_services_is_not_repeated(region, monkeypatch):
    page = b"<html>the proxy's page with a secret</html>"
    head = f"HTTP/1.1 403 No\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n".encode()

    def answer(server):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(head + page)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        place = f"http://127.0.0.1:{server.getsockname()[1]}"
        profile = region.profile(endpoints={"log_service_address": place})
        found = region.refusal(look, profile)
        server.shutdown(socket.SHUT_RDWR)
    assert found.code is Code.LOG_SERVICE_NO_ANSWER
    assert "secret" not in str(found)


def test_a_passing_fault_is_waited_out(region, monkeypatch):
    """The seeded faults hit some of the tries and not all of them."""
    monkeypatch.setattr(answers, "_PAUSES", (0.01,) * 20)
    name = region.name()
    region.child.request("create_project", name=name)
    region.child.request("create_logstore", project=name, name="logs")
    with region.scenario("server_errors", probability=0.7):
        for _ in range(5):
            assert region.run(lambda logs: logs.newest(name, "logs")) == []
    with region.scenario("server_errors", probability=1.0):
        monkeypatch.setattr(answers, "_PAUSES", (0.01, 0.01))
        found = region.refusal(lambda logs: logs.newest(name, "logs"))
    assert found.code is Code.LOG_SERVICE_NO_ANSWER


def test_a_creation_whose_answer_was_lost_is_found_made(region, monkeypatch):
    monkeypatch.setattr(answers, "_PAUSES", (0.01,) * 20)
    name = region.name()
    region.child.request("create_project", name=name)
    with region.scenario("reset_in_body", probability=0.7):
        made = region.run(lambda logs: logs.create_logstore(name, Logstore("logs", ttl_days=3)))
    assert made.ttl_days == 3
    assert region.run(lambda logs: logs.logstores(name)) == ("logs",)


@pytest.mark.parametrize(
    ("code", "status", "message", "expected"),
    [
        ("ProjectQuotaExceed", 400, "project quota exceed", Code.LOG_SERVICE_QUOTA),
        ("ShardQuotaExceed", 400, "shard quota exceed", Code.LOG_SERVICE_QUOTA),
        ("ParameterInvalid", 400, "logstore count quota exceed", Code.LOG_SERVICE_QUOTA),
        ("ReadQuotaExceed", 403, "Read QPS Exceed", Code.LOG_SERVICE_CALLS_THROTTLED),
        ("ExceedQuota", 403, "too fast", Code.LOG_SERVICE_CALLS_THROTTLED),
        ("SomethingNew", 429, "slow down", Code.LOG_SERVICE_CALLS_THROTTLED),
        ("SomethingNew", 500, "oops", Code.LOG_SERVICE_NO_ANSWER),
        ("SomethingNew", 400, "oops", Code.LOG_SERVICE_CALL_REFUSED),
        ("Unauthorized", 401, "AccessKeyId is disabled", Code.ALIBABA_KEY_REFUSED),
        ("Unauthorized", 401, "The security token has expired", Code.ALIBABA_TOKEN_EXPIRED),
        ("SecurityTokenExpired", 401, "expired", Code.ALIBABA_TOKEN_EXPIRED),
        ("Unauthorized", 401, "no", Code.ALIBABA_PERMISSION_MISSING),
        (
            "ProjectForbidden",
            403,
            "the project has been forbidden",
            Code.ALIBABA_PERMISSION_MISSING,
        ),
        ("InvalidAccessKeyId", 401, "no", Code.ALIBABA_KEY_REFUSED),
        ("RequestTimeExpired", 400, "late", Code.ALIBABA_CLOCK_WRONG),
        ("LogStoreNotExists", 404, "gone", Code.LOG_SERVICE_LOGSTORE_NOT_FOUND),
        ("IndexConfigNotExist", 400, "without", Code.LOG_SERVICE_INDEX_MISSING),
        ("JobNotExist", 404, "gone", Code.LOG_SERVICE_JOB_NOT_FOUND),
    ],
)
def test_each_code_has_its_problem(code, status, message, expected):
    found = HERE.problem(LogServiceError(code, status, message, "REQUEST"))
    assert found.code is expected
    assert code in found.detail
    assert "REQUEST" in found.detail


def test_a_refusal_that_names_no_action_names_the_calls_own():
    found = HERE.problem(LogServiceError("Unauthorized", 401, "no"))
    assert "log:CreateLogStore" in found.cause
    assert "project/p/logstore/logs" in found.cause
