"""Every errorCode over the wire, each caused by what a client can do wrong; nothing is stored."""

from __future__ import annotations

import email.utils
import json
import time

import pytest

pytestmark = pytest.mark.slow

PROJECT = "proof"
DAY = 86400


@pytest.fixture
def stored_nothing(region):
    """A Logstore; whatever the test sends to it must not be stored."""
    name = region.logstore(shards=1)
    yield name
    shards = region.request("describe")["projects"][PROJECT][name]["shards"]
    assert [each["log_groups"] for each in shards] == [0]


def date(offset: float) -> str:
    return email.utils.formatdate(time.time() + offset, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-log-apiversion": None}, 400, "MissingAPIVersion"),
        ({"x-log-apiversion": "0.1.0"}, 400, "InvalidAPIVersion"),
        ({"Authorization": None}, 400, "MissAccessKeyId"),
        ({"Authorization": "Bearer x"}, 400, "MissAccessKeyId"),
        ({"Authorization": "LOG other:AAAA"}, 401, "InvalidAccessKeyId"),
        ({"x-log-signaturemethod": None}, 400, "MissingSignatureMethod"),
        ({"x-log-signaturemethod": "hmac-md5"}, 400, "InvalidSignatureMethod"),
        ({"Date": None}, 400, "MissingDate"),
        ({"Date": "today"}, 400, "InvalidDateFormat"),
        ({"Date": date(-16 * 60)}, 400, "RequestTimeTooSkewed"),
        # The date is made when the tests are collected; a run may take minutes until it is here.
        ({"Date": date(60 * 60)}, 400, "RequestTimeTooSkewed"),
        ({"x-log-bodyrawsize": None}, 400, "MissingBodyRawSize"),
        ({"x-log-bodyrawsize": "many"}, 400, "InvalidBodyRawSize"),
        ({"x-log-bodyrawsize": "-5"}, 400, "InvalidBodyRawSize"),
        ({"x-log-bodyrawsize": "9999"}, 400, "InvalidBodyRawSize"),
        ({"x-log-bodyrawsize": "3145729"}, 400, "PostBodyTooLarge"),
        ({"x-log-compresstype": "gzip"}, 400, "InvalidCompressType"),
        ({"Content-Type": None}, 400, "MissingContentType"),
        ({"Content-Type": "text/plain"}, 415, "InvalidContentType"),
        ({"Content-MD5": "0" * 32}, 400, "InvalidContentMD5"),
    ],
)
def test_headers(region, kit, stored_nothing, headers, status, code):
    reply = region.raw().put(stored_nothing, kit.group({"a": "b"}), headers=headers)
    assert (reply.status, reply.code) == (status, code)
    assert reply.headers["x-log-requestid"]
    assert json.loads(reply.body)["errorMessage"]


@pytest.mark.parametrize("changed", ["x-log-bodyrawsize", "Date", "Content-MD5", "Content-Type"])
def test_a_signature_covers_every_part(region, kit, stored_nothing, changed):
    """The signature of one request does not fit another."""
    raw = region.raw()
    sent = kit.group({"a": "b"})
    headers = {
        "Host": raw.host,
        "Date": date(0),
        "Content-Type": "application/x-protobuf",
        "Content-MD5": None,
        "x-log-apiversion": "0.6.0",
        "x-log-bodyrawsize": str(len(sent)),
        "x-log-signaturemethod": "hmac-sha1",
    }
    path = f"/logstores/{stored_nothing}/shards/lb"
    signed = {name: value for name, value in headers.items() if value}
    headers["Authorization"] = raw.sign("POST", path, {}, signed, "sha1")
    headers[changed] = {
        "x-log-bodyrawsize": str(len(sent) + 1),
        "Date": date(7),
        "Content-MD5": "F" * 32,
        "Content-Type": "application/x-protobuf; v=1",
    }[changed]
    reply = raw.put(stored_nothing, sent, "", headers=headers)
    assert (reply.status, reply.code) == (401, "SignatureNotMatch")


def test_a_signature_by_another_secret(region, kit, stored_nothing):
    raw = region.raw()
    raw.secret = "guessed"
    reply = raw.put(stored_nothing, kit.group({"a": "b"}))
    assert (reply.status, reply.code) == (401, "SignatureNotMatch")


def test_broken_bodies(region, kit, stored_nothing):
    raw = region.raw()
    path = f"/logstores/{stored_nothing}/shards/lb"

    def send(body, compression, size):
        headers = {"x-log-bodyrawsize": str(size), "x-log-compresstype": compression or None}
        return raw.send("POST", path, body=body, headers=headers).code

    good = kit.group({"a": "b" * 1000})
    assert send(b"\xff" * 50, "lz4", 1000) == "PostBodyUncompressError"
    assert send(b"\xff" * 50, "zstd", 1000) == "PostBodyUncompressError"
    assert send(kit.pack(good, "zstd")[:-3], "zstd", len(good)) == "PostBodyUncompressError"
    assert send(kit.pack(good, "lz4"), "lz4", 10) == "PostBodyUncompressError"
    assert send(kit.pack(good, "zstd"), "zstd", 10) == "InvalidBodyRawSize"
    assert send(kit.pack(good, "lz4"), "lz4", len(good) + 1) == "InvalidBodyRawSize"
    assert send(kit.pack(good, "zstd") + b"x", "zstd", len(good)) == "PostBodyUncompressError"
    assert send(b"no protobuf at all", "", 18) == "PostBodyInvalid"
    assert send(good[:-1], "", len(good) - 1) == "PostBodyInvalid"
    assert send(kit.group(), "", len(kit.group())) == "PostBodyInvalid"


def test_a_zstd_frame_cannot_grow_past_its_declared_size(region, kit, stored_nothing):
    """A small frame without its size inside that would become 50 MB."""
    import zstandard

    packer = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    body = packer.compress(b"\0" * 50_000_000) + packer.flush()
    headers = {"x-log-bodyrawsize": "1000", "x-log-compresstype": "zstd"}
    path = f"/logstores/{stored_nothing}/shards/lb"
    before = region.request("stats")["memory_bytes"]
    reply = region.raw().send("POST", path, body=body, headers=headers)
    assert (reply.status, reply.code) == (400, "PostBodyUncompressError")
    assert region.request("stats")["memory_bytes"] - before < 40_000_000


def test_4096_logs_are_enough(region, kit, stored_nothing):
    raw = region.raw()
    logs = [{"n": "1"}] * 4097
    reply = raw.put(stored_nothing, kit.group(*logs))
    assert (reply.status, reply.code) == (400, "PostBodyTooLarge")
    accepted = region.logstore(shards=1)
    assert raw.put(accepted, kit.group(*logs[:4096])).status == 200


def test_3_mb_are_enough(region, kit, stored_nothing):
    raw = region.raw()
    limit = 3 * 1024 * 1024
    fields = {f"f{n}": "x" * 1000 for n in range(1000)}
    base = [fields, fields, fields]
    about = limit - len(kit.group(*base)) - 100
    room = about + limit - len(kit.group(*base, {"f": "x" * about}))
    exact = kit.group(*base, {"f": "x" * room})
    assert len(exact) == limit
    accepted = region.logstore(shards=1)
    assert raw.put(accepted, exact).status == 200
    reply = raw.put(stored_nothing, kit.group(*base, {"f": "x" * (room + 1)}))
    assert (reply.status, reply.code) == (400, "PostBodyTooLarge")


def test_a_log_of_over_1_mb(region, kit, stored_nothing):
    raw = region.raw()
    accepted = region.logstore(shards=1)
    limit = 1024 * 1024
    assert raw.put(accepted, kit.group({"a": "b"}, {"v": "x" * (limit - 100)})).status == 200
    for fields in ({"v": "x" * (limit + 1)}, {"v": "x" * (limit // 2), "w": "x" * (limit // 2)}):
        reply = raw.put(stored_nothing, kit.group({"a": "b"}, fields))
        assert (reply.status, reply.code) == (400, "PostBodyTooLarge")


def test_a_body_beyond_all_measure_is_not_even_read(region, stored_nothing):
    headers = {"Content-Length": str(11 * 1024 * 1024), "Content-Type": "application/x-protobuf"}
    path = f"/logstores/{stored_nothing}/shards/lb"
    reply = region.raw().send("POST", path, headers=headers)
    assert (reply.status, reply.code) == (400, "PostBodyTooLarge")


@pytest.mark.parametrize(
    ("offset", "accepted"),
    [
        (-7 * DAY + 60, True),
        (-7 * DAY - 60, False),
        (14 * 60, True),
        (16 * 60, False),
        (-1_700_000_000, False),
    ],
)
def test_times_from_7_days_ago_to_15_minutes_ahead(region, kit, offset, accepted):
    name = region.logstore(shards=1)
    now = int(time.time())
    sent = kit.group({"n": "1"}, {"n": "2"}, {"n": "3"}, times=[now, now + offset, now])
    reply = region.raw().put(name, sent)
    if accepted:
        assert reply.status == 200
    else:
        assert (reply.status, reply.code) == (400, "PostBodyInvalid")
        assert "time is out of range" in json.loads(reply.body)["errorMessage"]
    assert len(region.raw().stored(name, 1)) == int(accepted)


@pytest.mark.parametrize(
    "key",
    [
        "__time__",
        "__source__",
        "__topic__",
        "__raw__",
        "__tag__:hub",
        "__tag__:",
        "",
        "k" * 129,
        "ä" * 65,
    ],
)
def test_a_bad_key_in_one_log_refuses_all(region, kit, stored_nothing, key):
    fine = {"a": "1", "b": "2"}
    reply = region.raw().put(stored_nothing, kit.group(fine, fine, {**fine, key: "x"}, fine))
    assert (reply.status, reply.code) == (400, "InvalidKey")
    alone = region.raw().put(stored_nothing, kit.group({key: "x"}))
    assert alone.code == "InvalidKey"


def test_keys_that_only_look_bad(region, kit):
    name = region.logstore(shards=1)
    keys = ["k" * 128, "ä" * 64, "__time", "time__", "_", "__pack_id__", "x__tag__:y", "a b\n"]
    sent = kit.group(dict.fromkeys(keys, "__time__"), {"v": "\n\x08__time__\x12\x01x"})
    assert region.raw().put(name, sent).status == 200
    assert region.raw().stored(name, 1) == [sent]


def test_the_keys_of_a_tag(region, kit, stored_nothing):
    for key in ("", "k" * 129):
        reply = region.raw().put(stored_nothing, kit.group({"a": "b"}, tags={key: "x"}))
        assert (reply.status, reply.code) == (400, "InvalidKey")


def test_text_that_is_not_utf8(region, kit, stored_nothing):
    sent = kit.group({"fine": "1"}, {"v": b"\xff\xfe broken"})
    reply = region.raw().put(stored_nothing, sent)
    assert (reply.status, reply.code) == (400, "InvalidEncoding")
    key = kit.group({"keyxx": "1"}).replace(b"keyxx", b"key\xff\xfe")
    assert region.raw().put(stored_nothing, key).code == "InvalidEncoding"


def test_what_does_not_exist(region, kit):
    raw = region.raw()
    name = region.logstore(shards=2)
    sent = kit.group({"a": "b"})
    shards = f"/logstores/{name}/shards"
    cursor = raw.cursor(name, "begin")
    assert (raw.put("no-such", sent).status, raw.put("no-such", sent).code) == (
        404,
        "LogStoreNotExist",
    )
    for query in ({"type": "cursor", "from": "begin"}, {"type": "log", "cursor": cursor}):
        for shard in ("2", "-1", "x", "99999999999999999999"):
            reply = raw.send("GET", f"{shards}/{shard}", query)
            assert (reply.status, reply.code) == (400, "ShardNotExist")
    for bad in ("", "!", "MA", "LTE=", "MQ==", "YQ==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        for query in ({"type": "log", "count": "1"}, {"type": "cursor_time"}):
            reply = raw.send("GET", f"{shards}/0", {**query, "cursor": bad})
            assert (reply.status, reply.code) == (400, "InvalidCursor"), bad
    host = {"Host": raw.host.replace(PROJECT, "nowhere")}
    reply = raw.put(name, sent, headers=host)
    assert (reply.status, reply.code) == (404, "ProjectNotExist")
    assert raw.send("GET", "/no/such/path").code == "ParameterInvalid"


def test_parameters(region, kit):
    raw = region.raw()
    name = region.logstore(shards=2)
    shard = f"/logstores/{name}/shards/0"
    cursor = raw.cursor(name, "begin")
    for query in (
        {"type": "cursor"},
        {"type": "cursor", "from": "middle"},
        {"type": "cursor", "from": "-1"},
        {"type": "log"},
        {"type": "log", "cursor": cursor, "count": "0"},
        {"type": "log", "cursor": cursor, "count": "1001"},
        {"type": "log", "cursor": cursor, "count": "1", "query": "* | where a = 'b'"},
    ):
        reply = raw.send("GET", shard, query)
        assert (reply.status, reply.code) == (400, "ParameterInvalid"), query
    for key in ("12", "g" * 32, "0" * 33):
        assert raw.put(name, kit.group({"a": "b"}), key=key).code == "ParameterInvalid"
    missing = raw.send("POST", f"/logstores/{name}/shards/route", body=b"x")
    assert missing.code == "ParameterInvalid"
    wrong_host = raw.send("POST", "/", body=json.dumps({"projectName": "other"}).encode())
    assert wrong_host.code == "ParameterInvalid"


def test_a_length_is_asked_for(region, kit, stored_nothing):
    headers = {"Content-Length": None, "Transfer-Encoding": "chunked", "Content-MD5": None}
    raw = region.raw()
    chunked = b"1\r\nx\r\n0\r\n\r\n"
    path = f"/logstores/{stored_nothing}/shards/lb"
    reply = raw.send("POST", path, body=chunked, headers=headers)
    assert (reply.status, reply.code) == (411, "MissingContentLength")


def test_a_request_without_host(region):
    """HTTP/1.0 allows it, Log Service does not."""
    import socket

    host, _, port = region.ready["http_proxy"].removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as plain:
        plain.sendall(b"GET /logstores HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b'"MissingHost"' in answer


def test_no_secret_is_logged(region, kit):
    secret = region.ready["access_key_secret"]
    region.raw().put(region.logstore(), kit.group({"a": "b"}), headers={"Date": "nonsense"})
    assert secret not in region.log_file.read_text()
    assert (region.data / "state.json").stat().st_mode & 0o777 == 0o600
    assert secret in (region.data / "state.json").read_text()
