"""Answers that are not of the documented form: a problem each, short, plain and without secrets."""

from __future__ import annotations

import json

import pytest
from helpers.canned_api import Canned, canned_api

from core.alibaba.answer_text import shown_text
from core.alibaba.log_service import answers
from core.alibaba.log_service.access import log_service_access
from core.alibaba.log_service.control import KafkaImport, Logstore
from core.alibaba.log_service.reader import count_by_time, read_logs
from core.errors import Code, ProblemError
from core.secrets.redaction import know_secret

KEY = "b2RkLWFuc3dlcnMtY2FuYXJ5LWtleQ=="
STRING = f"Endpoint=sb://127.0.0.1:9/;SharedAccessKeyName=listen;SharedAccessKey={KEY}"
JOB = KafkaImport(
    "a-job", "job", "", "raw", "127.0.0.1:9", "logs", "group", "earliest", connection_string=STRING
)
CALLS = {
    "projects": lambda logs: logs.projects(),
    "project": lambda logs: logs.project("contoso"),
    "create_project": lambda logs: logs.create_project("contoso"),
    "logstores": lambda logs: logs.logstores("contoso"),
    "logstore": lambda logs: logs.logstore("contoso", "raw"),
    "create_logstore": lambda logs: logs.create_logstore("contoso", Logstore("raw")),
    "index": lambda logs: logs.index("contoso", "raw"),
    "count": lambda logs: logs.count("contoso", "raw", 0, 1),
    "newest": lambda logs: logs.newest("contoso", "raw"),
    "kafka_imports": lambda logs: logs.kafka_imports("contoso"),
    "kafka_import": lambda logs: logs.kafka_import("contoso", "a-job"),
    "create_kafka_import": lambda logs: logs.create_kafka_import("contoso", JOB),
    "transformations": lambda logs: logs.transformations("contoso"),
    "transformation": lambda logs: logs.transformation("contoso", "a-job"),
}
PROGRESS = (("x-log-progress", "Complete"),)
BODIES = ["", "null", "5", '"text"', json.dumps(["text"])]


def at(region, api):
    return region.profile(
        endpoints={"log_service_address": f"http://{api.address}"},
        log_service={"project": "contoso"},
    )


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("call", CALLS)
def test_each_call_tells_an_answer_of_another_form(region, call, body):
    with canned_api(Canned(200, body, PROGRESS)) as api:
        found = region.refusal(CALLS[call], at(region, api))
    assert found.code is Code.LOG_SERVICE_NO_ANSWER
    assert KEY not in str(found)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("read", [lambda a: list(read_logs(a)), lambda a: count_by_time(a, 60)])
def test_and_so_does_reading_a_logstore(region, read, body):
    with canned_api(Canned(200, body)) as api, pytest.raises(ProblemError) as caught:
        read(log_service_access(at(region, api)))
    assert caught.value.problem.code is Code.LOG_SERVICE_DOWN


@pytest.mark.parametrize("call", ["projects", "create_kafka_import"])
def test_a_refusal_is_shown_short_and_on_one_line(region, call):
    know_secret(KEY)
    said = {"errorCode": "X" * 100_000, "errorMessage": f"\x1b[31m a\n{KEY} " + "y" * 1_000_000}
    with canned_api(Canned(400, said, (("x-log-requestid", "r" * 5000),))) as api:
        found = region.refusal(CALLS[call], at(region, api))
    assert found.code is Code.LOG_SERVICE_CALL_REFUSED
    assert len(str(found)) < 2000
    assert str(found.cause).isprintable()
    assert found.detail.isprintable()
    assert KEY not in str(found)


@pytest.mark.parametrize("call", ["projects", "create_kafka_import"])
def test_a_redirect_is_not_followed(region, monkeypatch, call):
    monkeypatch.setattr(answers, "_PAUSES", (0.0, 0.0))
    with canned_api(Canned(200, {})) as other:
        place = (("location", f"http://{other.address}/"),)
        with canned_api(Canned(307, "", place)) as api:
            found = region.refusal(CALLS[call], at(region, api))
            assert len(api.asked) == 1
    assert found.code is Code.LOG_SERVICE_NO_ANSWER
    assert other.asked == []


def test_what_a_service_said_is_cut_after_it_was_redacted():
    know_secret(KEY)
    assert shown_text(f"ab {KEY}", 12) == "ab <redacted"
    assert shown_text("a\u202eb\tc\r\nd\x7f", 80) == "a.b c d."
    assert shown_text(None, 80) == ""
    assert shown_text({"a": 1}, 80) == "{'a': 1}"
