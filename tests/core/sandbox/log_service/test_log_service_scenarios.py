"""Faults on demand, and their end."""

from __future__ import annotations

import http.client
import socket
import ssl

import pytest

PROJECT = "proof"
CUT = (ConnectionError, http.client.HTTPException, ssl.SSLError)


def put(region, name, body):
    """The status of one PutLogs on a connection of its own; None without an answer."""
    raw = region.raw()
    try:
        return raw.put(name, body).status
    except CUT:
        return None
    finally:
        raw.close()


def stored(region, name):
    shards = region.request("describe")["projects"][PROJECT][name]["shards"]
    return sum(each["log_groups"] for each in shards)


def test_server_errors_gives_both_codes_and_stores_nothing_of_them(region, kit):
    name = region.logstore()
    raw = region.raw()
    region.scenario("server_errors", True)
    replies = [raw.put(name, kit.group({"n": str(n)})) for n in range(60)]
    reads = [raw.send("GET", f"/logstores/{name}/shards").status for _ in range(30)]
    settings = [raw.send("GET", f"/logstores/{name}").status for _ in range(30)]
    region.scenario("server_errors", False)
    refused = {(each.status, each.code) for each in replies if each.status != 200}
    assert refused == {(500, "InternalServerError"), (503, "ServerBusy")}
    accepted = sum(each.status == 200 for each in replies)
    assert 0 < accepted < 60
    assert stored(region, name) == accepted
    assert set(reads) == {200, 500, 503}
    assert set(settings) == {200}
    assert all(put(region, name, kit.group({"a": "b"})) == 200 for _ in range(10))


def test_a_seed_makes_it_the_same_again(region, kit):
    def play(seed):
        region.scenario("server_errors", True, seed=seed)
        raw = region.raw()
        statuses = [raw.put(name, kit.group({"a": "b"})).status for _ in range(30)]
        region.scenario("server_errors", False)
        return statuses

    name = region.logstore()
    assert play(7) == play(7)
    assert play(7) != play(8)


def test_probability_can_be_chosen(region, kit):
    name = region.logstore()
    region.scenario("server_errors", True, probability=1)
    assert {put(region, name, kit.group({"a": "b"})) for _ in range(8)} == {500, 503}
    region.scenario("server_errors", True, probability=0)
    assert {put(region, name, kit.group({"a": "b"})) for _ in range(8)} == {200}
    region.scenario("server_errors", False)


@pytest.mark.parametrize("plain", [False, True])
def test_ack_lost_stores_but_does_not_answer(region, kit, plain):
    name = region.logstore()
    region.scenario("ack_lost", True)
    answers = [put(region, name, kit.group({"n": str(n)})) for n in range(30)]
    region.scenario("ack_lost", False)
    assert set(answers) == {200, None}
    assert stored(region, name) == 30
    assert all(put(region, name, kit.group({"a": "b"})) == 200 for _ in range(10))


def test_full_outage_gives_nothing_and_stores_nothing(region, kit):
    name = region.logstore()
    idle, plain = region.raw(), region.raw(plain=True)
    for raw in (idle, plain):
        assert raw.put(name, kit.group({"before": "1"})).status == 200
    region.scenario("full_outage", True)
    for raw in (idle, plain):  # connections that are open already
        with pytest.raises(CUT):
            raw.put(name, kit.group({"during": "1"}))
        with pytest.raises(CUT):  # and new ones
            region.raw(raw is plain).send("GET", "/")
    place = region.ready["address"].split(":")
    socket.create_connection((place[0], int(place[1])), 5).close()  # the port stays open
    assert region.request("stats")["statuses"]["none"] >= 4
    region.scenario("full_outage", False)
    assert stored(region, name) == 2
    for raw in (region.raw(), region.raw(plain=True)):
        assert raw.put(name, kit.group({"after": "1"})).status == 200
    assert stored(region, name) == 4


def test_an_outage_that_begins_while_a_body_is_on_its_way(region, kit):
    name = region.logstore()
    raw = region.raw()
    body = kit.group({"a": "b"})
    half = len(body) // 2
    path = f"/logstores/{name}/shards/lb"
    raw.connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
    headers = {
        "Host": raw.host,
        "Date": kit.email.utils.formatdate(usegmt=True),
        "Content-Type": "application/x-protobuf",
        "x-log-apiversion": "0.6.0",
        "x-log-bodyrawsize": str(len(body)),
        "x-log-signaturemethod": "hmac-sha1",
    }
    headers["Authorization"] = raw.sign("POST", path, {}, headers, "sha1")
    for key, value in (headers | {"Content-Length": str(len(body))}).items():
        raw.connection.putheader(key, value)
    raw.connection.endheaders(body[:half])
    region.scenario("full_outage", True)

    def finish():
        raw.connection.send(body[half:])
        return raw.connection.getresponse()

    with pytest.raises(CUT):
        finish()
    region.scenario("full_outage", False)
    assert stored(region, name) == 0


@pytest.mark.parametrize("plain", [False, True])
def test_reset_in_body_cuts_large_bodies_both_ways(region, kit, plain):
    name = region.logstore(shards=1)
    body = kit.group({"text": "x" * 900_000})
    assert region.raw().put(name, body, "").status == 200
    cursor = region.raw().cursor(name, "begin")
    region.scenario("reset_in_body", True)
    with pytest.raises(CUT):
        region.raw(plain).pull(name, cursor)
    with pytest.raises(CUT):
        region.raw(plain).put(name, body, "")
    region.scenario("reset_in_body", False)
    assert stored(region, name) == 1
    assert len(region.raw(plain).stored(name, 1)) == 1


def test_quotas_hit_a_part_if_asked_to(region, kit):
    name = region.logstore()
    raw = region.raw()
    region.scenario("quota", True, probability=0.5)
    region.scenario("shard_quota", True, probability=0.5)
    replies = [raw.put(name, kit.group({"n": str(n)})) for n in range(40)]
    refused = {(each.status, each.code) for each in replies if each.status != 200}
    assert refused == {(403, "WriteQuotaExceed"), (403, "ShardWriteQuotaExceed")}
    assert stored(region, name) == sum(each.status == 200 for each in replies) > 0


def test_what_is_on_is_told(region):
    region.scenario("ack_lost", True)
    region.scenario("server_errors", True)
    assert region.request("describe")["scenarios"] == ["ack_lost", "server_errors"]
    region.scenario("ack_lost", False)
    assert region.request("describe")["scenarios"] == ["server_errors"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "no_such"},
        {"name": "ack_lost", "probability": 1.5},
        {"name": "ack_lost", "x": 1},
        {"name": "slow", "delay": 0},
        {"name": "slow", "delay": 601},
    ],
)
def test_what_there_is_not_is_refused(region, arguments):
    with pytest.raises(Exception, match="ValueError"):
        region.request("scenario", on=True, **arguments)
    assert region.request("describe")["scenarios"] == []
