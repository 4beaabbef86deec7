"""Consumer groups: the API by itself, and the unchanged SDK's ConsumerWorker on it."""

from __future__ import annotations

import threading
import time

import pytest
from aliyun.log import LogException
from aliyun.log.consumer import (
    ConsumerProcessorBase,
    ConsumerWorker,
    CursorPosition,
    LogHubConfig,
)

pytestmark = pytest.mark.slow

PROJECT = "proof"
GROUP = "readers"


def refused(run, *arguments, **more):
    with pytest.raises(LogException) as caught:
        run(*arguments, **more)
    return caught.value.get_resp_status(), caught.value.get_error_code()


def groups(client, name):
    found = client.list_consumer_group(PROJECT, name).get_consumer_groups()
    return [(g.get_consumer_group_name(), g.get_timeout(), g.is_in_order()) for g in found]


def beat(client, name, consumer, *held):
    return sorted(client.heart_beat(PROJECT, name, GROUP, consumer, list(held)).get_shards())


def test_a_group_lives_and_dies(region):
    client, name = region.sdk(), region.logstore()
    assert groups(client, name) == []
    client.create_consumer_group(PROJECT, name, GROUP, 60, in_order=True)
    assert refused(client.create_consumer_group, PROJECT, name, GROUP, 60) == (
        400,
        "ConsumerGroupAlreadyExist",
    )
    assert groups(client, name) == [(GROUP, 60, True)]
    client.update_consumer_group(PROJECT, name, GROUP, timeout=30)
    client.update_consumer_group(PROJECT, name, GROUP, in_order=False)
    assert groups(client, name) == [(GROUP, 30, False)]
    client.delete_consumer_group(PROJECT, name, GROUP)
    gone = (404, "ConsumerGroupNotExist")
    assert refused(client.delete_consumer_group, PROJECT, name, GROUP) == gone
    assert refused(client.heart_beat, PROJECT, name, GROUP, "a") == gone
    assert refused(client.get_check_point, PROJECT, name, GROUP) == gone
    assert refused(client.update_check_point, PROJECT, name, GROUP, 0, "MA==") == gone
    assert refused(client.create_consumer_group, PROJECT, name, "", 60)[1] == "JsonInfoInvalid"
    assert refused(client.create_consumer_group, PROJECT, name, "g", 0)[1] == "JsonInfoInvalid"


@pytest.mark.slow
def test_a_logstore_has_twenty_groups(region):
    client, name = region.sdk(), region.logstore()
    for number in range(20):
        client.create_consumer_group(PROJECT, name, f"g{number}", 60)
    assert refused(client.create_consumer_group, PROJECT, name, "more", 60)[0] == 400


def test_shards_are_shared_and_handed_over_only_when_let_go(region):
    client, name = region.sdk(), region.logstore(shards=4)
    client.create_consumer_group(PROJECT, name, GROUP, 600)
    assert beat(client, name, "a") == [0, 1, 2, 3]
    assert beat(client, name, "b") == [2, 3] or beat(client, name, "b") == []
    assert beat(client, name, "a", 0, 1, 2, 3) == [0, 1]
    assert beat(client, name, "b") == []  # a still says that it holds them
    assert beat(client, name, "a", 0, 1) == [0, 1]
    assert beat(client, name, "b") == [2, 3]
    assert beat(client, name, "b", 2, 3) == [2, 3]
    assert beat(client, name, "c") == []
    shared = [beat(client, name, "a", 0, 1), beat(client, name, "b", 2, 3)]
    assert sorted(map(len, shared)) == [1, 2]


def test_a_silent_consumer_loses_its_shards(region, kit):
    client, name = region.sdk(), region.logstore(shards=2)
    client.create_consumer_group(PROJECT, name, GROUP, 1)
    assert beat(client, name, "a", 0, 1) == [0, 1]
    assert beat(client, name, "b") == []
    assert kit.eventually(lambda: beat(client, name, "b") == [0, 1])


def test_new_shards_are_given_out(region):
    client, name = region.sdk(), region.logstore(shards=1)
    client.create_consumer_group(PROJECT, name, GROUP, 60)
    assert beat(client, name, "a") == [0]
    client.split_shard(PROJECT, name, 0, "8" + "0" * 31)
    assert beat(client, name, "a", 0) == [0, 1, 2]


def test_checkpoints(region):
    client, name = region.sdk(), region.logstore(shards=2)
    client.create_consumer_group(PROJECT, name, GROUP, 60)

    def checkpoints(shard=-1):
        found = client.get_check_point(PROJECT, name, GROUP, shard)
        return [
            (each["shard"], each["checkpoint"], each["consumer"])
            for each in found.get_consumer_group_check_points()
        ]

    assert checkpoints() == [(0, "", ""), (1, "", "")]
    before = time.time() * 1_000_000
    client.update_check_point(PROJECT, name, GROUP, 1, "NQ==", "a")
    assert checkpoints() == [(0, "", ""), (1, "NQ==", "a")]
    assert checkpoints(1) == [(1, "NQ==", "a")]
    assert checkpoints(7) == []
    (found,) = client.get_check_point(PROJECT, name, GROUP, 1).get_consumer_group_check_points()
    assert before <= found["updateTime"] <= time.time() * 1_000_000
    wrong = client.update_check_point
    assert refused(wrong, PROJECT, name, GROUP, 9, "NQ==") == (404, "ShardNotExist")
    assert refused(wrong, PROJECT, name, GROUP, 0, "five!") == (400, "InvalidShardCheckPoint")
    unforced = {"force_success": False}
    assert refused(wrong, PROJECT, name, GROUP, 0, "NQ==", "a", **unforced)[0] == 400
    assert refused(wrong, PROJECT, name, GROUP, 0, "NQ==", **unforced)[0] == 400
    beat(client, name, "a")
    client.update_check_point(PROJECT, name, GROUP, 0, "Ng==", "a", force_success=False)
    assert checkpoints(0) == [(0, "Ng==", "a")]


class Collector(ConsumerProcessorBase):
    """Notes every text and saves a checkpoint after each batch."""

    texts: list[str]
    lock: threading.Lock

    def process(self, log_groups, check_point_tracker):
        found = [
            content.Value
            for group in log_groups.LogGroups
            for log in group.Logs
            for content in log.Contents
        ]
        with self.lock:
            self.texts.extend(found)
        self.save_checkpoint(check_point_tracker, force=True)


def worker(region, name, consumer):
    """A ConsumerWorker, and the list that it fills."""
    made = type("Collected", (Collector,), {"texts": [], "lock": threading.Lock()})
    config = LogHubConfig(
        f"http://{region.ready['endpoint']}",
        region.ready["access_key_id"],
        region.ready["access_key_secret"],
        PROJECT,
        name,
        GROUP,
        consumer,
        cursor_position=CursorPosition.BEGIN_CURSOR,
        heartbeat_interval=1,
        data_fetch_interval=0.2,
    )
    return ConsumerWorker(made, config), made.texts


def close(running):
    running.shutdown()
    running.join()
    session = running.consumer_client.mclient._session
    session.close()
    running.executor.shutdown()


def test_the_sdk_consumer_reads_everything_once(region, kit):
    name = region.logstore(shards=3)
    client, raw = region.sdk(), region.raw()
    for number in range(12):
        assert raw.put(name, kit.group({"n": str(number)})).status == 200
    running, texts = worker(region, name, "first")
    running.start()
    kit.eventually(lambda: len(texts) >= 12)
    close(running)
    assert sorted(map(int, texts)) == list(range(12))
    found = client.get_check_point(PROJECT, name, GROUP).get_consumer_group_check_points()
    ends = [client.get_end_cursor(PROJECT, name, shard).get_cursor() for shard in range(3)]
    assert [each["checkpoint"] for each in found] == ends
    assert {each["consumer"] for each in found} == {"first"}


@pytest.mark.slow
def test_two_sdk_consumers_share_and_the_next_goes_on_where_they_were(region, kit):
    name = region.logstore(shards=4)
    raw = region.raw()
    first, some = worker(region, name, "first")
    second, others = worker(region, name, "second")
    first.start()
    second.start()
    for number in range(40):
        assert raw.put(name, kit.group({"n": str(number)})).status == 200
    kit.eventually(lambda: len(set(some + others)) == 40)
    kit.eventually(
        lambda: [len(each.heart_beat.get_held_shards()) for each in (first, second)] == [2, 2]
    )
    close(first)
    close(second)
    assert raw.put(name, kit.group({"n": "40"})).status == 200
    again, more = worker(region, name, "third")
    again.start()
    kit.eventually(lambda: more)
    close(again)
    assert more == ["40"]
