"""The proof reads a real Logstore with the SDK and finds each fault that was planted there."""

from __future__ import annotations

import dataclasses
import json
import time
from itertools import groupby

import pytest

from core.sandbox.proof import ReadError, prove

RECORDS = 300
NOW = int(time.time())


@pytest.fixture
def sent(kit, tmp_path):
    return kit.sent(tmp_path, RECORDS, base=NOW)


@pytest.fixture
def store(access):
    """Writes logs as LogGroups of one partition, with the plain SDK."""
    from aliyun.log import LogClient
    from aliyun.log.proto import LogGroup

    client = LogClient(f"http://{access.endpoint}", access.access_key_id, access.access_key_secret)
    client._session.trust_env = False
    client._session.proxies = {"http": access.http_proxy}

    def write(logs):
        ordered = sorted(logs, key=lambda log: sorted(log.tags.items()))
        for _, of_one in groupby(ordered, key=lambda log: log.tags):
            of_one = list(of_one)
            for start in range(0, len(of_one), 100):
                client.put_log_raw(access.project, access.logstore, group(of_one[start:][:100]))

    def group(logs):
        made = LogGroup()
        for name, value in logs[0].tags.items():
            made.LogTags.add(Key=name, Value=value)
        for log in logs:
            one = made.Logs.add(Time=log.time)
            one.Time_ns = log.time_ns
            for name, value in log.fields:
                one.Contents.add(Key=name, Value=value)
        return made

    yield write
    client._session.close()


def counts(proof):
    names = ("missing", "duplicated", "duplicated_uid_mismatch", "changed", "unexpected")
    return tuple(getattr(proof, name) for name in names)


def test_all_right(sent, store, access):
    seen = []
    store(sent.logs())
    proof = prove(sent.path, access, seen.append)
    assert counts(proof) == (0, 0, 0, 0, 0)
    assert (proof.sent, proof.stored, proof.logs) == (RECORDS, RECORDS, RECORDS)
    assert proof.changed_samples == ()
    assert proof.holds
    assert seen[-1] == RECORDS


def test_one_missing(sent, store, access):
    logs = sent.logs()
    del logs[250]
    store(logs)
    proof = prove(sent.path, access)
    assert counts(proof) == (1, 0, 0, 0, 0)
    assert proof.missing_samples == (sent.id(250),)


def test_one_duplicated(sent, store, access):
    store([*sent.logs(), sent.log(17)])
    proof = prove(sent.path, access)
    assert counts(proof) == (0, 1, 0, 0, 0)
    assert proof.duplicated_samples == (sent.id(17),)


def test_one_duplicated_with_another_event_uid(sent, store, access):
    store([*sent.logs(), sent.log(17, uid="again")])
    assert counts(prove(sent.path, access)) == (0, 1, 1, 0, 0)


def test_one_field_changed(kit, sent, store, access):
    logs = sent.logs()
    place = sent.ordinal_of("SignInLogs")
    properties = json.loads(dict(logs[place].fields)["properties"])
    properties["userDisplayName"] = "Somebody Else"
    text = json.dumps(properties, separators=(",", ":"), ensure_ascii=False)
    logs[place] = kit.with_field(logs[place], "properties", text)
    store(logs)
    proof = prove(sent.path, access)
    assert proof.changed == 1
    fields = {sample[1]: sample for sample in proof.changed_samples}
    assert fields["properties.userDisplayName"][0] == sent.id(place)
    assert fields["properties.userDisplayName"][3] == '"Somebody Else"'


def test_one_wrong_event_service(kit, sent, store, access):
    logs = sent.logs()
    logs[33] = kit.with_field(logs[33], "event_service", "other")
    store(logs)
    proof = prove(sent.path, access)
    assert counts(proof) == (0, 0, 0, 1, 0)
    ((identifier, field, _, found),) = proof.changed_samples
    assert (identifier, field, found) == (sent.id(33), "event_service", "other")


def test_one_wrong_time(sent, store, access):
    logs = sent.logs()
    logs[33] = dataclasses.replace(logs[33], time=logs[33].time - 1)
    store(logs)
    proof = prove(sent.path, access)
    assert counts(proof) == (0, 0, 0, 1, 0)
    assert proof.changed_samples[0][:2] == (sent.id(33), "Time")


def test_one_unexpected(kit, sent, store, access):
    stranger = kit.imported(sent.generator.record(RECORDS + 1))
    store([*sent.logs(), stranger])
    proof = prove(sent.path, access)
    assert counts(proof) == (0, 0, 0, 0, 1)
    assert proof.unexpected_samples == (sent.id(RECORDS + 1),)


def test_an_empty_logstore_misses_everything(sent, access):
    proof = prove(sent.path, access)
    assert (proof.missing, proof.stored, proof.logs) == (RECORDS, 0, 0)


def test_a_logstore_that_cannot_be_read_is_an_error_without_the_secret(sent, access):
    gone = dataclasses.replace(access, logstore="nowhere")
    with pytest.raises(ReadError, match="nowhere") as caught:
        prove(sent.path, gone)
    assert access.access_key_secret not in str(caught.value)
    assert access.access_key_secret not in repr(access)


def test_proxies_of_the_environment_are_not_used(sent, access, store, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    store(sent.logs())
    assert prove(sent.path, access).holds
