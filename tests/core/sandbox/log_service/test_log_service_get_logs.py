"""Logs read back by time with the unchanged SDK."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from aliyun.log import GetHistogramsRequest, LogException

pytestmark = pytest.mark.slow

PROJECT = "proof"
NOW = int(time.time()) - 3600


def fill(region, kit, name, times, **more):
    """One log in a LogGroup for each of ``times``; the field ``n`` is its place in the list."""
    raw = region.raw()
    for number, moment in enumerate(times):
        body = kit.group({"n": str(number)}, times=[moment], **more)
        assert raw.put(name, body).status == 200


def numbers(response):
    return [each.get_contents()["n"] for each in response.get_logs()]


def test_logs_come_in_order_of_time_whatever_their_shard(region, kit):
    name = region.logstore(shards=3)
    fill(region, kit, name, [NOW + 5, NOW + 1, NOW + 4, NOW + 2, NOW + 3])
    client = region.sdk()
    found = client.get_log(PROJECT, name, NOW, NOW + 10)
    assert found.is_completed()
    assert found.get_count() == 5
    assert numbers(found) == ["1", "3", "4", "2", "0"]
    backwards = client.get_log(PROJECT, name, NOW, NOW + 10, query="*", reverse=True)
    assert numbers(backwards) == ["0", "2", "4", "3", "1"]


def test_the_range_has_its_start_and_not_its_end(region, kit):
    name = region.logstore()
    fill(region, kit, name, [NOW, NOW + 1, NOW + 2])
    client = region.sdk()
    assert numbers(client.get_log(PROJECT, name, NOW, NOW + 2)) == ["0", "1"]
    assert numbers(client.get_log(PROJECT, name, NOW + 2, NOW + 3)) == ["2"]
    assert numbers(client.get_log(PROJECT, name, NOW + 3, NOW + 4)) == []


def test_nanoseconds_order_and_bound(region, kit):
    name = region.logstore()
    raw = region.raw()
    for number, part in enumerate([900, 100, 500]):
        body = kit.group({"n": str(number)}, times=[NOW], nanoseconds=part)
        assert raw.put(name, body).status == 200
    client = region.sdk()
    found = client.get_log(PROJECT, name, NOW, NOW + 1)
    assert numbers(found) == ["1", "2", "0"]
    assert [each.get_contents()["__time_ns_part__"] for each in found.get_logs()] == [
        "100",
        "500",
        "900",
    ]
    part = client.get_log(PROJECT, name, NOW, NOW, from_time_nano_part=100, to_time_nano_part=900)
    assert numbers(part) == ["1", "2"]


def test_a_log_shows_its_fields_topic_source_and_tags(region, kit):
    name = region.logstore()
    body = kit.group(
        {"user": 'Jürgen\n"x"', "empty": "", "json": '{"a":[1,2]}'},
        times=[NOW],
        topic="signinlogs",
        source="10.2.3.4",
        tags={"hub": "insights", "partition": "3"},
    )
    assert region.raw().put(name, body).status == 200
    client = region.sdk()
    (log,) = client.get_log(PROJECT, name, NOW, NOW + 1).get_logs()
    assert (log.get_time(), log.get_source()) == (NOW, "10.2.3.4")
    assert log.get_contents() == {
        "user": 'Jürgen\n"x"',
        "empty": "",
        "json": '{"a":[1,2]}',
        "__topic__": "signinlogs",
        "__tag__:hub": "insights",
        "__tag__:partition": "3",
    }
    assert client.get_log(PROJECT, name, NOW, NOW + 1, topic="signinlogs").get_count() == 1
    assert client.get_log(PROJECT, name, NOW, NOW + 1, topic="other").get_count() == 0


def test_pages_meet_without_gap_or_overlap(region, kit):
    name = region.logstore()
    client, raw = region.sdk(), region.raw()
    for start in range(0, 450, 90):
        logs = [{"n": str(n)} for n in range(start, start + 90)]
        body = kit.group(*logs, times=[NOW + n // 7 for n in range(start, start + 90)])
        assert raw.put(name, body).status == 200
    everything = client.get_log(PROJECT, name, NOW, NOW + 1000, size=-1)
    assert sorted(map(int, numbers(everything))) == list(range(450))
    paged = [
        number
        for response in client.get_log_all(PROJECT, name, NOW, NOW + 1000)
        for number in numbers(response)
    ]
    assert paged == numbers(everything)
    assert numbers(client.get_log(PROJECT, name, NOW, NOW + 1000, offset=3, size=2)) == paged[3:5]
    assert client.get_log(PROJECT, name, NOW, NOW + 1000, size=0).get_count() == 0


def test_what_is_written_after_a_read_is_found_by_the_next(region, kit):
    name = region.logstore()
    client = region.sdk()
    for count in range(1, 4):
        fill(region, kit, name, [NOW + count])
        assert client.get_log(PROJECT, name, NOW, NOW + 10).get_count() == count


def test_the_older_form_of_the_request(region, kit):
    name = region.logstore()
    fill(region, kit, name, [NOW, NOW + 1])
    client = region.sdk()
    client._get_logs_v2_enabled = False
    found = client.get_log(PROJECT, name, NOW, NOW + 10, reverse=True)
    assert found.is_completed()
    assert numbers(found) == ["1", "0"]


def test_an_answer_is_compressed_only_for_who_asks(region, kit):
    name = region.logstore()
    fill(region, kit, name, [NOW])
    body = json.dumps({"from": NOW, "to": NOW + 1}).encode()
    for accept in ("", "lz4", "zstd", "gzip, deflate"):
        headers = {"Content-Type": "application/json", "Accept-Encoding": accept}
        reply = region.raw().send("POST", f"/logstores/{name}/logs", body=body, headers=headers)
        expected = accept if accept in ("lz4", "zstd") else ""
        assert reply.headers.get("x-log-compresstype", "") == expected
        found = json.loads(kit.unpacked(reply))
        assert (found["meta"]["progress"], found["meta"]["count"]) == ("Complete", 1)
        assert found["data"][0]["n"] == "0"


def test_histograms_count_every_log_once(region, kit):
    name = region.logstore()
    fill(region, kit, name, [NOW, NOW + 1, NOW + 1, NOW + 599, NOW + 600])
    found = region.sdk().get_histograms(
        GetHistogramsRequest(PROJECT, name, NOW, NOW + 600, "", "*")
    )
    assert found.is_completed()
    assert found.get_total_count() == 4
    bars = found.get_histograms()
    assert (bars[0].get_from(), bars[-1].get_to()) == (NOW, NOW + 600)
    assert all(one.get_to() == after.get_from() for one, after in itertools.pairwise(bars))
    assert (bars[0].get_count(), bars[-1].get_count()) == (3, 1)


def test_without_an_index_there_is_no_query_but_pulling_works(region, kit):
    name = region.logstore(index=False)
    fill(region, kit, name, [NOW])
    with pytest.raises(LogException) as caught:
        region.sdk().get_log(PROJECT, name, NOW, NOW + 1)
    assert caught.value.get_error_code() == "IndexConfigNotExist"
    assert len(region.raw().stored(name)) == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from": NOW, "to": NOW}, "InvalidTimeRange"),
        ({"from": NOW + 1, "to": NOW}, "InvalidTimeRange"),
        ({"to": NOW}, "InvalidTimeRange"),
        ({"from": -1, "to": NOW}, "InvalidTimeRange"),
        ({"from": "yesterday", "to": NOW}, "InvalidTimeRange"),
        ({"from": NOW, "to": NOW + 1, "line": 101}, "InvalidLine"),
        ({"from": NOW, "to": NOW + 1, "line": -1}, "InvalidLine"),
        ({"from": NOW, "to": NOW + 1, "offset": -1}, "InvalidOffset"),
        ({"from": NOW, "to": NOW + 1, "reverse": "perhaps"}, "InvalidReverse"),
        ({"from": NOW, "to": NOW + 1, "query": "user: root"}, "ParameterInvalid"),
        ([], "ParameterInvalid"),
    ],
)
def test_a_question_must_make_sense(region, asked, code):
    name = region.logstore()
    reply = region.raw().send(
        "POST",
        f"/logstores/{name}/logs",
        body=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert (reply.status, reply.code) == (400, code)


def test_the_index_is_built_again_after_a_restart(own_region, kit):
    name = own_region.logstore()
    fill(own_region, kit, name, [NOW, NOW + 1])
    client = own_region.sdk()
    assert client.get_log(PROJECT, name, NOW, NOW + 10).get_count() == 2
    own_region.kill_and_restart()
    own_region.close_clients()
    fill(own_region, kit, name, [NOW + 2])
    assert numbers(own_region.sdk().get_log(PROJECT, name, NOW, NOW + 10)) == ["0", "1", "0"]
