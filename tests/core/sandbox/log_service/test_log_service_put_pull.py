"""LogGroups in by PutLogs and out by PullLogs, byte by byte, on both listeners."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
import time

import pytest
from aliyun.log import LogItem, PutLogsRequest

PROJECT = "proof"


@pytest.mark.parametrize("accept", ["lz4", "zstd", ""])
@pytest.mark.parametrize("compression", ["lz4", "zstd", ""])
def test_what_went_in_comes_out(region, kit, compression, accept):
    name = region.logstore(shards=1)
    raw = region.raw()
    sent = [kit.group({"n": str(n), "text": "käse " * n}, tags={"t": "1"}) for n in range(20)]
    for each in sent:
        reply = raw.put(name, each, compression)
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers["x-log-requestid"]
    reply = raw.pull(name, raw.cursor(name, "begin"), accept=accept)
    assert reply.headers.get("x-log-compresstype", "") == accept
    assert kit.groups_of(reply) == sent
    assert reply.headers["x-log-cursor"] == raw.cursor(name, "end")


def test_the_sdk_puts_and_pulls(region):
    name = region.logstore(shards=1)
    client = region.sdk()
    now = int(time.time())
    for compress in (True, False):
        item = LogItem(now, [("user", "ä@contoso"), ("raw", b"bytes")], 123_456_789)
        request = PutLogsRequest(
            PROJECT, name, "topic", "10.1.1.1", [item], compress=compress, logtags=[("hub", "h")]
        )
        client.put_logs(request)
    start = client.get_begin_cursor(PROJECT, name, 0).get_cursor()
    for compress in (True, False):
        pulled = client.pull_logs(PROJECT, name, 0, start, compress=compress)
        assert pulled.get_loggroup_count() == 2
        logs = pulled.get_flatten_logs_json()
        assert [each["user"] for each in logs] == ["ä@contoso"] * 2
        assert {(each["__topic__"], each["__source__"]) for each in logs} == {("topic", "10.1.1.1")}
        assert {each["__tag__:hub"] for each in logs} == {"h"}
        assert {each["__time__"] for each in logs} == {now}
        first = pulled.get_loggroup(0).Logs[0]
        assert first.Time_ns == 123_456_789
        assert pulled.get_next_cursor() == client.get_end_cursor(PROJECT, name, 0).get_cursor()
    at_end = client.pull_logs(PROJECT, name, 0, pulled.get_next_cursor())
    assert at_end.get_loggroup_count() == 0
    assert at_end.get_next_cursor() == pulled.get_next_cursor()


def test_the_balancer_uses_every_shard(region, kit):
    name = region.logstore(shards=3)
    raw = region.raw()
    for number in range(6):
        raw.put(name, kit.group({"n": str(number)}))
    shards = region.request("describe")["projects"][PROJECT][name]["shards"]
    assert [each["log_groups"] for each in shards] == [2, 2, 2]


def test_a_key_goes_to_the_shard_that_has_its_range(region, kit):
    name = region.logstore(shards=3)
    raw, client = region.raw(), region.sdk()
    ranges = [
        (each["inclusiveBeginKey"], each["exclusiveEndKey"])
        for each in client.list_shards(PROJECT, name).get_shards_info()
    ]
    keys = [hashlib.md5(str(n).encode()).hexdigest() for n in range(30)]
    keys += [first for first, _ in ranges]
    keys += [f"{int(first, 16) - 1:032x}" for first, _ in ranges[1:]] + ["f" * 32]
    for key in keys:
        assert raw.put(name, kit.group({"key": key}), key=key).status == 200
    item = LogItem(int(time.time()), [("key", "0" * 32)])
    client.put_logs(PutLogsRequest(PROJECT, name, "", "1.1.1.1", [item], hashKey="0" * 32))
    found = 0
    for shard, (first, end) in enumerate(ranges):
        start = client.get_begin_cursor(PROJECT, name, shard).get_cursor()
        for log in client.pull_logs(PROJECT, name, shard, start).get_flatten_logs_json():
            found += 1
            assert first <= log["key"] < end or (log["key"] == end == "f" * 32)
    assert found == len(keys) + 1


def test_pages_are_bounded_by_count_end_cursor_and_size(region, kit):
    name = region.logstore(shards=1)
    raw = region.raw()
    sent = [kit.group({"n": str(n)}) for n in range(10)]
    for each in sent:
        raw.put(name, each)
    cursors = [base64.b64encode(str(n).encode()).decode() for n in range(11)]
    assert kit.groups_of(raw.pull(name, cursors[0], count="3")) == sent[:3]
    assert kit.groups_of(raw.pull(name, cursors[2], end_cursor=cursors[5])) == sent[2:5]
    assert kit.groups_of(raw.pull(name, cursors[5], end_cursor=cursors[2])) == []
    assert raw.pull(name, cursors[9], count="3").headers["x-log-cursor"] == cursors[10]
    large = [kit.group({"v": letter * 900_000}) for letter in "abcdefghij"]
    for each in large:
        assert raw.put(name, each).status == 200
    first = raw.pull(name, cursors[10])
    assert 0 < int(first.headers["x-log-count"]) < len(large)
    assert raw.stored(name, 1) == sent + large


def test_positions_are_found_in_many_small_groups(region, kit):
    """More LogGroups than one index entry covers; every position and time leads to its own."""
    name = region.logstore(shards=1)
    raw, client = region.raw(), region.sdk()
    sent = [kit.group({"n": str(n), "pad": "x" * 600}) for n in range(240)]
    for each in sent:
        raw.put(name, each)
    for position in (0, 1, 90, 91, 92, 93, 94, 95, 96, 180, 239):
        cursor = base64.b64encode(str(position).encode()).decode()
        assert kit.groups_of(raw.pull(name, cursor, count="2")) == sent[position : position + 2]
    begin = client.get_begin_cursor(PROJECT, name, 0).get_cursor()
    first = int(client.get_cursor_time(PROJECT, name, 0, begin).get_cursor_time())
    times = {}
    for position in range(240):
        cursor = base64.b64encode(str(position).encode()).decode()
        query = {"type": "cursor_time", "cursor": cursor}
        reply = raw.send("GET", f"/logstores/{name}/shards/0", query)
        times.setdefault(json.loads(reply.body)["cursor_time"], position)
    for moment, position in times.items():
        cursor = client.get_cursor(PROJECT, name, 0, moment).get_cursor()
        assert base64.b64decode(cursor) == str(position).encode()
    assert client.get_cursor(PROJECT, name, 0, first - 100).get_cursor() == begin
    later = client.get_cursor(PROJECT, name, 0, int(time.time()) + 100).get_cursor()
    assert later == client.get_end_cursor(PROJECT, name, 0).get_cursor()


def test_the_time_before_a_cursor(region, kit):
    """The SDK computes with the integer inside the cursor."""
    name = region.logstore(shards=1)
    client = region.sdk()
    before = int(time.time())
    region.raw().put(name, kit.group({"a": "b"}))
    end = client.get_end_cursor(PROJECT, name, 0).get_cursor()
    found = client.get_previous_cursor_time(PROJECT, name, 0, end)
    assert before <= int(found.get_cursor_time()) <= int(time.time())
    begin = client.get_begin_cursor(PROJECT, name, 0).get_cursor()
    assert client.get_previous_cursor_time(PROJECT, name, 0, begin).get_cursor_time() is not None


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize("plain", [False, True])
def test_both_listeners_take_both_forms_and_digests(region, kit, plain, digest):
    name = region.logstore(shards=1)
    raw = region.raw(plain)
    path = f"/logstores/{name}/shards/lb"
    raw_group = kit.group({"a": "b"})
    targets = [None, f"http://{raw.host}:80{path}", f"http://{raw.host}{path}"]
    for target in targets:
        assert raw.put(name, raw_group, target=target, digest=digest).status == 200
    host = {"Host": f"{raw.host}:8080"}  # a port says nothing
    assert raw.put(name, raw_group, headers=host, digest=digest).status == 200
    assert len(raw.stored(name, 1)) == 4


def test_a_signed_query_may_hold_any_character(region):
    raw = region.raw()
    reply = raw.send("GET", "/logstores", {"logstoreName": "ä &=+%/?\n", "size": "5"})
    assert (reply.status, json.loads(reply.body)["total"]) == (200, 0)


def test_the_certificate_names_the_endpoint_and_its_projects(region):
    name, _, port = region.ready["address"].partition(":")
    endpoint = region.ready["endpoint"]
    context = ssl.create_default_context(cafile=str(region.ca_file))
    for host in (endpoint, f"any.{endpoint}", "127.0.0.1", "localhost"):
        with (
            socket.create_connection((name, int(port)), 10) as plain,
            context.wrap_socket(plain, server_hostname=host) as tls,
        ):
            assert tls.getpeercert()
    with (
        socket.create_connection((name, int(port)), 10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname="elsewhere.test")


def test_it_listens_on_the_loopback_only(region):
    """An address of another interface, where there is one, finds the ports closed."""
    assert region.ready["address"].startswith("127.0.0.1:")
    assert region.ready["http_proxy"].startswith("http://127.0.0.1:")
    port = int(region.ready["address"].rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), 5)


def test_what_is_counted(region, kit):
    name = region.logstore()
    raw = region.raw()
    before = region.request("stats")
    sent = kit.group({"a": "1"}, {"a": "2"}, {"a": "3"})
    for _ in range(4):
        raw.put(name, sent)
    assert raw.put("no-such", sent).status == 404
    after = region.request("stats")
    assert after["logs"] - before["logs"] == 12
    assert after["log_groups"] - before["log_groups"] == 4
    assert after["bytes"] - before["bytes"] == 4 * len(sent)
    assert after["requests"]["PutLogs"] - before["requests"].get("PutLogs", 0) == 5
    assert after["statuses"]["404"] - before["statuses"].get("404", 0) == 1
    assert after["connections"] >= 1
    assert after["memory_bytes"] > 1_000_000
