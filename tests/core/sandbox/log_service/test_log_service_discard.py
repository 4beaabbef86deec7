"""The sink for benchmarks: it counts all and keeps a sample."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def sink(kit, tmp_path_factory) -> Iterator[object]:
    made = kit.Region(tmp_path_factory.mktemp("sink"), "--discard")
    yield made
    made.close()


def test_everything_is_counted_and_a_sample_kept(sink, kit):
    name = sink.logstore(shards=1)
    raw = sink.raw()
    sent = [kit.group(*[{"n": str(n)}] * 3) for n in range(1002)]
    for number, each in enumerate(sent):
        assert raw.put(name, each, ("lz4", "zstd", "")[number % 3]).status == 200
    stats = sink.request("stats")
    assert (stats["log_groups"], stats["logs"]) == (1002, 3006)
    assert stats["bytes"] == sum(map(len, sent))
    assert stats["requests"]["PutLogs"] == 1002
    assert raw.stored(name, 1) == [sent[0], sent[1000]]
    assert sink.request("describe")["discard"] is True


def test_it_still_checks_who_sends_and_what(sink, kit):
    name = sink.logstore(shards=1)
    good = kit.group({"a": "b"})
    before = sink.request("stats")["logs"]
    stranger = sink.raw()
    stranger.secret = "guessed"
    assert stranger.put(name, good).code == "SignatureNotMatch"
    raw = sink.raw()
    wrong = {"Content-MD5": "0" * 32}
    assert raw.put(name, good, headers=wrong).code == "InvalidContentMD5"
    assert raw.put(name, good[:-1]).code == "PostBodyInvalid"
    path = f"/logstores/{name}/shards/lb"
    headers = {"x-log-compresstype": "zstd", "x-log-bodyrawsize": "10"}
    reply = raw.send("POST", path, body=b"broken", headers=headers)
    assert reply.code == "PostBodyUncompressError"
    assert sink.request("stats")["logs"] == before
