"""The SDK's own consumer library: a worker reads everything, the next goes on where it stopped."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aliyun.log import LogClient, LogItem, PutLogsRequest
from aliyun.log.consumer import ConsumerProcessorBase, ConsumerWorker, LogHubConfig
from aliyun.log.consumer.config import CursorPosition

pytestmark = pytest.mark.clients
SECONDS = 40.0
SIGNATURES = {"v1": {}, "v4": {"auth_version": "v4", "region": "cn-sandbox"}}


class Collector(ConsumerProcessorBase):
    """Keeps the numbers of the logs that it is given, and saves a checkpoint each time."""

    def __init__(self, seen: list[int]) -> None:
        super().__init__()
        self._seen = seen

    def process(self, log_groups: Any, check_point_tracker: Any) -> None:
        for group in log_groups.LogGroups:
            for log in group.Logs:
                self._seen += [int(each.Value) for each in log.Contents if each.Key == "n"]
        check_point_tracker.save_check_point(True)

    def shutdown(self, check_point_tracker: Any) -> None:
        check_point_tracker.save_check_point(True)


def _put(client: LogClient, project: str, numbers: range) -> None:
    now = int(time.time())
    for number in numbers:
        log = LogItem(now, contents=[("n", str(number))])
        client.put_logs(PutLogsRequest(project, "things", "", "", [log]))


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_worker_reads_everything_and_its_successor_the_rest(
    through_proxy: dict[str, Any], project: str, signature: str
) -> None:
    access = (
        f"http://{through_proxy['endpoint']}",
        through_proxy["access_key_id"],
        through_proxy["access_key_secret"],
    )
    client = LogClient(*access, **SIGNATURES[signature])
    client.create_project(project, "of the consumer")
    client.create_logstore(project, "things", ttl=30, shard_count=2)

    def read(name: str, count: int) -> list[int]:
        """What a worker of that name reads until it has ``count`` logs."""
        seen: list[int] = []
        option = LogHubConfig(
            *access,
            project,
            "things",
            "readers",
            name,
            cursor_position=CursorPosition.BEGIN_CURSOR,
            heartbeat_interval=2,
            data_fetch_interval=0.2,
            **SIGNATURES[signature],
        )
        worker = ConsumerWorker(lambda: Collector(seen), option)
        worker.start()
        try:
            deadline = time.monotonic() + SECONDS
            while len(seen) < count:
                assert time.monotonic() < deadline, f"{len(seen)} of {count}"
                time.sleep(0.05)
        finally:
            worker.shutdown()
            worker.join(SECONDS)
        assert not worker.is_alive()
        return sorted(seen)

    _put(client, project, range(40))
    assert read("first", 40) == list(range(40))
    _put(client, project, range(40, 60))
    assert read("second", 20) == list(range(40, 60))
